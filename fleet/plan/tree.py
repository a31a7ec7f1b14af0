"""The compiled play: a tree of tasks with everything inherited resolved, the same for all hosts.

``kw`` of a node holds raw keyword values: the innermost one of those that replace each other, and a
tuple, outermost first, of those that add up (when, tags, environment, module_defaults, vars).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fleet.playbook.model import Play, Task
from fleet.playbook.roles import Role

Keywords = Mapping[str, Any]
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, eq=False)
class RoleUseNode:
    """One use of a role in a play. ``parents``: the roles that depend on or include it, nearest first.

    ``called``: by include_role or import_role.
    ``entry`` is the entry point whose argument specification holds, "" for none."""

    role: Role
    params: Mapping[str, Any]
    parents: tuple[RoleUseNode, ...] = ()
    public: bool = True
    allow_duplicates: bool = False
    entry: str = "main"
    called: bool = False
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def identity(self) -> str:
        """Equal for uses that Ansible counts as the same role."""
        return f"{self.role.path}?{sorted((str(key), repr(value)) for key, value in self.params.items())}"


@dataclass(frozen=True, slots=True, eq=False)
class TaskNode:
    """A task in its place. ``include_vars``: variables of the dynamic include that brought it, nearest first.

    ``outer`` are the keywords of what it stands in, which tasks included by it inherit; ``stack`` the
    files it came through."""

    task: Task
    action: str
    kw: Keywords
    role: RoleUseNode | None = None
    include_vars: tuple[Mapping[str, Any], ...] = ()
    outer: Keywords = field(default_factory=dict)
    stack: tuple[str, ...] = ()
    implicit: bool = False
    number: int = field(default_factory=lambda: next(_numbers))


def again(node: TaskNode, **changes: Any) -> TaskNode:
    """A changed copy of a task, with a number of its own."""
    return replace(node, number=next(_numbers), **changes)


@dataclass(frozen=True, slots=True, eq=False)
class BlockNode:
    """A block in its place. ``starts`` is the role whose whole work it is."""

    kw: Keywords
    block: tuple[Node, ...]
    rescue: tuple[Node, ...] = ()
    always: tuple[Node, ...] = ()
    starts: RoleUseNode | None = None
    name: str = ""


Node = TaskNode | BlockNode


@dataclass(frozen=True, slots=True, eq=False)
class PlanNode:
    """A compiled play. ``roles``: those whose variables all tasks see, in order of use. Dynamic includes
    of roles add to ``handlers`` and, where they are public, to ``roles``."""

    play: Play
    nodes: tuple[Node, ...]
    handlers: list[TaskNode]
    roles: list[RoleUseNode]
    kw: Keywords


def tasks_of(nodes: tuple[Node, ...]) -> list[TaskNode]:
    """All tasks below ``nodes``, in order."""
    found: list[TaskNode] = []
    for node in nodes:
        if isinstance(node, TaskNode):
            found.append(node)
        else:
            found += tasks_of(node.block) + tasks_of(node.rescue) + tasks_of(node.always)
    return found
