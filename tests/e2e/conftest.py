"""Real hosts for the end-to-end tests: a lab of their own, or the one that FLEET_TEST_LAB names.

``lab.hosts(3)`` gives three running hosts and starts those that are missing; the lab goes down with the
session. ``FLEET_TEST_LAB=inventory.ini`` uses hosts that run already and leaves them running.
Where no lab can run the tests are skipped, but with ``FLEET_REQUIRE_LAB=1`` they fail.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from fleet.lab import base, needs, nspawn, state
from fleet.lab import lab as verbs
from fleet.lab.settings import Settings, settings_from

SLOTS = 40
BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Lab(Protocol):
    """What a test may ask of the lab."""

    inventory: Path
    known_hosts: Path
    key: Path

    def hosts(self, count: int) -> list[LabHost]: ...


@dataclass(frozen=True)
class LabHost:
    """One running host: how to get a command into it, which boot it is in, and how to empty it."""

    name: str
    address: str
    enter: Callable[[], list[str]]
    boot: Callable[[], str]
    renew: Callable[[], None]

    def run(self, command: str, *, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root on the host. With ``check``, failing is an error that shows its output."""
        done = _finish([*self.enter(), command], timeout)
        if check and done.returncode:
            raise AssertionError(f"{self.name}: {command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def boot_id(self) -> str:
        """Changes with every boot; empty while the host is down. Does not disturb one that goes down."""
        return self.boot()

    def reset(self) -> None:
        """Give the host a fresh disk and host key; returns when it answers SSH."""
        self.renew()


class OwnLab:
    """A lab that was started for the tests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.inventory = settings.inventory
        self.known_hosts = settings.known_hosts
        self.key = settings.key

    def hosts(self, count: int, suite: str = "bookworm") -> list[LabHost]:
        verbs.up(self.settings, verbs.Wish(count, suite), print)
        return [self._host(host.name, str(host.address)) for host in state.hosts(self.settings)[:count]]

    def down(self) -> None:
        verbs.down(self.settings, print)

    def _host(self, name: str, address: str) -> LabHost:
        return LabHost(
            name,
            address,
            enter=lambda: enter(self.settings, name),
            boot=lambda: boot_id(self.settings, name),
            renew=lambda: self._reset(name),
        )

    def _reset(self, name: str) -> None:
        verbs.reset(self.settings, [name], print)


class OthersLab:
    """Hosts that run already, known by their inventory alone; reached over SSH."""

    def __init__(self, inventory: Path) -> None:
        self.inventory = inventory
        text = inventory.read_text()
        self.key = Path(_word(text, r"^ansible_ssh_private_key_file=(\S+)"))
        self.known_hosts = Path(_word(text, r"UserKnownHostsFile=([^\s\"']+)"))
        self.addresses = re.findall(r"^(\S+)[ \t].*?\bansible_host=(\S+)", text, re.MULTILINE)

    def hosts(self, count: int) -> list[LabHost]:
        if count > len(self.addresses):
            pytest.skip(f"{self.inventory} has {len(self.addresses)} hosts, the test needs {count}")
        return [self._host(name, address) for name, address in self.addresses[:count]]

    def _host(self, name: str, address: str) -> LabHost:
        options = ["-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
        words = ["ssh", "-i", str(self.key), *options, f"root@{address}"]
        host = LabHost(name, address, lambda: words, lambda: host.run(f"cat {BOOT_ID}").stdout.strip(), self._reset)
        return host

    def _reset(self) -> None:
        pytest.skip(f"the hosts of {self.inventory} cannot be reset from here")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "e2e: needs real hosts (a fleet lab)")


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The lab of this session."""
    named = os.environ.get("FLEET_TEST_LAB")
    if not named:
        with own_lab() as own:
            yield own
        return
    home = Path(named).absolute().parent
    note = state.saved(home)
    if note is None:
        yield OthersLab(Path(named))
    else:
        env = {**os.environ, "FLEET_LAB_HOME": str(home)}
        yield OwnLab(settings_from(env, note.bridge, note.network))


@pytest.fixture
def fresh_host(lab: Lab) -> LabHost:
    """A host that was just reset."""
    host = lab.hosts(1)[0]
    host.reset()
    return host


@pytest.fixture
def spare_lab() -> Iterator[OwnLab]:
    """A lab for one test alone, to be started and taken down by it."""
    with own_lab() as own:
        yield own


def boot_id(settings: Settings, name: str) -> str:
    """The boot id of a host, read from outside; empty while it is down."""
    init = nspawn.leader(state.folder_of(settings, name))
    try:
        return Path(f"/proc/{init}/root{BOOT_ID}").read_text().strip()
    except OSError:
        return ""


def _finish(words: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Raises ``TimeoutExpired``."""
    deadline = time.monotonic() + timeout
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as process:
        while True:
            try:
                out, err = process.communicate(timeout=0.3)
                return subprocess.CompletedProcess(words, process.returncode, out, err)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    process.kill()
                    raise
                # A host that shuts down stops everything in it for a moment. nsenter then stops itself,
                # and nobody else would ever let it go on.
                process.send_signal(signal.SIGCONT)


@contextmanager
def own_lab() -> Iterator[OwnLab]:
    """A lab with a home, a bridge and a network that nobody else has, taken down in any case."""
    slot, lock = _take_slot()
    env = {**os.environ, "FLEET_LAB_HOME": f"{tempfile.gettempdir()}/fleet-test-lab-{slot}"}
    settings = settings_from(env, f"fltest{slot}", f"10.{130 + slot}.0.0/24")
    _require(settings)
    own = OwnLab(settings)
    try:
        # A session that was killed may have left something here.
        own.down()
        yield own
    finally:
        own.down()
        os.close(lock)


def enter(settings: Settings, name: str) -> list[str]:
    """A command that runs the shell command behind it in the host, a tenth of what SSH costs."""
    init = nspawn.leader(state.folder_of(settings, name))
    assert init is not None, f"{name} does not run"
    env = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=/root",
        "LC_ALL=C.UTF-8",
    ]
    return ["nsenter", "--target", str(init), "--all", "env", "-i", *env, "sh", "-c"]


def _require(settings: Settings) -> None:
    lacks = needs.lacks(base=not base.tree_of(settings.cache, "bookworm").is_dir())
    if not lacks:
        return
    reason = "no lab can run here: " + "; ".join(f"{what} ({cure})" for what, cure in lacks)
    if os.environ.get("FLEET_REQUIRE_LAB") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _take_slot() -> tuple[int, int]:
    for slot in range(SLOTS):
        # Bridges and networks are the machine's, whatever TMPDIR is.
        path = Path("/tmp", f"fleet-test-lab-{slot}.lock")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        return slot, handle
    raise AssertionError(f"all {SLOTS} test labs are in use")


def _word(text: str, pattern: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match, f"the inventory does not say {pattern}"
    return match[1]
