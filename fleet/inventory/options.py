"""How inventories are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from fleet.inventory.varfiles import Decrypt
from fleet.record import record

IGNORED = (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry")
ENABLED = ("host_list", "script", "auto", "yaml", "ini", "toml")


@record
class InventoryOptions:
    """How to read inventories. ``decrypt`` opens vault files; ``script_timeout`` is in seconds.

    ``unparsed`` says what a source is that cannot be read: an "error" where it stands, or a warning as for
    ansible-core, which goes on without it; "fail" is an error for a folder without inventories too.
    ``missing`` is the same for a source that does not exist and for a bad ``host,list``. ``none_parsed``
    is for when not one source could be read. ``enabled`` are the inventory plugins that may be used,
    ``group_chars`` one of ``names.GROUP_CHARS``. ``extra_vars`` are for inventories that ask for them.
    """

    hash_behaviour: Literal["replace", "merge"] = "replace"
    decrypt: Decrypt | None = None
    ignored_extensions: tuple[str, ...] = IGNORED
    ignored_patterns: tuple[str, ...] = ()
    unparsed: Literal["fail", "error", "warn"] = "error"
    missing: Literal["error", "warn"] | None = None
    none_parsed: Literal["error", "warn", "ignore"] = "ignore"
    enabled: tuple[str, ...] = ENABLED
    group_chars: str = "ignore"
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    use_extra_vars: bool = False
    trust_scripts: bool = True
    script_stderr: bool = False
    script_timeout: float = 120.0

    def allows(self, plugin: str) -> bool:
        """True when the inventory plugin of this short name may be used."""
        return any(short(name) == plugin for name in self.enabled)


def short(plugin: str) -> str:
    """The name of a plugin without the collection of those that come with Ansible."""
    return plugin.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
