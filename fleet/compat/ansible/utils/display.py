"""What plugins say to the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class Display:
    """Messages of plugins. All instances are alike; warnings go where those of the run go."""

    verbosity: ClassVar[int] = 0
    warn: ClassVar[Callable[[str], None]] = staticmethod(lambda _text: None)
    show: ClassVar[Callable[[str], None]] = staticmethod(lambda _text: None)
    columns = 79

    def __init__(self, verbosity: int = 0) -> None:
        pass

    def display(self, msg: Any, color: Any = None, stderr: bool = False, screen_only: bool = False,
                log_only: bool = False, newline: bool = True, **_more: Any) -> None:  # fmt: skip
        """A line for the user."""
        type(self).show(str(msg))

    def warning(self, msg: Any, formatted: bool = False, **_more: Any) -> None:
        """A warning; each text is said once."""
        type(self).warn(str(msg))

    def error(self, msg: Any, wrap_text: bool = True, **_more: Any) -> None:
        """An error that does not end the run."""
        type(self).show(f"[ERROR]: {msg}")

    def deprecated(self, msg: Any, version: Any = None, removed: bool = False, date: Any = None,
                   collection_name: Any = None, **_more: Any) -> None:  # fmt: skip
        """Nothing: the notices of plugins are for those who write them."""

    def verbose(self, msg: Any, host: Any = None, caplevel: int = 2, **_more: Any) -> None:
        """A line that is shown from a verbosity on."""
        if self.verbosity > caplevel:
            type(self).show(f"<{host}> {msg}" if host else str(msg))

    def debug(self, msg: Any, host: Any = None) -> None:
        """Nothing: for those who write plugins."""

    def v(self, msg: Any, host: Any = None, **_more: Any) -> None:
        """For -v."""
        self.verbose(msg, host, 0)

    def vv(self, msg: Any, host: Any = None, **_more: Any) -> None:
        """For -vv."""
        self.verbose(msg, host, 1)

    def vvv(self, msg: Any, host: Any = None, **_more: Any) -> None:
        """For -vvv."""
        self.verbose(msg, host, 2)

    def vvvv(self, msg: Any, host: Any = None, **_more: Any) -> None:
        """For -vvvv."""
        self.verbose(msg, host, 3)

    def vvvvv(self, msg: Any, host: Any = None, **_more: Any) -> None:
        """For -vvvvv."""
        self.verbose(msg, host, 4)

    def vvvvvv(self, msg: Any, host: Any = None, **_more: Any) -> None:
        """For -vvvvvv."""
        self.verbose(msg, host, 5)
