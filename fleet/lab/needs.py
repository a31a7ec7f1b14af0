"""What a lab needs of the machine, checked before anything is touched; each lack names its cure."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from fleet.errors import FleetError
from fleet.lab.run import attempt, environment

# Tool: the Debian package that brings it.
TOOLS = {
    "systemd-nspawn": "systemd-container",
    "debootstrap": "debootstrap",
    "nft": "nftables",
    "ip": "iproute2",
    "ssh-keygen": "openssh-client",
    "unshare": "util-linux",
}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def lacks(*, base: bool = True) -> list[tuple[str, str]]:
    """What is missing here, as (what, cure). ``base`` asks for what building a base tree needs, too."""
    if not sys.platform.startswith("linux"):
        return [("a lab needs Linux", "start it in a Linux virtual machine")]
    found = []
    if os.geteuid() != 0:
        found.append(("a lab needs root", "run it with sudo"))
    path = environment()["PATH"]
    for tool, package in TOOLS.items():
        if shutil.which(tool, path=path) is None and (base or tool != "debootstrap"):
            found.append((f"{tool} is missing", f"apt-get install {package}"))
    if base and not KEYRING.exists():
        found.append(("Debian's archive keys are missing", "apt-get install debian-archive-keyring"))
    if os.geteuid() == 0 and attempt(["unshare", "--mount", "true"]).returncode:
        found.append(("root may not mount here", "run it outside of this container, or in a privileged one"))
    if not _has_overlayfs():
        found.append(("the kernel has no overlayfs", "load it: modprobe overlay"))
    return found


def check(*, base: bool = True) -> None:
    """Raise ``FleetError`` that names everything missing."""
    found = lacks(base=base)
    if found:
        raise FleetError("; ".join(what for what, _ in found), hint="; ".join(cure for _, cure in found))


def _has_overlayfs() -> bool:
    listed = "\toverlay\n"
    table = Path("/proc/filesystems")
    if listed in table.read_text():
        return True
    # The module is loaded by the first mount; asking for it beforehand gives the clear answer.
    attempt(["modprobe", "overlay"])
    return listed in table.read_text()
