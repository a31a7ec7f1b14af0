"""Notifications that no handler answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fleet.plan.check.spot import Spot
from fleet.plan.check.walk import Walk
from fleet.plan.tree import TaskNode
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import has_template, location_of


class Handlers:
    """The handlers of a play under all names they answer to. ``open``: there may be more at run time."""

    def __init__(self, walk: Walk) -> None:
        self.open = walk.open_roles
        self.names: set[str] = set()
        for node in walk.handlers:
            self._add(node)

    def _add(self, node: TaskNode) -> None:
        for topic in (node.task.name, *_flat(node.kw.get("listen"))):
            if has_template(topic):
                self.open = True
            elif topic:
                self.names.add(str(topic))
                for role in _role_names(node):
                    self.names.update({f"{role} : {topic}", f"{role}: {topic}"})

    def task(self, spot: Spot, problems: Diagnostics, fatal: bool) -> None:
        """Report what a task notifies in vain."""
        if self.open:
            return
        notify = spot.node.kw.get("notify", ())
        for topic in _flat(notify):
            if has_template(topic) or str(topic) in self.names:
                continue
            at = location_of(topic) or spot.node.task.source.key_at("notify")
            what = f"no handler answers to '{topic}'"
            hint = suggest(str(topic), self.names) or (
                "add it under handlers:" if not self.names else f"known handlers: {', '.join(sorted(self.names)[:8])}"
            )
            # A task notifies only where it changes something.
            if fatal and spot.fatal and spot.runs:
                problems.late(what, at, hint)
            else:
                problems.warn(what, at, hint)


def _role_names(node: TaskNode) -> set[str]:
    """The names under which the role of a handler may stand before its name."""
    if node.role is None:
        return set()
    name = node.role.role.name
    return {name, name.rpartition(".")[2], *(f"{each}.{name}" for each in map(str, node.kw.get("collections", ())))}


def _flat(value: Any) -> Iterable[Any]:
    if value is None:
        return
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value
