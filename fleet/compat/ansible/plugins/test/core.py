"""The built-in tests as functions, for plugins that call or extend them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TABLE: dict[str, Callable[..., Any]] = {}
"""Tests by name; the loader of plugins sets it."""


class TestModule:
    """All of them."""

    def tests(self) -> dict[str, Callable[..., Any]]:
        """Tests by short name."""
        return {name: function for name, function in TABLE.items() if "." not in name}


def __getattr__(name: str) -> Any:
    if name in TABLE:
        return TABLE[name]
    raise AttributeError(f"there is no test {name}")
