"""The type of a value in an INI inventory: a Python literal where it is one, else text. Pure."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

from fleet.errors import Location
from fleet.source.nodes import Map, Seq, Trusted

# Almost every value is one of these two, and ast.literal_eval is slow: what cannot be a literal, and integers.
_TEXT = re.compile(r"(?!(?:True|False|None)\b|set\()(?:[A-Za-z_/.~@$%&*|<>=:;?!{]|\d+\.\d+\.)[^'\"]*\Z", re.DOTALL)
_INTEGER = re.compile(r"(?:0|-?[1-9]\d{0,17})\Z")


def literal(text: str, at: Location | None = None) -> Any:
    """``text`` as the value Ansible takes it for. Strings in it are the user's own and keep ``at``."""
    if _INTEGER.match(text):
        return int(text)
    if not text or (_TEXT.match(text) and not _may_hold(text)):
        return Trusted(text, at)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return Trusted(text, at)
    # What YAML has no word for stays the text it is.
    return Trusted(text, at) if isinstance(value, complex) or value is ... else _own(value, at)


def _may_hold(text: str) -> bool:
    # .5 and {} and {1: 2} are literals; {{ x }} and .local are not.
    return (text[0] == "{" and not text.startswith("{{")) or (text[0] == "." and text[1:2].isdigit())


def _own(value: Any, at: Location | None) -> Any:
    if isinstance(value, str):
        return Trusted(value, at)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")  # b'..' is no template in Ansible either
    if isinstance(value, dict):
        return Map({_key(key): _own(item, at) for key, item in value.items()}, at=at)
    if isinstance(value, list | tuple | set):
        return Seq([_own(item, at) for item in value], at=at)
    if value is ...:
        return "..."
    return str(value) if isinstance(value, complex) else value


def _key(key: Any) -> Any:
    return Trusted(key) if isinstance(key, str) and "{{" in key else key
