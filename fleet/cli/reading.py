"""What the settings say about reading inventories."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fleet.errors import OptionsError

if TYPE_CHECKING:
    from fleet.cli.settings import Settings
    from fleet.inventory.options import InventoryOptions
    from fleet.inventory.varfiles import Decrypt
    from fleet.plugins.table import Plugins
    from fleet.template.templar import Templar
    from fleet.vault.vault import Vault


def inventory_options(
    settings: Settings,
    extra_vars: Mapping[str, Any],
    *,
    may_miss: bool = False,
    lenient: bool = False,
    decrypt: Decrypt | None = None,
    plugins: Callable[[], Plugins] | None = None,
    flush_cache: bool = False,
) -> InventoryOptions:
    """The options for ``load``.

    A source that cannot be read is an error, where ansible-core goes on without it: a run on half an inventory
    helps nobody. It is a warning when INVENTORY_ANY_UNPARSED_IS_FAILED is set to false, or with ``lenient``;
    with ``may_miss`` so is one that does not exist. Raises OptionsError.
    """
    from fleet.inventory.names import GROUP_CHARS
    from fleet.inventory.options import IGNORED, InventoryOptions

    fail, none_fails = settings["INVENTORY_ANY_UNPARSED_IS_FAILED"], settings["INVENTORY_UNPARSED_FAILED"]
    chars = settings["TRANSFORM_INVALID_GROUP_CHARS"]
    if chars not in GROUP_CHARS:
        raise OptionsError(f"TRANSFORM_INVALID_GROUP_CHARS is {chars!r}", hint=f"use one of {', '.join(GROUP_CHARS)}")
    soft = lenient or fail is False
    warn_none = "warn" if settings["INVENTORY_UNPARSED_WARNING"] and (soft or may_miss) else "ignore"
    ignored = settings["INVENTORY_IGNORE_EXTS"]
    return InventoryOptions(
        hash_behaviour="merge" if settings["HASH_BEHAVIOUR"] == "merge" else "replace",
        decrypt=decrypt,
        ignored_extensions=IGNORED if ignored is None else tuple(ignored),
        ignored_patterns=tuple(settings["INVENTORY_IGNORE_PATTERNS"]),
        unparsed="fail" if fail else "warn" if soft or none_fails else "error",
        missing="warn" if not fail and (may_miss or soft or none_fails) else None,
        none_parsed="error" if none_fails else warn_none,  # type: ignore[arg-type]
        enabled=tuple(settings["INVENTORY_ENABLED"]),
        group_chars=chars,
        extra_vars=extra_vars,
        use_extra_vars=settings["INVENTORY_USE_EXTRA_VARS"],
        script_stderr=settings["INVENTORY_SCRIPT_STDERR"],
        plugins=plugins,
        flush_cache=flush_cache,
    )


def plugins_of(settings: Settings, templar: Templar, verbosity: int) -> Plugins:
    """The plugins that the settings lead to; ``templar`` gets what they bring."""
    from fleet.plugins.table import KINDS, Plugins

    paths = {kind: settings[f"{kind.upper()}_PLUGIN_PATH"] for kind in (*KINDS, "doc_fragment")}
    paths |= {"module": settings["DEFAULT_MODULE_PATH"], "module_utils": settings["DEFAULT_MODULE_UTILS_PATH"]}
    core = settings["CORE_MODULE_UTILS"]
    if core and not os.path.isfile(os.path.join(core, "basic.py")):
        raise OptionsError(f"FLEET_ANSIBLE_MODULE_UTILS: {core} is not the folder module_utils of an ansible-core")
    return Plugins(templar, settings["COLLECTIONS_PATH"], paths, core, ini=settings.parser, verbosity=verbosity)


def inventory_plugins(
    settings: Settings, vault: Callable[[], Vault], folder: str, verbosity: int = 0
) -> Callable[[], Plugins]:
    """What gives the plugins of an inventory that is read alone, with those beside ``folder``."""
    made: list[Plugins] = []

    def plugins() -> Plugins:
        if not made:
            from fleet.template.templar import Templar

            templar = Templar(
                vault=vault(),
                setting=settings.named,
                warn=lambda text: print(f"[WARNING]: {text}", file=sys.stderr),
            )
            made.append(plugins_of(settings, templar, verbosity))
            made[0].beside(os.path.abspath(folder))
        return made[0]

    return plugins
