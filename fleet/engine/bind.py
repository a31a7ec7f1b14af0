"""A task on a host: its loop, conditions and arguments evaluated, as orders to be carried out.

Pure apart from lookups. Reading a value that is on its way raises Pending; the caller tries again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actions.base import ActionFailed, Call, Dialogue, Done, Order, Remote, Result
from fleet.engine import foreign, jobs
from fleet.engine.results import failure, from_error, skip
from fleet.engine.state import HostState
from fleet.engine.variables import PlayContext
from fleet.errors import FleetError
from fleet.plan.tree import TaskNode
from fleet.playbook import registry
from fleet.playbook.arguments import RAW_PARAMS
from fleet.remote.convert import to_bool
from fleet.remote.spec import BadArgument
from fleet.source.diagnostics import suggest
from fleet.source.nodes import Trusted
from fleet.template.errors import Pending, TemplateError, UndefinedVariable
from fleet.template.plain import OMIT, plain, trusting
from fleet.template.scope import Scope

LONGEST = 100_000_000
"""Seconds: the longest time limit of a task."""


@dataclass(slots=True)
class Item:
    """One call of a task's module: a loop item, or the only one. ``result`` is set when it needs no host.

    ``unbound``: its condition or arguments cannot be rendered, so that there is nothing to judge.
    ``receiver``: whose facts its facts are, where items differ in that.
    """

    scope: Scope
    layer: Mapping[str, Any] = field(default_factory=dict)
    label: Any = None
    order: Order | Dialogue | None = None
    result: Result | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    attempts: int = 0
    step: int = 0
    sent: bool = False
    unbound: bool = False
    receiver: HostState | None = None


def condition(node: TaskNode, scope: Scope, play: PlayContext) -> Result | None:
    """None when the task's conditions hold, else the skipped result. Raises TemplateError, Pending."""
    for part in node.kw.get("when", ()):
        try:
            if not play.world.templar.condition(part, scope):
                return skip(str(part) if isinstance(part, str) else part)
        except TemplateError as error:
            shown = part if isinstance(part, str) else repr(part)
            if error.what.startswith(("Conditional", "Error while evaluating")):
                raise
            what = f"Error while evaluating conditional: {error.what}"
            at = error.at or getattr(part, "at", None)
            raise type(error)(what, at=at, hint=error.hint or f"when: {shown}") from None
    return None


def fill(item: Item, node: TaskNode, play: PlayContext, host: str, check: bool, diff: bool, delegate: str) -> None:
    """Decide what ``item`` takes: a result at once (skipped, failed) or an order. Raises Pending."""
    bound = False
    try:
        item.result = condition(node, item.scope, play)
        if item.result is not None:
            return
        time_limit(node, item.scope, play)
        raw = raw_args(node, item.scope, play)
        seconds = number(node, "async", item.scope, play, 0)
        item.order = foreign_order(item, node, raw, play, check, diff, inline=bool(seconds))
        if item.order is None:
            name, args = module_args(node, raw, item.scope, play)
            item.environment = environment(node, item.scope, play)
            if seconds and registry.known()[name].action:
                raise ActionFailed(f"This action ({name}) does not support async.")
            if name == "async_status":
                args.update(jobs.in_folder(jobs_folder(item.scope)))
            bound = True
            if check and not registry.spec(name).supports_check:
                item.result = unchecked(action_name(node.task.action, node, item.scope, play))
                return
            item.order = order(name, args, raw, item, play, host, check, diff, delegate)
        if seconds and isinstance(item.order, Remote):
            poll = number(node, "poll", item.scope, play, jobs.POLL)
            item.order = jobs.detached(item.order, seconds, poll, jobs_folder(item.scope))
        if isinstance(item.order, Done):
            item.result = item.order.result
    except BadArgument as error:
        item.result = failure(str(error))
    except FleetError as error:
        item.result = from_error(error)
        item.unbound = not bound and isinstance(error, TemplateError)


def unchecked(written: str) -> Result:
    """What a check run makes of a task whose module knows none; its name as the playbook has it."""
    what = f"remote module ({written}) does not support check mode"
    return Result({"changed": False, "skipped": True, "msg": what})


def jobs_folder(scope: Scope) -> str:
    """Where the host keeps what jobs came to; "": the usual place."""
    return str(scope.get("ansible_async_dir") or "")


