"""YAML for plugins."""
