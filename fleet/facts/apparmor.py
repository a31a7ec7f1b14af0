"""Whether AppArmor is at work."""

import os

NAMES = ("apparmor",)
SUBSETS = ("apparmor",)


def collect(host):
    there = os.path.exists("/sys/kernel/security/apparmor")
    return {"apparmor": {"status": "enabled" if there else "disabled"}}