def foreign_order(
    item: Item, node: TaskNode, raw: Mapping[str, Any], play: PlayContext, check: bool, diff: bool, *, inline: bool
) -> Remote | None:
    """The order where the task's module is somebody else's, else None."""
    scope = item.scope
    # As written: the node's own name no longer tells ansible.builtin.x from x.
    written = action_name(node.task.action, node, scope, play)
    path = foreign.find(written, play)
    if path is None:
        return None
    item.environment = environment(node, scope, play)
    args = foreign.render(raw, defaults(node, written, scope, play), scope, play)
    modes = {"check": check, "diff": diff, "no_log": flag(node, "no_log", scope, play)}
    return foreign.order(written, path, args, scope, play, modes, inline=inline)


def time_limit(node: TaskNode, scope: Scope, play: PlayContext) -> float:
    """Seconds the task may take; 0: as long as it wants. Raises ActionFailed for what no clock can count."""
    limit = number(node, "timeout", scope, play, play.world.options.task_timeout)
    if not 0 <= limit <= LONGEST:
        raise ActionFailed(f"Timeout {int(limit)} is invalid, it must be between 0 and {LONGEST}.")
    return limit


def raw_args(node: TaskNode, scope: Scope, play: PlayContext) -> Mapping[str, Any]:
    """A task's arguments before rendering; those of ``args: "{{ variable }}"`` keep what they are trusted for."""
    raw: Mapping[str, Any] = node.task.args
    if "_variable_params" not in raw:
        return raw
    written = raw["_variable_params"]
    found = play.world.templar.evaluate(written, scope)
    if not isinstance(found, dict) and found is not None and found is not OMIT:
        what = f"Finalization of task args for {node.action!r} failed: args must be a mapping, not {found!r}"
        raise TemplateError(what, at=getattr(written, "at", None))
    given = dict(dict.items(found)) if isinstance(found, dict) else {}
    return {**given, **{key: value for key, value in raw.items() if key != "_variable_params"}}


def action_name(name: str, node: TaskNode, scope: Scope, play: PlayContext) -> str:
    """The name of a task's module, rendered where it is a template."""
    if "{{" not in name:
        return name
    return str(play.world.templar.render(Trusted(name, node.task.at), scope)).strip()


def module_args(node: TaskNode, raw: Mapping[str, Any], scope: Scope, play: PlayContext) -> tuple[str, dict[str, Any]]:
    """The short name of the module and its normalized arguments."""
    written = action_name(node.action, node, scope, play)
    module = registry.resolve(written)
    if module is None:
        brought = play.world.templar.foreign_hint("action", written)
        known = brought or suggest(node.task.action, registry.known())
        raise TemplateError(
            f"couldn't resolve module/action '{written}'. This often indicates a misspelling, missing "
            "collection, or incorrect module path.",
            at=node.task.at, hint=known,
        )  # fmt: skip
    name = module.name
    spec = registry.spec(name)
    given = {**defaults_behind(node, name, scope, play), **defaults(node, name, scope, play)}
    templar = play.world.templar
    # What a fact says may be a condition later on.
    how = trusting if name == "set_fact" else plain
    keep = RAW_ARGS.get(name, ())
    for key, value in raw.items():
        if key in keep:
            given[key] = value
            continue
        try:
            rendered = templar.render(value, scope, how)
            if isinstance(key, Trusted):
                key = templar.render(key, scope)
        except TemplateError as error:
            full = registry.known()[name].full_name
            error.what = (
                f"Finalization of task args for '{full}' failed: Error while resolving value for '{key}': {error.what}"
            )
            raise
        if rendered is OMIT:
            given.pop(key, None)
        else:
            given[key] = rendered
    if "_raw_params" in given and name not in RAW_PARAMS and not spec.free_form and not spec.extra:
        raise BadArgument(f"Action '{module.full_name}' does not support raw params.")
    return name, spec.normalize(given, node.task.action)


RAW_ARGS: dict[str, tuple[str, ...]] = {
    "assert": ("that",),
    "debug": ("var",),
    "set_fact": (),
}
"""Arguments an action renders itself: conditions and names of variables."""


def defaults(node: TaskNode, name: str, scope: Scope, play: PlayContext) -> dict[str, Any]:
    """The module's arguments from ``module_defaults``, inner ones last."""
    merged: dict[str, Any] = {}
    for entry in node.kw.get("module_defaults", ()):
        if not isinstance(entry, dict):
            continue
        for key, values in entry.items():
            module = registry.resolve(str(key))
            member = str(key).startswith("group/") and foreign.in_group(str(key)[6:], name, play)
            if member or str(key) == name or (module is not None and module.name == name):
                merged.update(play.world.templar.render(values, scope) or {})
    return merged


BEHIND = {"service": ("service_mgr", "systemd"), "package": ("pkg_mgr", "apt")}
"""Modules that hand over to another one: the fact that names it, and which it is where there are no facts."""


