"""What every filter and test shares: undefined input, clear errors, plain values.

A filter is an ordinary function. ``guard`` makes it fit for templates: an undefined argument is
an ``UndefinedError``, anything the function chokes on is one ``FilterArgumentError`` that names
the filter, and text it computes is plain ``str``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, ItemsView, Iterable, KeysView, Mapping, ValuesView
from collections.abc import Set as AbstractSet
from types import GeneratorType
from typing import Any, NoReturn

from jinja2 import Undefined, pass_context
from jinja2.exceptions import FilterArgumentError

from fleet.source.nodes import Revealed

Function = Callable[..., Any]

# What a function raises when it is given the wrong kind of value. Everything else (an
# undefined variable, a value that is still on its way, a bug) passes through.
BAD_INPUT = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    re.error,
)


# A filter that hands a vault's plain text on does not make it less of a secret.
_KEPT = (str, Revealed)


def volatile(function: Function) -> Function:
    """Mark a function whose result may differ from call to call (random, clock, files)."""
    setattr(function, "fleet_volatile", True)  # noqa: B010  mypy knows no attributes on functions
    return function


def takes_undefined(function: Function) -> Function:
    """Mark a function that wants to see undefined values itself."""
    setattr(function, "fleet_takes_undefined", True)  # noqa: B010
    return function


def refuse(message: str) -> NoReturn:
    """Say that an argument is wrong. ``guard`` puts the filter's name in front."""
    raise ValueError(message)


def require(value: Any) -> None:
    """Raise what an undefined ``value`` stands for: ``UndefinedError``, or the environment's own error."""
    if isinstance(value, Undefined):
        # Every strict kind of undefined value raises its own reason when it is printed.
        str(value)
        value._fail_with_undefined_error()


def guard(kind: str, name: str, function: Function) -> Function:
    """``function`` as the filter or test ``name``; ``kind`` is the word for messages.

    Raises (when called) ``UndefinedError`` and ``FilterArgumentError``.
    """
    passes_extra = hasattr(function, "jinja_pass_arg")
    first = 1 if passes_extra else 0
    checks = not hasattr(function, "fleet_takes_undefined")

    def call(*args: Any, **kwargs: Any) -> Any:
        if checks:
            for value in args[first:]:
                require(value)
            for value in kwargs.values():
                require(value)
        try:
            result = function(*args, **kwargs)
        except BAD_INPUT as problem:
            raise FilterArgumentError(f"{kind} '{name}': {_reason(problem)}") from problem
        return str(result) if isinstance(result, str) and type(result) not in _KEPT else result

    _dress(call, function)
    # Jinja computes a call on constants once, when it compiles a template, unless the function
    # asks for the context; that would freeze today's clock into a template that is kept.
    if not hasattr(function, "fleet_volatile") or passes_extra:
        return call

    def call_each_time(_context: Any, *args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs)

    _dress(call_each_time, function)
    return pass_context(call_each_time)


def _dress(call: Function, function: Function) -> None:
    """Give ``call`` the marks and the documentation of ``function``; less than functools.wraps, and faster."""
    call.__doc__ = function.__doc__
    call.__dict__.update(getattr(function, "__dict__", {}), __wrapped__=function)


def _reason(problem: BaseException) -> str:
    if isinstance(problem, KeyError) and problem.args:
        return f"no such key: {problem.args[0]!r}"
    if isinstance(problem, re.error):
        return f"bad regular expression: {problem}"
    return str(problem) or type(problem).__name__


def text(value: Any) -> str:
    """``value`` as plain text, the way Jinja would print it."""
    return str(value) if isinstance(value, str) else str(ordinary(value))


def ordinary(value: Any) -> Any:
    """``value`` with every dict, list and string in it an ordinary one, rendered if it was lazy.

    What was one object stays one object. Raises ``UndefinedError`` for an undefined value inside.
    """
    return _ordinary(value, {})


def _ordinary(value: Any, seen: dict[int, tuple[Any, Any]]) -> Any:
    if isinstance(value, str):
        return value if type(value) is str else str(value)
    if isinstance(value, Mapping | list):
        # The original is kept next to its copy, so that no other object can get its id.
        known = seen.get(id(value))
        if known is not None:
            return known[1]
        return _ordinary_container(value, seen)
    if isinstance(value, tuple):
        return tuple(_ordinary(item, seen) for item in value)
    if isinstance(value, KeysView | ValuesView | ItemsView | AbstractSet | GeneratorType | range):
        return [_ordinary(item, seen) for item in value]
    require(value)
    return value


def _ordinary_container(value: Any, seen: dict[int, tuple[Any, Any]]) -> Any:
    made: Any
    if isinstance(value, Mapping):
        made = {}
        seen[id(value)] = (value, made)
        for key, item in value.items():
            made[_ordinary(key, seen)] = _ordinary(item, seen)
    else:
        made = []
        seen[id(value)] = (value, made)
        made.extend(_ordinary(item, seen) for item in value)
    return made


def is_list(value: Any) -> bool:
    """True for a list, a tuple, a set or anything else that is iterated but is no text or mapping."""
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes | Mapping | Undefined)


def assemble(
    kind: str,
    homes: Iterable[tuple[str, Iterable[Mapping[str, Function]]]],
    jinja: Mapping[str, Function],
) -> dict[str, Function]:
    """The tables of every collection as one: guarded, under full names and, first come, short ones.

    Jinja's own functions are in it as they are, under their short and ``ansible.builtin`` names.
    """
    table: dict[str, Function] = {}
    for collection, parts in homes:
        for part in parts:
            for name, function in part.items():
                guarded = guard(kind, name, function)
                table[f"{collection}.{name}"] = guarded
                table.setdefault(name, guarded)
    for name, function in jinja.items():
        table.setdefault(name, function)
        table.setdefault(f"ansible.builtin.{name}", table[name])
    return table
