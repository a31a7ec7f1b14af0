"""What running a target came to, beside what real Ansible came to."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from target import Target

RECAP = re.compile(r"^\S+\s+: (ok=\d+(?:\s+\w+=\d+)+)", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*[mK]")
TAIL = 12


@dataclass(frozen=True)
class Outcome:
    """``status``: pass, fail, timeout or setup failed. ``calls``: exit codes and words of the commands a script ran."""

    name: str
    status: str
    seconds: float
    ok: int = 0
    calls: tuple[tuple[int, str], ...] = ()
    tail: tuple[str, ...] = field(default=(), repr=False)

    def data(self) -> dict[str, Any]:
        return asdict(self)


def from_data(data: dict[str, Any]) -> Outcome:
    """The outcome that ``data`` tells of."""
    calls = tuple((code, words) for code, words in data["calls"])
    return Outcome(**{**data, "calls": calls, "tail": tuple(data["tail"])})


def read(name: str, status: str, seconds: float, log: Path, calls: Path) -> Outcome:
    """The outcome out of a target's log and its list of calls."""
    text = ANSI.sub("", log.read_text(encoding="utf-8", errors="replace"))
    ok = sum(int(word.partition("=")[2]) for line in RECAP.findall(text) for word in line.split() if word[:3] == "ok=")
    made = []
    if calls.exists():
        for line in calls.read_text(encoding="utf-8", errors="replace").splitlines():
            code, _, words = line.partition("\t")
            made.append((int(code), words.strip()[:300]))
    tail = tuple(line[:300] for line in text.splitlines()[-TAIL:])
    return Outcome(name, status, round(seconds, 1), ok, tuple(made), tail)


def same_calls(outcome: Outcome, target: Target) -> tuple[int, int]:
    """How many commands ended with the oracle's exit code, of how many."""
    if target.oracle is None:
        return 0, 0
    wanted = target.oracle.calls
    return sum(code == want for (code, _), want in zip(outcome.calls, wanted, strict=False)), len(wanted)
