"""Secrets are masked before any sink; a broken sink does not break the run."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from sink_events import Run

from fleet.events import Event, HostActivity, Included, ItemResult, PlayStarted, Retrying, TaskResult, Warned
from fleet.sinks.fanout import Fanout
from fleet.sinks.secrets import CENSORED, CENSORED_ITEM, MASK, Secrets


class Keep:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ticks: list[float] = []
        self.closed = 0

    def feed(self, event: Event) -> None:
        self.events.append(event)

    def tick(self, now: float) -> None:
        self.ticks.append(now)

    def close(self) -> None:
        self.closed += 1


class Broken(Keep):
    def feed(self, event: Event) -> None:
        raise ValueError("no space for hunter2")


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("pass hunter2!", f"pass {MASK}!"),
        ({"a": ["hunter2", {"b": "xhunter2x"}], "hunter2": 1}, {"a": [MASK, {"b": f"x{MASK}x"}], MASK: 1}),
        (("hunter2", 3), (MASK, 3)),
        (1234, MASK),
        (12345, 12345),
        (True, True),
        (b"hunter2\xff", MASK.encode() + b"\xff"),
        ("ab", "ab"),
        ('{"p": "quo\\"te"}', f'{{"p": "{MASK}"}}'),
        ("line: second line of key", f"line: {MASK}"),
        ("hunter2hunter2", MASK * 2),
        ("hunter22", MASK),
    ],
)
def test_mask(value: Any, masked: Any) -> None:
    secrets = Secrets(["hunter2", "hunter22", "1234", "ab", 'quo"te', "-----KEY\nsecond line of key\nx\n"])
    assert secrets.mask(value) == masked


def test_the_frame_of_a_key_is_no_secret() -> None:
    key = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n"
    secrets = Secrets([key.format("c2VjcmV0IG9uZQ")])
    assert secrets.mask(key.format("YW5vdGhlcg")) == key.format("YW5vdGhlcg")
    assert secrets.mask(["c2VjcmV0IG9uZQ", key.format("c2VjcmV0IG9uZQ")]) == [MASK, MASK]


def test_nothing_is_copied_without_need() -> None:
    value = {"a": 1}
    assert Secrets().mask(value) is value
    assert Secrets(["ab", ""]).mask("ab") == "ab"


def test_secrets_grow_from_many_threads() -> None:
    secrets = Secrets()

    def add(start: int) -> None:
        for number in range(start, start + 20):
            secrets.add(f"secret-{number}-")
            assert secrets.mask(f"secret-{number}-") == MASK

    threads = [threading.Thread(target=add, args=(start,)) for start in range(0, 2000, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 200


def test_every_text_of_an_event_is_masked_but_not_its_course() -> None:
    keep, secrets = Keep(), Secrets(["hunter2"])
    fan = Fanout([keep], secrets)
    run = Run(["hunter2-host"])
    task = run.task("set hunter2", args={"password": "hunter2"})
    for event in (
        run.events[0],
        TaskResult("hunter2-host", task, "ok", {"msg": "is hunter2"}),
        ItemResult("h", task, "ok", {}, {"p": "hunter2"}),
        HostActivity("h", "running", 0.0, task, "hunter2"),
        Warned("hunter2 is weak"),
    ):
        fan.feed(event)
    play, done, item, busy, warned = keep.events
    assert isinstance(play, PlayStarted)
    assert isinstance(done, TaskResult)
    assert isinstance(item, ItemResult)
    assert isinstance(busy, HostActivity)
    assert isinstance(warned, Warned)
    assert done.result == {"msg": f"is {MASK}"}
    assert (done.task.name, done.task.args) == (f"set {MASK}", {"password": MASK})
    # A sink joins on these.
    assert done.host == "hunter2-host"
    assert done.task is item.task is busy.task
    assert item.label == {"p": MASK}
    assert busy.detail == MASK
    assert warned.message == f"{MASK} is weak"


def test_a_secret_found_later_is_masked_from_then_on() -> None:
    keep, secrets = Keep(), Secrets()
    fan = Fanout([keep], secrets)
    task = Run().task("say late")
    fan.feed(TaskResult("h", task, "ok", {}))
    secrets.add("late")
    fan.feed(TaskResult("h", task, "ok", {}))
    names = [event.task.name for event in keep.events if isinstance(event, TaskResult)]
    assert names == ["say late", f"say {MASK}"]


def test_no_log_is_enforced() -> None:
    keep = Keep()
    fan = Fanout([keep], Secrets())
    task = Run().task("t", no_log=True, args={"p": "x1"})
    result = {"changed": True, "stdout": "x1", "diff": {"after": "x1"}, "attempts": 2, "failed": True}
    fan.feed(TaskResult("h", task, "failed", result))
    fan.feed(ItemResult("h", task, "ok", result, "x1"))
    fan.feed(Retrying("h", task, 1, result))
    fan.feed(Included("h", task, "f.yml", "x1"))
    fan.feed(HostActivity("h", "running", 0.0, task, "x1"))
    assert "x1" not in repr(keep.events)
    first, item = keep.events[0], keep.events[1]
    assert isinstance(first, TaskResult)
    assert first.result == {"censored": CENSORED, "changed": True, "attempts": 2, "failed": True}
    assert isinstance(item, ItemResult)
    assert item.label == CENSORED_ITEM


def test_a_broken_sink_is_dropped_once_and_without_secrets() -> None:
    keep, broken, err = Keep(), Broken(), io.StringIO()
    fan = Fanout([broken, keep], Secrets(["hunter2"]), err)
    for _ in range(3):
        fan.feed(Warned("x"))
    fan.tick(1.0)
    fan.close()
    assert len(keep.events) == 3
    assert (keep.ticks, keep.closed, broken.ticks, broken.closed) == ([1.0], 1, [], 1)
    assert err.getvalue().count("\n") == 1
    assert "output 'broken' failed and is switched off" in err.getvalue()
    assert "hunter2" not in err.getvalue()
