"""What set_stats collects."""

from __future__ import annotations

import pytest

from fleet.engine.customstats import CustomStats, added
from fleet.events import TaskRef, TaskResult
from fleet.sinks.recap import RUN


def result(host: str, status: str = "ok", **stats: object) -> TaskResult:
    ref = TaskRef(1, (0,), "set", "set_stats")
    return TaskResult(host, ref, status, {"changed": False, "ansible_stats": stats})


@pytest.mark.parametrize(
    ("old", "new", "sum_"),
    [(10, 15, 25), ([1], [2], [1, 2]), ("a", "b", "ab"), ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}), (1, "x", 1)],
)
def test_values_add_up(old, new, sum_) -> None:
    assert added(old, new) == sum_


def test_of_the_run_and_of_hosts() -> None:
    stats = CustomStats()
    stats.feed(result("web1", data={"n": 1}, per_host=False, aggregate=True))
    stats.feed(result("web2", data={"n": 2}, per_host=False, aggregate=True))
    stats.feed(result("web2", data={"own": 1}, per_host=True, aggregate=True))
    stats.feed(result("web1", "failed", data={"n": 100}, per_host=False, aggregate=True))
    assert stats.values == {RUN: {"n": 3}, "web2": {"own": 1}}


def test_without_aggregate_the_last_one_counts() -> None:
    stats = CustomStats()
    for number in (1, 2):
        stats.feed(result("web1", data={"n": number}, per_host=False, aggregate=False))
    assert stats.values == {RUN: {"n": 2}}
