"""Filters that choose by chance, repeatably when given a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fleet.template.filters.guard import is_list, refuse, volatile

if TYPE_CHECKING:
    from random import Random


def source(seed: Any) -> Random:
    """The system's randomness, or the sequence that belongs to ``seed``."""
    from random import Random, SystemRandom

    if seed is None:
        return SystemRandom()
    return Random(str(seed) if isinstance(seed, str) else seed)


@volatile
def random(value: Any, start: int | None = None, step: int | None = None, seed: Any = None) -> Any:
    """A number below ``value``, or an item of it when it is a list."""
    if isinstance(value, int):
        return source(seed).randrange(start or 0, value, step or 1)
    if not is_list(value) and not isinstance(value, str):
        refuse(f"random can only be used on sequences and integers, not {type(value).__name__}")
    if start or step:
        refuse("start and step can only be used with integer values")
    items = list(value)
    if not items:
        refuse("cannot choose from an empty list")
    return source(seed).choice(items)


@volatile
def shuffle(value: Any, seed: Any = None) -> Any:
    """The items in random order. What has no items comes back as it is."""
    if not hasattr(value, "__iter__"):
        return value
    items = list(value)
    source(seed).shuffle(items)
    return items


FILTERS: dict[str, Callable[..., Any]] = {"random": random, "shuffle": shuffle}
