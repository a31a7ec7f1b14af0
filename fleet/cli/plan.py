"""``fleet plan``: what apply would change, without changing it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.cli import options as o
from fleet.cli.apply import apply
from fleet.cli.compose import borrow, given_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fleet.events import Event, HostStats

EPILOG = """
Examples:

  fleet plan -i inventory/ site.yml

  fleet plan -i inventory/ site.yml --limit web --detailed-exitcode || echo "web has drifted"

With --detailed-exitcode the exit code is 0 when nothing is to be done and 3 when changes are pending;
errors have the exit codes they have everywhere: 2 a host failed, 4 unreachable or bad input, 5 bad options.
"""
SETTINGS = {"epilog": EPILOG}
PENDING = 3
Detailed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with 3, not 0, when there is something to change.")
]


@borrow(apply, without=("check", "diff", "list_hosts", "list_tasks", "list_tags", "syntax_check", "step"))
def plan(playbooks: o.Playbooks, detailed_exitcode: Detailed = False, **given: Any) -> None:
    """Show what apply would change, and change nothing (check mode with diffs)."""
    from fleet.cli.session import execute, open_session, prepare

    session = open_session(given_of(given, playbooks=playbooks, check=True, diff=True))
    prepare(session)
    totals = Totals()
    code = execute(session, totals)
    # The stream of a machine-readable format is not to be broken.
    out = sys.stderr if given.get("format_") == "jsonl" else sys.stdout
    out.write(summary(totals.stats) + "\n")
    raise typer.Exit(PENDING if code == 0 and detailed_exitcode and pending(totals.stats) else code)


class Totals:
    """A sink that keeps the last event's statistics."""

    def __init__(self) -> None:
        self.stats: Mapping[str, HostStats] = {}

    def feed(self, event: Event) -> None:
        """Take one event."""
        from fleet.events import RunEnded

        if isinstance(event, RunEnded):
            self.stats = event.stats

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Nothing to let go of."""


def pending(stats: Mapping[str, HostStats]) -> int:
    """How many hosts have something to change."""
    return sum(1 for line in stats.values() if line.changed)


def summary(stats: Mapping[str, HostStats]) -> str:
    """One line: how much would change, on how many hosts, and how many could not be asked."""
    hosts, changes = pending(stats), sum(line.changed for line in stats.values())
    lost = sum(1 for line in stats.values() if line.unreachable or line.failed)
    text = f"{_many(changes, 'task')} would change something on {hosts} of {_many(len(stats), 'host')}"
    if not changes:
        text = f"nothing to change on {_many(len(stats), 'host')}" if not lost else "no changes seen"
    return f"Plan: {text}" + (f"; {lost} failed or could not be reached" if lost else "")


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
