"""The shape of results: lines added, changed_when and failed_when applied, loops summed up, secrets hidden. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet.actions.base import Result
from fleet.errors import FleetError
from fleet.events import Status
from fleet.plan.tree import TaskNode
from fleet.template.errors import TemplateError
from fleet.template.scope import Scope
from fleet.template.templar import Templar

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
NO_TRACE = "(traceback unavailable)"
INTERNAL = ("_ansible_seconds", "_effects")


def failure(msg: str, **more: Any) -> Result:
    """A failed result."""
    return {"changed": False, "failed": True, "msg": msg, **more}


def skip(condition: Any = None) -> Result:
    """The result of a task whose condition is not met."""
    made: Result = {"changed": False, "skipped": True, "skip_reason": "Conditional result was False"}
    if condition is not None:
        made["false_condition"] = condition
    return made


def finish(result: Result) -> Result:
    """Add what every registered result has: ``changed``, ``failed``, the lines of stdout and stderr."""
    made = {name: value for name, value in result.items() if name not in INTERNAL}
    made.setdefault("changed", False)
    if made.get("failed"):
        made.setdefault("exception", NO_TRACE)
    for stream in ("stdout", "stderr"):
        if isinstance(made.get(stream), str) and f"{stream}_lines" not in made:
            made[f"{stream}_lines"] = made[stream].splitlines()
    return made


def judge(node: TaskNode, result: Result, scope: Scope, templar: Templar, unbound: bool = False) -> Result:
    """Apply ``changed_when`` and ``failed_when``; ``scope`` already has the registered result.

    A task that cannot be bound has failed whatever they say: it would be a mistake in the playbook that is passed by.
    A condition that cannot be evaluated fails the task, as the result cannot be told.
    """
    kw = node.kw
    if result.get("unreachable") or "skip_reason" in result:
        return result
    if result.get("skipped"):
        return {"failed": False, **result}
    made = dict(result)
    made.setdefault("failed", False)
    if unbound:
        return {"exception": NO_TRACE, **made}
    failed = made["failed"]
    register = kw.get("register")
    layer: dict[str, Any] = {str(register): made} if isinstance(register, str) else {}
    asked = False
    try:
        if kw.get("changed_when") is not None:
            made["changed"] = _all(templar, kw["changed_when"], scope.child(layer))
            asked = True
        if kw.get("failed_when") is not None:
            made["failed_when_result"] = made["failed"] = _any_or_all(templar, kw["failed_when"], scope.child(layer))
        if failed and not made["failed"] and "exception" in made:
            made["failed_when_suppressed_exception"] = made.pop("exception")
        elif made["failed"]:
            made.setdefault("exception", NO_TRACE)
            if not failed:
                made.setdefault("msg", "Task failed: Action failed: Unknown error.")
    except FleetError as error:
        word = "failed_when" if kw.get("changed_when") is None or asked else "changed_when"
        said = error.what.removeprefix("Error while evaluating conditional: ")
        return {**made, "failed": True, f"{word}_result": f"Error while evaluating conditional: {said}"}
    return made


def _all(templar: Templar, conditions: Any, scope: Scope) -> bool:
    parts = conditions if isinstance(conditions, list | tuple) else [conditions]
    return all(templar.condition(part, scope) for part in parts)


_any_or_all = _all


def summed(items: Sequence[Result], *, skipped_msg: str = "All items skipped") -> Result:
    """The registered result of a loop: ``results`` and what they come to together."""
    if not items:
        return {"changed": False, "skipped": True, "skipped_reason": "No items in the list", "results": []}
    made: Result = {"results": list(items), "changed": any(item.get("changed") for item in items)}
    if all(item.get("skipped") for item in items):
        made["skipped"] = True
        made["msg"] = skipped_msg
    else:
        made["msg"] = "All items completed"
        made["skipped"] = False
    if any(is_failed(item) for item in items):
        made["failed"] = True
        made["msg"] = "One or more items failed"
        made["skipped"] = False
    if any(item.get("unreachable") for item in items):
        made["unreachable"] = True
    warnings = [text for item in items for text in item.get("warnings", ())]
    if warnings:
        made["warnings"] = list(dict.fromkeys(warnings))
    return made


def is_failed(result: Mapping[str, Any]) -> bool:
    """Where there is a ``failed_when`` it alone decides, also after the last try of ``until``."""
    return bool(result.get("failed_when_result", result.get("failed")))


def status_of(result: Mapping[str, Any]) -> Status:
    """The word a result is reported with."""
    if result.get("unreachable"):
        return "unreachable"
    if is_failed(result):
        return "failed"
    if result.get("skipped"):
        return "skipped"
    return "changed" if result.get("changed") else "ok"


def censor(result: Result) -> Result:
    """What may be shown of a ``no_log`` result."""
    made: Result = {"censored": CENSORED, "changed": result.get("changed", False)}
    for name in ("failed", "skipped", "unreachable"):
        if result.get(name):
            made[name] = True
    if "attempts" in result:
        made["attempts"] = result["attempts"]
    if "results" in result:
        made["results"] = [censor(item) for item in result["results"]]
    return made


def from_error(error: FleetError) -> Result:
    """The result of a task that failed on the controller."""
    made = failure(f"Task failed: {error.what}" if isinstance(error, TemplateError) else error.what)
    more = getattr(error, "result", None)
    if isinstance(more, dict):
        made.update(more)
    if error.at is not None:
        made["_ansible_cause_at"] = [error.at.path, error.at.line, error.at.column]
    return made
