"""Playbooks as data: plays, blocks, tasks, roles. Templates in them are not evaluated yet.

``keywords`` hold what the user wrote, unrendered, under the names of playbook.keywords.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import Location
from fleet.source.nodes import Map


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task or handler. ``action`` is the module's name as written, ``args`` its arguments unrendered.

    ``loop``: (lookup name, value), "" for ``loop:``. ``folder``: where the file it stands in lies.
    """

    name: str
    action: str
    args: Map
    keywords: Mapping[str, Any]
    at: Location | None
    loop: tuple[str, Any] | None = None
    handler: bool = False
    source: Map = field(default_factory=Map)

    @property
    def folder(self) -> str:
        return self.at.path.rpartition("/")[0] if self.at else ""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A block with its rescue and always sections; also a file's or a role's list of tasks."""

    keywords: Mapping[str, Any]
    block: tuple[Node, ...]
    rescue: tuple[Node, ...] = ()
    always: tuple[Node, ...] = ()
    name: str = ""
    at: Location | None = None


Node = Task | Block


@dataclass(frozen=True, slots=True, eq=False)
class RoleUse:
    """An entry under ``roles:`` or in a role's dependencies."""

    name: str
    keywords: Mapping[str, Any]
    params: Map
    at: Location | None


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """A play as written. ``playbook`` is the path of the file it stands in."""

    name: str
    hosts: Any
    keywords: Mapping[str, Any]
    pre_tasks: tuple[Node, ...]
    roles: tuple[RoleUse, ...]
    tasks: tuple[Node, ...]
    post_tasks: tuple[Node, ...]
    handlers: tuple[Node, ...]
    at: Location | None
    playbook: str

    @property
    def folder(self) -> str:
        return self.playbook.rpartition("/")[0] or "."


@dataclass(frozen=True, slots=True, eq=False)
class Playbook:
    """The plays of a file, imported playbooks expanded in place."""

    path: str
    plays: tuple[Play, ...]
