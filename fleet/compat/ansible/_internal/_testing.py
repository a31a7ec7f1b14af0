"""Checks that a plugin makes of its surroundings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


class Checks:
    """What does not hold ends the plugin."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose

    def check(self, value: object, msg: str = "") -> None:
        """Raise AssertionError for what does not hold."""
        if not value:
            raise AssertionError(f"{self.purpose}: {msg or 'a check does not hold'}")


@contextlib.contextmanager
def hard_fail_context(msg: str) -> Iterator[Checks]:
    """Checks for one purpose."""
    yield Checks(msg)
