"""Where a template failed: from Jinja's line inside the text to file, line and column of the user's file."""

from __future__ import annotations

import re
from types import GeneratorType, TracebackType
from typing import Any

from jinja2 import Environment

from fleet.errors import Location
from fleet.source.diagnostics import source_line, suggest

_NAME = re.compile(
    r"^(?:Error while evaluating conditional: )?'([\w.]+)' is undefined|has no attribute '(\w+)'"
    r"|No (?:filter|test) named '([^']+)'"
)
_UNKNOWN = re.compile(r"No (filter|test) named '([^']+)'")


def failed_line(trace: TracebackType | None) -> tuple[Any, int]:
    """The innermost template on the traceback and the line in its text; ``(None, 0)`` when there is none."""
    found: tuple[Any, int] = (None, 0)
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = template, template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return found


def suspended_line(stream: Any) -> tuple[Any, int]:
    """The same for a template that just handed out the part that turned out to be bad."""
    found: tuple[Any, int] = (None, 0)
    while isinstance(stream, GeneratorType) and stream.gi_frame is not None:
        template = stream.gi_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = template, template.get_corresponding_lineno(stream.gi_frame.f_lineno)
        # Jinja runs an include in a loop of its own, over a local called "gen".
        stream = stream.gi_yieldfrom or stream.gi_frame.f_locals.get("gen")
    return found


def place(text: str, line: int = 0, what: str = "", at: Location | None = None) -> Location | None:
    """The place in the user's file of ``line`` of ``text``. ``what``, the error, tells what to look for.

    A YAML scalar knows only where it starts; how it was written is read from the file.
    """
    start = at or getattr(text, "at", None)
    if start is None or not start.line:
        return start
    shown = source_line(start)
    if shown[start.column - 1 : start.column] in ("|", ">"):
        return _in_block(text, line, what, start)
    if "\n" not in text.rstrip("\n") and shown:
        return Location(start.path, start.line, _column(shown, what, start.column))
    return start


def _in_block(text: str, line: int, what: str, start: Location) -> Location:
    number = line or _line_of(text, what)
    here = Location(start.path, start.line + number)
    shown = source_line(here)
    return Location(here.path, here.line, _column(shown, what, len(shown) - len(shown.lstrip()) + 1))


def _line_of(text: str, what: str) -> int:
    pattern = _needle(what)
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            return number
    return 1


def _column(shown: str, what: str, start: int) -> int:
    """The column of the name the error is about, else of the first template marker from ``start`` on."""
    marker = re.compile(r"\{[{%]").search(shown, start - 1)
    found = _needle(what).search(shown, marker.start() if marker else start - 1)
    return found.start() + 1 if found else marker.start() + 1 if marker else start


def named_alike(what: str, environment: Environment) -> str:
    """``did you mean ...`` for an error about an unknown filter or test; else nothing."""
    match = _UNKNOWN.search(what)
    if match is None:
        return ""
    kind, name = match.groups()
    if kind == "filter" and name in environment.tests:
        return f"it is a test: write 'is {name}'"
    if kind == "test" and name in environment.filters:
        return f"it is a filter: write '| {name}'"
    return suggest(name, environment.filters if kind == "filter" else environment.tests)


def _needle(what: str) -> re.Pattern[str]:
    match = _NAME.search(what)
    name = (match[1] or match[2] or match[3]) if match else ""
    return re.compile(rf"\b{re.escape(name)}\b" if name else r"\{[{%]")
