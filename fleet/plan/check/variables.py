"""Variables that nothing in the run defines, read where nothing forgives it; groups and hosts that do not exist."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fleet.errors import Location
from fleet.inventory.model import Inventory
from fleet.plan.check.known import Known
from fleet.plan.check.parsed import Parser, locate
from fleet.plan.check.reads import Read, Reads
from fleet.plan.check.spot import Spot
from fleet.plan.check.texts import Text, templates, texts
from fleet.plan.tree import PlanNode
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Trusted, has_template

CLOSE = 0.85
"""How alike two names must be for a name that may be unused to be called a slip of the pen."""
NOWHERE = "nothing in this run defines it: set it in vars, in the inventory or with -e, or give it a default()"


@dataclass(slots=True)
class Variables:
    """Checks the templates of tasks. ``hosts``: the play has hosts, so its tasks are really come to."""

    known: Known
    parser: Parser
    inventory: Inventory
    problems: Diagnostics
    grows: bool = False
    """Groups or hosts may be added while the run goes on."""

    def task(self, spot: Spot, hosts: bool) -> None:
        """Everything wrong with the templates of one task."""
        found: list[tuple[Text, Reads]] = []
        for text in texts(spot):
            reads = self.parser.text(text.text, text.bare)
            if reads is None:
                faults = [self.parser.fault(text.text, text.bare)]
            else:
                faults = self.parser.faults(text.text, reads) if reads.filters or reads.tests else []
                found.append((text, reads))
            late = bool(faults) and self._maybe_empty(spot, text)
            for fault in faults:
                sure = text.evaluated and fault.sure
                spot.say(self.problems, fault.what, fault.at, fault.hint, sure=sure, runs=text.runs, late=late)
        guarded = {name for _, reads in found for name in reads.guarded}
        for text, reads in found:
            self._names(spot, text, reads, guarded, hosts)
            for owner, key, line in reads.members:
                self._member(owner, key, locate(text.text, key, line), guarded)

    def _names(self, spot: Spot, text: Text, reads: Reads, guarded: set[str], hosts: bool) -> None:
        for read in reads.names:
            if read.name in guarded or self.has(read.name, spot, text):
                continue
            sure = read.sure and hosts and spot.reached and spot.fatal and not spot.handler and not self.known.open
            sure = (
                sure
                and text.evaluated
                and (spot.runs or (text.runs and spot.comes))
                and not self._maybe_empty(spot, text)
            )
            self.undefined(read, locate(text.text, read.name, read.line), sure)

    def has(self, name: str, spot: Spot, text: Text | None = None) -> bool:
        """True when ``name`` could be defined at the task."""
        if self.known.has(name) or name in self.parser.templar.environment.globals:
            return True
        if name == "item" and spot.node.task.loop is not None and (text is None or text.loop):
            return not _loop_var(spot)
        return spot.handler and name == "item"

    @staticmethod
    def _maybe_empty(spot: Spot, text: Text) -> bool:
        """True when the text is evaluated once an item of a loop that may have none."""
        if spot.node.task.loop is None or not text.loop:
            return False
        name, value = spot.node.task.loop
        if not (isinstance(value, list) and value):
            return True
        # with_items flattens, so an element that is a template may be nothing; other lookups do as they like.
        return bool(name) and (name not in ("items", "list") or has_template(value))

    def undefined(self, read: Read, at: Location | None, sure: bool) -> None:
        """Say that nothing defines a variable: an error where it is sure, a warning where it looks like a slip."""
        pool = self.known.registered if read.result else self.known.names
        hint = suggest(read.name, pool) or suggest(read.name, self.known.names)
        if sure:
            self.problems.error(f"'{read.name}' is undefined", at, hint or NOWHERE)
            return
        if self.known.open:
            # Only what is called like a result and used like one is surely meant to be one.
            pool = self.known.registered if read.result else set()
        close = slip(read.name, pool)
        if close:
            self.problems.warn(f"'{read.name}' is defined nowhere", at, f"did you mean '{close}'?")

    def _member(self, owner: str, key: str, at: Location | None, guarded: set[str]) -> None:
        """A literal key of ``groups`` or ``hostvars``."""
        pool: Iterable[str] = self.inventory.groups if owner == "groups" else self.inventory.hosts
        if key in pool or self.grows or owner in guarded or f"[{key}]" in guarded or key in _MAPPING:
            return
        if not self.inventory.hosts or (owner == "hostvars" and key == "localhost"):
            return
        word = "group" if owner == "groups" else "host"
        self.problems.warn(f"the inventory has no {word} '{key}'", at, suggest(key, pool))

    def template_file(self, spot: Spot, path: str, text: str, hosts: bool) -> None:
        """Everything wrong with a template file that a task renders."""
        options = {
            name: value for name, value in spot.args.items() if name in _OPTIONS and isinstance(value, str | bool)
        }
        reads, faults, shift = self.parser.file(text, path, options)
        empty = self._maybe_empty(spot, _IN_LOOP)
        for fault in faults:
            spot.say(self.problems, fault.what, fault.at, fault.hint, sure=fault.sure, late=empty)
        if reads is None:
            return
        for read in reads.names:
            if read.name in reads.guarded or self.has(read.name, spot):
                continue
            sure = read.sure and hosts and spot.reached and spot.sure and not spot.handler and not self.known.open
            sure = sure and not empty
            self.undefined(read, _in_file(text, path, read, shift), sure)


_MAPPING = frozenset(dir(dict))
_IN_LOOP = Text(Trusted(""))
_OPTIONS = frozenset(
    (
        "block_start_string block_end_string variable_start_string variable_end_string "
        "comment_start_string comment_end_string newline_sequence trim_blocks lstrip_blocks"
    ).split()
)


def slip(name: str, pool: Collection[str]) -> str:
    """The name of ``pool`` that ``name`` almost surely was meant to be, or ""."""
    for other in pool:
        if len(other) == len(name) and len(name) > 3 and sorted(other) == sorted(name):
            return other
    close = difflib.get_close_matches(name, pool, n=1, cutoff=CLOSE) if pool else ()
    return close[0] if close else ""


def _loop_var(spot: Spot) -> bool:
    """True when the loop calls its items something else than ``item``."""
    control = spot.node.kw.get("loop_control")
    return isinstance(control, dict) and bool(control.get("loop_var"))


def _in_file(text: str, path: str, read: Read, shift: int) -> Location:
    lines = text.splitlines()
    number = read.line + shift
    column = lines[number - 1].find(read.name) + 1 if 0 < number <= len(lines) else 0
    return Location(path, number, column)


def variable_values(plan: PlanNode, parser: Parser, problems: Diagnostics) -> None:
    """Syntax errors in variables' values: warnings, since a variable that nobody reads does no harm."""
    layers = [
        plan.play.keywords.get("vars"),
        *(use.role.vars for use in plan.roles),
        *(use.role.defaults for use in plan.roles),
    ]
    for layer in layers:
        if isinstance(layer, dict):
            _values(layer, parser, problems)


def _values(layer: object, parser: Parser, problems: Diagnostics) -> None:
    for text in templates(layer):
        reads = parser.text(text)
        if reads is None:
            fault = parser.fault(text)
            problems.warn(fault.what, fault.at, fault.hint)
        elif reads.filters or reads.tests:
            for fault in parser.faults(text, reads):
                problems.warn(fault.what, fault.at, fault.hint)


def is_file(path: str) -> bool:
    """True for a file of a size worth reading."""
    try:
        return os.path.isfile(path) and os.path.getsize(path) < 1 << 20
    except OSError:
        return False
