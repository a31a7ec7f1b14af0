"""The filters of community.general on structures: queries, merging, counting, sorting."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import accumulate as running
from typing import Any

from fleet.template.filters.chance import source
from fleet.template.filters.guard import is_list, ordinary, refuse, text, volatile
from fleet.template.filters.merge import merge
from fleet.template.filters.sets import difference, flatten, intersect, symmetric_difference, union
from fleet.template.filters.versions import Loose

HEX_BYTE = re.compile(r"[0-9a-f]{2}$")


def json_query(value: Any, expression: str) -> Any:
    """What a JMESPath expression finds. Needs the package ``jmespath``."""
    try:
        import jmespath
    except ImportError:
        refuse("needs the package jmespath on the controller: pip install jmespath")
    try:
        return jmespath.search(str(expression), ordinary(value))
    except jmespath.exceptions.JMESPathError as problem:
        refuse(f"{expression!r}: {' '.join(str(problem).split())}")


def dict_(value: Any) -> dict[Any, Any]:
    """A dictionary of a list of pairs."""
    return dict(tuple(pair) for pair in value)


def dict_kv(value: Any, key: Any) -> dict[Any, Any]:
    """``{key: value}``."""
    return {key: value}


def groupby_as_dict(value: Any, attribute: str) -> dict[Any, Any]:
    """The given dictionaries by what each has under ``attribute``, which must be unique."""
    if not is_list(value):
        refuse(f"needs a list, not {type(value).__name__}")
    made: dict[Any, Any] = {}
    for number, item in enumerate(value):
        if not isinstance(item, Mapping) or attribute not in item:
            refuse(f"item {number} has no {attribute!r}")
        if item[attribute] in made:
            refuse(f"more than one item has {item[attribute]!r} under {attribute!r}")
        made[item[attribute]] = item
    return made


def lists_mergeby(*values: Any, recursive: bool = False, list_merge: str = "replace") -> list[dict[Any, Any]]:
    """Lists of dictionaries merged item by item where the key named last is equal, sorted by it."""
    if len(values) < 2:
        refuse("needs a list and the name of the key to merge by")
    *lists, key = values
    found: dict[Any, dict[Any, Any]] = {}
    for item in flatten(lists):
        if not isinstance(item, Mapping):
            refuse(f"every item must be a dictionary, got {item!r}")
        if key in item:
            older = [found[item[key]]] if item[key] in found else []
            found[item[key]] = merge([*older, item], recursive=recursive, list_merge=list_merge)
    return [found[name] for name in sorted(found)]


def version_sort(value: Any, reverse: bool = False) -> list[Any]:
    """The items in the order of versions: ``1.9`` before ``1.10``."""
    return sorted(value, key=lambda item: Loose(str(item)), reverse=reverse)


@volatile
def random_mac(value: Any, seed: Any = None) -> str:
    """A hardware address that starts with ``value``."""
    if not isinstance(value, str):
        refuse(f"needs the start of a hardware address, not {type(value).__name__}")
    parts = value.lower().split(":")
    if len(parts) > 5:
        refuse(f"{value!r} leaves nothing to chance, give five bytes at most")
    for part in parts:
        if not HEX_BYTE.match(part):
            refuse(f"{part!r} in {value!r} is not a hexadecimal byte")
    chance = source(seed)
    # One number for the whole rest, so that a seed gives the addresses it gives elsewhere.
    rest = chance.randint(68719476736, 1099511627775)
    digits = f"{rest:x}"
    parts += [digits[place : place + 2] for place in range(0, len(digits), 2)]
    return ":".join(parts[:6])


def counter(value: Any) -> dict[Any, int]:
    """How often each item is there."""
    from collections import Counter

    return dict(Counter(ordinary(item) for item in value))


def crc32(value: Any) -> str:
    """The CRC-32 checksum in hexadecimal."""
    from zlib import crc32 as checksum

    return f"{checksum(text(value).encode('utf-8', 'surrogateescape')) & 0xFFFFFFFF:x}"


def accumulate(value: Any) -> list[Any]:
    """The running sums: ``[1, 2, 3]`` gives ``[1, 3, 6]``."""
    return list(running(value))


def unicode_normalize(value: Any, form: Any = "NFC") -> str:
    """Text in one of Unicode's normal forms."""
    from unicodedata import normalize

    return normalize(form, text(value))


def _of_many(operation: Callable[[Any, Any], list[Any]]) -> Callable[..., list[Any]]:
    """A filter on two lists as one on any number; with ``flatten`` one list of lists counts as many."""

    def fold(*values: Any, flatten: bool = False) -> list[Any]:
        lists = list(values[0]) if flatten and len(values) == 1 else list(values)
        if not lists:
            return []
        result = union(lists[0], [])
        for other in lists[1:]:
            result = operation(result, other)
        return result

    return fold


FILTERS: dict[str, Callable[..., Any]] = {
    "json_query": json_query,
    "dict": dict_,
    "dict_kv": dict_kv,
    "groupby_as_dict": groupby_as_dict,
    "lists_mergeby": lists_mergeby,
    "version_sort": version_sort,
    "random_mac": random_mac,
    "counter": counter,
    "crc32": crc32,
    "accumulate": accumulate,
    "unicode_normalize": unicode_normalize,
    "lists_union": _of_many(union),
    "lists_intersect": _of_many(intersect),
    "lists_difference": _of_many(difference),
    "lists_symmetric_difference": _of_many(symmetric_difference),
}
