"""What an action is: the part of a module that works on the controller.

``run(call)`` gives an order, or is a generator that yields orders and gets each one's result back:

    Done     the result is known, no host is needed (debug, set_fact, assert)
    Remote   run a module on the host; its result, after ``finish``, is the task's (copy, template)
    Raw, Disconnect, Connect, Sleep, Ask, Polls: steps of a dialogue (raw, reboot, pause, async)

An action that returns one ``Remote`` streams with the steps around it; a generator is a fence. Actions
do no I/O to hosts themselves and keep no state between calls.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from fleet.errors import FleetError
from fleet.record import record

if TYPE_CHECKING:
    from fleet.template.scope import Scope
    from fleet.template.templar import Templar

Result = dict[str, Any]
"""What a module call gives: Ansible's documented return keys, JSON types only."""

INLINE = 1 << 16
"""Content up to this many bytes travels inside the step, larger content only when the host asks for it."""


class ActionFailed(FleetError):
    """The action cannot do what was asked. ``result`` holds more return keys."""

    code = 2

    def __init__(self, msg: str, **result: Any) -> None:
        super().__init__(msg)
        self.result: Result = {"failed": True, "msg": msg, **result}


@record
class Source:
    """Content the controller offers to a host under the hash of it: bytes at hand, or a file."""

    sha1: str
    size: int
    path: str = ""
    data: bytes = b""


@record
class Done:
    """The task's result, known without the host."""

    result: Result


@record
class Remote:
    """Run ``module`` with ``args`` on the host.

    ``contents`` are offered while it runs. ``receive(name, chunk)`` gets raw data the module sends; an
    empty chunk ends a stream. ``finish(result)`` turns the module's result into the task's.
    ``check`` overrides check mode for this step (a look that must really happen). ``job``: it goes on as a
    job without a connection, with this id, for so many seconds, its result kept in this folder.
    """

    module: str
    args: Mapping[str, Any]
    contents: tuple[Source, ...] = ()
    receive: Callable[[str, bytes], None] | None = None
    finish: Callable[[Result], Result] | None = None
    check: bool | None = None
    job: Mapping[str, Any] | None = None


@record
class Raw:
    """Run a shell command line without Python on the host. Result: rc, stdout, stderr, stdout_lines ..."""

    command: str
    stdin: bytes = b""


@record
class Disconnect:
    """Drop the connection and its runners. Result: {}."""


@record
class Connect:
    """Try once to connect and start a runner within ``timeout`` seconds. Result: {"failed": bool, "msg": ...}."""

    timeout: float = 10.0


@record
class Sleep:
    """Wait. Ends early when the run is interrupted. Result: {}."""

    seconds: float


@record
class Ask:
    """Ask the user, or with ``seconds`` wait that long for Ctrl-C. ``note`` is told whether there is a user or not.

    Result: {"user_input": str, "interrupted": bool, "unasked": bool}.
    """

    prompt: str
    echo: bool = True
    seconds: float | None = None
    note: str = ""


@record
class Polls:
    """Tell that a job was looked at and goes on. Result: {}."""

    job: str


Order = Done | Remote | Raw | Disconnect | Connect | Sleep | Ask | Polls
Dialogue = Generator[Order, Result, Result]


@record
class Call:
    """One call of an action for one host (and loop item).

    ``args`` are normalized (canonical names, converted types, only what was given), ``raw`` the task's
    arguments before rendering. ``scope`` and ``templar`` render; ``search_path`` are the folders that
    relative files are looked for in, most specific first. ``now`` is a monotonic clock in seconds.
    ``delegate`` is the host the task is delegated to.
    """

    module: str
    args: dict[str, Any]
    scope: Scope
    templar: Templar
    host: str
    check: bool = False
    diff: bool = False
    search_path: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    verbosity: int = 0
    now: Callable[[], float] = lambda: 0.0
    delegate: str = ""


Action = Callable[[Call], Order | Dialogue]
