"""Start, stop, enable and mask systemd units: the newer name of `systemd`."""

from fleet.modules.systemd import SPEC, run  # noqa: F401

NEEDS = ("systemd",)

EXAMPLES = """
- name: Run a service now and after every boot
  systemd_service: {name: nginx, state: started, enabled: true}
"""
