"""Events about tasks, and what tasks under way look like to those behind them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from fleet.actions.base import Result
from fleet.engine.flight import Flight
from fleet.engine.results import censor, status_of, summed
from fleet.errors import FleetError
from fleet.events import ItemResult, Key, Polled, Retrying, TaskRef, TaskResult, Warned
from fleet.plan.tree import TaskNode
from fleet.template.errors import Pending
from fleet.template.scope import Scope
from fleet.template.templar import Templar

UNREGISTERED = frozenset({"_ansible_seconds", "_ansible_verbose_always"})
"""What the result of one call says to fleet alone; no playbook sees it."""


class Underway(Mapping[str, Any]):
    """What a task under way will have set: known values, or Pending."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight

    def __getitem__(self, name: str) -> Any:
        if name in self._flight.sets:
            return self._flight.sets[name]
        if name == self._flight.register:
            if known(self._flight):
                return outcome(self._flight)
            raise Pending(("register", name))
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return name in self._flight.sets or name == self._flight.register

    def __iter__(self) -> Iterator[str]:
        yield from self._flight.sets
        if self._flight.register:
            yield self._flight.register

    def __len__(self) -> int:
        return len(list(iter(self)))


def known(flight: Flight) -> bool:
    """True when all results of a task are here, though perhaps not judged yet: those behind may read them."""
    return bool(flight.items) and flight.complete and not (flight.sequential and flight.position < len(flight.items))


def outcome(flight: Flight) -> Result:
    """The task's result: of its loop, or of its only item."""
    if flight.looped:
        return summed([{k: v for k, v in item.items() if k not in UNREGISTERED} for item in flight.results()])
    return {name: value for name, value in (flight.items[0].result or {}).items() if name != "_ansible_seconds"}


def task_ref(
    node: TaskNode, key: Key, play: int, scope: Scope, templar: Templar, no_log: bool = False, check: bool = False
) -> TaskRef:
    """How sinks see a task. The name is rendered as far as it can be."""
    task = node.task
    name = str(task.name)
    if name and "{" in name:
        try:
            name = str(templar.render(task.name, scope))
        except (FleetError, Pending):
            name = str(task.name)
    bare = not name
    if bare:
        name = _bare_name(node)
    if node.role is not None and not (bare and node.action == "include_role"):
        name = f"{node.role.role.name} : {name}"
    kind: Literal["task", "handler", "include"]
    kind = "handler" if task.handler else "include" if node.action in ("include_tasks", "include_role") else "task"
    args = {} if no_log else dict(task.args)
    action = templar.aliases.get(task.action, task.action)
    return TaskRef(
        play, key, name, action, kind, node.role.role.name if node.role else "", task.at, no_log, args, check
    )


def _bare_name(node: TaskNode) -> str:
    if node.action in ("include_role", "import_role"):
        return f"{node.task.action} : {node.task.args.get('name', node.task.args.get('role', ''))}"
    return node.task.action


def task_result(host: str, flight: Flight, result: Result, *, rescued: bool, ignored: bool) -> TaskResult:
    assert flight.ref is not None
    shown = censor(result) if flight.no_log or result.get("_ansible_no_log") else result
    seconds = sum(float((item.result or {}).get("_ansible_seconds", 0)) for item in flight.items)
    return TaskResult(
        host=host,
        task=flight.ref,
        status=status_of(result),
        result=shown,
        looped=flight.looped and bool(flight.items),
        ignored=ignored,
        rescued=rescued,
        delegated=elsewhere(host, flight),
        seconds=seconds,
    )


def elsewhere(host: str, flight: Flight) -> str:
    """The other host that does the work, "" where it is the host itself."""
    return "" if flight.delegate == host else flight.delegate


def item_result(host: str, flight: Flight, index: int) -> ItemResult:
    item = flight.items[index]
    assert flight.ref is not None and item.result is not None
    shown = censor(item.result) if flight.no_log or item.result.get("_ansible_no_log") else item.result
    label = "(censored due to no_log)" if flight.no_log else item.label
    return ItemResult(
        host, flight.ref, status_of(item.result), shown, label, flight.ignore_errors, elsewhere(host, flight)
    )


def retrying(host: str, flight: Flight, left: int, result: Result) -> Retrying:
    assert flight.ref is not None
    shown = censor(result) if flight.no_log else result
    label = flight.items[flight.position].label if flight.looped else None
    return Retrying(host, flight.ref, left, shown, label, elsewhere(host, flight))


def polled(host: str, flight: Flight, job: str) -> Polled:
    assert flight.ref is not None
    return Polled(host, flight.ref, job)


def warned(host: str, flight: Flight, text: str) -> Warned:
    return Warned(text, host, flight.ref.at if flight.ref else None)


def failed_task(flight: Flight) -> dict[str, Any]:
    """``ansible_failed_task``: what rescue sections may read of the task that failed."""
    if flight.node is None:
        return {}
    node = flight.node
    made: dict[str, Any] = {name: value for name, value in node.kw.items() if isinstance(value, bool | int | str)}
    name = flight.ref.name if flight.ref else str(node.task.name)
    if node.role is not None:
        name = name.removeprefix(f"{node.role.role.name} : ")
    return {**made, "name": name, "action": node.task.action, "args": dict(node.task.args)}
