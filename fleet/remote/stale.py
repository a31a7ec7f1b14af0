"""Processes that still run what an upgrade has replaced: files of theirs are deleted. Read from /proc alone."""

import os
import re

from fleet.remote import look
from fleet.remote.files import user_name

LINE = re.compile(r"^\S+ (\S{4}) \S+ \S+ \d+ +(/.*) \(deleted\)$", re.MULTILINE)
OF_PACKAGES = ("/usr/", "/lib", "/bin/", "/sbin/", "/opt/")
NOT_OURS = ("/usr/local/",)


def replaced(maps):
    """The deleted program files and libraries in the text of a /proc/PID/maps, sorted. Pure."""
    found = set()
    for rights, path in LINE.findall(maps):
        # Code only: what is mapped as data may be any temporary file.
        if "x" in rights and path.startswith(OF_PACKAGES) and not path.startswith(NOT_OURS):
            found.add(re.sub(r"(?:\.dpkg-(?:new|tmp)|;[0-9a-f]{8})$", "", path))
    return sorted(found)


def unit_of(cgroup):
    """The systemd unit in the text of a /proc/PID/cgroup, "" for none. Pure."""
    for line in cgroup.splitlines():
        number, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        if (number, controllers) == ("0", "") or controllers == "name=systemd":
            units = [part for part in path.split("/") if part.endswith((".service", ".scope"))]
            # A user's own manager runs units in units; the outermost one is the host's.
            if units:
                return units[0]
    return ""


def processes(proc="/proc"):
    """[{pid, name, user, unit, files}] of the processes to start again, without those of containers and this one."""
    found = []
    try:
        root = os.stat(os.path.join(proc, "1/root/"))
    except OSError:
        root = None
    for pid in sorted((name for name in look.names(proc) if name.isdigit()), key=int):
        folder = os.path.join(proc, pid)
        files = replaced(look.text(folder + "/maps", "")) if int(pid) != os.getpid() else []
        if not files or (root and is_elsewhere(folder, root)):
            continue
        try:
            user = user_name(os.stat(folder).st_uid)
        except OSError:
            continue
        found.append({"pid": int(pid), "name": look.text(folder + "/comm", "").strip(), "user": user,
                      "unit": unit_of(look.text(folder + "/cgroup", "")), "files": files})
    return found


def is_elsewhere(folder, root):
    """Whether a process has another root folder than the host's first one: it is a container's, or ended by now."""
    try:
        own = os.stat(folder + "/root/")
    except OSError:
        return True
    return (own.st_dev, own.st_ino) != (root.st_dev, root.st_ino)


def services(found):
    """The services among the units of ``processes``, sorted."""
    return sorted({each["unit"] for each in found if each["unit"].endswith(".service")})
