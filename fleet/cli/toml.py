"""Plain data as TOML text. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

_BARE = re.compile(r"[\w-]+\Z", re.ASCII)


def toml_text(value: Mapping[str, Any]) -> str:
    """``value`` as a TOML document. Entries that are null are left out: TOML has no word for them."""
    return "\n".join(_table(value, ())) + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping) and value is not None}
    below = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    if path and (plain or not below):
        yield f"[{'.'.join(path)}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in plain.items())
    for key, value in below.items():
        yield from _table(value, (*path, _key(key)))


def _key(key: Any) -> str:
    return str(key) if _BARE.match(str(key)) else json.dumps(str(key), ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value if item is not None) + "]"
    return json.dumps(str(value), ensure_ascii=False)
