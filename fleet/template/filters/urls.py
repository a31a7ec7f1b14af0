"""Filters on URLs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.template.filters.guard import refuse

PARTS = ("fragment", "hostname", "netloc", "password", "path", "port", "query", "scheme", "username")


def urldecode(value: str) -> str:
    """Replace ``%xx`` and ``+`` by what they stand for."""
    from urllib.parse import unquote_plus

    return unquote_plus(value)


def urlsplit(value: str, query: str = "") -> Any:
    """The parts of a URL as a dict, or the one part ``query`` names."""
    from urllib.parse import urlsplit as split

    if not isinstance(value, str):
        refuse(f"needs text, not {type(value).__name__}")
    found = split(str(value))
    if not query:
        return {part: getattr(found, part) for part in PARTS}
    if query not in PARTS:
        refuse(f"unknown URL component {query!r}, use one of {', '.join(PARTS)}")
    return getattr(found, query)


FILTERS: dict[str, Callable[..., Any]] = {
    "urldecode": urldecode,
    "urlsplit": urlsplit,
}
