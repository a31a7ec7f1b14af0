"""What all workers of a run share: the slots for hosts at work, Ctrl-C, questions to the user."""

from __future__ import annotations

import getpass
import os
import sys
import threading
import time
from collections.abc import Callable

from fleet.actions.base import Ask, Result
from fleet.engine.instructions import Talk
from fleet.engine.order import Order
from fleet.errors import FleetError
from fleet.events import Event, Noted


class Control:
    """Made once a run. ``level`` is how often the user pressed Ctrl-C."""

    def __init__(self, forks: int) -> None:
        self._slots = threading.Semaphore(max(forks, 1))
        self._pressed = threading.Event()
        self._asking = threading.Lock()
        self._answers: dict[object, str] = {}
        self.level = 0
        self.started = time.monotonic()
        self.order: Order | None = None
        self.kill: list[Callable[[], None]] = []
        self.bugs: list[str] = []
        self.error: FleetError | None = None
        self.hide: Callable[[str], None] = lambda text: None
        self.mask: Callable[[str], str] = str

    def clock(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started

    def enter(self) -> None:
        """Take a slot for a host that is about to work."""
        self._slots.acquire()

    def leave(self) -> None:
        """Give the slot back while a host waits, or for good."""
        self._slots.release()

    def stop(self, error: FleetError) -> None:
        """End the run for a reason of its own: running steps end, nothing new starts. The first reason counts."""
        self.error = self.error or error
        self._pressed.set()
        if self.order is not None:
            self.order.stop()

    def interrupt(self) -> int:
        """Ctrl-C: once lets running steps end, twice ends them. Gives how often it was pressed."""
        self.level += 1
        self._pressed.set()
        if self.order is not None:
            self.order.stop()
        if self.level > 1:
            for action in list(self.kill):
                action()
        return self.level

    @property
    def interrupted(self) -> bool:
        return self._pressed.is_set()

    def sleep(self, seconds: float) -> bool:
        """Wait; True when the user interrupted."""
        return self._pressed.wait(seconds)

    @staticmethod
    def interactive() -> bool:
        """True where somebody can answer: standard input is a terminal."""
        return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()

    @staticmethod
    def foreground() -> bool:
        """True where somebody can press keys: the terminal is there and ours."""
        if not Control.interactive():
            return False
        try:
            return os.getpgrp() == os.tcgetpgrp(sys.stdin.fileno())
        except (OSError, ValueError):
            return False

    def question(self, order: Ask, emit: Callable[[Event], None]) -> Result:
        """Ask what a task asks, or wait as long as it says; the user may end the wait."""
        if not self.foreground():
            if order.note:
                emit(Noted(order.note, 0))
            if order.seconds is None:
                return {"user_input": "", "unasked": True}
            return {"user_input": "", "interrupted": self.sleep(order.seconds)}
        from fleet.engine.keys import Typing, by_key, listen

        # What is typed shows up where the output is seen.
        shown = sys.stdout if sys.stdout.isatty() else sys.stderr
        text = "\n".join(filter(None, (order.note, order.prompt)))

        def show(told: str) -> None:
            shown.write(told)
            shown.flush()

        with self._asking, by_key(sys.stdin.fileno()) as special:
            emit(Noted(text, 0, asks=True))
            if shown is sys.stderr:
                show(f"{text}\n")
            typing = Typing(order.echo, order.seconds is None, special)
            listen(sys.stdin.fileno(), typing, show, order.seconds, lambda: self.interrupted)
        answer = typing.text if typing.end == "entered" else ""
        return {"user_input": answer, "interrupted": typing.end == "aborted" or self.interrupted}

    def converse(self, talk: Talk) -> None:
        """Let the user talk, one host at a time, until there is a decision. The end of the input means quit."""
        with self._asking:
            self._say(talk.intro + "\n")
            while not talk.decision:
                self._say(talk.prompt)
                try:
                    line = sys.stdin.readline()
                except KeyboardInterrupt:
                    line = ""
                if not line:
                    talk.decision = "quit"
                elif answer := talk.command(line):
                    self._say(answer + "\n")

    def _say(self, text: str) -> None:
        sys.stderr.write(self.mask(text))
        sys.stderr.flush()

    def ask(self, key: object, prompt: str, echo: bool) -> str:
        """Ask the user once for all hosts that ask the same (``key``). Raises EOFError, KeyboardInterrupt."""
        with self._asking:
            if key not in self._answers:
                if echo:
                    sys.stderr.write(prompt)
                    sys.stderr.flush()
                    line = sys.stdin.readline()
                    if not line:
                        raise EOFError
                    self._answers[key] = line.rstrip("\n")
                else:
                    self._answers[key] = getpass.getpass(prompt)
            return self._answers[key]
