"""What HostRun asks of its worker. Plain data; the worker carries them out in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from fleet.actions.base import Order, Source
from fleet.errors import FleetError
from fleet.events import Event, Key
from fleet.record import record
from fleet.transport.base import Identity, Target


@record
class Reach:
    """Where steps run and as whom. ``interpreter`` "" means: find one."""

    target: Target
    identity: Identity
    interpreter: str = ""


class Talk(Protocol):
    """A talk with the user, line by line, until there is a ``decision``: redo, continue or quit."""

    decision: str
    prompt: str

    @property
    def intro(self) -> str: ...
    def command(self, line: str) -> str: ...


@dataclass(slots=True)
class Send:
    """Send steps to the runner at ``reach``. ``offers`` and ``sinks`` are by step id: content to give, data to take."""

    reach: Reach
    steps: list[dict[str, Any]]
    offers: dict[int, tuple[Source, ...]] = field(default_factory=dict)
    sinks: dict[int, Callable[[str, bytes], None]] = field(default_factory=dict)


@record
class Emit:
    """Publish an event."""

    event: Event


@record
class Hide:
    """From now on these texts are shown nowhere."""

    texts: tuple[str, ...]


@record
class Perform:
    """Carry out an order other than Remote and give its result to ``HostRun.performed``."""

    reach: Reach
    order: Order
    environment: dict[str, str] = field(default_factory=dict)


@record
class Await:
    """Wait for the other hosts. ``kind``: order (all have come to ``key``), once (as order, and one of
    them is told to lead), shared (the leader has published), fate (nobody failed at ``key``), step (the
    user says whether the task called ``text`` is to run), read (all who were let go from ``key`` by "order" have
    rendered what they read there), passed (all have a result of the task at ``key``), slot (fewer than ``limit``
    hosts are at ``key``),
    refresh (the inventory has been read again)."""

    key: Key
    kind: str
    failed: bool = False
    text: str = ""
    limit: int = 0


@record
class Debug:
    """Let the user talk about a task that is done; then ``HostRun.debugged``."""

    session: Talk


@record
class Publish:
    """The leader's outcome of a run_once task, for the hosts that wait for it."""

    key: Key
    outcome: Any


@record
class Drop:
    """Tell the runners to forget what is queued (epoch and before)."""

    epoch: int


@record
class Reset:
    """Close the host's connections; the next step opens new ones."""


@record
class Stop:
    """End the whole run, for all hosts: what is wrong is no matter of one host's."""

    error: FleetError


@record
class Finish:
    """The host has nothing more to do in this play. ``why`` as in events.HostLeft."""

    why: str


Instruction = Send | Emit | Hide | Perform | Await | Debug | Publish | Drop | Reset | Stop | Finish
