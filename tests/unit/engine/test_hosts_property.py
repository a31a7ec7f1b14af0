"""Several hosts: random plays come to the same, each host as far ahead as it may or all in step, one task at a time.

Both sides are whole runs, with threads and the order that hosts keep; only the runners on the hosts are
pretended, and the hosts of the first side are now fast, now slow. ``FLEET_TEST_PLAYS`` and
``FLEET_TEST_SEED`` as in test_streaming_property.py.
"""

from __future__ import annotations

import os
import random
import time

import pytest
from engine_kit import Queue, prepared, title, word
from random_plays import Author, do, write_files
from test_streaming_property import cleaned, cleaned_event

import fleet.engine.run as engine
from fleet.engine.control import Control
from fleet.engine.worker import Worker
from fleet.events import HostLeft, Included, ItemResult, Notified, Retrying, TaskResult
from fleet.sinks.secrets import Secrets

FIRST = int(os.environ.get("FLEET_TEST_SEED", "0"))
PLAYS = int(os.environ.get("FLEET_TEST_PLAYS", "40"))
BUNCH = 20
TOLD = TaskResult | ItemResult | Notified | Included | Retrying | HostLeft


class Link:
    """A runner that pretends. With ``dice`` it is slow now and then, and tells several results at once."""

    def __init__(self, ran: list[str], dice: random.Random | None) -> None:
        self.queue = Queue(lambda step: do(title(step)))
        self.queue.ran = ran
        self.dice = dice
        self.channel = self
        self.idle = 0

    def send(self, steps):
        self.queue.steps.extend(steps)

    def tell(self, message):
        if message["t"] == "drop":
            self.queue.drop(message["epoch"])

    def receive(self, _timeout):
        if self.dice is not None and self.dice.random() < 0.3:
            time.sleep(self.dice.random() * 0.002)
        count = self.dice.randint(1, 4) if self.dice is not None else 1
        found = [item for item in (self.queue.next() for _ in range(count)) if item is not None]
        self.idle = 0 if found else self.idle + 1
        assert self.idle < 3, "the host has nothing to do"
        return [{"t": "done", "id": number, "result": result} for number, result in found]

    def gone(self, _timeout):
        pass

    def close(self):
        pass


class Story:
    """A sink: what was told of each host, in order, and how often a play met nobody."""

    def __init__(self) -> None:
        self.told: dict[str, list] = {}
        self.lines: dict[str, list[str]] = {}

    def feed(self, event):
        if isinstance(event, TOLD):
            self.told.setdefault(event.host, []).append(cleaned_event(event))
        if isinstance(event, TaskResult):
            self.lines.setdefault(event.host, []).append(f"{event.task.name}: {word(event)}")

    def tick(self, _now):
        pass

    def close(self):
        pass


class Told:
    """One run of a text."""

    def __init__(self, folder, text, monkeypatch, hosts, *, seed=None):
        self.ran: dict[str, list[str]] = {}
        told = self

        class Pretended(Worker):
            def __init__(self, run, *args):
                super().__init__(run, *args)
                if seed is None:
                    run.limit = 1

            def link(self, reach):
                if reach not in self.links:
                    dice = None if seed is None else random.Random(f"{seed}{self.host}")
                    self.links[reach] = Link(told.ran.setdefault(self.host, []), dice)
                return self.links[reach]

        monkeypatch.setattr(engine, "Worker", Pretended)
        more = {} if seed is not None else {"strategy": "linear"}
        world, plays = prepared(folder, text, ",".join(hosts), extra_vars={"DO": "do"}, **more)
        sink = Story()
        run = engine.Run(world, plays, sink, Control(5), Secrets())
        self.code = run.run()
        assert not run.control.bugs, run.control.bugs
        self.told, self.lines = sink.told, sink.lines
        self.recap = {host: repr(run.stats.of(host)) for host in hosts}
        self.assigned = {host: cleaned(world.state(host).assigned) for host in hosts}
        self.end = {host: (world.state(host).failed, world.state(host).usable) for host in hosts}


def same(folder, seed, monkeypatch):
    hosts = ("a", "b", "c", "d")[: 2 + seed % 3]
    text = Author(seed, hosts=len(hosts)).play()
    write_files(folder)
    ahead = Told(folder, text, monkeypatch, hosts, seed=seed)
    slow = Told(folder, text, monkeypatch, hosts)
    try:
        for host in hosts:
            assert ahead.lines.get(host) == slow.lines.get(host), host
            assert ahead.ran.get(host) == slow.ran.get(host), host
            assert ahead.told.get(host) == slow.told.get(host), host
        assert ahead.recap == slow.recap
        assert ahead.assigned == slow.assigned
        assert ahead.end == slow.end
        assert ahead.code == slow.code
    except AssertionError as error:
        raise AssertionError(f"seed {seed}:\n{text}\nahead {ahead.lines}\nin step {slow.lines}\n{error}") from None


@pytest.mark.parametrize("first", range(FIRST, FIRST + PLAYS, BUNCH))
def test_hosts_that_go_ahead_come_to_the_same(tmp_path, monkeypatch, first):
    for seed in range(first, first + BUNCH):
        same(tmp_path, seed, monkeypatch)
