"""Hands each event to every sink. Secrets are masked here, once; a sink that breaks is dropped."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TextIO

from fleet.events import Event, HostActivity, PlayEnded, TaskRef
from fleet.sinks.base import Sink
from fleet.sinks.secrets import Secrets, censor, mask_event
from fleet.sinks.values import one_line


class Fanout:
    """A sink that feeds ``sinks``. Never raises. Not thread-safe: one thread feeds it."""

    def __init__(self, sinks: Iterable[Sink], secrets: Secrets, err: TextIO | None = None) -> None:
        self.sinks = list(sinks)
        self._secrets = secrets
        for sink in self.sinks:
            if hasattr(sink, "mask"):
                sink.mask = secrets.mask
        self._err = err if err is not None else sys.stderr
        # A TaskRef is shared by the events of all hosts; mask it once. The original is kept alive by the
        # entry, so its id stays its own. The count says for which state of the secrets it was masked.
        self._tasks: dict[int, tuple[TaskRef, TaskRef]] = {}
        self._known = 0

    def feed(self, event: Event) -> None:
        """Mask ``event`` and give it to every sink."""
        shown = self._masked(event)
        self._each(lambda sink: sink.feed(shown))
        if isinstance(event, PlayEnded):
            self._tasks.clear()

    def tick(self, now: float) -> None:
        """Pass the time on."""
        self._each(lambda sink: sink.tick(now))

    def close(self) -> None:
        """Close every sink, also when one of them fails to."""
        self._each(lambda sink: sink.close())
        self.sinks = []

    def _masked(self, event: Event) -> Event:
        task = getattr(event, "task", None)
        if task is not None and task.no_log:
            event = censor(event)
            if isinstance(event, HostActivity):
                event = replace(event, detail="")
        if len(self._secrets) != self._known:
            self._known = len(self._secrets)
            self._tasks.clear()
        if task is not None:
            task = self._task(task)
        return mask_event(event, self._secrets, task)

    def _task(self, task: TaskRef) -> TaskRef:
        entry = self._tasks.get(id(task))
        if entry is None:
            shown = replace(task, args={}) if task.no_log and task.args else task
            changed = {name: self._secrets.mask(getattr(shown, name)) for name in ("name", "args", "role")}
            if any(changed[name] != getattr(shown, name) for name in changed):
                shown = replace(shown, **changed)
            entry = self._tasks[id(task)] = (task, shown)
        return entry[1]

    def _each(self, call: Callable[[Sink], None]) -> None:
        for sink in list(self.sinks):
            try:
                call(sink)
            except Exception as error:
                self._drop(sink, error)

    def _drop(self, sink: Sink, error: Exception) -> None:
        self.sinks.remove(sink)
        what = self._secrets.mask(one_line(f"{type(error).__name__}: {error}"))
        where = traceback.extract_tb(error.__traceback__)[-1]
        with suppress(Exception):
            text = f"output '{type(sink).__name__.lower()}' failed and is switched off, the run goes on"
            place = f"{where.filename}:{where.lineno}"
            print(f"[WARNING]: {text}: {what} ({place})", file=self._err, flush=True)
        with suppress(Exception):
            sink.close()
