"""Questions at the terminal: editing, the keys after Ctrl-C, the end of the time. The last tests use a real terminal."""

from __future__ import annotations

import os
import pty
import sys
import termios
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from fleet.actions.base import Ask
from fleet.engine.control import Control
from fleet.engine.keys import INTERRUPTED, Typing
from fleet.events import Event, Noted


def typed(typing: Typing, keys: str) -> str:
    return "".join(typing.press(key) for key in keys)


def test_what_is_typed_can_be_edited() -> None:
    typing = Typing()
    assert typed(typing, "abé\x7fc\x15d\x7f\x7fe\x1bf\r") == "abé\b \bc" + "\b \b" * 3 + "d\b \bef\n"
    assert (typing.end, typing.text) == ("entered", "ef")


def test_hidden_typing_shows_nothing() -> None:
    typing = Typing(echo=False)
    assert typed(typing, "secrets\x7f\n") == "\n"
    assert (typing.end, typing.text) == ("entered", "secret")


@pytest.mark.parametrize(("key", "end"), [("c", "continued"), ("C", "continued"), ("a", "aborted"), ("A", "aborted")])
def test_after_ctrl_c_only_two_keys_count(key: str, end: str) -> None:
    typing = Typing()
    assert typed(typing, "x\x03") == f"x\n{INTERRUPTED}"
    assert typed(typing, "\rq\x03") == "" and not typing.end
    assert typed(typing, key) == "" and typing.end == end


def test_a_wait_takes_ctrl_c_and_nothing_else() -> None:
    typing = Typing(answers=False)
    assert typed(typing, "yes\r\x7f") == "" and not typing.end and typing.text == ""
    assert typed(typing, "\x03c") == f"\n{INTERRUPTED}" and typing.end == "continued"


class Screen:
    """A terminal of our own; ``type`` presses keys when the question is shown."""

    def __init__(self) -> None:
        self.user, self.own = pty.openpty()
        self.events: list[Event] = []
        self.keys = ""

    def emit(self, event: Event) -> None:
        self.events.append(event)
        if self.keys:
            os.write(self.user, self.keys.encode())


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    made = Screen()
    with os.fdopen(made.own, "r", closefd=False) as stdin, os.fdopen(made.own, "w", closefd=False) as out:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(Control, "foreground", staticmethod(lambda: True))
        yield made
    os.close(made.user)
    os.close(made.own)


@pytest.mark.parametrize(
    ("keys", "seconds", "answer"),
    [
        ("hello\r", None, {"user_input": "hello", "interrupted": False}),
        ("he\x03C", None, {"user_input": "", "interrupted": False}),
        ("he\x03A", None, {"user_input": "", "interrupted": True}),
        ("\r\x03a", 60.0, {"user_input": "", "interrupted": True}),
        ("\x03c", 60.0, {"user_input": "", "interrupted": False}),
        ("ignored", 0.2, {"user_input": "", "interrupted": False}),
    ],
)
def test_a_question_on_a_terminal(screen: Screen, keys: str, seconds: float | None, answer: dict[str, object]) -> None:
    screen.keys = keys
    before = termios.tcgetattr(screen.own)
    order = Ask("Sure?:", True, seconds, "Pausing" if seconds else "")
    assert Control(1).question(order, screen.emit) == answer
    assert screen.events == [Noted("Pausing\nSure?:" if seconds else "Sure?:", 0, asks=True)]
    assert termios.tcgetattr(screen.own) == before


def test_the_end_of_the_run_ends_a_question(screen: Screen) -> None:
    control = Control(1)
    threading.Timer(0.2, control.interrupt).start()
    assert control.question(Ask("Sure?:"), screen.emit)["interrupted"] is True


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(closed=False, isatty=lambda: False))
    events: list[Event] = []
    assert Control(1).question(Ask("Sure?:"), events.append) == {"user_input": "", "unasked": True}
    waited = Control(1).question(Ask("keys", True, 0.01, "Pausing for 1 seconds"), events.append)
    assert waited == {"user_input": "", "interrupted": False} and events == [Noted("Pausing for 1 seconds", 0)]
