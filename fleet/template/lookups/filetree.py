"""``community.general.filetree``: everything below a folder of the controller, one dictionary each."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import Any

from fleet.template.lookups.call import LookupCall


def filetree(call: LookupCall) -> list[Any]:
    """Files, folders and links below the given folders, with owner and mode.

    A path that is in several of the folders comes from the first one. ``exclude`` is a pattern for names.
    """
    exclude = call.option("exclude")
    found: dict[str, dict[str, Any]] = {}
    for term in call.texts():
        root = call.find("files", term.rstrip("/") or "/")
        if root is None or not os.path.isdir(root):
            continue
        for path in _below(root):
            if exclude is None or not re.match(str(exclude), os.path.basename(path)):
                name = os.path.relpath(path, root)
                if name not in found:
                    found[name] = entry(root, name)
    return list(found.values())


def _below(root: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in (*folders, *sorted(files)):
            yield os.path.join(folder, name)


def entry(root: str, name: str) -> dict[str, Any]:
    """What is known of one path; ``src`` is the file, or what a link points to."""
    import grp
    import pwd

    path = os.path.join(root, name)
    known = os.lstat(path)
    made: dict[str, Any] = {"root": root, "path": name}
    if stat.S_ISLNK(known.st_mode):
        made |= {"state": "link", "src": os.readlink(path)}
    elif stat.S_ISDIR(known.st_mode):
        made["state"] = "directory"
    else:
        made |= {"state": "file", "src": path}
    for key, number, look_up in (
        ("owner", known.st_uid, pwd.getpwuid),
        ("group", known.st_gid, grp.getgrgid),
    ):
        try:
            made[key] = look_up(number)[0]
        except KeyError:
            made[key] = number
    return made | {
        "uid": known.st_uid,
        "gid": known.st_gid,
        "mode": f"0{stat.S_IMODE(known.st_mode):03o}",
        "size": known.st_size,
        "mtime": known.st_mtime,
        "ctime": known.st_ctime,
    }
