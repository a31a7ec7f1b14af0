"""Taking up a host's run after its connection broke: what ran meanwhile is fetched, what did not is sent again.

Pure but for the frames it sends. The worker asks once; a runner that is gone, or results that were lost
with the connection, leave the host unreachable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fleet.errors import Unreachable
from fleet.record import record

EXPECTED = frozenset({"reboot"})
"""Modules that take the connection away themselves: whoever sent them waits for the host's return."""

Step = dict[str, Any]


@record
class Loss:
    """A connection that broke: why, and the steps it owed results for, in order."""

    error: Unreachable
    steps: tuple[Step, ...]


def loss(error: Unreachable, sent: Mapping[int, Step], waiting: Collection[int]) -> Loss | None:
    """What was lost with the connection; None when nothing is worth asking for."""
    steps = tuple(step for number, step in sent.items() if number in waiting)
    if not steps or any(step["module"] in EXPECTED for step in steps):
        return None
    return Loss(error, steps)


def rest(lost: Loss, answer: Mapping[str, Any], streamed: Collection[int]) -> tuple[list[Step], list[Step]]:
    """From a ``resumed`` frame: the frames of results that were owed, and the steps that have not run.

    ``streamed`` are steps that sent data, which went down with the connection. Raises Unreachable with
    the first cause when something ran whose result is gone.
    """
    if not answer["found"]:
        raise lost.error
    owed = {step["id"] for step in lost.steps}
    done = [frame for frame in answer["done"] if frame["id"] in owed]
    known = {frame["id"] for frame in done}
    unknown = [step for step in lost.steps if step["id"] not in known]
    if known & set(streamed) or any(step["id"] <= answer["last"] and not _dropped(step, done) for step in unknown):
        raise lost.error
    return done, [step for step in unknown if step["id"] > answer["last"]]


def _dropped(step: Step, done: list[Step]) -> bool:
    """True when a failure before ``step`` made the runner pass it by."""
    return any(frame["result"].get("failed") and frame["id"] < step["id"] for frame in done)
