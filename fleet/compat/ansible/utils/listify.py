"""Terms of old-style lookups."""

from __future__ import annotations

from typing import Any


def listify_lookup_plugin_terms(terms: Any, templar: Any = None, fail_on_undefined: bool = True, **_more: Any) -> Any:
    """``terms`` as a list; a text is one term."""
    if isinstance(terms, str):
        return [terms.strip()]
    return list(terms) if isinstance(terms, list | tuple) else [terms]
