"""Filters on lists: sets, flattening, products. Order is that of first appearance."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import pass_environment
from jinja2.filters import make_attrgetter

from fleet.template.filters.guard import is_list, ordinary, refuse


class _Seen:
    """The values met so far: a set for those that can be hashed, a list for the rest."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.hashed: set[Any] = set()
        self.others: list[Any] = []
        for value in values:
            self.add(value)

    def add(self, value: Any) -> bool:
        """Note ``value``; True when it is new."""
        if value in self:
            return False
        try:
            self.hashed.add(value)
        except TypeError:
            self.others.append(value)
        return True

    def __contains__(self, value: Any) -> bool:
        try:
            return value in self.hashed
        except TypeError:
            return value in self.others


def _items(value: Any) -> list[Any]:
    """The items, plain, so that equal ones compare equal."""
    if not hasattr(value, "__iter__"):
        refuse(f"needs a list, not {type(value).__name__}")
    return [ordinary(item) for item in value]


def _without_repeats(values: Iterable[Any]) -> list[Any]:
    seen = _Seen()
    return [value for value in values if seen.add(value)]


def difference(value: Any, other: Any) -> list[Any]:
    """What is in the first list but not in the second, each once."""
    unwanted = _Seen(_items(other))
    return [item for item in _without_repeats(_items(value)) if item not in unwanted]


def intersect(value: Any, other: Any) -> list[Any]:
    """What is in both lists, each once."""
    wanted = _Seen(_items(other))
    return [item for item in _without_repeats(_items(value)) if item in wanted]


def union(value: Any, other: Any) -> list[Any]:
    """What is in either list, each once."""
    return _without_repeats(_items(value) + _items(other))


def symmetric_difference(value: Any, other: Any) -> list[Any]:
    """What is in just one of the two lists, each once."""
    return difference(value, other) + difference(other, value)


@pass_environment
def unique(environment: Any, value: Any, case_sensitive: bool | None = None, attribute: Any = None) -> list[Any]:
    """The items without repeats, by default without regard to upper and lower case.

    Lists and dictionaries among them are compared as they are, then so is everything else.
    """
    of = make_attrgetter(environment, attribute) if attribute is not None else (lambda item: item)
    if not hasattr(value, "__iter__"):
        refuse(f"'{type(value).__name__}' object is not iterable")
    value = list(value)
    if any(isinstance(ordinary(of(item)), dict | list) for item in value):
        if case_sensitive is not None or attribute is not None:
            refuse(
                "lists and dictionaries are compared whole: cannot fall back to that with case_sensitive or attribute"
            )
        case_sensitive = True
    seen = _Seen()
    kept = []
    for item in value:
        key = ordinary(of(item))
        if isinstance(key, str) and not case_sensitive:
            key = key.lower()
        if seen.add(key):
            kept.append(item)
    return kept


def flatten(value: Any, levels: int | None = None, skip_nulls: bool = True) -> list[Any]:
    """Lists in the list replaced by their items, ``levels`` deep or entirely.

    With ``skip_nulls`` the words ``None`` and ``null`` go as well, as they do in Ansible.
    """
    made: list[Any] = []
    for item in value:
        if skip_nulls and (item is None or (isinstance(item, str) and item in ("None", "null"))):
            continue
        if not is_list(item) or (levels is not None and levels < 1):
            made.append(item)
        else:
            made.extend(flatten(item, None if levels is None else levels - 1, skip_nulls))
    return made


def zip_(value: Any, *others: Any, strict: bool = False) -> list[tuple[Any, ...]]:
    """Tuples of the items at the same place; the shortest list decides unless ``strict``."""
    return list(zip(value, *others, strict=bool(strict)))


def zip_longest(value: Any, *others: Any, fillvalue: Any = None) -> list[tuple[Any, ...]]:
    """Tuples of the items at the same place, as long as the longest list."""
    return list(itertools.zip_longest(value, *others, fillvalue=fillvalue))


def product(value: Any, *others: Any, repeat: int = 1) -> list[tuple[Any, ...]]:
    """Every item with every item of the other lists."""
    return list(itertools.product(value, *others, repeat=repeat))


def permutations(value: Any, size: int | None = None) -> list[tuple[Any, ...]]:
    """Every way to arrange ``size`` of the items."""
    return list(itertools.permutations(value, size))


def combinations(value: Any, size: int) -> list[tuple[Any, ...]]:
    """Every way to choose ``size`` of the items."""
    return list(itertools.combinations(value, size))


FILTERS: dict[str, Callable[..., Any]] = {
    "difference": difference,
    "unique": unique,
    "flatten": flatten,
    "intersect": intersect,
    "union": union,
    "symmetric_difference": symmetric_difference,
    "product": product,
    "zip": zip_,
    "zip_longest": zip_longest,
    "permutations": permutations,
    "combinations": combinations,
}
