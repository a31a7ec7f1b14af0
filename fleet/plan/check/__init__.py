"""The offline check of compiled plays: what can be known to be wrong before any connection.

``check`` records errors for what is sure to stop the run where ansible-core would stop too, late ones for what
stops only a run that comes to it (a handler, a play without hosts, behind the end of a play), and warnings for
what looks wrong but may be meant (behind a condition, in a rescue, with ignore_errors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fleet.inventory.model import Inventory
from fleet.plan.check import files, keywords
from fleet.plan.check.arguments import arguments
from fleet.plan.check.handlers import Handlers
from fleet.plan.check.known import known
from fleet.plan.check.parsed import Parser
from fleet.plan.check.spot import Spot
from fleet.plan.check.variables import Variables, is_file, variable_values
from fleet.plan.check.walk import Walk
from fleet.plan.compile import Compiler
from fleet.plan.tree import PlanNode
from fleet.source.diagnostics import Diagnostics
from fleet.template.templar import Templar


class Compiled(Protocol):
    """A compiled play and the hosts it matches."""

    plan: PlanNode
    compiler: Compiler
    hosts: list[str]


def check(
    plays: Sequence[Compiled],
    templar: Templar,
    problems: Diagnostics,
    inventory: Inventory,
    extra_vars: Mapping[str, Any] | None = None,
    *,
    missing_handler_fatal: bool = True,
    kept_facts: bool = False,
    dynamic_roles: bool = False,
) -> None:
    """Record every certain mistake of the plays of a run in ``problems``, and warn of the likely ones.

    ``kept_facts``: facts of earlier runs are there, which may define anything.
    ``dynamic_roles``: that a role of include_role is not there is left to the run, as ansible-core does.
    """
    walks = [Walk(each.plan, each.compiler, problems, bool(each.hosts), dynamic_roles=dynamic_roles) for each in plays]
    defined = known(walks, inventory, extra_vars or {}, problems)
    defined.open = defined.open or kept_facts
    grows = any(spot.node.action in ("add_host", "group_by") for walk in walks for spot in walk.spots)
    variables = Variables(defined, Parser(templar), inventory, problems, grows)
    made = files.writes_here(walks, [each.hosts for each in plays])
    seen: dict[str, str | None] = {}
    for each, walk in zip(plays, walks, strict=True):
        keywords.play(each.plan, problems, templar.foreign_hint)
        files.vars_files(each.plan, each.compiler, problems, bool(each.hosts) or not inventory.hosts)
        variable_values(each.plan, variables.parser, problems)
        handlers = Handlers(walk)
        for spot in walk.spots:
            keywords.task(spot, templar, problems)
            arguments(spot, problems, templar.foreign_hint)
            handlers.task(spot, problems, missing_handler_fatal)
            variables.task(spot, bool(each.hosts))
            _source(spot, each, variables, made, seen)


def _source(spot: Spot, each: Compiled, variables: Variables, made: bool, seen: dict[str, str | None]) -> None:
    """The file of the controller that a task needs, and what is in it when it is a template."""
    folder = each.plan.play.folder
    found = files.source(spot, folder)
    if found is None:
        return
    name, written, path = found
    if path is None:
        files.missing(spot, name, written, folder, variables.problems, made)
    elif spot.node.action == "template" and is_file(path):
        if path not in seen:
            try:
                with open(path, encoding="utf-8") as file:
                    seen[path] = file.read()
            except (OSError, UnicodeDecodeError):
                seen[path] = None
        text = seen[path]
        if text is not None:
            variables.template_file(spot, path, text, bool(each.hosts))
