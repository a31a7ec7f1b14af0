"""JSON with Ansible's names for its coders."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any


class AnsibleJSONDecoder(json.JSONDecoder):
    """Ordinary JSON."""

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
