"""A task between being issued and being judged: its items, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actions.base import Result
from fleet.engine.bind import Item
from fleet.engine.cursor import Cursor
from fleet.engine.instructions import Reach
from fleet.engine.loops import Loop
from fleet.engine.state import HostState
from fleet.events import TaskRef
from fleet.plan.tree import TaskNode
from fleet.template.scope import Scope


@dataclass(slots=True, eq=False)
class Flight:
    """One task of one host under way.

    ``cursor`` is where it stands, to go on from when it fails. ``sequential``: items run one after the
    other, each judged before the next (until, dialogues, pauses). ``hidden``: an errand of the engine
    itself (fetching facts, leaving a role) that nobody sees; ``effect`` is what it does when its turn comes.
    ``replaced``: what the items of set_fact have set so far, with the values from before.
    """

    node: TaskNode | None
    cursor: Cursor
    ref: TaskRef | None
    scope: Scope | None = None
    loop: Loop = field(default_factory=lambda: Loop(None))
    items: list[Item] = field(default_factory=list)
    register: str = ""
    reach: Reach | None = None
    delegate: str = ""
    sequential: bool = False
    position: int = 0
    ignore_errors: bool = False
    ignore_unreachable: bool = False
    no_log: bool = False
    check: bool = False
    hidden: bool = False
    wants: frozenset[str] = frozenset()
    effect: Callable[[], None] | None = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    replaced: list[tuple[HostState, str, Any]] = field(default_factory=list)
    began: float = 0.0
    reported: int = 0

    @property
    def complete(self) -> bool:
        """True when every item has its result."""
        return all(item.result is not None for item in self.items)

    @property
    def looped(self) -> bool:
        return self.loop.items is not None

    def results(self) -> list[Result]:
        return [item.result for item in self.items if item.result is not None]
