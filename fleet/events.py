"""What happens in a run, as plain data. Every fact a sink shows, and the exit code, come from these.

Order: the events of one host come in the order of its tasks; those of different hosts mix freely,
because hosts do not wait for each other unless the play says so. A ``TaskRef.key`` is a tuple of
integers that grows along the play: sinks that show tasks in order sort by it. A task that a host has
left behind (it reported a later key, or ``HostLeft``) will get no more results from that host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from fleet.errors import Location
from fleet.record import record

Status = Literal["ok", "changed", "failed", "unreachable", "skipped"]
Key = tuple[int, ...]


@record
class TaskRef:
    """A task as sinks see it. ``name`` is rendered and has the role in front ("role : name").

    ``kind``: task, handler, or include (an include_tasks/include_role itself). ``key`` orders tasks of
    one play; ``play`` is the number of the play batch it belongs to. ``check``: it runs in check mode.
    """

    play: int
    key: Key
    name: str
    action: str
    kind: Literal["task", "handler", "include"] = "task"
    role: str = ""
    at: Location | None = None
    no_log: bool = False
    args: Mapping[str, Any] = field(default_factory=dict)
    check: bool = False


@record
class RunStarted:
    """The first event. ``clock`` values in later events are seconds since this one."""

    playbooks: tuple[str, ...]
    check: bool
    diff: bool
    forks: int
    verbosity: int


@record
class PlaybookStarted:
    """A playbook file with so many plays begins."""

    path: str
    plays: int = 0


@record
class PlayStarted:
    """A play, or the next batch (``serial``) of one, begins on ``hosts``. ``play`` numbers batches from 1.

    ``free``: its strategy asks for results as they come, not task by task. ``check``: it is in check mode.
    """

    play: int
    name: str
    hosts: tuple[str, ...]
    batch: int = 1
    batches: int = 1
    at: Location | None = None
    lockstep: bool = False
    free: bool = False
    check: bool = False


@record
class NoHosts:
    """A play matched no host (``remaining`` False) or lost all it had (True); ``limit``: more failed than its
    max_fail_percentage allows."""

    name: str
    remaining: bool = False
    limit: bool = False


@record
class PlayEnded:
    """A play batch is over for all of its hosts; everything buffered can be shown."""

    play: int


@record
class HostActivity:
    """What a host is busy with since ``clock``: connecting, running (``task``, ``item``), waiting, idle.

    For progress displays; results do not depend on it. ``waiting`` says for what in ``detail``.
    """

    host: str
    state: Literal["connecting", "running", "waiting", "idle", "reconnecting"]
    clock: float
    task: TaskRef | None = None
    detail: str = ""


@record
class ItemResult:
    """One item of a loop is done on ``host``. ``label`` is what stands in (item=...)."""

    host: str
    task: TaskRef
    status: Status
    result: Mapping[str, Any]
    label: Any
    ignored: bool = False
    delegated: str = ""
    clock: float = 0.0


@record
class TaskResult:
    """A task is done on ``host``. ``looped``: its items were reported before by ItemResult.

    ``ignored``: it failed but ignore_errors (or ignore_unreachable) says to go on. ``rescued``: it
    failed and a rescue section takes over. ``seconds``: how long it took on the host.
    """

    host: str
    task: TaskRef
    status: Status
    result: Mapping[str, Any]
    looped: bool = False
    ignored: bool = False
    rescued: bool = False
    delegated: str = ""
    seconds: float = 0.0
    clock: float = 0.0


@record
class Retrying:
    """An ``until`` task is tried again. ``left`` tries remain."""

    host: str
    task: TaskRef
    left: int
    result: Mapping[str, Any]
    label: Any = None
    delegated: str = ""


@record
class Polled:
    """``host`` was asked for its ``job`` (a task with ``async``), which goes on."""

    host: str
    task: TaskRef
    job: str


@record
class Included:
    """``host`` includes a file: ``included: FILE for HOSTS``. ``label``: the loop item, None without a loop."""

    host: str
    task: TaskRef
    path: str
    label: Any = None


@record
class Notified:
    """A changed task notified handlers by these names."""

    host: str
    task: TaskRef
    handlers: tuple[str, ...]


@record
class HostLeft:
    """``host`` has nothing more to do in this play batch. ``why``: done, failed, unreachable, ended, aborted
    (others' failures end the play for all), interrupted, or what meta task ended it."""

    host: str
    play: int
    why: str


@record
class Warned:
    """A warning (or deprecation) for the user; sinks show equal ones once."""

    message: str
    host: str = ""
    at: Location | None = None
    deprecation: bool = False


@record
class Noted:
    """A detail for ``-v`` levels: shown when the verbosity is at least ``level``.

    ``asks``: the user is to type behind it, so nothing may be drawn there.
    """

    message: str
    level: int = 1
    host: str = ""
    asks: bool = False


@record
class HostStats:
    """The recap line of one host."""

    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0


@record
class RunEnded:
    """The last event. ``stats`` has a line for every host that was in a play; ``code`` is the exit code."""

    stats: Mapping[str, HostStats]
    code: int
    seconds: float
    interrupted: bool = False
    custom: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Event = (
    RunStarted
    | PlaybookStarted
    | PlayStarted
    | NoHosts
    | PlayEnded
    | HostActivity
    | ItemResult
    | TaskResult
    | Retrying
    | Polled
    | Included
    | Notified
    | HostLeft
    | Warned
    | Noted
    | RunEnded
)
