"""Values kept as long as the run lasts."""

from __future__ import annotations

from typing import Any

from . import BaseCacheModule


class CacheModule(BaseCacheModule):
    """A dict."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cache: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """The value of a key."""
        return self._cache[key]

    def set(self, key: str, value: Any) -> None:
        """Keep a value."""
        self._cache[key] = value

    def keys(self) -> Any:
        """The keys that have a value."""
        return self._cache.keys()

    def contains(self, key: str) -> bool:
        """True for a key with a value."""
        return key in self._cache

    def delete(self, key: str) -> None:
        """Keep the value of a key no longer."""
        del self._cache[key]

    def flush(self) -> None:
        """Keep nothing."""
        self._cache = {}

    def copy(self) -> dict[str, Any]:
        """All that is kept."""
        return dict(self._cache)
