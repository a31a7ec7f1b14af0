"""Filters on numbers and sizes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from fleet.template.filters.guard import refuse

# Largest first: the first that fits is the one people want to read.
SIZES = {letter: 1 << (10 * power) for letter, power in zip("YZEPTGMKB", range(8, -1, -1), strict=True)}
SIZE_NAMES = {
    "Y": "yotta", "Z": "zetta", "E": "exa", "P": "peta", "T": "tera", "G": "giga", "M": "mega", "K": "kilo", "B": "",
}  # fmt: skip
SIZE = re.compile(r"(\d*\.?\d+)(?:\s*([A-Za-z]+))?\s*$", re.ASCII)


def number(value: Any) -> float:
    """``value`` if it is a number; text that looks like one is refused, as in Ansible."""
    if not isinstance(value, int | float):
        refuse(f"can only be used on numbers, not {type(value).__name__}")
    return value


def log(value: Any, base: float = math.e) -> float:
    """The logarithm to ``base``."""
    return math.log10(number(value)) if base == 10 else math.log(number(value), number(base))


def power(value: Any, exponent: Any) -> float:
    """``value`` to the power of ``exponent``."""
    return math.pow(number(value), number(exponent))


def root(value: Any, base: Any = 2) -> float:
    """The ``base``-th root."""
    return math.sqrt(number(value)) if base == 2 else math.pow(number(value), 1.0 / number(base))


def human_readable(value: Any, isbits: bool = False, unit: str | None = None) -> str:
    """A number of bytes (or bits) with a unit, two digits after the point."""
    try:
        size = number(value)
    except ValueError as problem:
        refuse(f"failed on bad input: {problem}")
    asked = str(unit).upper() if unit else None
    letter = next((letter for letter, limit in SIZES.items() if (asked == letter if asked else size >= limit)), "B")
    smallest = "bits" if isbits else "Bytes"
    name = smallest if letter == "B" else letter + ("b" if isbits else "B")
    return f"{size / SIZES[letter]:.2f} {name}"


def human_to_bytes(value: Any, default_unit: str | None = None, isbits: bool = False) -> int:
    """The number that ``10 MB``, ``2G`` or ``1 gigabyte`` stands for."""
    found = SIZE.match(str(value))
    if found is None:
        refuse(f"cannot read {value!r} as a size, write something like 10MB")
    unit = found[2] or default_unit or "B"
    letter = unit[0].upper()
    if letter not in SIZES:
        refuse(f"{value!r} has the unknown unit {unit!r}, use one of {', '.join(SIZES)}")
    short, word = ("b", "bit") if isbits else ("B", "byte")
    spelled = letter == "B" and unit.lower() == word
    known = unit[1:] == short or unit.lower() == SIZE_NAMES[letter] + word
    if len(unit) > 1 and not spelled and not known:
        refuse(f"{value!r} has the unknown unit {unit!r}, expected {letter}{short} or {letter}")
    return round(float(found[1]) * SIZES[letter])


FILTERS: dict[str, Callable[..., Any]] = {
    "log": log,
    "pow": power,
    "root": root,
    "human_readable": human_readable,
    "human_to_bytes": human_to_bytes,
}
