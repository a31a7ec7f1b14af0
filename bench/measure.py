"""Runs one process, measures it, and refuses the measurement when its output is not the wanted one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
FLEET = (sys.executable, "-m", "fleet")
LIMIT = 1800.0
"""Seconds after which a measured process is given up."""

_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
# What would make a tool slower or faster than it is for its users.
_FOREIGN = ("PYTHON", "ANSIBLE_", "FLEET_", "MITOGEN_", "SSH_AUTH_SOCK")

Check = Callable[[str], None]


class WrongRun(Exception):
    """A run that did not do what was to be measured."""


@dataclass(frozen=True, slots=True)
class Command:
    """A process to be measured. ``check`` raises WrongRun for an output that is not the wanted one."""

    name: str
    words: tuple[str, ...]
    check: Check
    env: Mapping[str, str]
    before: tuple[Command, ...] = ()
    """Runs that bring the hosts where this command finds nothing to do; not measured."""
    after: tuple[Command, ...] = ()
    """Runs that bring the hosts back; not measured."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured run: wall clock and processor time in seconds, peak memory in MB (1,000,000 bytes)."""

    seconds: float
    cpu: float
    memory: float
    output: str


@dataclass(frozen=True, slots=True)
class Series:
    """The samples of one command."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """The median wall clock time."""
        return median(sample.seconds for sample in self.samples)

    @property
    def memory(self) -> float:
        """The largest peak of memory."""
        return max(sample.memory for sample in self.samples)

    @property
    def spread(self) -> str:
        """The fastest and the slowest run."""
        times = [sample.seconds for sample in self.samples]
        return f"{min(times):.2f}-{max(times):.2f} s"


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without what distorts measurements, and ``extra``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **extra}


def once(command: Command, work: Path) -> Sample:
    """Run ``command`` to its end, with its output in a file below ``work``. Raises WrongRun."""
    for earlier in command.before:
        once(earlier, work)
    path = work / f"{command.name.replace(' ', '-')}.out"
    with path.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            command.words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            env=environment(command.env), cwd=work,
        )  # fmt: skip
        watch = threading.Timer(LIMIT, process.kill)
        watch.daemon = True
        watch.start()
        # Unlike Popen.wait this tells what the process used.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        watch.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    output = path.read_text(errors="replace")
    if process.returncode:
        raise WrongRun(f"{command.name} ended with {process.returncode}:\n{tail(output)}")
    command.check(output)
    for later in command.after:
        once(later, work)
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, output)


def interleaved(commands: Sequence[Command], repeat: int, work: Path, say: Callable[[str], None]) -> list[Series]:
    """Run all commands ``repeat`` times, one after the other in each round. Raises WrongRun."""
    taken: dict[str, list[Sample]] = {command.name: [] for command in commands}
    for number in range(repeat):
        # The first round starts at the first command, the next at the second: nobody always has the same neighbour.
        turn = number % len(commands)
        for command in [*commands[turn:], *commands[:turn]]:
            taken[command.name].append(once(command, work))
        say(f"round {number + 1}: " + ", ".join(f"{name} {taken[name][-1].seconds:.2f} s" for name in taken))
    return [Series(name, tuple(samples)) for name, samples in taken.items()]


def recap(hosts: int, *, changes: bool) -> Check:
    """Checks the PLAY RECAP: ``hosts`` hosts without failures, all with changes or all without."""

    def check(output: str) -> None:
        rows = _RECAP.findall(output)
        good = [row for row in rows if row[3:] == ("0", "0") and (int(row[2]) > 0) == changes]
        if len(rows) != hosts or len(good) != hosts:
            wanted = "changed" if changes else "unchanged"
            raise WrongRun(f"{len(good)} of {hosts} hosts are {wanted} and without failure:\n{tail(output)}")

    return check


def says(pattern: str) -> Check:
    """Checks that the output holds ``pattern``."""

    def check(output: str) -> None:
        if not re.search(pattern, output, re.MULTILINE):
            raise WrongRun(f"the output does not say {pattern!r}:\n{tail(output)}")

    return check


def tail(output: str) -> str:
    return "\n".join(output.rstrip().splitlines()[-25:])
