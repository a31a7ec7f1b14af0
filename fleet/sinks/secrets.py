"""What must never be shown, and how it is taken out of an event."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass, replace
from typing import Any

from fleet.events import Event, Included, ItemResult, Retrying, TaskRef, TaskResult

MASK = "********"
SHORTEST = 3
# A line of a key or certificate may turn up alone in stdout_lines; shorter lines are too common a text.
SHORTEST_LINE = 8
# What every key in PEM has; masked, it would spoil each other key that is shown.
FRAME = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]+-----|Proc-Type: ")

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
CENSORED_ITEM = "(censored due to no_log)"
# What a censored result may still say; none of it is a value of the task.
KEPT = ("changed", "failed", "skipped", "unreachable", "attempts", "retries")


class Secrets:
    """A set of secret texts that only grows. ``add`` may be called from any thread.

    Texts under three characters are not masked: they would tear holes into everything.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._texts: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._count = 0
        for value in values:
            self.add(value)

    def __len__(self) -> int:
        return self._count

    def add(self, value: str) -> None:
        """From now on mask ``value``, each longer line of it, and the form it takes inside quotes."""
        lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
        lines = [line for line in lines if len(line) >= SHORTEST_LINE and not FRAME.match(line)]
        texts = {value, value.strip(), *lines}
        texts |= {json.dumps(text, ensure_ascii=False)[1:-1] for text in texts}
        texts = {str(text) for text in texts if len(text) >= SHORTEST}
        with self._lock:
            if texts <= self._texts:
                return
            self._texts |= texts
            self._count = len(self._texts)
            # Longest first, so that a secret that begins like another one leaves no tail.
            self._pattern = None

    def _compiled(self) -> re.Pattern[str] | None:
        pattern = self._pattern
        if pattern is None and self._texts:
            with self._lock:
                ordered = sorted(self._texts, key=len, reverse=True)
                pattern = self._pattern = re.compile("|".join(map(re.escape, ordered)))
        return pattern

    def mask(self, value: Any) -> Any:
        """``value`` without the secrets, however deep they sit; the same object when there are none in it."""
        pattern = self._compiled()
        return value if pattern is None else _mask(value, pattern, self._texts)


def _mask(value: Any, pattern: re.Pattern[str], texts: set[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return pattern.sub(MASK, value) if pattern.search(value) else value
    if isinstance(value, (int, float)):
        # A numeric password may have become a number on its way through YAML or JSON.
        return MASK if str(value) in texts else value
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape")
        return pattern.sub(MASK, text).encode("utf-8", "surrogateescape") if pattern.search(text) else value
    if isinstance(value, Mapping):
        return {_mask(key, pattern, texts): _mask(item, pattern, texts) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [_mask(item, pattern, texts) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, AbstractSet):
        return {_mask(item, pattern, texts) for item in value}
    if is_dataclass(value) and not isinstance(value, type):
        return _mask_fields(value, pattern, texts)
    masked = str(value)
    return pattern.sub(MASK, masked) if pattern.search(masked) else value


def _mask_fields(value: Any, pattern: re.Pattern[str], texts: set[str]) -> Any:
    changed = {}
    for field in fields(value):
        before = getattr(value, field.name)
        after = _mask(before, pattern, texts)
        if after is not before and after != before:
            changed[field.name] = after
    return replace(value, **changed) if changed else value


# What names a run's course, not its content: masking it would break the order of tasks.
STRUCTURE = ("host", "task", "status", "clock", "seconds", "play", "state", "stats")


def mask_event(event: Event, secrets: Secrets, task: TaskRef | None) -> Event:
    """``event`` with ``task`` (already masked) as its task and no secret in any other text."""
    changed: dict[str, Any] = {}
    if not len(secrets):
        return event if task is None or event.task is task else replace(event, task=task)  # type: ignore
    for field in fields(event):
        before = getattr(event, field.name)
        if field.name == "task":
            after = task
        elif field.name in STRUCTURE or not before:
            continue
        else:
            after = secrets.mask(before)
        if after is not before:
            changed[field.name] = after
    return replace(event, **changed) if changed else event


def censor(event: Event) -> Event:
    """``event`` without its values if its task says ``no_log``. The engine censors first; this makes sure."""
    match event:
        case TaskResult(task=task) if task.no_log:
            return replace(event, result=censored(event.result))
        case ItemResult(task=task) | Retrying(task=task) if task.no_log:
            label = None if event.label is None else CENSORED_ITEM
            return replace(event, result=censored(event.result), label=label)
        case Included(task=task) if task.no_log and event.label is not None:
            return replace(event, label=CENSORED_ITEM)
    return event


def censored(result: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown of the result of a ``no_log`` task."""
    return {"censored": CENSORED, **{key: result[key] for key in KEPT if key in result}}
