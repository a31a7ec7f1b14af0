"""Which package manager the host's distribution uses."""

import os

from fleet.remote import look

NAMES = ("pkg_mgr",)
SUBSETS = ("pkg_mgr",)

# In this order: what is found first is the one, but for the families below.
PROGRAMS = (
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/dnf", "dnf"),
    ("/usr/bin/microdnf", "dnf"),
    ("/usr/bin/yum", "yum"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/bin/pacman", "pacman"),
    ("/sbin/apk", "apk"),
    ("/usr/bin/emerge", "portage"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/usr/sbin/urpmi", "urpmi"),
    ("/usr/bin/swupd", "swupd"),
    ("/usr/bin/nix", "nix"),
    ("/bin/opkg", "opkg"),
)
RPM = ("rhel", "centos", "fedora", "rocky", "almalinux", "ol", "amzn", "suse", "opensuse")


def collect(host):
    release = look.assignments("/etc/os-release")
    family = [release.get("ID", "")] + release.get("ID_LIKE", "").split()
    return {"pkg_mgr": pkg_mgr(family, os.path.exists)}


def pkg_mgr(family, exists):
    """The manager for os-release's IDs. Pure but for ``exists``."""
    rpm = any(name in RPM for name in family)
    if rpm and exists("/run/ostree-booted"):
        return "atomic_container"
    for path, name in PROGRAMS:
        if exists(path) and not (rpm and name == "apt"):
            return name
    return "unknown"
