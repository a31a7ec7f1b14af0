"""Playbook x inventory -> what each host is to do, as far as it is known before the run. Pure."""
