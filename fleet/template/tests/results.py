"""Tests on registered results: ``changed``, ``failed``, ``skipped`` and their kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.template.filters.guard import refuse


def _result(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        refuse(f"needs a registered result, got {value!r}")
    return value


def failed(value: Any) -> bool:
    """The task failed."""
    return bool(_result(value).get("failed"))


def succeeded(value: Any) -> bool:
    """The task did not fail."""
    return not failed(value)


def changed(value: Any) -> bool:
    """The task changed something; a loop's result without a word on it counts its items."""
    result = _result(value)
    items = result.get("results")
    if "changed" not in result and isinstance(items, list):
        return any(isinstance(item, Mapping) and bool(item.get("changed")) for item in items)
    return bool(result.get("changed"))


def skipped(value: Any) -> bool:
    """The task was skipped."""
    return bool(_result(value).get("skipped"))


def unreachable(value: Any) -> bool:
    """The host could not be reached."""
    return bool(_result(value).get("unreachable"))


def reachable(value: Any) -> bool:
    """The host could be reached."""
    return not unreachable(value)


def started(value: Any) -> bool:
    """An asynchronous task was started; any other task counts as started."""
    return bool(_result(value).get("started", 1))


def finished(value: Any) -> bool:
    """An asynchronous task has ended; any other task counts as ended."""
    return bool(_result(value).get("finished", 1))


def timedout(value: Any) -> bool:
    """The task ran out of time."""
    found = _result(value).get("timedout")
    return isinstance(found, Mapping) and bool(found.get("period"))


TESTS: dict[str, Callable[..., bool]] = {
    "changed": changed,
    "change": changed,
    "failed": failed,
    "failure": failed,
    "succeeded": succeeded,
    "success": succeeded,
    "successful": succeeded,
    "skipped": skipped,
    "skip": skipped,
    "unreachable": unreachable,
    "reachable": reachable,
    "started": started,
    "finished": finished,
    "timedout": timedout,
}
