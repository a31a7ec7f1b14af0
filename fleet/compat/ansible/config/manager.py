"""Types of settings."""

from __future__ import annotations

from typing import Any

from ..errors import AnsibleOptionsError
from ..plugins.options import checked


def ensure_type(value: Any, value_type: str | None, origin: str | None = None, origin_ftype: str | None = None) -> Any:
    """``value`` as a documented type. Raises ValueError."""
    try:
        return checked("value", {"type": value_type or ""}, value)
    except AnsibleOptionsError as error:
        raise ValueError(str(error)) from None
