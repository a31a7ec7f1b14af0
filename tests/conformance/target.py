"""A target of the suite: what the catalogue and its own aliases file say of it, and how targets are chosen."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CATALOGUE = HERE / "targets.json"
REASONS = HERE / "reasons.json"


@dataclass(frozen=True)
class Oracle:
    """What real ansible-playbook came to: ``calls`` are the exit codes of the commands a script ran, in order."""

    status: str
    ok: int
    calls: tuple[int, ...] = ()


@dataclass(frozen=True)
class Target:
    """One target. ``script``: it is a runme.sh, not a role. ``api``: parts of Ansible's Python API it leans on."""

    name: str
    script: bool
    harmless: bool
    api: str
    oracle: Oracle | None


def catalogue() -> dict[str, Target]:
    """All targets that concern fleet, by name."""
    found = {}
    for name, entry in json.loads(CATALOGUE.read_text(encoding="utf-8")).items():
        seen: dict[str, Any] | None = entry.get("oracle")
        oracle = Oracle(seen["status"], seen["ok"], tuple(seen.get("calls", ()))) if seen else None
        found[name] = Target(
            name, entry["kind"] == "runme", entry["impact"] == "harmless", entry.get("api", ""), oracle
        )
    return found


def reasons() -> dict[str, str]:
    """Why a target does not pass whole, by its name."""
    found: dict[str, str] = json.loads(REASONS.read_text(encoding="utf-8"))
    return found


def choose(wanted: str, everything: dict[str, Target]) -> list[Target]:
    """The targets that ``wanted`` names: words between commas, each a name, a glob, @harmless or @system; a ``-``
    before a word takes away. Raises KeyError for a word that names nothing."""
    chosen: dict[str, Target] = {}
    for word in filter(None, wanted.split(",")):
        bare = word.removeprefix("-")
        names = _named(bare, everything)
        if not names:
            raise KeyError(bare)
        for name in names:
            if word.startswith("-"):
                chosen.pop(name, None)
            else:
                chosen[name] = everything[name]
    return list(chosen.values())


def _named(word: str, everything: dict[str, Target]) -> list[str]:
    if word in ("@harmless", "@system"):
        return [name for name, target in everything.items() if target.harmless == (word == "@harmless")]
    return fnmatch.filter(everything, word)


@dataclass(frozen=True)
class Aliases:
    """A target's aliases file: how the suite's own runner is to start it."""

    lines: Sequence[str]

    @property
    def gathers(self) -> bool:
        return "gather_facts/no" not in self.lines

    @property
    def plain_path(self) -> bool:
        """True where the path of the copy must hold ASCII only."""
        return "no/temp_unicode" in self.lines

    def setup(self, kind: str) -> list[str]:
        """The targets to run before: ``kind`` is ``once`` or ``always``."""
        return [line.rpartition("/")[2] for line in self.lines if line.startswith(f"setup/{kind}/")]

    def environment(self) -> dict[str, str]:
        pairs = (
            (line.split("/", 3)[2], line.split("/", 3)[3])
            for line in self.lines
            if line.startswith("env/set/") and line.count("/") > 2
        )
        return dict(pairs)


def aliases(folder: Path) -> Aliases:
    """What ``folder``'s aliases file says; a target may have none."""
    try:
        text = (folder / "aliases").read_text(encoding="utf-8")
    except OSError:
        return Aliases(())
    return Aliases([line for line in (part.partition("#")[0].strip() for part in text.splitlines()) if line])
