"""Give each host a control group of its own where no systemd outside does so.

Without one, all hosts started from one session share their groups, and a service that stops in
one host waits for the processes of its namesakes in the others.
"""

from __future__ import annotations

import time
from pathlib import Path

PARENT = "fleet-lab"


def has_systemd() -> bool:
    """True when systemd runs the machine; systemd-nspawn then asks it for a scope."""
    return Path("/run/systemd/system").is_dir()


def roots(mounts: str) -> list[Path]:
    """Where the hierarchies that systemd keeps its units in are mounted, from the text of /proc/mounts."""
    found = []
    for line in mounts.splitlines():
        _, where, kind, options, *_ = line.split()
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            found.append(Path(where))
    return found


def groups_of(machine: str) -> list[Path]:
    """The groups that belong to the host ``machine``; none where systemd gives it a scope."""
    if has_systemd():
        return []
    return [root / PARENT / machine for root in roots(Path("/proc/mounts").read_text())]


def remove(group: Path, seconds: float = 2.0) -> None:
    """Remove a group whose processes are dying, with those below it and its parent if that is empty."""
    deadline = time.monotonic() + seconds
    while group.is_dir() and not _remove_tree(group) and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        group.parent.rmdir()
    except OSError:
        return


def _remove_tree(group: Path) -> bool:
    try:
        for below in sorted(group.rglob("*/"), reverse=True):
            if below.is_dir():
                below.rmdir()
        group.rmdir()
    except OSError:
        return not group.is_dir()
    return True
