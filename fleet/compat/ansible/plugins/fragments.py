"""Options that inventory plugins take over by naming a fragment of ansible-core's documentation."""

from __future__ import annotations

from typing import Any


def _kept(default: Any, kind: str, env: str, ini: str) -> dict[str, Any]:
    """An option of the cache: the settings of the cache of facts count where those of inventories are not set."""
    return {
        "type": kind,
        "default": default,
        "env": [{"name": f"ANSIBLE_CACHE_PLUGIN{env}"}, {"name": f"ANSIBLE_INVENTORY_CACHE{env or '_PLUGIN'}"}],
        "ini": [
            {"section": "defaults", "key": f"fact_caching{ini}"},
            {"section": "inventory", "key": f"cache{ini or '_plugin'}"},
        ],
    }


_PREFIX = _kept("ansible_inventory_", "str", "_PREFIX", "_prefix")
_PREFIX["env"][1]["name"] = "ANSIBLE_INVENTORY_CACHE_PLUGIN_PREFIX"

BUILTIN: dict[str, dict[str, dict[str, Any]]] = {
    "constructed": {
        "strict": {"type": "bool", "default": False},
        "compose": {"type": "dict", "default": {}},
        "groups": {"type": "dict", "default": {}},
        "keyed_groups": {"type": "list", "default": []},
        "leading_separator": {"type": "bool", "default": True},
        "use_extra_vars": {
            "type": "bool",
            "default": False,
            "env": [{"name": "ANSIBLE_INVENTORY_USE_EXTRA_VARS"}],
            "ini": [{"section": "inventory_plugins", "key": "use_extra_vars"}],
        },
    },
    "inventory_cache": {
        "cache": {
            "type": "bool",
            "default": False,
            "env": [{"name": "ANSIBLE_INVENTORY_CACHE"}],
            "ini": [{"section": "inventory", "key": "cache"}],
        },
        "cache_plugin": _kept("memory", "str", "", ""),
        "cache_timeout": _kept(3600, "int", "_TIMEOUT", "_timeout"),
        "cache_connection": _kept(None, "str", "_CONNECTION", "_connection"),
        "cache_prefix": _PREFIX,
    },
}
