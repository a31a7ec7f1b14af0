"""The few names that the suite's helper scripts import from Ansible's own copy of six."""

PY2 = False
