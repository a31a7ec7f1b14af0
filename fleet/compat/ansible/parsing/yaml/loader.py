"""Reads YAML."""

from __future__ import annotations

from typing import Any

import yaml


class AnsibleLoader(yaml.SafeLoader):
    """Plain YAML."""

    def __init__(self, stream: Any, file_name: str | None = None, vault_secrets: Any = None) -> None:
        super().__init__(stream)
