"""Puts the events of hosts that run independently into the order a linear run prints. Pure.

A host's position is the largest task key seen from it. Nothing with a smaller key can come from
that host any more, so what has a key up to the smallest position of all hosts (the frontier) is
final: tasks before the frontier are released whole, the task at the frontier flows as it comes,
later tasks wait. Hosts that were not heard of yet start with the first task, and so do not hold
it back. A host that left holds back nothing.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from fleet.events import (
    Event,
    HostActivity,
    HostLeft,
    Included,
    ItemResult,
    Key,
    Noted,
    Notified,
    PlayEnded,
    PlayStarted,
    Polled,
    Retrying,
    RunEnded,
    TaskRef,
    TaskResult,
    Warned,
)

TaskEvent = ItemResult | TaskResult | Retrying | Polled | Included | Notified
Identity = tuple[int, Key, object]


def identity(task: TaskRef) -> Identity:
    """What makes two TaskRefs the same banner.

    The name counts only where the place is not known: it may be rendered differently for each host.
    """
    return task.play, task.key, (task.at if task.at is not None else task.name)


@dataclass(slots=True)
class _Group:
    """The waiting events of one banner. Includes wait for all hosts, so that hosts can share a line."""

    started: HostActivity | None = None
    events: list[Event] = field(default_factory=list)
    includes: dict[tuple[str, str], list[Event]] = field(default_factory=dict)

    def take(self) -> list[Event]:
        """Everything that waits but the includes."""
        taken: list[Event] = [self.started] if self.started and not self.events else []
        taken += self.events
        self.started, self.events = None, []
        return taken

    def add(self, event: TaskEvent | HostActivity) -> None:
        if isinstance(event, HostActivity):
            self.started = self.started or event
        elif isinstance(event, Included):
            self.includes.setdefault((event.path, repr(event.label)), []).append(event)
        else:
            self.events.append(event)

    def close(self) -> list[Event]:
        return self.take() + [event for group in self.includes.values() for event in group]


class _Play:
    """One play batch: positions of its hosts and the groups that wait."""

    def __init__(self, event: PlayStarted) -> None:
        self.number = event.play
        self.free = event.free
        self.ended = False
        self.positions: dict[str, Key] = dict.fromkeys(event.hosts, ())
        self.counts: dict[Key, int] = {(): len(event.hosts)}
        self.heap: list[Key] = [()]
        self.groups: dict[Key, dict[Identity, _Group]] = {}
        self.waiting: list[Key] = []
        self.open: Identity | None = None

    def feed(self, event: TaskEvent | HostActivity, task: TaskRef) -> list[Event]:
        same_key = self.groups.get(task.key)
        if same_key is None:
            same_key = self.groups[task.key] = {}
            heapq.heappush(self.waiting, task.key)
        mark = identity(task)
        group = same_key.get(mark)
        if group is None:
            group = same_key[mark] = _Group()
            if isinstance(event, HostActivity):
                group.started = event
        if not isinstance(event, HostActivity):
            group.add(event)
        moved = self._move(event.host, task.key)
        if mark == self.open and not moved:
            return group.take()
        return self._release()

    def leave(self, host: str) -> list[Event]:
        position = self.positions.pop(host, None)
        if position is None:
            return []
        self._uncount(position)
        return self._release()

    def end(self) -> list[Event]:
        self.ended = True
        return self._release()

    def _move(self, host: str, key: Key) -> bool:
        """Note where ``host`` is; True when the frontier may have changed."""
        position = self.positions.get(host)
        if position is not None and position >= key:
            return False
        self.positions[host] = key
        if key not in self.counts:
            heapq.heappush(self.heap, key)
        self.counts[key] = self.counts.get(key, 0) + 1
        if position is not None:
            self._uncount(position)
        return True

    def _uncount(self, position: Key) -> None:
        self.counts[position] -= 1

    def _frontier(self) -> Key | None:
        """The smallest position of all hosts; None when there is no host any more."""
        while self.heap and not self.counts[self.heap[0]]:
            del self.counts[heapq.heappop(self.heap)]
        return self.heap[0] if self.heap else None

    def _release(self) -> list[Event]:
        frontier = None if self.ended else self._frontier()
        if frontier == () and self.waiting:
            frontier = self.waiting[0]
        released: list[Event] = []
        while self.waiting and (frontier is None or self.waiting[0] < frontier):
            key = heapq.heappop(self.waiting)
            groups = self.groups.pop(key)
            # What is already on the screen goes on first.
            for mark in sorted(groups, key=lambda mark: mark != self.open):
                released += groups[mark].close()
        if self.waiting and self.waiting[0] == frontier:
            groups = self.groups[frontier]
            if self.open not in groups:
                self.open = next(iter(groups))
            released += groups[self.open].take()
        return released


class Order:
    """Feed it events as they come; it gives back events in the order to print them, none lost.

    The events of one banner come out together. A ``HostActivity`` comes out only to say that a
    banner begins before its first result. What belongs behind an open play waits for its end.
    With ``free`` the events of plays whose strategy is free come out as they come.
    """

    def __init__(self, free: bool = False) -> None:
        self._free = free
        self._current: _Play | None = None
        self._over = 0
        self._backlog: list[Event] = []

    def feed(self, event: Event) -> list[Event]:
        """The events that can be printed now, in order."""
        match event:
            case Warned() | Noted():
                return [event]
            case RunEnded():
                return [*self.flush(), event]
            case TaskResult() | ItemResult() | Retrying() | Polled() | Included() | Notified():
                return self._of_play(event, event.task.play)
            case HostActivity():
                busy = event.task is not None and event.state == "running"
                return self._of_play(event, event.task.play) if busy and event.task else []
            case HostLeft() | PlayEnded():
                return self._of_play(event, event.play)
        if self._current is not None:
            self._backlog.append(event)
            return []
        if isinstance(event, PlayStarted):
            self._current = _Play(event)
        return [event]

    def flush(self) -> list[Event]:
        """Everything that still waits; for a run that is broken off."""
        released: list[Event] = []
        while self._current is not None:
            released += self._end(self._current)
        rest, self._backlog = self._backlog, []
        return released + rest

    def _of_play(self, event: TaskEvent | HostActivity | HostLeft | PlayEnded, number: int) -> list[Event]:
        play = self._current
        if number <= self._over:
            # It comes after the end of its play: better late than lost.
            return [] if isinstance(event, HostActivity) else [event]
        if play is None or play.number != number:
            self._backlog.append(event)
            return []
        if self._free and play.free and not isinstance(event, PlayEnded):
            return [] if isinstance(event, HostActivity) else [event]
        match event:
            case PlayEnded():
                return [*self._end(play, event)]
            case HostLeft():
                return [*play.leave(event.host), event]
            case HostActivity():
                return play.feed(event, event.task) if event.task else []
        return play.feed(event, event.task)

    def _end(self, play: _Play, event: PlayEnded | None = None) -> list[Event]:
        released = play.end()
        if event is not None:
            released.append(event)
        self._current, self._over = None, max(self._over, play.number)
        waiting, self._backlog = self._backlog, []
        for held in waiting:
            released += self.feed(held)
        return released
