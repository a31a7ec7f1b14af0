"""Filters on dictionaries and on values taken out of structures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Undefined, pass_environment

from fleet.template.filters.guard import is_list, refuse, require, takes_undefined
from fleet.template.filters.merge import merge
from fleet.template.filters.sets import flatten
from fleet.template.filters.text import type_name


def combine(
    value: Any, *others: Any, recursive: bool = False, list_merge: str = "replace", **wrong: Any
) -> dict[Any, Any]:
    """Merge dictionaries from left to right; lists of them count as their items, none as nothing."""
    if wrong:
        refuse(f"'recursive' and 'list_merge' are the only valid keyword arguments, not {', '.join(map(repr, wrong))}")
    return merge(flatten([value, *others], levels=1), recursive=recursive, list_merge=list_merge)


def dict2items(value: Any, key_name: str = "key", value_name: str = "value") -> list[dict[str, Any]]:
    """A dictionary as a list of ``{key_name: ..., value_name: ...}``."""
    if not isinstance(value, Mapping):
        refuse(f"dict2items requires a dictionary, got {type_name(value)} instead")
    return [{key_name: key, value_name: item} for key, item in value.items()]


def items2dict(value: Any, key_name: str = "key", value_name: str = "value") -> dict[Any, Any]:
    """What ``dict2items`` made, as a dictionary again."""
    if not is_list(value):
        refuse(f"items2dict requires a list, got {type_name(value)} instead")
    made = {}
    for item in value:
        if not isinstance(item, Mapping):
            refuse(f"items2dict requires a list of dictionaries, got {item!r} instead")
        if key_name not in item or value_name not in item:
            refuse(
                f"items2dict requires each dictionary in the list to contain the keys {key_name!r} and "
                f"{value_name!r}, got {item!r} instead"
            )
        made[item[key_name]] = item[value_name]
    return made


@takes_undefined
def ternary(value: Any, true_val: Any, false_val: Any, none_val: Any = None) -> Any:
    """``true_val`` or ``false_val``; the one not taken may be undefined."""
    require(value)
    if value is None and none_val is not None:
        return none_val
    return true_val if bool(value) else false_val


@takes_undefined
def mandatory(value: Any, msg: Any = None) -> Any:
    """``value``, or an error (``msg``) when it is undefined."""
    if not isinstance(value, Undefined):
        return value
    name = value._undefined_name
    shown = f"'{name}' " if name else ""
    return refuse(str(msg) if msg is not None else f"Mandatory variable {shown}not defined.")


@takes_undefined
def type_debug(value: Any) -> str:
    """The name of the value's type."""
    return "UndefinedMarker" if isinstance(value, Undefined) else type_name(value)


@pass_environment
def extract(environment: Any, value: Any, container: Any, morekeys: Any = None) -> Any:
    """``container[value]``, and then ``morekeys`` one after the other. Undefined when it is not there."""
    keys = [value]
    if morekeys is not None:
        keys.extend(morekeys if is_list(morekeys) else [morekeys])
    found = container
    for key in keys:
        found = environment.getitem(found, key)
    return found


def subelements(value: Any, subelement: Any, skip_missing: bool = False) -> list[tuple[Any, Any]]:
    """Pairs of each item and each entry of the list found in it under ``subelement`` (``a.b`` or a list)."""
    if not isinstance(value, Mapping) and not is_list(value):
        refuse(f"obj must be a list of dicts or a nested dict, got {type_name(value)}")
    if isinstance(subelement, str):
        path: list[Any] = subelement.split(".")
    elif is_list(subelement):
        path = list(subelement)
    else:
        refuse(f"subelements must be a list or a string, got {type_name(subelement)}")
    pairs: list[tuple[Any, Any]] = []
    for item in value.values() if isinstance(value, Mapping) else value:
        pairs.extend((item, entry) for entry in _entries(item, path, skip_missing))
    return pairs


def _entries(item: Any, path: list[Any], skip_missing: bool) -> Any:
    found = item
    for key in path:
        if not isinstance(found, Mapping):
            refuse(f"the key {key!r} should point to a dictionary, got {found!r}")
        if key not in found:
            if skip_missing:
                return []
            refuse(f"could not find {key!r} in iterated item {found!r} (skip_missing=true leaves such items out)")
        found = found[key]
    if not is_list(found):
        refuse(f"the key {path[-1]!r} should point to a list, got {found!r}")
    return found


def rekey_on_member(value: Any, key: Any, duplicates: str = "error") -> dict[Any, Any]:
    """A dictionary of the given dictionaries, by what each has under ``key``."""
    if duplicates not in ("error", "overwrite"):
        refuse(f"duplicates parameter to rekey_on_member has unknown value {duplicates!r}, use error or overwrite")
    if not isinstance(value, Mapping) and not is_list(value):
        refuse(f"Type is not a valid list, set, or dict: {type_name(value)}")
    made: dict[Any, Any] = {}
    for item in value.values() if isinstance(value, Mapping) else value:
        if not isinstance(item, Mapping):
            refuse(f"List item is not a valid dict: {item!r}")
        if key not in item:
            refuse(f"Key {key!r} was not found in {item!r}")
        if item[key] in made and duplicates == "error":
            refuse(f"Key {item[key]!r} is not unique, cannot convert to dict")
        made[item[key]] = item
    return made


FILTERS: dict[str, Callable[..., Any]] = {
    "ternary": ternary,
    "combine": combine,
    "dict2items": dict2items,
    "items2dict": items2dict,
    "mandatory": mandatory,
    "subelements": subelements,
    "extract": extract,
    "type_debug": type_debug,
    "rekey_on_member": rekey_on_member,
}
