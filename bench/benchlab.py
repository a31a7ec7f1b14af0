"""The benchmark's own lab: its hosts, inventories of some of them, and how they become fresh and equal."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleet.lab import lab, state
from fleet.lab.hosts import Host, inventory_text
from fleet.lab.settings import Settings, settings_from

BRIDGE = "flbench0"
NETWORK = "10.190.0.0/24"
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
# What site.yml installs: fetched once, so that a first run measures the tool and not the mirror.
PACKAGES = "curl rsync nftables cron less"
FETCH = f"apt-get update -qq && apt-get install -qq --yes --download-only {PACKAGES} >/dev/null"
CACHES = "var/lib/apt/lists var/cache/apt/archives"

Say = Callable[[str], None]


class BenchLab:
    """Running hosts that nobody else uses. ``work`` holds the inventories it writes."""

    def __init__(self, settings: Settings, work: Path, say: Say) -> None:
        self.settings = settings
        self.work = work
        self._say = say
        self._packages: Path | None = None

    def hosts(self, count: int) -> list[Host]:
        """``count`` running hosts; those that are missing are started."""
        if INOTIFY.exists() and int(INOTIFY.read_text()) < 8192:
            # Every systemd of every host takes some; the default of 128 is enough for 19 hosts.
            INOTIFY.write_text("8192\n")
        if lab.up(self.settings, lab.Wish(count), _quiet):
            self._say(f"{count} hosts run")
            calm(self._say)
        return state.hosts(self.settings)[:count]

    def inventory(self, hosts: Sequence[Host], user: str = "root") -> Path:
        """An inventory of exactly these hosts."""
        path = self.work / f"{user}-{len(hosts)}.ini"
        path.write_text(inventory_text(self.settings, hosts, user))
        return path

    def proxied(self, hosts: Sequence[Host], ports: Mapping[str, int]) -> Path:
        """An inventory of these hosts behind loopback ports, with a known_hosts file of its own."""
        known = self.work / "known_hosts.proxy"
        text = inventory_text(self.settings, hosts, "root").replace(str(self.settings.known_hosts), str(known))
        keys = dict(line.split(" ", 1) for line in self.settings.known_hosts.read_text().splitlines())
        lines = []
        for host in hosts:
            port = ports[host.name]
            text = text.replace(
                f"{host.name} ansible_host={host.address}\n",
                f"{host.name} ansible_host=127.0.0.1 ansible_port={port}\n",
            )
            lines.append(f"[127.0.0.1]:{port} {keys[str(host.address)]}\n")
        known.write_text("".join(lines))
        path = self.work / f"proxy-{len(hosts)}.ini"
        path.write_text(text)
        return path

    def fresh(self, hosts: Sequence[Host]) -> None:
        """Reset the hosts and give all of them the same package lists and the same downloaded packages."""
        lab.reset(self.settings, [host.name for host in hosts], _quiet)
        if self._packages is None:
            packed = self.work / "packages.tar"
            self._ssh(hosts[0], FETCH)
            with packed.open("wb") as out:
                self._ssh(hosts[0], f"tar -C / -c {CACHES}", stdout=out)
            self._packages = packed
        for host in hosts:
            with self._packages.open("rb") as source:
                self._ssh(host, "tar -C / -x", stdin=source)
        calm(self._say)

    def shell(self, host: Host, command: str) -> None:
        """Run a command as root on a host."""
        self._ssh(host, command)

    def _ssh(self, host: Host, command: str, **streams: object) -> None:
        words = [
            "ssh", "-i", str(self.settings.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", f"UserKnownHostsFile={self.settings.known_hosts}", f"root@{host.address}", command,
        ]  # fmt: skip
        subprocess.run(words, check=True, **{"stdin": subprocess.DEVNULL, **streams})  # type: ignore[call-overload]


@contextmanager
def own_lab(work: Path, bridge: str, network: str, say: Say) -> Iterator[BenchLab]:
    """A lab that is taken down in any case. Raises BlockingIOError while another benchmark has it."""
    home = f"/var/lib/fleet-{bridge}"
    settings = settings_from({**os.environ, "FLEET_LAB_HOME": home}, bridge, network)
    with open(f"/run/lock/fleet-{bridge}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            # A run that was killed may have left something here.
            lab.down(settings, _quiet)
            yield BenchLab(settings, work, say)
        finally:
            lab.down(settings, _quiet)


def calm(say: Say, limit: float = 30.0) -> None:
    """Wait until the machine is nearly idle for two seconds, at most ``limit`` seconds."""
    deadline = time.monotonic() + limit
    quiet = 0
    while quiet < 4:
        if time.monotonic() > deadline:
            say(f"this machine is busy (load {os.getloadavg()[0]:.1f}); expect slower and less even figures")
            return
        quiet = quiet + 1 if _busy(0.5) < 0.1 else 0


def _busy(seconds: float) -> float:
    """The share of the processors' time that is used during the next ``seconds``."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    total = sum(after) - sum(before)
    # Columns 3 and 4 are idle and waiting for input or output.
    idle = after[3] + after[4] - before[3] - before[4]
    return 1 - idle / total if total else 0.0


def _ticks() -> list[int]:
    return [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


def _quiet(line: str) -> None:
    pass
