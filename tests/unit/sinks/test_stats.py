"""The counting rules, as ansible-core 2.19.14 counted them in runs."""

from __future__ import annotations

import pytest
from sink_events import Run

from fleet.events import HostStats
from fleet.sinks.stats import Stats


@pytest.mark.parametrize(
    ("status", "result", "more", "counted"),
    [
        ("ok", {}, {}, HostStats(ok=1)),
        ("changed", {}, {}, HostStats(ok=1, changed=1)),
        ("changed", {}, {"looped": True}, HostStats(ok=1, changed=1)),
        ("skipped", {}, {}, HostStats(skipped=1)),
        ("failed", {"changed": True}, {}, HostStats(failed=1)),
        ("failed", {"changed": True}, {"ignored": True}, HostStats(ok=1, changed=1, ignored=1)),
        ("failed", {"changed": False}, {"ignored": True}, HostStats(ok=1, ignored=1)),
        ("failed", {"changed": True}, {"rescued": True}, HostStats(rescued=1)),
        ("unreachable", {}, {}, HostStats(unreachable=1)),
        ("unreachable", {}, {"ignored": True}, HostStats(ok=1, ignored=1)),
    ],
)
def test_results(status: str, result: dict[str, bool], more: dict[str, bool], counted: HostStats) -> None:
    run = Run(["h"])
    task = run.task("t")
    run.item("h", task, 1, "changed")
    run.done("h", task, status, result, **more)
    stats = Stats()
    for event in run.events:
        stats.feed(event)
    assert stats.result() == {"h": counted}
    assert stats.of("h") == counted
    assert stats.of("nobody") == HostStats()


def test_each_included_file_counts_and_its_task_does_not() -> None:
    run = Run(["h"])
    task = run.task("incl loop", "include_tasks", kind="include")
    run.include("h", task, "f.yml", "x")
    run.include("h", task, "f.yml", "y")
    run.done("h", task, "ok", looped=True)
    run.done("h", run.task("never", "include_tasks", kind="include"), "skipped")
    stats = Stats()
    for event in run.events:
        stats.feed(event)
    assert stats.result() == {"h": HostStats(ok=2, skipped=1)}
