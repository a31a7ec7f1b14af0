"""JSON with Ansible's names for its coders."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any


def untagged(found: dict[str, Any]) -> Any:
    """A JSON object as a value: ansible-core writes where values come from beside them, which is nobody's need here."""
    if "__ansible_type" not in found:
        return found
    return found.get("value")


class AnsibleJSONDecoder(json.JSONDecoder):
    """JSON, of values with their origins just the values."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"object_hook": untagged, **kwargs})

    @classmethod
    def set_secrets(cls, secrets: Any) -> None:
        """Nothing: encrypted values are opened before a plugin sees them."""


class AnsibleJSONEncoder(json.JSONEncoder):
    """JSON that knows dates, sets and mappings."""

    def __init__(self, preprocess_unsafe: bool = False, vault_to_text: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def default(self, o: Any) -> Any:
        """Values that JSON has no type for."""
        if isinstance(o, Mapping):
            return dict(o)
        if isinstance(o, datetime.date | datetime.datetime):
            return o.isoformat()
        if isinstance(o, set | frozenset | tuple):
            return list(o)
        return super().default(o)
