"""Lookups and caches by name, for plugins that call others."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

GET: Callable[[str, Any, Any], Any] = lambda _name, _loader, _templar: None  # noqa: E731
"""Makes a lookup of a name; the loader of plugins sets it."""


class _Lookups:
    def get(self, name: str, loader: Any = None, templar: Any = None, **_more: Any) -> Any:
        """The lookup called ``name``, None when there is none."""
        return GET(name, loader, templar)


lookup_loader = _Lookups()

CACHE: Callable[[str], Any] = lambda _name: None  # noqa: E731
"""Finds the class of a cache plugin that somebody brings; the loader of plugins sets it."""
_CACHES = ("jsonfile", "memory")


class _Caches:
    def get(self, name: str, *args: Any, **options: Any) -> Any:
        """The cache plugin called ``name`` with these options, None when there is none."""
        short = name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
        made = CACHE(name)
        if made is None and short in _CACHES:
            made = importlib.import_module(f"ansible.plugins.cache.{short}").CacheModule
        return None if made is None else made(*args, **options)


cache_loader = _Caches()
