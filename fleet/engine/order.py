"""The order linear promises, kept where a play looks across hosts: who waits for whom, and who may go on.

Hosts run on their own. Where one must see what the others did (hostvars, run_once, any_errors_fatal),
it waits here until every live host of the batch has come as far, passed by, or left.
"""

from __future__ import annotations

import threading
from typing import Any

from fleet.engine.instructions import Await
from fleet.events import Key
from fleet.record import record


@record
class Release:
    """How a wait ended. ``abort``: the play is over for this host because of others."""

    leads: bool = False
    shared: Any = None
    abort: bool = False


class Order:
    """Keeps the hosts of one batch in step. All methods are called from worker threads."""

    def __init__(self, hosts: tuple[str, ...], max_fail_percentage: float | None = None) -> None:
        self._change = threading.Condition()
        self._rank = {name: index for index, name in enumerate(hosts)}
        self._live = set(hosts)
        self._at: dict[str, Key] = {}
        self._waiting: dict[str, Await] = {}
        self._released: dict[str, Key] = {}
        self._leaders: dict[Key, str] = {}
        self._published: dict[Key, Any] = {}
        self._doomed: set[Key] = set()
        self._judged: dict[str, Key] = {}
        self._read: dict[str, Key] = {}
        self._failed: set[str] = set()
        self._slots: dict[str, Key] = {}
        self._limit = max_fail_percentage
        self._stopped = False

    def passed(self, host: str, key: Key) -> None:
        """``host`` has a result for the task at ``key``."""
        self._at[host] = key
        if self._slots.get(host) == key:
            with self._change:
                del self._slots[host]
        if self._waiting:
            with self._change:
                self._change.notify_all()

    def leave(self, host: str) -> None:
        """``host`` is out of the play."""
        with self._change:
            self._live.discard(host)
            self._slots.pop(host, None)
            self._waiting.pop(host, None)
            self._change.notify_all()

    def publish(self, key: Key, outcome: Any) -> None:
        """The leader of the run_once task at ``key`` is done."""
        with self._change:
            self._published[key] = outcome
            self._change.notify_all()

    def doom(self, host: str, key: Key) -> None:
        """``host`` failed at ``key``, where failures may end the play for all."""
        with self._change:
            self._failed.add(host)
            self._judged[host] = key
            if self._limit is None or self.over_limit(len(self._failed)):
                self._doomed.add(key)
            self._change.notify_all()

    def over_limit(self, failed: int) -> bool:
        """Whether so many failed hosts are more than the play's max_fail_percentage allows."""
        return self._limit is not None and 100.0 * failed / len(self._rank) > self._limit

    def stop(self) -> None:
        """The run is interrupted: nobody waits any longer."""
        with self._change:
            self._stopped = True
            self._change.notify_all()

    def wait(self, host: str, wish: Await) -> Release:
        """Block until ``wish`` is granted."""
        with self._change:
            self._waiting[host] = wish
            if wish.kind == "fate":
                self._judged[host] = wish.key
            if wish.kind == "read":
                self._read[host] = wish.key
            if wish.kind == "passed":
                # An include has no result, but is done all the same.
                self._at[host] = max(self._at.get(host, ()), wish.key)
            self._change.notify_all()
            try:
                while True:
                    release = self._grant(host, wish)
                    if release is not None:
                        self._released[host] = wish.key
                        return release
                    self._change.wait()
            finally:
                self._waiting.pop(host, None)
                self._change.notify_all()

    def _grant(self, host: str, wish: Await) -> Release | None:
        if self._stopped:
            return Release(abort=True)
        if wish.kind == "shared":
            if wish.key in self._published:
                return Release(shared=self._published[wish.key])
            leader = self._leaders.get(wish.key)
            return Release() if leader is not None and leader not in self._live else None
        if wish.kind == "slot":
            if sum(key == wish.key for key in self._slots.values()) >= wish.limit:
                return None
            self._slots[host] = wish.key
            return Release()
        if wish.kind == "read":
            return None if any(self._reads_yet(other, wish.key) for other in self._live if other != host) else Release()
        if wish.kind == "passed":
            return (
                Release() if all(self._is_through(other, wish.key) for other in self._live if other != host) else None
            )
        if wish.kind == "fate":
            if any(self._short_of(other, wish.key, "fate") for other in self._live if other != host):
                return None
            return Release(abort=wish.key in self._doomed)
        if any(self._short_of(other, wish.key, "order") for other in self._live if other != host):
            return None
        if wish.kind == "once" and wish.key not in self._leaders:
            here = [name for name, other in self._waiting.items() if other.key == wish.key and other.kind == "once"]
            self._leaders[wish.key] = min(here, key=self._rank.__getitem__)
            self._change.notify_all()
        return Release(leads=self._leaders.get(wish.key) == host)

    def _reads_yet(self, other: str, key: Key) -> bool:
        """True when ``other`` was let go from ``key`` and may still look there at what this host has set."""
        waits = self._waiting.get(other)
        if waits is not None:
            return waits.key < key or (waits.key == key and waits.kind in ("order", "once"))
        return max(self._at.get(other, ()), self._read.get(other, ())) < key

    def _is_through(self, other: str, key: Key) -> bool:
        """True when ``other`` has a result of the task at ``key``, or came past it by another way."""
        waits = self._waiting.get(other)
        if waits is not None and waits.key > key:
            return True
        return self._at.get(other, ()) >= key

    def _short_of(self, other: str, key: Key, kind: str) -> bool:
        """True when ``other`` has yet to come to ``key``."""
        waits = self._waiting.get(other)
        if waits is not None and (waits.key > key or (waits.key == key and kind == "order")):
            return False
        # Who was let go from here need not have come further yet.
        if (self._released if kind == "order" else self._judged).get(other, ()) >= key:
            return False
        return not self._at.get(other, ()) > key
