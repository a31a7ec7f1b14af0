"""What every consumer of events looks like."""

from __future__ import annotations

from typing import Protocol

from fleet.events import Event


class Sink(Protocol):
    """Takes the events of one run, in order, from one thread.

    A sink may raise; the fan-out then reports it once and goes on without it.
    """

    def feed(self, event: Event) -> None:
        """Take one event."""

    def tick(self, now: float) -> None:
        """Time has passed: ``now`` is in seconds of the run's clock. For live displays."""

    def close(self) -> None:
        """The run is over, or was broken off. Flush and let go of everything. Called once."""
