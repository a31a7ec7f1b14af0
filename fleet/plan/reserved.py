"""Variables with the names of keywords and of Jinja's functions: they work here and there, and confuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fleet.errors import Location
from fleet.plan.tree import PlanNode, tasks_of
from fleet.playbook.keywords import KEYWORDS
from fleet.source.nodes import Map

NAMES = (KEYWORDS.keys() - {"vars"}) | set(
    "lookup query q now undef omit range dict lipsum cycler joiner namespace finalize".split()
)


def warn_of(layer: Any, warn: Callable[[str], None], at: Location | None = None) -> None:
    """Warn of the reserved names among the keys of ``layer``."""
    if not isinstance(layer, Mapping) or NAMES.isdisjoint(layer):
        return
    for name in layer:
        if name in NAMES:
            place = (layer.key_at(name) if isinstance(layer, Map) else None) or at
            warn(f"Found variable using reserved name {str(name)!r}.\nOrigin: {place or '<unknown>'}\n")


def warn_of_plan(plan: PlanNode, warn: Callable[[str], None]) -> None:
    """Warn of all reserved names that a play, its blocks and its tasks use for their variables."""
    warn_of(plan.play.keywords.get("vars"), warn, plan.play.at)
    seen: set[int] = set()
    for task in tasks_of(plan.nodes):
        for layer in _new(task.kw.get("vars", ()), seen):
            warn_of(layer, warn, task.task.at)


def _new(layers: Iterable[Any], seen: set[int]) -> Iterable[Any]:
    for layer in layers if isinstance(layers, tuple) else ():
        if id(layer) not in seen:
            seen.add(id(layer))
            yield layer
