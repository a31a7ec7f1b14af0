"""Run one host: a supervisor that mounts its overlay and keeps systemd-nspawn running over reboots.

The supervisor is a shell of a megabyte in a mount namespace of its own, so that the overlay is
unmounted when the last process of the host is gone, whatever ended it.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import FleetError
from fleet.lab import cgroups
from fleet.lab.run import attempt, environment

# Arguments: base tree, host folder, machine name, control groups (one word), then systemd-nspawn's.
# - "volatile" spares a throw-away host every fsync; older kernels do not know it.
# - systemd-nspawn with --keep-unit leaves with 133 when its container reboots, and does not start
#   again on the propagate folder that it left, nor while the kernel still tidies up its network.
SUPERVISOR = """
base=$1 dir=$2 machine=$3 groups=$4; shift 4
rm -rf "$dir/work" && mkdir -p "$dir/work" "$dir/root" || exit 1
layers=lowerdir=$base,upperdir=$dir/upper,workdir=$dir/work
mount -t overlay -o "$layers,volatile" overlay "$dir/root" 2>/dev/null ||
    mount -t overlay -o "$layers" overlay "$dir/root" || exit 1
for group in $groups; do
    mkdir -p "$group" && echo $$ >"$group/cgroup.procs"
done 2>/dev/null
while [ ! -e "$dir/stop" ]; do
    rm -rf "/run/systemd/nspawn/propagate/$machine"
    ip link delete "vb-$machine" 2>/dev/null
    "$@" </dev/null >"$dir/console.log" 2>&1
    [ $? = 133 ] || exit 0
done
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """What belongs to one host on the machine's disk."""

    path: Path

    @property
    def upper(self) -> Path:
        """The host's own layer."""
        return self.path / "upper"

    @property
    def console(self) -> Path:
        """What the host printed since its last boot."""
        return self.path / "console.log"

    @property
    def process(self) -> Path:
        """Which process supervises the host."""
        return self.path / "process"

    @property
    def stop(self) -> Path:
        """Exists while the supervisor shall not start the host again."""
        return self.path / "stop"


def nspawn_command(root: Path, machine: str, hostname: str, bridge: str, *, systemd_outside: bool) -> list[str]:
    """The command that boots a host. Without systemd outside nobody is asked for a scope."""
    command = ["systemd-nspawn", "--quiet", f"--directory={root}", "--boot", "--register=no"]
    if not systemd_outside:
        command.append("--keep-unit")
    return [
        *command,
        f"--machine={machine}",
        f"--hostname={hostname}",
        f"--network-bridge={bridge}",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--console=read-only",
        "--kill-signal=SIGRTMIN+3",
    ]


def start(folder: Folder, base: Path, lock: int, machine: str, hostname: str, bridge: str) -> None:
    """Start the supervisor of a stopped host and note which process it is.

    It inherits ``lock``, which keeps ``base`` from being removed.
    """
    folder.stop.unlink(missing_ok=True)
    groups = cgroups.groups_of(machine)
    root = folder.path / "root"
    command = nspawn_command(root, machine, hostname, bridge, systemd_outside=cgroups.has_systemd())
    words = [str(base), str(folder.path), machine, shlex.join(map(str, groups)), *command]
    with folder.console.open("w") as console:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", SUPERVISOR, "fleet-lab", *words],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            cwd="/",
            env=environment() | {"SYSTEMD_LOG_LEVEL": "err", **_hierarchy()},
            start_new_session=True,
            pass_fds=(lock,),
        )
    folder.process.write_text(f"{process.pid} {_started(process.pid)} {_boot()}\n")


def supervisor(folder: Folder) -> int | None:
    """The process that supervises the host, or None when the host is stopped."""
    try:
        pid, started, boot = folder.process.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    alive = boot == _boot() and started == _started(int(pid))
    return int(pid) if alive else None


def leader(folder: Folder) -> int | None:
    """The process that is init inside the host, or None while it is not there."""
    top = supervisor(folder)
    for child in _children(top) if top else ():
        for init in _children(child):
            # Until it has become another program it is systemd-nspawn still putting the host together.
            if _is_init(init) and _program(init) != _program(child):
                return init
    return None


def stop(folder: Folder, machine: str, seconds: float = 10.0) -> None:
    """Stop a host at once, as a power cut would, and take away what it leaves on the machine.

    A host that stopped by itself is only cleared up after. Raises ``FleetError`` when its processes
    outlive ``seconds``.
    """
    folder.stop.touch()
    deadline = time.monotonic() + seconds
    top = supervisor(folder)
    if top is None:
        _kill_orphans(folder)
    while top is not None and supervisor(folder) is not None:
        # Killing init lets systemd-nspawn clean up. It gets no say when it takes too long.
        late = time.monotonic() > deadline - seconds / 2
        for pid in [*_below(top), top] if late else _inits(top):
            _kill(pid)
        if time.monotonic() > deadline:
            raise FleetError(f"{machine} does not stop", hint=f"look at process {top} and those below it")
        time.sleep(0.01)
    if top is not None:
        # A child of this very process keeps its control group until it is reaped.
        _reap(top)
    for group in cgroups.groups_of(machine):
        cgroups.remove(group)
    _remove_propagate(machine)
    # The kernel removes it by itself, but later: a host of the same name may start before.
    attempt(["ip", "link", "delete", f"vb-{machine}"])
    folder.process.unlink(missing_ok=True)


def _hierarchy() -> dict[str, str]:
    """Newer systemds boot in the unified hierarchy alone, which this systemd-nspawn must be told to give."""
    unified = any(Path(path).exists() for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup/cgroup.controllers"))
    return {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "UNIFIED_CGROUP_HIERARCHY": "1"} if unified else {}


def _kill_orphans(folder: Folder) -> None:
    """Kill what a supervisor that was killed left running: all that still sees the host's layer."""
    mark = f"upperdir={folder.upper},"
    if not folder.process.exists():
        return
    for table in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            if mark in table.read_text():
                _kill(int(table.parent.name))
        except OSError:
            continue


def _inits(top: int) -> Iterator[int]:
    for child in _children(top):
        yield from _children(child)


def _below(top: int) -> Iterator[int]:
    for child in _children(top):
        yield from _below(child)
        yield child


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _is_init(pid: int) -> bool:
    """True for the first process of a process namespace."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    ids = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])
    return len(ids) > 1 and ids[-1] == "1"


def _program(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process started, in ticks since boot; empty for one that is gone or only waits to be reaped."""
    try:
        # The name, in parentheses, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _remove_propagate(machine: str) -> None:
    folder = Path("/run/systemd/nspawn/propagate") / machine
    try:
        folder.rmdir()
    except OSError:
        return
