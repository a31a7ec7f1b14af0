"""JSON with Ansible's marks: ``__ansible_unsafe`` is text that is no template, ``__ansible_vault`` a vault. Pure."""

from __future__ import annotations

from typing import Any

from fleet.errors import InputError, Location
from fleet.source.nodes import Encrypted, Map, Seq, trust, trust_key

UNSAFE, VAULT = "__ansible_unsafe", "__ansible_vault"


def tagged(value: Any, at: Location | None = None, *, trusted: bool = True) -> Any:
    """``value`` with its marks resolved and, with ``trusted``, all other text as the user's own.

    Raises ``InputError`` for a mark around anything but text.
    """
    if isinstance(value, str):
        return trust(value, at) if trusted and type(value) is str else value
    if isinstance(value, list):
        return Seq([tagged(item, at, trusted=trusted) for item in value], at=at)
    if not isinstance(value, dict):
        return value
    for mark in (UNSAFE, VAULT):
        if mark in value:
            text = value[mark]
            if not isinstance(text, str):
                raise InputError(f"{mark} must be text, not {type(text).__name__}", at=at)
            return str(text) if mark == UNSAFE else Encrypted(text, at)
    items = {(trust_key(key) if trusted else key): tagged(item, at, trusted=trusted) for key, item in value.items()}
    return Map(items, at=at)
