"""A question at the terminal, key by key: editing, the keys after Ctrl-C, a time limit."""

from __future__ import annotations

import codecs
import os
import select
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from fleet.record import record

INTERRUPTED = "Press 'C' to continue the play or 'A' to abort \n"
TICK = 0.1
FORGET = "\b \b"


@record
class Special:
    """The keys that do something, as the terminal is set."""

    interrupt: str = "\x03"
    erase: str = "\x7f\b"
    kill: str = "\x15"
    enter: str = "\r\n"


class Typing:
    """What the user types. Pure: ``press`` takes a key and gives what is to be shown for it.

    ``answers`` False: only a time limit or Ctrl-C ends it. ``stopped``: after Ctrl-C, until C or A is pressed.
    ``end``: how it ended, "" as long as it goes on.
    """

    def __init__(self, echo: bool = True, answers: bool = True, special: Special | None = None) -> None:
        self.text = ""
        self.end: Literal["", "entered", "continued", "aborted"] = ""
        self._echo = echo
        self._answers = answers
        self._keys = special or Special()
        self.stopped = False

    def press(self, key: str) -> str:
        """Take one key."""
        if self.stopped:
            self.end = {"c": "continued", "a": "aborted"}.get(key.lower(), "")  # type: ignore[assignment]
            return ""
        if key in self._keys.interrupt:
            self.stopped = True
            return f"\n{INTERRUPTED}"
        if not self._answers:
            return ""
        if key in self._keys.enter:
            self.end = "entered"
            return "\n"
        if key in self._keys.erase or key in self._keys.kill:
            gone = len(self.text) if key in self._keys.kill else min(1, len(self.text))
            self.text = self.text[: len(self.text) - gone]
            return FORGET * gone if self._echo else ""
        if not key.isprintable():
            return ""
        self.text += key
        return key if self._echo else ""


@contextmanager
def by_key(fd: int) -> Iterator[Special]:
    """The terminal gives each key at once, Ctrl-C too, and shows none. What was typed before is dropped."""
    before = termios.tcgetattr(fd)
    now = termios.tcgetattr(fd)
    now[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    controls: list[Any] = before[6]
    now[6] = list(controls)
    now[6][termios.VMIN], now[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSAFLUSH, now)
    try:
        erase, kill, interrupt = (_key(controls[at]) for at in (termios.VERASE, termios.VKILL, termios.VINTR))
        yield Special(interrupt or "\x03", erase + "\x7f\b", kill or "\x15")
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _key(value: Any) -> str:
    return value.decode("latin-1").strip("\0") if isinstance(value, bytes) else ""


def listen(
    fd: int, typing: Typing, show: Callable[[str], None], seconds: float | None, over: Callable[[], bool]
) -> None:
    """Feed ``typing`` from the terminal until it ends, the time is up, or the run is ``over``."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    deadline = None if seconds is None else time.monotonic() + seconds
    while not typing.end and not over():
        wait = TICK if deadline is None else min(TICK, deadline - time.monotonic())
        if wait <= 0 and not typing.stopped:
            return
        if not select.select([fd], [], [], max(wait, 0.0) or TICK)[0]:
            continue
        data = os.read(fd, 1)
        if not data:
            typing.end = "aborted"
            return
        for key in decode(data):
            if told := typing.press(key):
                show(told)
