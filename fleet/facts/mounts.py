"""Mounted file systems that have a device or a server behind them."""

import os
import re

from fleet.remote import look
from fleet.remote.block import uuids
from fleet.remote.mounts import sizes

NAMES = ("mounts",)
SUBSETS = ("hardware", "mounts")
PATIENCE = 10
"""Seconds that a file server gets to tell its sizes."""


def collect(host):
    known = uuids()
    binds = bind_points(look.lines("/proc/self/mountinfo"))
    found = {}
    for mount in parse(look.lines("/proc/self/mounts")):
        device = mount["device"]
        mount["uuid"] = known.get(os.path.basename(os.path.realpath(device)), "N/A") if device[:1] == "/" else "N/A"
        if mount["mount"] in binds:
            mount["options"] += ",bind"
        mount.update(_sizes(mount["mount"], remote=device[:1] != "/" or device[:2] == "//"))
        found[mount["mount"]] = mount
    return {"mounts": list(found.values())}


def parse(text_lines):
    """The lines of /proc/self/mounts that have a device or server. Pure."""
    found = []
    for line in text_lines:
        fields = [decoded(field) for field in line.split()]
        if len(fields) < 6:
            continue
        device, mount, fstype, options = fields[:4]
        if (device[:1] in ("/", "\\") or ":/" in device) and fstype != "none":
            found.append({"device": device, "mount": mount, "fstype": fstype, "options": options,
                          "dump": int(fields[4]), "passno": int(fields[5])})
    return found


def bind_points(mountinfo):
    """The mount points that show only a part of their file system (bind mounts, subvolumes). Pure."""
    fields = [line.split() for line in mountinfo]
    return set(decoded(field[4]) for field in fields if len(field) > 5 and field[3] != "/")


def decoded(field):
    r"""proc(5) writes blanks in paths as octal: ``\040``."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), field) if "\\" in field else field


def _sizes(mount, remote):
    if not remote:
        return sizes(mount)
    import threading

    told = {}
    worker = threading.Thread(target=lambda: told.update(sizes(mount)))
    worker.daemon = True
    worker.start()
    worker.join(PATIENCE)
    return told if not worker.is_alive() else {"note": "Could not get extra information due to timeout"}
