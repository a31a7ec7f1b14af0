"""Whether SELinux is at work, and in which mode."""

import os

from fleet.remote import look

NAMES = ("selinux", "selinux_python_present")
SUBSETS = ("selinux",)
ROOT = "/sys/fs/selinux"


def collect(host):
    if not os.path.exists(ROOT + "/enforce"):
        return {"selinux": {"status": "disabled"}, "selinux_python_present": True}
    config = look.assignments("/etc/selinux/config")
    modes = {"1": "enforcing", "0": "permissive"}
    return {
        "selinux": {
            "status": "enabled",
            "policyvers": look.number(ROOT + "/policyvers", "unknown"),
            "config_mode": config.get("SELINUX", "unknown"),
            "mode": modes.get(look.text(ROOT + "/enforce"), "unknown"),
            "type": config.get("SELINUXTYPE", "unknown"),
        },
        "selinux_python_present": True,
    }
