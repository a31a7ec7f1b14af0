"""How keywords are handed down from play to role to block to task. Pure; the table is playbook.keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.playbook.keywords import KEYWORDS


def inherit(
    outer: Mapping[str, Any], own: Mapping[str, Any], *, without: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The keywords in force inside something with keywords ``own`` that stands in something with ``outer``."""
    made = {name: value for name, value in outer.items() if KEYWORDS[name].inherit != "no"}
    for name, value in own.items():
        if name in without or value is None:
            continue
        if KEYWORDS[name].inherit == "append":
            made[name] = made.get(name, ()) + parts(name, value)
        else:
            made[name] = value
    return made


def parts(name: str, value: Any) -> tuple[Any, ...]:
    """The single elements of a keyword that adds up: conditions, tags, mappings."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, list):
        if name == "tags":
            return tuple(piece for item in value for piece in parts(name, item))
        return tuple(value)
    if name == "tags" and isinstance(value, str) and "," in value and "{{" not in value:
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if name == "collections" and isinstance(value, str):
        return (value,)
    return (value,)
