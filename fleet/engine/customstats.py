"""What set_stats collects over a run: values of hosts, and values of the run as a whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.events import Event, TaskResult
from fleet.inventory.model import combine
from fleet.sinks.recap import RUN


class CustomStats:
    """Accumulates events; ``values`` has the values set for each host, and those of the run under RUN."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Any]] = {}

    def feed(self, event: Event) -> None:
        """Take up what a result of set_stats carries, in a loop what each of its items does."""
        if not isinstance(event, TaskResult) or event.status in ("failed", "skipped"):
            return
        items = event.result.get("results")
        for result in items if isinstance(items, list) else [event.result]:
            stats = result.get("ansible_stats") if isinstance(result, Mapping) else None
            if isinstance(stats, Mapping) and isinstance(stats.get("data"), Mapping):
                self._set(event.host if stats.get("per_host") else RUN, stats["data"], bool(stats.get("aggregate")))

    def _set(self, whose: str, data: Mapping[str, Any], aggregate: bool) -> None:
        kept = self.values.setdefault(whose, {})
        for name, value in data.items():
            kept[name] = added(kept[name], value) if aggregate and name in kept else value


def added(old: Any, new: Any) -> Any:
    """``new`` put to ``old``: mappings merge, numbers, texts and lists add up; unlike kinds leave the old one."""
    if isinstance(old, dict) and isinstance(new, dict):
        return combine(old, new)
    if type(old) is not type(new):
        return old
    try:
        return old + new
    except TypeError:
        return new
