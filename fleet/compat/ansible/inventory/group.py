"""Names of groups."""

from __future__ import annotations

import re
from typing import Any

from ..module_utils.common.text.converters import to_native

_NOT_IN_A_NAME = re.compile(r"^\d|\W")


def to_safe_group_name(name: Any, replacer: str = "_", force: bool = False, silent: bool = False) -> Any:
    """``name`` with ``replacer`` for every sign that a variable's name cannot have; only when it is forced.

    Without force the inventory itself does with the name what the settings say.
    """
    if not name or not force:
        return name
    return _NOT_IN_A_NAME.sub(replacer, str(to_native(name)))


class Group:
    """A name for type checks; the inventory hands out its own."""
