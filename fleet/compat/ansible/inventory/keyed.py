"""Which groups an entry of ``keyed_groups`` means for the value that its key has on a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TRUE = frozenset((True, 1, "1", "true", "yes", "on", "y", "t"))


def truthy(value: Any) -> bool:
    """What a YAML value means as a boolean."""
    return (value.lower() if isinstance(value, str) else value) in _TRUE


def bare_names(value: Any, entry: Mapping[str, Any], separator: str) -> Iterator[str]:
    """The names without prefix: of a mapping key and value, of a list its items, else the value itself."""
    default = entry.get("default_value")
    trailing = truthy(entry["trailing_separator"]) if entry.get("trailing_separator") is not None else True
    if isinstance(value, Mapping):
        for key, item in value.items():
            if item is None or item == "":
                if default is not None:
                    item = default
                elif not trailing:
                    yield str(key)
                    continue
            yield f"{key}{separator}{'' if item == '' else item}"
    elif isinstance(value, list | tuple):
        for item in value:
            yield str(default if default is not None and (item is None or item == "") else item)
    else:
        yield str(value)
