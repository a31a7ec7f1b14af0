"""A task at its place in the run: what is known beforehand of whether it will run, and how its mistakes are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet.errors import Location
from fleet.plan.tree import TaskNode
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import Map


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """``comes``: no condition, rescue or loop that may be empty stands before it; ``runs``: nor does its own
    condition. ``fatal``: its failure is a failure of the host (nothing ignores, rescues or redefines it).
    ``reached``: the play has hosts, and nothing before the task may end it."""

    node: TaskNode
    runs: bool = True
    fatal: bool = True
    reached: bool = True
    handler: bool = False
    comes: bool = True

    @property
    def sure(self) -> bool:
        """A mistake in the task is sure to stop the run where it is reached."""
        return self.runs and self.fatal

    @property
    def args(self) -> Map:
        return self.node.task.args

    @property
    def at(self) -> Location | None:
        return self.node.task.at

    def say(
        self,
        problems: Diagnostics,
        what: str,
        at: Location | None,
        hint: str = "",
        *,
        sure: bool = True,
        runs: bool = False,
        late: bool = False,
    ) -> None:
        """An error where the task is sure to fail on it, else a warning. ``runs``: it fails whatever its condition.
        Where it is not sure that the task (``late``: or an item of its loop) is come to, the error is a late one."""
        if not (sure and self.fatal and (self.runs or (runs and self.comes))):
            problems.warn(what, at or self.at, hint)
        elif self.reached and not self.handler and not late:
            problems.error(what, at or self.at, hint)
        else:
            problems.late(what, at or self.at, hint)


def always(conditions: Any) -> bool:
    """True when the conditions hold whatever the host is like."""
    return all(part is True or str(part).strip().lower() in ("true", "yes", "1") for part in conditions or ())


def soft(kw: Mapping[str, Any]) -> bool:
    """True when a failure of the task may be wanted: ignored, or judged by the task itself."""
    return any(kw.get(name) not in (None, False) for name in ("ignore_errors",)) or "failed_when" in kw or "until" in kw
