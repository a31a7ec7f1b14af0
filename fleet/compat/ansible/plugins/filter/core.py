"""The built-in filters as functions, for plugins that call or extend them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TABLE: dict[str, Callable[..., Any]] = {}
"""Filters by name; the loader of plugins sets it."""


class FilterModule:
    """All of them."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Filters by short name."""
        return {name: function for name, function in TABLE.items() if "." not in name}


def __getattr__(name: str) -> Any:
    if name in TABLE:
        return TABLE[name]
    raise AttributeError(f"there is no filter {name}")
