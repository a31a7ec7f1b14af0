"""Facts, for modules that ask for them by themselves."""

from ansible.module_utils.facts.compat import ansible_facts, get_all_facts  # noqa: F401
