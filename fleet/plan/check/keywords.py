"""Values of keywords that can be seen to be wrong: become_method, serial, strategy, register, loops, names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet.plan.check.arguments import Foreign
from fleet.plan.check.spot import Spot
from fleet.plan.tree import PlanNode
from fleet.plugins.modules import GROUPS
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.names import advice, is_name
from fleet.source.nodes import Map, has_template, location_of
from fleet.template.templar import Templar
from fleet.transport.become import METHODS

STRATEGIES = ("linear", "free", "host_pinned", "debug")
DEBUGGER = ("always", "never", "on_failed", "on_unreachable", "on_skipped")
ORDERS = ("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle")


def play(plan: PlanNode, problems: Diagnostics, foreign: Foreign = lambda _kind, _name: "") -> None:
    """Check the keywords of a play. ``foreign``: what plugin of Ansible's API brings a name."""
    written = plan.play.keywords
    _choice("strategy", written.get("strategy"), STRATEGIES, plan, problems, foreign)
    _choice("order", written.get("order"), ORDERS, plan, problems)
    _become(written, plan, problems)
    value = written.get("serial")
    for item in value if isinstance(value, list) else [value]:
        if item is not None and not has_template(item) and not _share(item):
            problems.error(
                f"'serial' must be a number of hosts or a percentage, not {item!r}", location_of(item) or plan.play.at,
                'write for example: serial: 2, serial: "30%" or serial: [1, "50%"]',
            )  # fmt: skip
    value = written.get("max_fail_percentage")
    if value is not None and not has_template(value) and not _number(str(value).removesuffix("%")):
        at = location_of(value) or plan.play.at
        problems.error(f"'max_fail_percentage' must be a number, not {value!r}", at)
    variable_names(written.get("vars"), problems)


def _choice(
    name: str,
    value: Any,
    known: Iterable[str],
    plan: PlanNode,
    problems: Diagnostics,
    foreign: Foreign = lambda _kind, _name: "",
) -> None:
    if not isinstance(value, str) or has_template(value) or value in known:
        return
    short = value.rpartition(".")[2]
    if short in known and value.startswith("ansible."):
        return
    at = location_of(value) or plan.play.at
    hint = foreign(name, value) or suggest(value, known) or f"use one of: {', '.join(known)}"
    problems.error(f"'{name}' cannot be {value!r}", at, hint)


def _become(written: Mapping[str, Any], plan: PlanNode | None, problems: Diagnostics, spot: Spot | None = None) -> None:
    value = written.get("become_method")
    if not isinstance(value, str) or has_template(value) or value.rpartition(".")[2] in METHODS:
        return
    what = f"become method '{value}' is not known"
    hint = suggest(value, METHODS) or f"use one of: {', '.join(METHODS)}"
    at = location_of(value) or (plan.play.at if plan else None)
    become = (spot.node.kw if spot else written).get("become")
    if spot is None:
        # It matters only where somebody becomes somebody.
        (problems.error if become is True else problems.warn)(what, at, hint)
    else:
        spot.say(problems, what, at, hint, sure=become is True)


def _share(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and _number(value.strip().removesuffix("%")))


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def task(spot: Spot, templar: Templar, problems: Diagnostics) -> None:
    """Check the keywords of a task."""
    node = spot.node
    _become(node.task.keywords, None, problems, spot)
    _groups(node.kw, problems)
    register = node.task.keywords.get("register")
    if register is not None and not is_name(register):
        problems.error(
            f"Invalid 'register' specified: Invalid variable name '{register}'", location_of(register) or spot.at,
            advice(str(register)),
        )  # fmt: skip
    if node.task.loop is not None and node.task.loop[0] and not templar.has_lookup(node.task.loop[0]):
        name = node.task.loop[0]
        hint = suggest(name, templar.lookups)
        at = node.task.source.key_at(f"with_{name}")
        spot.say(problems, f"there is no lookup '{name}' for with_{name}", at, hint)
    elif node.task.loop is not None and not node.task.loop[0]:
        _loop(spot, node.task.loop[1], problems)
    _loop_control(spot, problems)
    word = node.task.keywords.get("debugger")
    if isinstance(word, str) and not has_template(word) and word not in DEBUGGER:
        at = location_of(word) or node.task.source.key_at("debugger")
        problems.error(
            f"'debugger' cannot be {word!r}", at, suggest(word, DEBUGGER) or f"use one of: {', '.join(DEBUGGER)}"
        )
    for word in ("when", "until", "failed_when", "changed_when"):
        _condition(spot, word, problems)
    variable_names(node.task.keywords.get("vars"), problems)


def _groups(kw: Mapping[str, Any], problems: Diagnostics) -> None:
    """Groups of modules in ``module_defaults``: those of no collection are known."""
    for entry in kw.get("module_defaults", ()) if not kw.get("collections") else ():
        for key in entry if isinstance(entry, Map) else ():
            name = str(key).removeprefix("group/").removeprefix("ansible.builtin.")
            if str(key).startswith("group/") and "." not in name and name not in GROUPS:
                what = f"could not resolve the module_defaults group ansible.builtin.{name}"
                problems.error(what, entry.key_at(key), suggest(name, GROUPS))


def _loop(spot: Spot, value: Any, problems: Diagnostics) -> None:
    if isinstance(value, list) or has_template(value):
        return
    at = location_of(value) or spot.node.task.source.key_at("loop")
    kind = "a mapping" if isinstance(value, Mapping) else repr(value)
    hint = (
        "loop over its items: {{ ... | dict2items }}"
        if isinstance(value, Mapping)
        else f'write: loop: "{{{{ {value} }}}}"'
    )
    spot.say(problems, f"'loop' needs a list, not {kind}", at, hint)


def _condition(spot: Spot, word: str, problems: Diagnostics) -> None:
    """A condition is an expression: text, or a boolean."""
    value = spot.node.task.keywords.get(word)
    for part in value if isinstance(value, list) else [value]:
        if part is None or isinstance(part, bool) or (isinstance(part, str) and part.strip()):
            continue
        at = location_of(part) or spot.node.task.source.key_at(word)
        what = f"'{word}' must be an expression, not {'a mapping' if isinstance(part, Mapping) else repr(part)}"
        spot.say(
            problems,
            what,
            at,
            "an expression that holds ': ' or starts with a quote must be quoted whole",
            runs=word == "when",
        )


LOOP_CONTROL = ("loop_var", "index_var", "label", "pause", "extended", "extended_allitems", "break_when")


def _loop_control(spot: Spot, problems: Diagnostics) -> None:
    control = spot.node.task.keywords.get("loop_control")
    if not isinstance(control, Map):
        return
    for key, value in control.items():
        if key not in LOOP_CONTROL:
            problems.error(
                f"'{key}' is not a valid attribute for a LoopControl", control.key_at(key),
                suggest(str(key), LOOP_CONTROL) or f"it takes: {', '.join(LOOP_CONTROL)}",
            )  # fmt: skip
        elif (
            key in ("loop_var", "index_var")
            and isinstance(value, str)
            and not has_template(value)
            and not is_name(value)
        ):
            problems.error(f"Invalid variable name '{value}'", location_of(value), advice(value))


def variable_names(variables: Any, problems: Diagnostics) -> None:
    """Report keys of a ``vars`` that cannot be names of variables."""
    if not isinstance(variables, Map):
        return
    for key in variables:
        if not is_name(key):
            problems.error(f"Invalid variable name '{key}'", variables.key_at(key), advice(str(key)))
