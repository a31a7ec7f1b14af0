"""Merging of dictionaries, shared by every filter that does it. Also usable by ``hash_behaviour=merge``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fleet.template.filters.guard import refuse

# How an older list and a newer one under the same key become one.
LIST_MERGES: dict[str, Callable[[list[Any], list[Any]], list[Any]]] = {
    "replace": lambda older, newer: newer,
    "keep": lambda older, newer: older,
    "append": lambda older, newer: older + newer,
    "prepend": lambda older, newer: newer + older,
    "append_rp": lambda older, newer: [item for item in older if item not in newer] + newer,
    "prepend_rp": lambda older, newer: newer + [item for item in older if item not in newer],
}


def merge(dictionaries: Iterable[Any], *, recursive: bool = False, list_merge: str = "replace") -> dict[Any, Any]:
    """One dictionary out of several, later ones winning; the given ones stay as they are.

    Raises ``ValueError`` for what is no dictionary and for an unknown ``list_merge``.
    """
    if list_merge not in LIST_MERGES:
        refuse(f"unknown list_merge {list_merge!r}, use one of {', '.join(LIST_MERGES)}")
    made: dict[Any, Any] = {}
    for dictionary in dictionaries:
        if not isinstance(dictionary, Mapping):
            refuse(f"failed to combine variables, expected dicts but got {dictionary!r}")
        for key, newer in dictionary.items():
            made[key] = _one(made[key], newer, recursive, list_merge) if key in made else newer
    return made


def _one(older: Any, newer: Any, recursive: bool, list_merge: str) -> Any:
    if recursive and isinstance(older, Mapping) and isinstance(newer, Mapping):
        return merge((older, newer), recursive=True, list_merge=list_merge)
    if isinstance(older, list) and isinstance(newer, list):
        return LIST_MERGES[list_merge](list(older), list(newer))
    return newer