def defaults_behind(node: TaskNode, name: str, scope: Scope, play: PlayContext) -> dict[str, Any]:
    """Of a module that hands over to another one: ``module_defaults`` of that one, and what the task's variables
    choose for ``use``."""
    if name not in BEHIND:
        return {}
    fact, usual = BEHIND[name]
    chosen = {"use": scope["ansible_package_use"]} if name == "package" and "ansible_package_use" in scope else {}
    if not node.kw.get("module_defaults"):
        return chosen
    facts = scope.get("ansible_facts", {})
    other = registry.resolve(str(facts.get(fact, usual)))
    return {**(defaults(node, other.name, scope, play) if other else {}), **chosen}


def environment(node: TaskNode, scope: Scope, play: PlayContext, lenient: bool = False) -> dict[str, str]:
    """The task's environment, inner entries last. ``lenient`` leaves out what cannot be known yet (facts)."""
    merged: dict[str, str] = {}
    for entry in node.kw.get("environment", ()):
        if lenient and isinstance(entry, dict):
            merged.update(_known_entries(entry, scope, play))
            continue
        rendered = keyword("environment", entry, scope, play)
        if rendered is OMIT or not rendered:
            continue
        if not isinstance(rendered, dict):
            raise TemplateError(
                f"environment must be a dictionary, received {rendered!r}", at=getattr(entry, "at", None)
            )
        merged.update({str(key): _env_text(value) for key, value in rendered.items()})
    return merged


def _known_entries(entry: Mapping[Any, Any], scope: Scope, play: PlayContext) -> dict[str, str]:
    found = {}
    for key, value in entry.items():
        try:
            rendered = play.world.templar.render(value, scope)
        except (UndefinedVariable, Pending):
            continue
        if rendered is not OMIT:
            found[str(key)] = _env_text(rendered)
    return found


def _env_text(value: Any) -> str:
    return "" if value is None else str(value)


def order(
    name: str,
    args: dict[str, Any],
    raw: Mapping[str, Any],
    item: Item,
    play: PlayContext,
    host: str,
    check: bool,
    diff: bool,
    delegate: str = "",
) -> Order | Dialogue:
    """Let the module's action make the order, or send the module as it is."""
    module = registry.known()[name]
    spec = registry.spec(name)
    item.secrets = tuple(spec.secrets(args))
    if not module.action:
        return Remote(name, args)
    call = Call(
        module=name, args=args, scope=item.scope, templar=play.world.templar, host=host, check=check, diff=diff,
        search_path=item.scope.search_path, raw=raw, verbosity=play.world.options.verbosity, now=time.monotonic,
        delegate=delegate,
    )  # fmt: skip
    made: Order | Dialogue = registry.load_action(name).run(call)
    return made


def keyword(name: str, value: Any, scope: Scope, play: PlayContext) -> Any:
    """The rendered value of a keyword. Raises TemplateError that names it, Pending."""
    try:
        return play.world.templar.render(value, scope)
    except TemplateError as error:
        error.what = f"Error processing keyword '{name}': {error.what}"
        raise


def flag(node: TaskNode, name: str, scope: Scope, play: PlayContext, default: bool = False) -> bool:
    """A boolean keyword, rendered. Raises TemplateError when it is no boolean."""
    value = node.kw.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    rendered = keyword(name, value, scope, play)
    if rendered is OMIT and node.outer.get(name) is not None and node.outer[name] is not value:
        # As if it were not written here: what the task stands in decides.
        value = node.outer[name]
        rendered = value if isinstance(value, bool) else keyword(name, value, scope, play)
    if rendered is OMIT or rendered is None:
        return default
    try:
        return bool(to_bool(rendered))
    except TypeError:
        what = f"Error processing keyword '{name}': The value {rendered!r} could not be converted to 'bool'."
        raise TemplateError(what, at=getattr(value, "at", None)) from None


def checked(node: TaskNode, scope: Scope, play: PlayContext) -> bool:
    """Whether a task runs in check mode, as far as that can be told now."""
    default = play.world.options.check
    try:
        return flag(node, "check_mode", scope, play, default)
    except (TemplateError, Pending):
        return default


def number(node: TaskNode, name: str, scope: Scope, play: PlayContext, default: float) -> float:
    """A numeric keyword, rendered. Raises TemplateError when it is no number."""
    value = node.kw.get(name)
    if value is None:
        return default
    rendered = keyword(name, value, scope, play)
    if rendered is OMIT or rendered is None or rendered == "":
        return default
    try:
        return float(rendered)
    except (TypeError, ValueError):
        raise TemplateError(f"'{name}' must be a number, not {rendered!r}", at=getattr(value, "at", None)) from None
