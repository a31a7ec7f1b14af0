"""A small builder of events for the tests of the sinks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from fleet.errors import Location
from fleet.events import Event, Included, ItemResult, PlayEnded, PlayStarted, RunEnded, TaskRef, TaskResult
from fleet.sinks.plain import Plain, PlainOptions
from fleet.sinks.stats import Stats


class Run:
    """Collects the events of one play; tasks are numbered as they are named."""

    def __init__(self, hosts: Iterable[str] = ("a1", "bb22"), name: str = "First play", play: int = 1) -> None:
        self.play = play
        self.hosts = tuple(hosts)
        self.events: list[Event] = [PlayStarted(play, name, self.hosts)]
        self._count = 0

    def task(self, name: str, action: str = "command", at: Location | None = None, **more: Any) -> TaskRef:
        self._count += 1
        return TaskRef(self.play, more.pop("key", (self._count,)), name, action, at=at, **more)

    def done(
        self,
        host: str,
        task: TaskRef,
        status: str = "changed",
        result: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.events.append(TaskResult(host, task, status, result or {}, **more))  # type: ignore[arg-type]

    def item(
        self, host: str, task: TaskRef, label: Any, status: str = "changed", result: Any = None, **more: Any
    ) -> None:
        self.events.append(ItemResult(host, task, status, result or {}, label, **more))  # type: ignore[arg-type]

    def include(self, host: str, task: TaskRef, path: str, label: Any = None) -> None:
        self.events.append(Included(host, task, path, label))

    def all(self, task: TaskRef, status: str = "changed", result: Any = None, **more: Any) -> None:
        for host in self.hosts:
            self.done(host, task, status, result, **more)

    def ended(self, code: int = 0, **more: Any) -> list[Event]:
        stats = Stats()
        for event in self.events:
            stats.feed(event)
        return [*self.events, PlayEnded(self.play), RunEnded(stats.result(), code, 1.0, **more)]


def printed(events: Iterable[Event], **options: Any) -> tuple[str, str]:
    """What the plain sink writes to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    sink = Plain(PlainOptions(**options), out, err)
    for event in events:
        sink.feed(event)
    sink.close()
    return out.getvalue(), err.getvalue()
