"""Whatever way hosts interleave, the printed order is the linear one and nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sink_events import Run

from fleet.errors import Location
from fleet.events import (
    Event,
    HostActivity,
    HostLeft,
    Included,
    ItemResult,
    NoHosts,
    PlayEnded,
    PlayStarted,
    RunEnded,
    TaskRef,
    TaskResult,
    Warned,
)
from fleet.sinks.order import Order

HOSTS = ("h1", "h2", "h3", "h4")


def feed(events: list[Event]) -> list[Event]:
    order = Order()
    released = [shown for event in events for shown in order.feed(event)]
    return released + order.flush()


@st.composite
def interleavings(draw: Any) -> list[Event]:
    """Hosts that each walk through some of the tasks, their events mixed; the first task is everybody's."""
    count = draw(st.integers(1, 6))
    tasks = [TaskRef(1, (number,), f"t{number}", "command") for number in range(count)]
    streams: dict[str, list[Event]] = {}
    for host in HOSTS:
        chosen = [tasks[0], *(task for task in tasks[1:] if draw(st.booleans()))]
        stream: list[Event] = []
        for task in chosen:
            if draw(st.booleans()):
                stream.append(HostActivity(host, "running", 0.0, task))
            if draw(st.booleans()):
                stream.append(ItemResult(host, task, "ok", {}, 1))
            if draw(st.booleans()):
                stream.append(Included(host, task, "f.yml"))
            stream.append(TaskResult(host, task, "ok", {}))
        stream = stream[: draw(st.integers(0, len(stream)))]
        if draw(st.booleans()):
            stream.append(HostLeft(host, 1, "done"))
        streams[host] = stream
    mixed: list[Event] = [PlayStarted(1, "p", HOSTS)]
    while any(streams.values()):
        host = draw(st.sampled_from([name for name, stream in streams.items() if stream]))
        mixed.append(streams[host].pop(0))
    return [*mixed, PlayEnded(1), RunEnded({}, 0, 1.0)]


def shown(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, HostActivity)]


@settings(max_examples=300, deadline=None)
@given(interleavings())
def test_linear_and_complete(events: list[Event]) -> None:
    released = feed(events)
    keys = [event.task.key for event in released if isinstance(event, (TaskResult, ItemResult, Included))]
    assert keys == sorted(keys)
    assert Counter(map(id, shown(released))) == Counter(map(id, shown(events)))
    for host in HOSTS:
        for kinds in ((TaskResult, ItemResult), (Included,)):
            mine = [event for event in events if isinstance(event, kinds) and event.host == host]
            assert mine == [event for event in released if isinstance(event, kinds) and event.host == host]


@settings(max_examples=100, deadline=None)
@given(interleavings())
def test_banners_come_once(events: list[Event]) -> None:
    banners = [event.task.key for event in feed(events) if isinstance(event, (TaskResult, HostActivity))]
    changes = [key for number, key in enumerate(banners) if number == 0 or banners[number - 1] != key]
    assert len(changes) == len(set(changes))


def test_the_task_at_the_frontier_flows() -> None:
    run = Run(["h1", "h2"])
    one, two = run.task("one"), run.task("two")
    order = Order()
    order.feed(run.events[0])
    first = TaskResult("h1", one, "ok", {})
    assert order.feed(first) == [first]
    ahead = TaskResult("h1", two, "ok", {})
    assert order.feed(ahead) == []
    second = TaskResult("h2", one, "ok", {})
    assert order.feed(second) == [second]
    assert order.feed(HostActivity("h2", "running", 0.0, two)) == [ahead]
    last = TaskResult("h2", two, "ok", {})
    assert order.feed(last) == [last]


def test_a_host_that_left_holds_nothing_back() -> None:
    run = Run(["h1", "h2"])
    one, two = run.task("one"), run.task("two")
    events = [
        TaskResult("h1", one, "ok", {}),
        TaskResult("h2", one, "failed", {}),
        TaskResult("h1", two, "ok", {}),
    ]
    order = Order()
    for event in [run.events[0], *events[:2]]:
        order.feed(event)
    assert order.feed(events[2]) == []
    left = HostLeft("h2", 1, "failed")
    assert order.feed(left) == [events[2], left]


def test_same_key_from_different_files_is_not_mixed() -> None:
    run = Run(["h1", "h2", "h3"])
    deb = run.task("install", key=(2,), at=Location("debian.yml", 1, 3))
    red = run.task("install", key=(2,), at=Location("redhat.yml", 1, 3))
    run.done("h1", deb)
    run.done("h2", red)
    run.done("h3", deb)
    files = [event.task.at.path for event in feed(run.ended()) if isinstance(event, TaskResult) and event.task.at]
    assert files == ["debian.yml", "debian.yml", "redhat.yml"]


def test_a_name_rendered_for_each_host_is_one_banner() -> None:
    from fleet.sinks.order import identity

    at = Location("a.yml", 3, 3)
    assert identity(TaskRef(1, (1,), "for h1", "command", at=at)) == identity(
        TaskRef(1, (1,), "for h2", "command", at=at)
    )


def test_the_next_play_waits_for_the_end_of_this_one() -> None:
    run, after = Run(["h1", "h2"]), Run(["h1"], name="second", play=2)
    one = run.task("one")
    run.done("h1", one)
    after.done("h1", after.task("early"))
    late = TaskResult("h2", one, "ok", {})
    end = [PlayEnded(1), PlayEnded(2)]
    released = feed([*run.events, *after.events, NoHosts("third"), late, *end])
    assert released == [*run.events, late, end[0], *after.events, end[1], NoHosts("third")]


def test_warnings_do_not_wait() -> None:
    run = Run(["h1", "h2"])
    order = Order()
    order.feed(run.events[0])
    order.feed(TaskResult("h1", run.task("zero"), "ok", {}))
    assert order.feed(Warned("odd")) == [Warned("odd")]


def test_late_events_are_not_lost() -> None:
    run = Run(["h1"])
    event = TaskResult("h1", run.task("one"), "ok", {})
    assert feed([run.events[0], PlayEnded(1), event]) == [run.events[0], PlayEnded(1), event]
    unknown = TaskResult("h1", TaskRef(9, (1,), "x", "command"), "ok", {})
    assert feed([unknown]) == [unknown]


def test_memory_is_given_back() -> None:
    run = Run(["h1", "h2"])
    order = Order()
    order.feed(run.events[0])
    for number in range(100):
        task = run.task(f"t{number}")
        for host in run.hosts:
            order.feed(TaskResult(host, task, "ok", {}))
    play = order._current
    assert play is not None
    assert len(play.groups) <= 2
    assert len(play.counts) <= 2


def test_a_thousand_hosts_in_seconds() -> None:
    import io

    from fleet.sinks.plain import Plain, PlainOptions

    hosts = [f"host{number:04}" for number in range(1000)]
    run = Run(hosts)
    tasks = [run.task(f"task {number}", at=Location("/nofile.yml", number, 3)) for number in range(100)]
    # Half of the hosts go all the way first, the others follow in step: the worst case for memory.
    for host in hosts[:500]:
        for task in tasks:
            run.done(host, task, "ok", {"changed": False, "msg": "fine"})
    for task in tasks:
        for host in hosts[500:]:
            run.done(host, task, "ok", {"changed": False, "msg": "fine"})
    events = run.ended()
    sink = Plain(PlainOptions(), io.StringIO(), io.StringIO())
    begun = time.process_time()
    for event in events:
        sink.feed(event)
    assert time.process_time() - begun < 3
