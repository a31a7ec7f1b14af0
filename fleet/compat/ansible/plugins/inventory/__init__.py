"""The base of inventory plugins, what they build groups with, and what they keep between runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

from ...errors import AnsibleError, AnsibleOptionsError, AnsibleParserError
from ...inventory import group as _group
from ...module_utils.common.text.converters import to_bytes, to_native, to_text
from ...utils.display import Display
from ...utils.vars import combine_vars
from .. import AnsiblePlugin
from ..cache import CachePluginAdjudicator
from .constructable import Constructable
from .ranges import detect_range, expand_hostname_range

display = Display()


def to_safe_group_name(name: Any) -> Any:
    """``name`` with ``_`` for every sign that a variable's name cannot have."""
    return _group.to_safe_group_name(name, force=True, silent=True)


class BaseInventoryPlugin(AnsiblePlugin):
    """``verify_file(path)`` says whether a source is for the plugin, ``parse`` reads it into the inventory."""

    TYPE = "generator"
    NAME = ""
    _sanitize_group_name = staticmethod(to_safe_group_name)

    def __init__(self) -> None:
        super().__init__()
        self.display = display
        self.inventory: Any = None
        self.loader: Any = None
        self.templar: Any = None
        self._vars: dict[str, Any] = {}

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Take what the plugin works with; subclasses call this first."""
        self.loader = loader
        self.inventory = inventory
        self.templar = loader.templar()
        self._vars = loader.extra_vars()

    def verify_file(self, path: str) -> bool:
        """True for a file that can be read."""
        return os.path.exists(path) and os.access(path, os.R_OK)

    def _read_config_data(self, path: str) -> dict[str, Any]:
        """The file's mapping, whose entries become the options."""
        try:
            config = self.loader.load_from_file(path, cache="none", trusted_as_template=True)
        except Exception as error:
            raise AnsibleParserError(to_native(error)) from error
        if not config:
            raise AnsibleParserError(f"{to_native(path)} is empty")
        if not isinstance(config, Mapping):
            raise AnsibleParserError(
                f"inventory source has invalid structure, it should be a dictionary, got: {type(config)}"
            )
        names = {self.NAME, self._load_name, getattr(self, "ansible_name", self.NAME)}
        given = str(config.get("plugin", "")).removeprefix("ansible.legacy.")
        if given not in names and given.rpartition(".")[2] not in names:
            raise AnsibleParserError(f"Incorrect plugin name in file: {config.get('plugin') or 'none found'}")
        self.set_options(direct=config, var_options=self._vars)
        if isinstance(self, Cacheable) and self.get_option("cache"):
            self.load_cache_plugin()
        return dict(config)

    def _consume_options(self, data: dict[str, Any]) -> None:
        """Options that stand in ``data`` are taken from it."""
        for name in [name for name in self.options_documented() if name in data]:
            self.set_option(name, data.pop(name))

    def _expand_hostpattern(self, hostpattern: str) -> tuple[list[str], int | None]:
        """The names that a pattern of hosts means, and its port."""
        from ...parsing.utils.addresses import parse_address

        try:
            pattern, port = parse_address(hostpattern, allow_ranges=True)
        except ValueError:
            pattern, port = hostpattern, None
        names = expand_hostname_range(pattern) if detect_range(pattern) else [str(pattern)]
        return names, port

    def _populate_host_vars(
        self, hosts: Any, variables: Mapping[str, Any], group: str | None = None, port: int | None = None
    ) -> None:
        """Add hosts that all have the same variables."""
        for host in hosts:
            self.inventory.add_host(host, group=group, port=port)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)


class BaseFileInventoryPlugin(BaseInventoryPlugin):
    """The base of plugins that read files of a format of their own."""

    TYPE = "storage"


class Cacheable:
    """Answers kept between runs: ``self._cache`` is a mapping, ``get_cache_key(path)`` the key for a source."""

    _plugin_cache: CachePluginAdjudicator | None = None

    @property
    def _cache(self) -> CachePluginAdjudicator:
        # Without the option cache: in memory, so that plugins may write to it all the same.
        if self._plugin_cache is None:
            self._plugin_cache = CachePluginAdjudicator("memory")
        return self._plugin_cache

    @_cache.setter
    def _cache(self, cache: CachePluginAdjudicator) -> None:
        self._plugin_cache = cache

    @property
    def cache(self) -> CachePluginAdjudicator:
        """The mapping."""
        return self._cache

    def load_cache_plugin(self) -> None:
        """Use the cache that the options name."""
        option = self.get_option  # type: ignore[attr-defined]
        named = {"_uri": "cache_connection", "_timeout": "cache_timeout", "_prefix": "cache_prefix"}
        given = {inner: option(outer) for inner, outer in named.items() if option(outer) is not None}
        self._plugin_cache = CachePluginAdjudicator(option("cache_plugin"), **given)

    def get_cache_key(self, path: str) -> str:
        """A key for what comes of one source."""
        return f"{self.NAME}_{self._get_cache_prefix(path)}"  # type: ignore[attr-defined]

    def _get_cache_prefix(self, path: str) -> str:
        return "k" + hashlib.sha256(to_bytes(f"{self.NAME}{path}")).hexdigest()[:6]  # type: ignore[attr-defined]

    def clear_cache(self) -> None:
        """Keep nothing."""
        self._cache.flush()

    def update_cache_if_changed(self) -> None:
        """Write what is new."""
        self._cache.update_cache_if_changed()

    def set_cache_plugin(self) -> None:
        """Write everything."""
        self._cache.set_cache()


__all__ = [
    "AnsibleError",
    "AnsibleOptionsError",
    "AnsibleParserError",
    "BaseFileInventoryPlugin",
    "BaseInventoryPlugin",
    "Cacheable",
    "Constructable",
    "Display",
    "combine_vars",
    "detect_range",
    "display",
    "expand_hostname_range",
    "to_bytes",
    "to_native",
    "to_safe_group_name",
    "to_text",
]
