"""The small public surface of Ansible's Python API that plugins of playbooks import, under the names they import."""
