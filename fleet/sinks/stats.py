"""Counts events into the recap lines, by Ansible's rules. Pure.

============================  ==========================================================
a task that is ok             ok
a task that changed           ok, changed
a loop                        counts once, with the status of the whole task
failed, ignored               ok, ignored; and changed when its result says so
unreachable, ignored          ok, ignored
failed, rescued               rescued
failed, unreachable, skipped  failed, unreachable, skipped
an included file              ok, for each file; the including task itself does not count
============================  ==========================================================
"""

from __future__ import annotations

from fleet.events import Event, HostStats, Included, TaskResult

COUNTERS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")


def counters(event: TaskResult) -> tuple[str, ...]:
    """The counters that a result adds one to."""
    match event.status:
        case "ok" | "changed" if event.task.kind == "include":
            return ()
        case "changed":
            return ("ok", "changed")
        case "failed" | "unreachable" if event.ignored:
            changed = ("changed",) if event.result.get("changed") is True else ()
            return ("ok", "ignored", *changed)
        case "failed" if event.rescued:
            return ("rescued",)
    return (event.status,)


class Stats:
    """Accumulates events; ``result()`` has a line for each host that any counted event was about."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, int]] = {}

    def feed(self, event: Event) -> None:
        """Count ``event`` if it counts."""
        match event:
            case TaskResult():
                self._add(event.host, counters(event))
            case Included():
                self._add(event.host, ("ok",))

    def result(self) -> dict[str, HostStats]:
        """The lines so far, hosts in the order of their first result."""
        return {host: HostStats(**counts) for host, counts in self._counts.items()}

    def of(self, host: str) -> HostStats:
        """The line of one host; zeros when nothing was counted."""
        return HostStats(**self._counts.get(host, {}))

    def _add(self, host: str, names: tuple[str, ...]) -> None:
        if names:
            counts = self._counts.setdefault(host, dict.fromkeys(COUNTERS, 0))
            for name in names:
                counts[name] += 1
