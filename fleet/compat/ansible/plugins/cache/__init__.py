"""What inventory plugins keep between runs, and the base of those that keep it."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from typing import Any

from ...errors import AnsibleError
from .. import AnsiblePlugin
from ..loader import cache_loader


class BaseCacheModule(AnsiblePlugin):
    """``get``, ``set``, ``keys``, ``contains``, ``delete``, ``flush`` and ``copy`` of values by name."""

    def __init__(self, *_args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.set_options(direct=kwargs)

    def get(self, key: str) -> Any:
        """The value of a key; ``KeyError`` when it has none, or none any more."""
        raise NotImplementedError

    def set(self, key: str, value: Any) -> None:
        """Keep a value."""
        raise NotImplementedError

    def keys(self) -> Any:
        """The keys that have a value."""
        raise NotImplementedError

    def contains(self, key: str) -> bool:
        """True for a key with a value."""
        raise NotImplementedError

    def delete(self, key: str) -> None:
        """Keep the value of a key no longer."""
        raise NotImplementedError

    def flush(self) -> None:
        """Keep nothing."""
        raise NotImplementedError

    def copy(self) -> dict[str, Any]:
        """All that is kept."""
        return {key: self.get(key) for key in self.keys()}


class BaseFileCacheModule(BaseCacheModule):
    """One file a key in the folder ``_uri``. Subclasses read and write a file: ``_load``, ``_dump``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plugin_name = self._load_name
        self._timeout = float(self.get_option("_timeout") or 0)
        self._cache: dict[str, Any] = {}
        self._cache_dir = self._folder()

    def _folder(self) -> str:
        given = self.get_option("_uri")
        if not given:
            raise AnsibleError(
                f"error, '{self.plugin_name}' cache plugin requires the 'fact_caching_connection' config option"
                " to be set (to a writeable directory path)"
            )
        folder = os.path.abspath(os.path.expanduser(os.path.expandvars(str(given))))
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise AnsibleError(f"error in '{self.plugin_name}' cache plugin: {folder}: {error.strerror}") from None
        return folder

    def _get_cache_file_name(self, key: str) -> str:
        # A key is no path, whatever is in it.
        return os.path.join(self._cache_dir, (self._start() + key).replace("/", "%2F"))

    def _start(self) -> str:
        # ansible-core 2.19 marks the files whose form it knows.
        return f"{self.get_option('_prefix') or ''}s1_"

    def _load(self, filepath: str) -> Any:
        raise NotImplementedError

    def _dump(self, value: Any, filepath: str) -> None:
        raise NotImplementedError

    def has_expired(self, key: str) -> bool:
        """True when the file of a key is older than the timeout (0: never)."""
        if not self._timeout:
            return False
        with contextlib.suppress(OSError):
            return time.time() - os.stat(self._get_cache_file_name(key)).st_mtime > self._timeout
        return False

    def get(self, key: str) -> Any:
        """The value of a key; ``KeyError`` when it has none, or an old one."""
        if key in self._cache:
            return self._cache[key]
        path = self._get_cache_file_name(key)
        if self.has_expired(key):
            raise KeyError(key)
        try:
            self._cache[key] = self._load(path)
        except OSError:
            raise KeyError(key) from None
        except ValueError:
            # Half a file, or one of somebody else's: as if it were not there.
            self.delete(key)
            raise KeyError(key) from None
        return self._cache[key]

    def set(self, key: str, value: Any) -> None:
        """Write the file of a key, whole or not at all."""
        self._cache[key] = value
        handle, temporary = tempfile.mkstemp(dir=self._cache_dir, prefix=".cache.")
        os.close(handle)
        try:
            self._dump(value, temporary)
            os.replace(temporary, self._get_cache_file_name(key))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def keys(self) -> list[str]:
        """The keys whose files are not old."""
        start = self._start()
        names = (name for name in sorted(os.listdir(self._cache_dir)) if not name.startswith(".cache."))
        keys = [name[len(start) :].replace("%2F", "/") for name in names if name.startswith(start)]
        return [key for key in keys if not self.has_expired(key)]

    def contains(self, key: str) -> bool:
        """True for a key with a value."""
        if key in self._cache:
            return True
        return not self.has_expired(key) and os.path.isfile(self._get_cache_file_name(key))

    def delete(self, key: str) -> None:
        """Remove the file of a key."""
        self._cache.pop(key, None)
        with contextlib.suppress(OSError):
            os.unlink(self._get_cache_file_name(key))

    def flush(self) -> None:
        """Remove the files of all keys."""
        for key in {*self._cache, *self.keys()}:
            self.delete(key)


class CachePluginAdjudicator(MutableMapping[str, Any]):
    """A mapping in memory over a cache plugin: reads ask it, writes reach it with ``set_cache``."""

    def __init__(self, plugin_name: str = "memory", **kwargs: Any) -> None:
        self._cache: dict[str, Any] = {}
        self._retrieved: dict[str, Any] = {}
        self._plugin = cache_loader.get(plugin_name, **kwargs)
        if self._plugin is None:
            raise AnsibleError(f"Unable to load the cache plugin ({plugin_name}).")
        self._plugin_name = plugin_name

    def update_cache_if_changed(self) -> None:
        """Write what is new."""
        if self._retrieved != self._cache:
            self.set_cache()

    def set_cache(self) -> None:
        """Write everything."""
        for key, value in self._cache.items():
            self._plugin.set(key, value)
        self._retrieved = dict(self._cache)

    def load_whole_cache(self) -> None:
        """Read everything."""
        for key in list(self._plugin.keys()):
            with contextlib.suppress(KeyError):
                self._cache[key] = self._plugin.get(key)

    def __getitem__(self, key: str) -> Any:
        if key not in self._cache:
            self._cache[key] = self._plugin.get(key)
            self._retrieved[key] = self._cache[key]
        return self._cache[key]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or ``default``."""
        try:
            return self[key]
        except KeyError:
            return default

    def __setitem__(self, key: str, value: Any) -> None:
        self._cache[key] = value

    def __delitem__(self, key: str) -> None:
        del self._cache[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cache)

    def __len__(self) -> int:
        return len(self._cache)

    def __contains__(self, key: object) -> bool:
        return key in self._cache or bool(self._plugin.contains(key))

    def pop(self, key: str, *default: Any) -> Any:
        """Take a key out; the plugin keeps its value until ``set_cache``."""
        if key not in self._cache:
            with contextlib.suppress(KeyError):
                _ = self[key]
        return self._cache.pop(key, *default)

    def keys(self) -> Any:
        """The keys in memory."""
        return self._cache.keys()

    def values(self) -> Any:
        """The values in memory."""
        return self._cache.values()

    def items(self) -> Any:
        """Keys and values in memory."""
        return self._cache.items()

    def flush(self) -> None:
        """Keep nothing, in the plugin neither."""
        self._plugin.flush()
        self._cache = {}
        self._retrieved = {}

    clear = flush
