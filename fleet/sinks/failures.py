"""The block that explains a failed task: what failed, and where it stands in the user's file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fleet.errors import Location
from fleet.events import TaskRef
from fleet.sinks.pretty import short
from fleet.sinks.secrets import CENSORED
from fleet.source.diagnostics import source_line

_FINALIZATION = re.compile(r"(Task failed: Finalization of task args for '[^']+' failed): (.*)", re.DOTALL)
BEFORE = 2
WIDEST = 120
# Work that the controller does itself is an action; everything else is a module.
ACTIONS = frozenset(
    {"add_host", "assert", "debug", "fail", "group_by", "include_role", "include_tasks", "include_vars"}
    | {"pause", "set_fact", "set_stats", "validate_argument_spec"}
)


def explain(task: TaskRef, result: Mapping[str, Any], unreachable: bool) -> str:
    """The block before a failure line, without a newline at its end but for the empty line that closes it."""
    said = message(task, result, unreachable)
    text = f"[ERROR]: {said}"
    at = None if task.name == "Gathering Facts" else task.at
    cause = result.get("_ansible_cause_at")
    if at is None or "censored" in result:
        return text
    if unfound(task, result):
        # The name of a file that is not there says enough.
        return f"{text}\n{origin(Location(*cause)) if cause else ''}"
    if not cause or not said.startswith("Task failed: "):
        return f"{text}\n{origin(at)}"
    head, rest = _chain(said)
    return f"{text}\n\n{head}\n{origin(at)}\n<<< caused by >>>\n\n{rest}\n{origin(Location(*cause))}"


def unfound(task: TaskRef, result: Mapping[str, Any]) -> bool:
    """Whether an include failed as its file or role is not there: no task ran, and it is an error of the run."""
    return task.kind == "include" and "reason" in result and "msg" not in result


def _chain(said: str) -> tuple[str, str]:
    """What failed, and why, of a message that says both."""
    found = _FINALIZATION.match(said)
    if found:
        return f"{found.group(1)}.", found.group(2)
    return "Task failed.", said.removeprefix("Task failed: ")


def message(task: TaskRef, result: Mapping[str, Any], unreachable: bool) -> str:
    """One sentence about a failure, from the keys of its result."""
    if "censored" in result:
        return f"Task failed: {CENSORED}"
    found = result.get("msg", result.get("reason"))
    text = str(found) if found not in (None, "") else "" if found == "" else "Unknown error."
    if text.startswith("Task failed") or unfound(task, result):
        return text
    if unreachable:
        return f"Task failed: {text}"
    # What a condition or a time limit of the playbook calls a failure was none of the module.
    judged = result.get("failed_when_result") is True or "async_result" in result
    kind = "Action" if judged or short(task.action) in ACTIONS else "Module"
    return f"Task failed: {kind} failed: {text}" if text else f"Task failed: {kind} failed."


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
