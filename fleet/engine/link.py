"""A runner on a host, seen from the controller: started over a channel, fed with steps, read for frames."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from fleet.bundle import Bundles, parts_of
from fleet.errors import Unreachable
from fleet.remote.wire import Unpacker, pack, pack_data
from fleet.transport.base import Channel, Connection, Identity
from fleet.transport.become import Dialogue, Ready, command

Frame = dict[str, Any] | tuple[str, bytes]


class Link:
    """One runner. ``idle`` are the seconds without a sign of life after which one that has work counts as lost.

    ``token`` names the runner to a successor, which may fetch its results when the connection breaks.
    """

    def __init__(
        self, channel: Channel, ready: Ready, bundles: Bundles, parts: Iterable[str], idle: float = 30.0
    ) -> None:
        self.channel = channel
        self.version = ready.version
        self._magic = ready.magic
        self._bundles = bundles
        self._unpacker = Unpacker()
        self._held: list[Frame] = self._unpacker.feed(ready.rest)
        self._start, self._have = bundles.start(parts, ready.magic)
        self.token = secrets.token_hex(16)
        self._start += pack({"t": "own", "token": self.token})
        self.idle = idle
        self.heard = time.monotonic()

    def send(self, steps: list[dict[str, Any]]) -> None:
        """Queue steps on the host, with the code they need and the runner does not have yet."""
        head, self._start = self._start, b""
        needed = frozenset().union(*(parts_of(step["module"], step["args"]) for step in steps))
        missing = needed - self._have
        if missing:
            packed, self._have = self._bundles.more(missing, self._have, self._magic)
            head += pack_data("code", packed)
        # It was silent because it had nothing to do; the clock of its silence starts now.
        self.heard = time.monotonic()
        self.channel.send(head + pack({"t": "steps", "steps": steps}))

    def resume(self, token: str) -> None:
        """Let this runner fetch what the one called ``token`` did; a frame ``resumed`` will come."""
        head, self._start = self._start, b""
        self.heard = time.monotonic()
        self.channel.send(head + pack({"t": "resume", "token": token}))

    def tell(self, message: dict[str, Any]) -> None:
        """Send a control message: drop, kill, bye."""
        if not self._start:
            self.channel.send(pack(message))

    def gone(self, timeout: float) -> None:
        """Wait until the runner has left, which it does at once when it was told. Never raises."""
        deadline = time.monotonic() + timeout
        with contextlib.suppress(TimeoutError, Unreachable):
            while not self._start and time.monotonic() < deadline and self.channel.receive(timeout):
                pass

    def stream(self, name: str, chunks: Iterable[bytes]) -> None:
        """Send content as a stream of data frames."""
        for chunk in chunks:
            self.channel.send(pack_data(name, chunk))
        self.channel.send(pack_data(name, b""))

    def receive(self, timeout: float) -> list[Frame]:
        """The frames that came, [] when none did within ``timeout``. Raises Unreachable when the runner is gone."""
        if self._held:
            held, self._held = self._held, []
            return held
        try:
            data = self.channel.receive(timeout)
        except TimeoutError:
            if time.monotonic() - self.heard > max(self.idle, timeout):
                raise Unreachable(f"no sign of life for {self.idle:g} s") from None
            return []
        if not data:
            raise Unreachable("the connection was lost while steps were running")
        self.heard = time.monotonic()
        try:
            frames: list[Frame] = self._unpacker.feed(data)
            return frames
        except ValueError as error:
            raise Unreachable(f"the runner's answer is garbled: {error}") from None


def start(
    connection: Connection,
    identity: Identity,
    interpreter: str,
    bundles: Bundles,
    parts: Iterable[str],
    timeout: float,
    idle: float = 30.0,
    tell: Callable[[str], None] = lambda line: None,
) -> Link:
    """Start a runner as ``identity``. Raises Unreachable within ``timeout`` seconds. ``tell`` gets the command."""
    mark = "fleet-" + secrets.token_hex(8)
    line = command(mark, identity, interpreter)
    tell(line)
    channel = connection.open(line)
    dialogue = Dialogue(mark, identity, interpreter)
    deadline = time.monotonic() + timeout
    try:
        while True:
            try:
                data = channel.receive(max(deadline - time.monotonic(), 0.05))
            except TimeoutError:
                who = f"{identity.method} to {identity.user or 'root'}: " if identity.method else ""
                raise Unreachable(f"{who}no answer from the bootstrap within {timeout:g} s") from None
            answer = dialogue.feed(data)
            if isinstance(answer, Ready):
                return Link(channel, answer, bundles, parts, idle)
            if answer:
                channel.send(answer)
    except BaseException:
        channel.close()
        raise
