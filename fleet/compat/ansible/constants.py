"""Settings by name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any


def _none(name: str) -> Any:
    raise KeyError(name)


SETTING: Callable[[str], Any] = _none
"""The value of a setting; the loader of plugins sets it."""
BOOLEANS_TRUE = frozenset(("y", "yes", "on", "1", "true", "t", 1, 1.0, True))
BOOLEANS_FALSE = frozenset(("n", "no", "off", "0", "false", "f", 0, 0.0, False))
DEFAULT_LOCAL_TMP = tempfile.gettempdir()
LOCALHOST = ("127.0.0.1", "localhost", "::1")


def __getattr__(name: str) -> Any:
    for known in (name, name.removeprefix("DEFAULT_")):
        try:
            return SETTING(known)
        except KeyError:
            continue
    raise AttributeError(f"there is no setting {name}")
