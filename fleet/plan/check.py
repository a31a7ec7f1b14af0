"""The offline check of a compiled play: what can be known to be wrong before any connection."""

from __future__ import annotations

from typing import Any

from fleet.inventory.model import Inventory
from fleet.plan.compile import Compiler
from fleet.plan.tree import PlanNode, TaskNode, tasks_of
from fleet.source.diagnostics import Diagnostics
from fleet.template.templar import Templar


def check(plan: PlanNode, compiler: Compiler, templar: Templar, problems: Diagnostics, inventory: Inventory) -> None:
    """Record every certain mistake of a play."""
    for node in [*tasks_of(plan.nodes), *plan.handlers]:
        _task(node, problems)


def _task(node: TaskNode, problems: Diagnostics) -> Any:
    return None
