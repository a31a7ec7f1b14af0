"""Values that leave the template layer are plain data: exact dicts, lists, strings, numbers; nothing lazy."""

from __future__ import annotations

import datetime
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Final

from jinja2 import Undefined

from fleet.source.nodes import Encrypted, Revealed, Trusted
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.undefined import Missing


class Omit:
    """The value of ``omit``: an argument, key or item that has it is left out."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<<Omit>>"

    def __reduce__(self) -> str:
        return "OMIT"


OMIT: Final = Omit()
_ATOMS: Final = frozenset(
    {int, float, bool, type(None), bytes, datetime.datetime, datetime.date, datetime.time, datetime.timedelta}
)
ITERATORS: Final = (Iterator, KeysView, ValuesView, ItemsView)
_SETTLED: Final = frozenset({str, bool, int, list, dict, type(None)})
_LISTS: Final = (list, tuple, set, frozenset, *ITERATORS)
_STRUCTURES: Final = (dict, Mapping, *_LISTS)


def plain(value: Any) -> Any:
    """``value`` with everything lazy read and everything omitted dropped from dicts and lists.

    Raises ``UndefinedVariable`` for an undefined value anywhere in it, ``TemplateError`` for things that
    are no data (functions, ranges), ``Pending`` for a member that is still on its way.
    """
    kind = type(value)
    if kind is str or kind in _ATOMS:
        return value
    if isinstance(value, str) and not isinstance(value, Encrypted):
        return value if kind is Revealed else str.__str__(value)
    if isinstance(value, dict | Mapping):
        return _plain_dict(value, plain)
    if isinstance(value, _LISTS):
        return [plain(item) for item in value if item is not OMIT]
    return _plain_rest(value)


def trusting(value: Any) -> Any:
    """As ``plain``, but text that stands in the playbook or inventory as it is stays trusted.

    Source: https://docs.ansible.com/ansible-core/2.19/porting_guides/porting_guide_core_2.19.html (trust)
    """
    if type(value) is Trusted:
        return value
    if isinstance(value, dict | Mapping):
        return _plain_dict(value, trusting)
    if isinstance(value, _LISTS):
        return [trusting(item) for item in value if item is not OMIT]
    return plain(value)


def _plain_dict(value: Mapping[Any, Any], how: Callable[[Any], Any]) -> dict[Any, Any]:
    made = {}
    for key, item in value.items():
        if item is not OMIT:
            made[str.__str__(key) if isinstance(key, str) else key] = how(item)
    return made


def _plain_rest(value: Any) -> Any:
    if isinstance(value, Undefined):
        refuse(value)
    if value is OMIT:
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, bytes | datetime.date | datetime.time | datetime.timedelta):
        return value
    raise TemplateError(
        f"Error rendering template: Type '{type(value).__name__}' is unsupported for variable storage.",
        hint="add '| list' to turn it into a list" if isinstance(value, range) else "",
    )


def settled(value: Any) -> Any:
    """``value``, but a list for what can be read only once (generators) or is only a view of a dict."""
    if type(value) in _SETTLED:
        return value
    return list(value) if isinstance(value, ITERATORS) else value


def refuse(value: Undefined) -> None:
    """Raise what an undefined value stands for."""
    if isinstance(value, Missing):
        value.fail()
    raise UndefinedVariable("the inline if-expression was false and has no else part")


def as_text(value: Any) -> str:
    """``value`` as it stands between other text: nothing for ``None``, ``omit`` and an if without else."""
    if type(value) is str:
        return value
    if value is None or value is OMIT:
        return ""
    if isinstance(value, Undefined):
        if isinstance(value, Missing):
            value.fail()
        return ""
    if isinstance(value, str):
        return str.__str__(value)
    return str(plain(value)) if isinstance(value, _STRUCTURES) else str(value)


def join(parts: Any) -> Any:
    """What a template is worth: its only part as it is, several parts as one text, no part as ``None``."""
    kept = [part for part in parts if part is not None]
    if len(kept) == 1:
        return kept[0]
    if not kept:
        return None
    return "".join([part if type(part) is str else as_text(part) for part in kept])


def join_text(parts: Any) -> str:
    """What a template file is worth: always text."""
    return "".join([part if type(part) is str else as_text(part) for part in parts])
