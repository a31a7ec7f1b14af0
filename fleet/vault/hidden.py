"""Which texts of an encrypted file must never be shown. Pure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

SHORTEST = 6
"""In files of variables stand ordinary words too (root, true, 5432); masking them would help nobody."""


def values(data: bytes) -> Iterator[str]:
    """The values of a file of variables; nothing for any other file (plays, an inventory in INI)."""
    read = _read(data)
    if isinstance(read, dict):
        yield from _leaves(read)


def all_of(data: bytes) -> Iterator[str]:
    """What to hide of a file whose content is put somewhere: its values, or the whole text of other files."""
    read = _read(data)
    if isinstance(read, dict | list):
        yield from _leaves(read)
    else:
        # Bytes that are no text stand in no output.
        with contextlib.suppress(UnicodeDecodeError):
            yield data.decode()


def _read(data: bytes) -> Any:
    import yaml

    # Values that look like numbers or dates may be passwords: all are read as they are written.
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(data.decode(), Loader=loader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= SHORTEST and "{{" not in value and not value.startswith("$ANSIBLE_VAULT;"):
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
