"""Mistakes found offline: collected, sorted, shown together with the line they stand on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from fleet.errors import FleetError, InputError, Location
from fleet.record import record


@record
class Diagnostic:
    """One mistake: ``what`` is wrong, where, and a ``hint`` what to do. A warning does not stop a run, nor does
    a ``late`` mistake, which fails only what comes to it."""

    what: str
    at: Location | None = None
    hint: str = ""
    warning: bool = False
    late: bool = False
    code: int = InputError.code
    """The exit code of a run that has no other mistakes."""


@dataclass(slots=True)
class Diagnostics:
    """A list of mistakes that grows while files are read."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, what: str, at: Location | None = None, hint: str = "") -> None:
        """Record a mistake that stops the run."""
        self.found.append(Diagnostic(what, at, hint))

    def late(self, what: str, at: Location | None = None, hint: str = "") -> None:
        """Record a mistake that a run may pass by: it is told beforehand, and stops what comes to it."""
        self.found.append(Diagnostic(what, at, hint, late=True))

    def warn(self, what: str, at: Location | None = None, hint: str = "") -> None:
        """Record something odd that does not stop the run."""
        self.found.append(Diagnostic(what, at, hint, warning=True))

    def add(self, error: FleetError) -> None:
        """Record an error that was raised, or all the errors that one carries."""
        if isinstance(error, Rejected):
            self.found.extend(error.diagnostics)
        else:
            self.found.append(Diagnostic(error.what, error.at, error.hint, code=error.code))

    @property
    def errors(self) -> list[Diagnostic]:
        """The mistakes, in file and line order, each once."""
        return ordered(item for item in self.found if not item.warning)

    @property
    def warnings(self) -> list[Diagnostic]:
        """The oddities, in file and line order, each once."""
        return ordered(item for item in self.found if item.warning)

    def ease(self) -> list[Diagnostic]:
        """Make warnings of the late mistakes, which a run may never come to; give them."""
        eased = {item: replace(item, warning=True, late=False) for item in self.errors if item.late}
        self.found[:] = [eased.get(item, item) for item in self.found]
        return list(eased.values())

    def stop(self) -> None:
        """Raise ``Rejected`` if there is any error that is not a late one."""
        certain = [item for item in self.errors if not item.late]
        if certain:
            raise Rejected(certain)


class Rejected(InputError):
    """The input has mistakes; all of them are in ``diagnostics``."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        first = self.diagnostics[0]
        self.code = code_of(self.diagnostics)
        super().__init__(first.what, at=first.at, hint=first.hint)

    def __str__(self) -> str:
        return "\n".join(show(item) for item in self.diagnostics)


def code_of(mistakes: Iterable[Diagnostic]) -> int:
    """The exit code that mistakes come to: their own where they agree."""
    codes = {item.code for item in mistakes}
    return codes.pop() if len(codes) == 1 else InputError.code


def ordered(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort by file, line and column and drop repetitions: what is sure somewhere is not told as a late one, too."""

    def key(item: Diagnostic) -> tuple[str, int, int, str]:
        at = item.at or Location("")
        return at.path, at.line, at.column, item.what

    each = dict.fromkeys(found)
    return sorted((item for item in each if not item.late or replace(item, late=False) not in each), key=key)


def show(item: Diagnostic, full: bool = False) -> str:
    """The diagnostic as text: ``file:line:column: what``, the source line with a caret, the hint.

    ``full``: with the whole path of the file.
    """
    kind = "warning: " if item.warning else ""
    lines = [f"{item.at if full else near(item.at)}: {kind}{item.what}" if item.at else f"{kind}{item.what}"]
    source = source_line(item.at) if item.at else ""
    if item.at and source:
        number = str(item.at.line)
        lines.append(f"  {number} | {source}")
        if item.at.column:
            lines.append(" " * (len(number) + 2) + " | " + " " * (item.at.column - 1) + "^")
    if item.hint:
        lines.append(f"  hint: {item.hint}")
    return "\n".join(lines)


def near(at: Location) -> Location:
    """The place with its path as seen from the current folder, where it lies below that."""
    here = os.getcwd() + os.sep
    return Location(at.path.removeprefix(here), at.line, at.column)


def source_line(at: Location) -> str:
    """The text of the line, or "" when the file cannot be read (any more)."""
    lines = _lines(at.path)
    return lines[at.line - 1].expandtabs(1) if 0 < at.line <= len(lines) else ""


@lru_cache(maxsize=32)
def _lines(path: str) -> tuple[str, ...]:
    try:
        lines = tuple(Path(path).read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return ()
    # The lines of an encrypted file are not those that were read, which nobody shall see.
    return () if lines and lines[0].startswith("$ANSIBLE_VAULT") else lines


def suggest(name: str, known: Iterable[str]) -> str:
    """``did you mean 'apt'?`` or "" when nothing known is close to ``name``."""
    name, names = str(name), [str(item) for item in known]
    import difflib  # slow to load, and only bad input needs it

    # Two letters swapped in a short word are too far apart for difflib.
    swapped = [item for item in names if len(item) == len(name) and sorted(item) == sorted(name)]
    close = swapped or difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f"did you mean '{close[0]}'?" if close else ""
