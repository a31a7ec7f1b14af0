"""The templates and expressions of a task, each with how sure it is that they are evaluated when the task runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleet.plan.check.spot import Spot
from fleet.record import record
from fleet.source.nodes import Trusted, has_template


@record
class Text:
    """``bare``: an expression without braces. ``runs``: evaluated whenever the task is come to, whatever its
    conditions; ``evaluated``: evaluated when the task runs; ``loop``: the loop's variables are there."""

    text: Trusted
    bare: bool = False
    runs: bool = False
    evaluated: bool = True
    loop: bool = True


LATER = ("failed_when", "changed_when", "until")
"""Conditions that see the task's own result."""
_LAZY = frozenset({"vars", "name", "when", "args", "register", "tags", "module_defaults", "loop_control", *LATER})


def texts(spot: Spot) -> Iterator[Text]:
    """All texts of a task that are templates or expressions."""
    node = spot.node
    for index, part in enumerate(node.kw.get("when", ())):
        yield from conditions(part, runs=index == 0)
    if node.task.loop is not None:
        name, value = node.task.loop
        for text in templates(value):
            yield Text(text, evaluated=not name, loop=False)
    yield from _arguments(spot)
    keywords = node.task.keywords
    for name, value in keywords.items():
        if name in LATER:
            yield from conditions(value, evaluated=True)
        elif name == "loop_control":
            control = value if isinstance(value, dict) else {}
            yield from conditions(control.get("break_when"), evaluated=False)
            for text in templates({key: item for key, item in control.items() if key != "break_when"}):
                yield Text(text, evaluated=False)
        elif name not in _LAZY:
            for text in templates(value):
                yield Text(text, evaluated=name in ("environment", "delegate_to"))
    for text in templates(keywords.get("vars")):
        yield Text(text, evaluated=False)


def _arguments(spot: Spot) -> Iterator[Text]:
    action = spot.node.action
    for name, value in spot.args.items():
        if action == "assert" and name == "that":
            yield from conditions(value, evaluated=True)
        elif action == "debug" and name == "var":
            if isinstance(value, Trusted):
                yield Text(value, bare=not value.is_template, evaluated=False)
        elif name in _ELSEWHERE.get(action, ()):
            continue
        else:
            # Of an assert the messages are looked at only when it fails; debug shows what is undefined.
            shown = (action, name) in _MAYBE
            for text in templates(value):
                yield Text(text, evaluated=not shown)


_ELSEWHERE = {
    "include_role": ("apply",),
    "include_tasks": ("apply",),
    "validate_argument_spec": ("argument_spec",),
}
"""Arguments that are rendered by the tasks they are for."""
_MAYBE = frozenset({("assert", "msg"), ("assert", "fail_msg"), ("assert", "success_msg")})


def conditions(value: Any, *, runs: bool = False, evaluated: bool = True) -> Iterator[Text]:
    """The expressions of a ``when``, ``until``, ``that``."""
    for part in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(part, Trusted) or not part.strip():
            continue
        bare = part.strip()
        braces = (bare[:2], bare[-2:]) in (("{{", "}}"), ("{%", "%}"))
        yield Text(part, bare=not braces, runs=runs, evaluated=evaluated)


def templates(value: Any) -> Iterator[Trusted]:
    """Every text below ``value`` that is a template."""
    if isinstance(value, Trusted):
        if value.is_template:
            yield value
    elif isinstance(value, dict):
        if has_template(value):
            for key, item in value.items():
                yield from templates(key)
                yield from templates(item)
    elif isinstance(value, list | tuple) and has_template(value):
        for item in value:
            yield from templates(item)
