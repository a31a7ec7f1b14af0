"""The log that ``ANSIBLE_LOG_PATH`` and ``--log`` ask for: plain output with time stamps, full tracebacks."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable
from dataclasses import replace

from fleet.events import Event, ItemResult, TaskResult
from fleet.sinks.plain import DEFAULTS, Plain, PlainOptions
from fleet.sinks.values import safe

# As ansible-core has it, what is deprecated is information.
LEVELS = {"[ERROR]": "ERROR", "[WARNING]": "WARNING", "[DEPRECATION WARNING]": "INFO"}


class LogFile:
    """Appends to ``path``, which is made readable for its owner alone. Several runs may share a file:
    each record is written whole. Raises OSError when the file cannot be opened or written.

    ``clock`` gives the seconds since the epoch; lines carry local time.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        options: PlainOptions = DEFAULTS,
        name: str = "fleet",
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Line by line would tear records of several lines apart when two runs write; a record is one write.
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._clock = clock
        self._who = f"p={os.getpid()} u={_user()} n={name}"
        self._plain = Plain(
            replace(options, color=False, display_failed_stderr=False),
            _Records(self.record),  # type: ignore[arg-type]
            _Records(self.record),  # type: ignore[arg-type]
        )

    @property
    def mask(self) -> Callable[[str], str]:
        """What hides secrets in the lines of the user's files that are shown."""
        mask: Callable[[str], str] = self._plain.mask
        return mask

    @mask.setter
    def mask(self, mask: Callable[[str], str]) -> None:
        self._plain.mask = mask

    def feed(self, event: Event) -> None:
        """Log one event."""
        self._plain.feed(event)
        if isinstance(event, (TaskResult, ItemResult)) and event.status in ("failed", "unreachable"):
            trace = event.result.get("exception")
            if isinstance(trace, str) and "\n" in trace.strip() and not event.task.no_log:
                self.record(safe(f"[{event.host}] {event.task.name}: traceback\n{trace}"), "ERROR")

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Log what still waits, and close."""
        self._plain.close()
        os.close(self._fd)

    def record(self, text: str, level: str = "") -> None:
        """Write ``text``; every line of it gets the stamp, so that no host can forge a record."""
        text = text.strip("\n")
        if not text:
            return
        level = level or LEVELS.get(text.partition(":")[0], "INFO")
        now = self._clock()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) + f",{int(now * 1000) % 1000:03d}"
        lines = "".join(f"{stamp} {self._who} {level}| {line}\n" for line in text.split("\n"))
        data = lines.encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._fd, data) :]


class _Records:
    """As much of a text stream as the plain sink uses: each write is a record."""

    encoding = "utf-8"

    def __init__(self, record: Callable[[str], None]) -> None:
        self.write = record

    def flush(self) -> None:
        """Records are written at once."""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getuid())
