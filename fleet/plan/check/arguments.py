"""Unknown modules and arguments that do not fit: every mistake of a task, each at its own place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import Location
from fleet.plan.check.spot import Spot
from fleet.playbook import registry
from fleet.playbook.arguments import RAW_PARAMS
from fleet.playbook.keywords import INCLUDE_ARGS, INCLUDES, META_ACTIONS
from fleet.remote.spec import BadArgument, Spec, convert_argument
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import has_template, location_of

Foreign = Callable[[str, str], str]
_ANYTHING = frozenset({"set_fact", "add_host", "validate_argument_spec"})
"""Modules whose arguments are names the user chooses."""


def literal(value: Any) -> bool:
    """True when ``value`` is what it will be at run time."""
    return not has_template(value)


def arguments(spot: Spot, problems: Diagnostics, foreign: Foreign = lambda _kind, _name: "") -> None:
    """Everything wrong with a task's module and arguments. ``foreign``: what plugin of Ansible's API brings a name."""
    node = spot.node
    if has_template(node.task.action) or "{{" in node.action:
        return
    module = registry.resolve(node.action)
    if (module is None or not (module.action or module.engine)) and foreign("module", node.task.action):
        return  # it says itself what it takes, when it runs
    if module is None:
        _unknown(spot, problems, foreign)
        return
    if module.name == "meta":
        _meta(spot, problems)
        return
    if module.name in _ANYTHING:
        return
    try:
        spec = registry.spec(module.name)
    except Exception as error:
        problems.warn(f"the module {module.name} cannot be loaded: {error}", node.task.at)
        return
    _check(spot, module.name, spec, problems)


def _unknown(spot: Spot, problems: Diagnostics, foreign: Foreign) -> None:
    name = spot.node.task.action
    at = spot.node.task.source.key_at(name) or spot.at
    brought = foreign("action", name)
    hint = brought or suggest(name, registry.known()) or suggest(name.rpartition(".")[2], registry.known())
    # Without a condition the task is sure to be come to; behind one it may never run on these hosts. A handler
    # may never be notified on them, so there only what looks like a slip is a mistake.
    sure = spot.runs and (not spot.handler or bool(hint))
    what = f"couldn't resolve module/action '{name}'"
    if sure:
        # ansible-core may know modules that fleet has not: their plays run as long as nobody comes to them.
        say = problems.error if spot.reached else problems.late
        say(what, at, hint or "fleet has no module of this name")
    else:
        problems.warn(what, at, hint or "fleet has no module of this name; the task fails if its condition holds")


def _meta(spot: Spot, problems: Diagnostics) -> None:
    action = spot.args.get("_raw_params")
    if isinstance(action, str) and literal(action) and action not in META_ACTIONS:
        spot.say(
            problems, f"invalid meta action requested: {action}", location_of(action),
            suggest(action, META_ACTIONS) or f"use one of: {', '.join(META_ACTIONS)}",
        )  # fmt: skip


def _check(spot: Spot, name: str, spec: Spec, problems: Diagnostics) -> None:
    args, written = spot.args, spot.node.task.action
    given: dict[str, Any] = {}
    clean = True
    for key, value in args.items():
        if key == "_raw_params" and name not in RAW_PARAMS and not spec.free_form and not spec.extra:
            if literal(value):
                spot.say(problems, f"'{written}' does not take free text: {value!r}", args.key_at(key) or spot.at,
                         "write its arguments as key=value or as a mapping")  # fmt: skip
            clean = False
        elif key not in spec.names and not str(key).startswith("_"):
            if not spec.extra and not _unsupported(spot, name, str(key), spec, problems):
                clean = False
        elif _fits(spot, spec, key, value, problems):
            given[key] = value
        else:
            clean = False
    if clean and "_variable_params" not in args and not _open_defaults(spot):
        _rules(spot, name, spec, given, problems)


def _unsupported(spot: Spot, name: str, key: str, spec: Spec, problems: Diagnostics) -> bool:
    known = INCLUDE_ARGS.get(name, frozenset(spec.names))
    if key in known:
        return True
    shown = ", ".join(sorted(item for item in (spec.args if name not in INCLUDES else known) if item[:1] != "_"))
    hint = suggest(key, known) or (f"it takes: {shown}" if len(shown) < 200 else "")
    spot.say(problems, f"'{spot.node.task.action}' has no argument '{key}'", spot.args.key_at(key) or spot.at, hint)
    return False


def _fits(spot: Spot, spec: Spec, key: str, value: Any, problems: Diagnostics) -> bool:
    arg = spec.args.get(spec.names.get(key, key))
    if (
        arg is None
        or (value is None and arg.required)
        or not (literal(value) or (arg.type in ("list", "dict") and not isinstance(value, str)))
    ):
        return True
    try:
        convert_argument(key, arg, value, literal)
    except BadArgument as error:
        at, hint = _place(spot, key, value, error), ""
        if arg.choices:
            wrong = value if isinstance(value, list) else [value]
            hint = next((found for item in wrong if item not in arg.choices
                         if (found := suggest(str(item), [str(choice) for choice in arg.choices]))), "")  # fmt: skip
        elif arg.options and isinstance(value, dict | list):
            hint = _option_hint(value, arg.options)
        spot.say(problems, str(error), at, hint)
        return False
    return True


def _place(spot: Spot, key: str, value: Any, error: BadArgument) -> Location | None:
    """Where the mistake is: the sub-option that is wrong, else the argument."""
    for item in value if isinstance(value, list) else [value]:
        marks = getattr(item, "marks", None)
        if isinstance(marks, dict) and error.name in marks:
            place: Location | None = item.key_at(error.name)
            return place
    return spot.args.key_at(key) or spot.at


def _option_hint(value: Any, options: Mapping[str, Any]) -> str:
    for item in value if isinstance(value, list) else [value]:
        for key in item if isinstance(item, dict) else ():
            if key not in options and (hint := suggest(str(key), options)):
                return hint
    return ""


def _rules(spot: Spot, name: str, spec: Spec, given: Mapping[str, Any], problems: Diagnostics) -> None:
    """What the arguments demand of each other: required, exclusive, together."""
    merged = {**_defaults(spot, name), **given}
    try:
        spec.normalize(merged, spot.node.task.action, literal)
    except BadArgument as error:
        if any(has_template(given.get(other)) and _omits(given[other]) for other in given):
            # An argument that may be left out at run time decides; it cannot be told now.
            return
        at = spot.args.key_at(error.name) if error.name in spot.args.marks else None
        spot.say(problems, str(error), at or spot.node.task.source.key_at(spot.node.task.action) or spot.at)


def _omits(value: Any) -> bool:
    return isinstance(value, str) and "omit" in value


def _open_defaults(spot: Spot) -> bool:
    """True when ``module_defaults`` may give arguments that cannot be seen here."""
    entries = spot.node.kw.get("module_defaults", ())
    return any(not isinstance(entry, dict) or any(str(key).startswith("group/") for key in entry) for entry in entries)


def _defaults(spot: Spot, name: str) -> dict[str, Any]:
    """Arguments that ``module_defaults`` give."""
    found: dict[str, Any] = {}
    for entry in spot.node.kw.get("module_defaults", ()):
        for key, values in entry.items() if isinstance(entry, dict) else ():
            module = registry.resolve(str(key))
            if module is not None and module.name == name and isinstance(values, dict):
                found.update(values)
    return found
