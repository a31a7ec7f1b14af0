"""Templates as plugins meet them: the object that renders comes from the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TRUST: Callable[[Any], Any] = lambda value: value  # noqa: E731
"""Marks a plugin's own text, alone or in lists and dicts, as a template; the loader of plugins sets it."""


def trust_as_template(value: Any) -> Any:
    """``value``, a text of the plugin itself, with the right to be a template."""
    return TRUST(value)


def is_trusted_as_template(value: Any) -> bool:
    """True for text that may be a template."""
    return hasattr(value, "is_template")


def accept_args_markers(plugin: Any) -> Any:
    """Marks a filter, test or lookup that wants to see undefined arguments."""
    plugin.fleet_takes_undefined = True
    return plugin


def accept_lazy_markers(plugin: Any) -> Any:
    """Nothing: arguments are plain values."""
    return plugin


class Templar:
    """Makes a renderer with variables; what it is asked with is the loader that the plugin was handed."""

    def __new__(cls, loader: Any = None, variables: Any = None, **_more: Any) -> Any:
        """The renderer."""
        made = loader.templar()
        made.available_variables = variables or {}
        return made
