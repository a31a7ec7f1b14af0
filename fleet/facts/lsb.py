"""What lsb_release(1) would say, for hosts that have it."""

import os

from fleet.remote import look

NAMES = ("lsb",)
SUBSETS = ("lsb",)


def collect(host):
    if not host.which("lsb_release") and not os.path.exists("/etc/lsb-release"):
        return {"lsb": {}}
    release = look.assignments("/etc/os-release")
    return {"lsb": lsb(release, look.assignments("/etc/lsb-release"))}


def lsb(release, older):
    """The facts from os-release and /etc/lsb-release, whichever has more. Pure."""
    facts = {
        "id": older.get("DISTRIB_ID") or release.get("NAME", "").split(" ")[0],
        "release": older.get("DISTRIB_RELEASE") or release.get("VERSION_ID", ""),
        "codename": older.get("DISTRIB_CODENAME") or release.get("VERSION_CODENAME", ""),
        "description": older.get("DISTRIB_DESCRIPTION") or release.get("PRETTY_NAME", ""),
    }
    facts = {name: value for name, value in facts.items() if value}
    if "release" in facts:
        facts["major_release"] = facts["release"].split(".")[0]
    return facts
