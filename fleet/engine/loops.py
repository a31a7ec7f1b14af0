"""A task's loop: the items it comes to, and what each is called. Raises as templates do, Pending among it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.actions.base import ActionFailed
from fleet.engine.variables import PlayContext
from fleet.errors import FleetError
from fleet.plan.tree import TaskNode
from fleet.record import record
from fleet.source.nodes import Trusted
from fleet.template.errors import UndefinedVariable
from fleet.template.plain import OMIT, trusting
from fleet.template.scope import Scope
from fleet.template.undefined import Missing

LATER = object()
NOTHING = object()


@record
class Loop:
    """The items of a loop and how they are named. ``items`` None: no loop."""

    items: list[Any] | None
    var: str = "item"
    index_var: str = ""
    extended: bool = False
    all_items: bool = True
    label: Any = None
    pause: float = 0.0
    break_when: Any = None


def loop_of(node: TaskNode, scope: Scope, play: PlayContext) -> Loop:
    """Evaluate a task's loop. Raises TemplateError, Pending."""
    written = node.task.loop
    if written is None:
        return Loop(None)
    control = _control(node, scope, play)
    name, value = written
    if name == "first_found":
        items = _first_found(value, node, scope, play)
    else:
        items = _lookup_items(name, value, scope, play) if name else _loop_items(value, scope, play)
    return Loop(
        items,
        var=str(control.get("loop_var", "item")),
        index_var=str(control.get("index_var") or ""),
        extended=bool(control.get("extended", False)),
        all_items=bool(control.get("extended_allitems", True)),
        label=(node.kw.get("loop_control") or {}).get("label"),
        pause=float(control.get("pause") or 0),
        break_when=(node.kw.get("loop_control") or {}).get("break_when"),
    )


def _control(node: TaskNode, scope: Scope, play: PlayContext) -> dict[str, Any]:
    raw = node.kw.get("loop_control")
    if not isinstance(raw, dict):
        return {}
    rest = {name: value for name, value in raw.items() if name not in ("label", "break_when")}
    made: dict[str, Any] = play.world.templar.render(rest, scope)
    return made


def _loop_items(value: Any, scope: Scope, play: PlayContext) -> list[Any]:
    items = play.world.templar.render(value, scope, trusting)
    if not isinstance(items, list):
        raise ActionFailed(
            f"The `loop` value must resolve to a 'list', not {type(items).__name__!r}.",
        )
    return items


def _lookup_items(name: str, value: Any, scope: Scope, play: PlayContext) -> list[Any]:
    templar = play.world.templar
    if isinstance(value, list):
        terms = []
        for term in value:
            rendered = templar.render(term, scope, trusting)
            if rendered is not OMIT:
                terms.append(rendered)
    else:
        terms = _old_style(value, scope, play)
    terms = terms if isinstance(terms, list) else [terms]
    return templar.lookup(name, terms, scope)


def _first_found(value: Any, node: TaskNode, scope: Scope, play: PlayContext) -> list[Any]:
    """``with_first_found``: what needs a variable that is not there is passed over, and where files are looked
    for follows from the task's module (include_vars: vars, template: templates)."""
    written = node.task.action
    folder = next((f"{word}s" for word in ("template", "var") if word in written), "files")
    terms = _defined(value, scope, play)
    terms = [] if terms is NOTHING else terms if isinstance(terms, list) else [terms]
    return play.world.templar.lookup("first_found", terms, scope, _subdir=folder)


def _defined(value: Any, scope: Scope, play: PlayContext) -> Any:
    """``value`` rendered without its parts that are undefined; NOTHING for one that is undefined itself."""
    templar = play.world.templar
    try:
        if isinstance(value, Missing):
            return NOTHING
        if isinstance(value, Trusted):
            found = templar.evaluate(value, scope) if value.is_template else str(value)
            return found if isinstance(found, str) else _defined(found, scope, play)
        if isinstance(value, Mapping):
            parts = {str(key): _part(value, key, scope, play) for key in value}
            return {key: part for key, part in parts.items() if part is not NOTHING}
        if isinstance(value, list | tuple):
            found = [_part(value, index, scope, play) for index in range(len(value))]
            return [part for part in found if part is not NOTHING]
        return templar.render(value, scope)
    except UndefinedVariable:
        return NOTHING


def _part(whole: Any, key: Any, scope: Scope, play: PlayContext) -> Any:
    try:
        return _defined(whole[key], scope, play)
    except UndefinedVariable:
        return NOTHING


def _old_style(value: Any, scope: Scope, play: PlayContext) -> Any:
    """``with_items: name`` without braces still means the variable of that name."""
    templar = play.world.templar
    if isinstance(value, Trusted) and not value.is_template and value.isidentifier() and value in scope:
        return templar.expression(value, scope)
    return templar.render(value, scope, trusting)


def item_scope(loop: Loop, index: int, scope: Scope) -> tuple[Scope, dict[str, Any]]:
    """The scope of item ``index`` and the variables it adds."""
    items = loop.items or []
    layer: dict[str, Any] = {loop.var: items[index], "ansible_loop_var": loop.var}
    if loop.index_var:
        layer[loop.index_var] = index
        layer["ansible_index_var"] = loop.index_var
    if loop.extended:
        last = len(items) - 1
        layer["ansible_loop"] = {
            "index": index + 1, "index0": index, "first": index == 0, "last": index == last,
            "length": len(items), "revindex": last - index + 1, "revindex0": last - index,
            **({"allitems": items} if loop.all_items else {}),
            **({"nextitem": items[index + 1]} if index < last else {}),
            **({"previtem": items[index - 1]} if index else {}),
        }  # fmt: skip
    return scope.child(layer), layer


def label_of(loop: Loop, scope: Scope, play: PlayContext, value: Any) -> Any:
    """What stands in ``(item=...)``; LATER for a label that cannot be told before the item's own result."""
    if loop.label is None:
        return value
    try:
        return play.world.templar.render(loop.label, scope)
    except FleetError:
        return LATER
