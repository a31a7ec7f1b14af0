"""How inventories are to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from fleet.inventory.varfiles import Decrypt
from fleet.record import record

if TYPE_CHECKING:
    from fleet.plugins.table import Plugins
    from fleet.template.templar import Templar

IGNORED = (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry")
ENABLED = ("host_list", "script", "auto", "yaml", "ini", "toml")

BUILTIN = frozenset((*ENABLED, "advanced_host_list", "constructed", "generator"))


@record
class InventoryOptions:
    """How to read inventories. ``decrypt`` opens vault files; ``script_timeout`` is in seconds.

    ``unparsed`` says what a source is that cannot be read: an "error" where it stands, or a warning as for
    ansible-core, which goes on without it; "fail" is an error for a folder without inventories too.
    ``missing`` is the same for a source that does not exist and for a bad ``host,list``. ``none_parsed``
    is for when not one source could be read. ``enabled`` are the inventory plugins that may be used,
    ``group_chars`` one of ``names.GROUP_CHARS``. ``extra_vars`` are for inventories that ask for them.
    ``plugins`` gives those that others bring; ``flush_cache``: what those kept of earlier runs does not count.
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
    plugins: Callable[[], Plugins] | None = None
    flush_cache: bool = False

    def allows(self, plugin: str) -> bool:
        """True when the inventory plugin of this short name may be used."""
        return any(short(name) == plugin for name in self.enabled)

    def others(self, ahead_of: str = "") -> tuple[str, ...]:
        """The enabled plugins that are not built in; only those that come before ``ahead_of`` where that is given."""
        found: list[str] = []
        for name in self.enabled:
            if ahead_of and short(name) in (ahead_of, "auto" if ahead_of == "yaml" else ahead_of):
                break
            if short(name) not in BUILTIN:
                found.append(name)
        return tuple(found)

    def templar(self) -> Templar:
        """What renders the expressions of inventories, with the filters and lookups that plugins bring."""
        if self.plugins is not None:
            return self.plugins().templar
        from fleet.template.templar import Templar  # costs 40 ms, and few inventories need it

        return Templar()


def short(plugin: str) -> str:
    """The name of a plugin without the collection of those that come with Ansible."""
    return plugin.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
