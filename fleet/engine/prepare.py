"""Everything that is done before the first connection: playbooks loaded, plays compiled, mistakes collected."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fleet.engine.options import RunOptions
from fleet.engine.variables import World
from fleet.errors import FleetError, InputError
from fleet.inventory.patterns import Policy, select
from fleet.plan.compile import Compiler
from fleet.plan.facts import subjects_read
from fleet.plan.reserved import warn_of_plan
from fleet.plan.sources import Sources
from fleet.plan.startat import names, start_at
from fleet.plan.tags import selected
from fleet.plan.tree import PlanNode, TaskNode
from fleet.playbook.load import load_playbook
from fleet.playbook.model import Play, Task
from fleet.remote.convert import to_bool
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Map
from fleet.template.scope import Scope


@dataclass(slots=True)
class Prepared:
    """A play that is ready to run. ``hosts`` are those it matches as far as it is known before the run."""

    playbook: str
    play: Play
    compiler: Compiler
    plan: PlanNode
    hosts: list[str]


def prepare(options: RunOptions, world: World, problems: Diagnostics) -> list[Prepared]:
    """Load and compile all playbooks of ``options``. Mistakes go to ``problems``."""
    read = world.templar.vault.text
    sources = Sources(options.places, read, world.on_folder, world.templar.aliases)
    found: list[Prepared] = []
    for path in options.playbooks:
        world.on_folder(os.path.dirname(os.path.abspath(path)))
        try:
            book = load_playbook(
                os.path.abspath(path),
                problems,
                lambda value, layers: static(world, value, layers),
                read=read,
                roots=sources.collection_roots,
            )
        except InputError as error:
            problems.add(error)
            continue
        for play in book.plays:
            world.on_folder(os.path.abspath(play.folder))
            world.inventory.add_playbook_folder(os.path.abspath(play.folder))
        found += [prepare_play(path, play, world, sources, problems) for play in book.plays]
    if options.start_at_task:
        start(found, options.start_at_task, problems)
    return found


def start(plays: Sequence[Prepared], name: str, problems: Diagnostics) -> None:
    """Drop what stands before the task to start at; a mistake when there is none of that name."""
    plans = [prepared.plan for prepared in plays]
    kept = start_at(plans, name, [bool(prepared.hosts) for prepared in plays])
    if kept is None:
        hint = suggest(name, names(plans)) or "see --list-tasks; tasks of dynamic includes cannot be found"
        problems.error(f"no task to start at is called {name!r}", hint=hint)
        return
    for prepared, plan in zip(plays, kept, strict=True):
        prepared.plan = plan


def prepare_play(path: str, play: Play, world: World, sources: Sources, problems: Diagnostics) -> Prepared:
    """Compile one play and select its hosts."""
    options = world.options
    play_vars = play.keywords.get("vars")
    base = [play_vars] if isinstance(play_vars, dict) else []

    def render(value: Any, layers: Sequence[Mapping[str, Any]]) -> Any:
        return static(world, value, [*layers, *base])

    compiler = Compiler(
        play, sources, problems, render, options.tags, options.skip_tags, private=options.private_role_vars
    )
    plan = compiler.compile()
    warn_of_plan(plan, world.templar.warn)
    hosts = play_hosts(play, world, problems)
    node = gather_node(plan, world, hosts, problems)
    if node is not None:
        plan = replace(plan, nodes=(node, *plan.nodes))
    return Prepared(path, play, compiler, plan, hosts)


def static(world: World, value: Any, layers: Sequence[Mapping[str, Any]]) -> Any:
    """``value`` rendered with extra variables and ``layers`` only. Raises TemplateError."""
    return world.templar.render(value, Scope([world.options.extra_vars, *layers], world.templar))


def play_hosts(play: Play, world: World, problems: Diagnostics, prompts: Mapping[str, Any] | None = None) -> list[str]:
    """The hosts a play means, in its order. A pattern nobody matches is a warning.

    ``prompts``: the answers to its ``vars_prompt``; without them a pattern that needs one matches nothing yet.
    """
    policy = Policy("warning", problems, getattr(play.hosts, "at", None) or play.at)
    try:
        pattern = static(world, play.hosts, [prompts or {}, play.keywords.get("vars") or {}])
        return select(world.inventory, pattern, world.options.limit, policy=policy, implicit_passes=False)
    except FleetError as error:
        if play.keywords.get("vars_prompt") and prompts is None:
            return []
        problems.error(error.what, error.at or getattr(play.hosts, "at", None) or play.at, error.hint)
        return []


def gather_node(plan: PlanNode, world: World, hosts: Sequence[str], problems: Diagnostics) -> TaskNode | None:
    """The implicit task that gathers facts, None when the play does without."""
    kw = plan.kw
    wanted = kw.get("gather_facts")
    if wanted is None:
        on = world.options.gathering != "explicit"
    else:
        try:
            on = bool(to_bool(static(world, wanted, [kw.get("vars") or {}])))
        except (TypeError, FleetError):
            on = True
    tags = {"always", *map(str, kw.get("tags", ()))}
    if not on or not selected(tags, world.options.tags, world.options.skip_tags):
        return None
    args = Map()
    for name in ("gather_subset", "gather_timeout", "fact_path"):
        if kw.get(name) is not None:
            args[name] = kw[name]
    layers = [kw.get("vars") or {}]
    try:
        layers += [world.inventory_vars(host) for host in hosts[:1]]
    except InputError as error:
        problems.add(error)
    args["_read"] = subjects_read(plan, layers)
    inner = {name: value for name, value in kw.items() if name in _HANDED_DOWN}
    task = Task("Gathering Facts", "gather_facts", args, {}, plan.play.at)
    return TaskNode(task, "gather_facts", inner, implicit=True)


_HANDED_DOWN = frozenset(
    (
        "become become_exe become_flags become_method become_user check_mode connection environment "
        "ignore_errors ignore_unreachable no_log port remote_user timeout module_defaults"
    ).split()
)
