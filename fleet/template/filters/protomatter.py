"""Filters and tests that ansible-core has for its own use, as far as there is the same thing to look at here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.source.nodes import Encrypted, Revealed, Trusted, location_of
from fleet.template.filters.guard import ordinary, refuse

PREFIX = "ansible._protomatter"
TAGS: dict[str, tuple[type, ...]] = {
    "TrustedAsTemplate": (Trusted,),
    "VaultedValue": (Encrypted, Revealed),
    "Origin": (Trusted, Encrypted),
}
"""Ansible's marks on values, and the types that say the same."""


def finalize(value: Any) -> Any:
    """``value`` as it would leave the template."""
    made = ordinary(value)
    return [list(item) if isinstance(item, tuple) else item for item in made] if isinstance(made, list) else made


def origin(value: Any) -> str | None:
    """Where a text was written."""
    at = location_of(value)
    return str(at) if at else None


def tag_names(value: Any) -> list[str]:
    """The marks of a value."""
    return sorted(name for name, types in TAGS.items() if isinstance(value, types))


def tagged_with(value: Any, name: str) -> bool:
    """True for a value with that mark."""
    if name not in TAGS:
        refuse(f"Unknown tag name {name!r}.")
    return isinstance(value, TAGS[name])


def tagged(value: Any) -> bool:
    """True for a value with any mark."""
    return bool(tag_names(value))


FILTERS: dict[str, Callable[..., Any]] = {"finalize": finalize, "origin": origin, "tag_names": tag_names}
TESTS: dict[str, Callable[..., Any]] = {"tagged": tagged, "tagged_with": tagged_with}
