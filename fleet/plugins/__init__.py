"""Filter, test and lookup plugins that playbooks, roles and collections bring, loaded as they are."""
