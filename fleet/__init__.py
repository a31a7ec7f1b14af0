"""Bring fleets of hosts to their declared state over SSH, from Ansible playbooks as they are."""

__version__ = "0.1.0"
