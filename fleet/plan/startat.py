"""``--start-at-task``: drop what stands before the first task of a name. Pure.

Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_startnstep.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from fleet.plan.tree import BlockNode, Node, PlanNode, TaskNode


def start_at(plans: Sequence[PlanNode], wanted: str, playable: Sequence[bool]) -> list[PlanNode] | None:
    """The plans from the task on that is called ``wanted`` (a name, ``role : name``, or a shell pattern).

    Plans before it lose all their tasks, handlers stay. Facts are gathered where the first task stands.
    ``playable`` says which plans have hosts; others are passed over. None when no task fits.
    """
    made: list[PlanNode] = []
    for index, plan in enumerate(plans):
        nodes = _from(plan.nodes, wanted) if playable[index] else None
        if nodes is not None:
            gathering = [node for node in plan.nodes[:1] if isinstance(node, TaskNode) and _gathers(node)]
            kept = [*gathering, *(node for node in nodes if node not in gathering)]
            return [*made, replace(plan, nodes=tuple(kept)), *plans[index + 1 :]]
        made.append(replace(plan, nodes=()))
    return None


def names(plans: Sequence[PlanNode]) -> list[str]:
    """The names ``start_at`` can find, each once, in order."""
    return list(dict.fromkeys(shown_name(node) for plan in plans for node in _reachable(plan.nodes)))


def shown_name(node: TaskNode) -> str:
    """``role : name`` as banners show it, templates unrendered; the module's name for a task without one."""
    name = node.task.name or node.task.action
    return f"{node.role.role.name} : {name}" if node.role else name


def _gathers(node: TaskNode) -> bool:
    return node.implicit and node.action == "gather_facts"


def _reachable(nodes: Sequence[Node]) -> Iterator[TaskNode]:
    for node in nodes:
        if isinstance(node, BlockNode):
            yield from _reachable((*node.block, *node.always))
        elif not (node.implicit and node.action in ("meta", "gather_facts")):
            yield node


def _from(nodes: Sequence[Node], wanted: str) -> tuple[Node, ...] | None:
    """``nodes`` from the wanted task on; None when it is not among them."""
    for index, node in enumerate(nodes):
        rest = nodes[index + 1 :]
        if isinstance(node, TaskNode):
            if _fits(node, wanted):
                return (node, *rest)
        elif (inner := _from(node.block, wanted)) is not None:
            return (replace(node, block=inner), *rest)
        # No walk gets into a rescue section without a failure, so nothing can start there.
        elif (last := _from(node.always, wanted)) is not None:
            return (replace(node, block=(), rescue=(), always=last), *rest)
    return None


def _fits(node: TaskNode, wanted: str) -> bool:
    if node.implicit and node.action in ("meta", "gather_facts"):
        return False
    return any(name == wanted or fnmatchcase(name, wanted) for name in (node.task.name, shown_name(node)) if name)
