"""Lookups by name, for lookups that call others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GET: Callable[[str, Any, Any], Any] = lambda _name, _loader, _templar: None  # noqa: E731
"""Makes a lookup of a name; the loader of plugins sets it."""


class _Lookups:
    def get(self, name: str, loader: Any = None, templar: Any = None, **_more: Any) -> Any:
        """The lookup called ``name``, None when there is none."""
        return GET(name, loader, templar)


lookup_loader = _Lookups()
