"""Streaming changes nothing but time: random plays come to the same, sent ahead or one task at a time.

The streamed side talks to the runner that really travels to hosts, over pipes in this process, with a
module that only pretends. ``FLEET_TEST_PLAYS`` is how many plays (100; a nightly run takes 1,000),
``FLEET_TEST_SEED`` the first of them.
"""

from __future__ import annotations

import itertools
import os
import re
import select
import threading

import pytest
from engine_kit import Game, without_clock
from random_plays import SCRIPT, Author, do, write_files

from fleet.engine.instructions import Await, Drop, Emit, Finish, Perform, Send
from fleet.events import HostActivity, Warned
from fleet.remote.loop import Runner
from fleet.remote.wire import Unpacker, pack

FIRST = int(os.environ.get("FLEET_TEST_SEED", "0"))
PLAYS = int(os.environ.get("FLEET_TEST_PLAYS", "100"))
BUNCH = 50


class Pretender(Runner):
    """The runner of a host whose modules only pretend."""

    def read(self):
        self.reader = threading.current_thread()
        super().read()

    def call(self, step, host):
        self.ran.append(step["args"]["_raw_params"])
        return do(step["args"]["_raw_params"])


class Wire:
    """A runner on a thread of this process, and the ends of the pipes to it."""

    def __init__(self) -> None:
        source, self.to = os.pipe()
        self.back, sink = os.pipe()
        self.ends = (source, sink, self.back)
        self.runner = Pretender(source, sink, None)
        self.runner.ran = []
        self.unpacker = Unpacker()
        self.thread = threading.Thread(target=self.runner.main, daemon=True)
        self.thread.start()

    def tell(self, message):
        os.write(self.to, pack(message))

    def receive(self):
        assert select.select([self.back], [], [], 10)[0], "the runner says nothing"
        return self.unpacker.feed(os.read(self.back, 1 << 16))

    def close(self):
        self.tell({"t": "bye"})
        os.close(self.to)
        # A reader that is still there would read from whatever gets the number of its pipe next.
        self.thread.join(5)
        self.runner.reader.join(5)
        assert not self.runner.reader.is_alive()
        for end in self.ends:
            os.close(end)


def streamed(game: Game) -> None:
    """Run a game to its end with the real runner."""
    wire = Wire()
    try:
        while not game.ended:
            carry_out(game, wire)
            if not game.ended and game.run.steps:
                for frame in wire.receive():
                    if frame["t"] == "done":
                        game.run.done(frame["id"], frame["result"])
    finally:
        wire.close()
    game.queue.ran += wire.runner.ran


def carry_out(game: Game, wire: Wire) -> None:
    for instruction in game.run.advance():
        match instruction:
            case Send():
                game.sends.append(instruction)
                wire.tell({"t": "steps", "steps": instruction.steps})
            case Drop(epoch):
                wire.tell({"t": "drop", "epoch": epoch})
            case Emit(event):
                game.events.append(event)
            case Perform():
                # A pause before the next try.
                game.run.performed({})
            case Finish(why):
                game.ended = why
            case Await():
                raise AssertionError("one host waits for nobody")


def cleaned(value):
    """Without what depends on the clock."""
    if isinstance(value, dict):
        return {name: cleaned(item) for name, item in value.items() if name != "_ansible_seconds"}
    return [cleaned(item) for item in value] if isinstance(value, list) else value


def told(game: Game):
    """Every event that matters, in order."""
    return [cleaned_event(event) for event in game.events if not isinstance(event, HostActivity | Warned)]


def cleaned_event(event):
    event = without_clock(event)
    fields = {name: getattr(event, name) for name in type(event).__dataclass_fields__}
    return type(event).__name__, cleaned(fields)


def same(folder, seed: int) -> tuple[int, int]:
    """Run the play of ``seed`` both ways and compare; how many pieces were sent each way."""
    text = Author(seed).play()
    write_files(folder)
    variables = {"extra_vars": {"DO": "do"}}
    ahead, slow = Game(folder, text, **variables), Game(folder, text, limit=1, **variables)
    slow.script = _Pretend()
    try:
        streamed(ahead)
        slow.finish()
        assert ahead.story == slow.story
        assert ahead.ran == slow.ran
        assert told(ahead) == told(slow)
        assert ahead.recap == slow.recap
        assert cleaned(ahead.state.assigned) == cleaned(slow.state.assigned)
        assert ahead.ended == slow.ended
    except AssertionError as error:
        raise AssertionError(
            f"seed {seed}:\n{text}\nstreamed {ahead.story}\none by one {slow.story}\n{error}"
        ) from None
    return len(ahead.sends), len(slow.sends)


class _Pretend(dict):
    def get(self, name, default=None):
        return do(name)


@pytest.mark.parametrize("first", range(FIRST, FIRST + PLAYS, BUNCH))
def test_streaming_changes_nothing(tmp_path, first):
    for seed in range(first, first + BUNCH):
        same(tmp_path, seed)


def test_what_no_fence_parts_is_sent_ahead(tmp_path):
    """It would be easy to be the same by never sending ahead. At these words nothing may be sent ahead at all."""
    fence = re.compile(r"\b(until|run_once|delegate_to|any_errors_fatal)\b")
    seeds = (seed for seed in itertools.count(FIRST) if not fence.search(Author(seed).play()))
    pieces = [same(tmp_path, seed) for seed in itertools.islice(seeds, BUNCH)]
    assert sum(ahead for ahead, _ in pieces) < 0.75 * sum(slow for _, slow in pieces)


def test_the_pretended_tool_is_the_real_one(tmp_path):
    import subprocess

    tool = tmp_path / "do"
    tool.write_text(SCRIPT)
    tool.chmod(0o755)
    for words in ("ok t1 a b", "fail t2"):
        real = subprocess.run([str(tool), *words.split()], stdout=subprocess.PIPE, text=True)
        assert (real.returncode, real.stdout.strip()) == (do(f"do {words}")["rc"], do(f"do {words}")["stdout"])
