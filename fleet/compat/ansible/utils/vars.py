"""Mappings laid over each other."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from ..errors import AnsibleError


def merge_hash(x: Any, y: Any, recursive: bool = True, list_merge: str = "replace") -> Any:
    """``y`` over ``x``: mappings merged at every depth, lists as ``list_merge`` says."""
    if list_merge not in ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp"):
        raise AnsibleError(f"merge_hash: 'list_merge' argument can not be {list_merge!r}")
    _mapping(x)
    _mapping(y)
    made = dict(x)
    for key, value in y.items():
        old = made.get(key)
        if key in made and recursive and isinstance(old, Mapping) and isinstance(value, Mapping):
            made[key] = merge_hash(old, value, recursive, list_merge)
        elif key in made and isinstance(old, list) and isinstance(value, list):
            made[key] = _lists(old, value, list_merge)
        else:
            made[key] = value
    return made


def _lists(old: list[Any], new: list[Any], how: str) -> list[Any]:
    if how == "keep":
        return old
    if how.endswith("_rp"):
        old = [item for item in old if item not in new]
    return {"replace": new}.get(how) or (old + new if how.startswith("append") else new + old)


def combine_vars(a: Any, b: Any, merge: Any = None) -> Any:
    """``b`` over ``a``, not deeper than the first level unless ``merge``."""
    return merge_hash(a, b) if merge else {**_mapping(a), **_mapping(b)}


def _mapping(value: Any) -> Any:
    if not isinstance(value, MutableMapping | Mapping):
        raise AnsibleError(f"failed to combine variables, expected dicts but got a '{type(value).__name__}'")
    return value


def isidentifier(ident: Any) -> bool:
    """True for text that can be the name of a variable."""
    import keyword

    return isinstance(ident, str) and ident.isascii() and ident.isidentifier() and not keyword.iskeyword(ident)
