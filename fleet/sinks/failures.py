"""The block that explains a failed task: what failed, and where it stands in the user's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.errors import Location
from fleet.events import TaskRef
from fleet.sinks.pretty import short
from fleet.sinks.secrets import CENSORED
from fleet.source.diagnostics import source_line

BEFORE = 2
WIDEST = 120
# Work that the controller does itself is an action; everything else is a module.
ACTIONS = frozenset(
    {"add_host", "assert", "debug", "fail", "group_by", "include_role", "include_tasks", "include_vars"}
    | {"pause", "set_fact", "set_stats", "validate_argument_spec"}
)


def explain(task: TaskRef, result: Mapping[str, Any], unreachable: bool) -> str:
    """The block before a failure line, without a newline at its end but for the empty line that closes it."""
    text = f"[ERROR]: {message(task, result, unreachable)}"
    at = None if task.name == "Gathering Facts" else task.at
    return f"{text}\n{origin(at)}" if at else text


def message(task: TaskRef, result: Mapping[str, Any], unreachable: bool) -> str:
    """One sentence about a failure, from the keys of its result."""
    if "censored" in result:
        return f"Task failed: {CENSORED}"
    found = result.get("msg", result.get("reason"))
    text = str(found) if found not in (None, "") else "Unknown error."
    if text.startswith("Task failed"):
        return text
    if unreachable:
        return f"Task failed: {text}"
    kind = "Action" if short(task.action) in ACTIONS else "Module"
    return f"Task failed: {kind} failed: {text}"


def origin(at: Location) -> str:
    """``Origin: file:line:column``, the line there and those before it, and a mark below the column."""
    head = f"Origin: {at}"
    last = at.line
    if not last or not source_line(at):
        return f"{head}\n"
    width = len(str(last))
    lines = [
        _cut(f"{number:>{width}} {source_line(Location(at.path, number))}".rstrip())
        for number in range(max(1, last - BEFORE), last + 1)
    ]
    mark = [" " * (width + at.column) + f"^ column {at.column}"] if at.column else []
    return "\n".join([head, "", *lines, *mark, ""])


def _cut(line: str) -> str:
    return line if len(line) <= WIDEST else line[: WIDEST - 3] + "..."
