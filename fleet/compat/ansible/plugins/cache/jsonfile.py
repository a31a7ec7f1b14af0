"""Values kept in JSON files."""

from __future__ import annotations

import json
from typing import Any

from ...parsing.ajson import AnsibleJSONDecoder, AnsibleJSONEncoder
from . import BaseFileCacheModule

DOCUMENTATION = """
options:
  _uri:
    required: true
    type: path
    env: [{name: ANSIBLE_CACHE_PLUGIN_CONNECTION}]
    ini: [{section: defaults, key: fact_caching_connection}]
  _prefix:
    env: [{name: ANSIBLE_CACHE_PLUGIN_PREFIX}]
    ini: [{section: defaults, key: fact_caching_prefix}]
  _timeout:
    type: integer
    default: 86400
    env: [{name: ANSIBLE_CACHE_PLUGIN_TIMEOUT}]
    ini: [{section: defaults, key: fact_caching_timeout}]
"""


class CacheModule(BaseFileCacheModule):
    """One JSON file a key."""

    def _load(self, filepath: str) -> Any:
        with open(filepath, encoding="utf-8") as file:
            found = json.load(file, cls=AnsibleJSONDecoder)
        if isinstance(found, dict) and isinstance(found.get("__payload__"), str):
            return json.loads(found["__payload__"], cls=AnsibleJSONDecoder)
        raise ValueError("the file is none of this cache")

    def _dump(self, value: Any, filepath: str) -> None:
        with open(filepath, "w", encoding="utf-8") as file:
            text = json.dumps(value, cls=AnsibleJSONEncoder)
            json.dump({"__payload__": text}, file, sort_keys=True, indent=4)
