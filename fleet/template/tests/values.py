"""Tests on values: versions, regular expressions, truth, membership, URIs."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any

from fleet.source.nodes import Encrypted, Revealed
from fleet.template.filters.guard import is_list, ordinary, refuse, text
from fleet.template.filters.regex import flags
from fleet.template.filters.versions import SCHEMES

WORDS = {
    **dict.fromkeys(("yes", "on", "1", "true", "t", "y"), True),
    **dict.fromkeys(("no", "off", "0", "false", "f", "n"), False),
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("==", "=", "eq"), operator.eq),
    **dict.fromkeys(("<", "lt"), operator.lt),
    **dict.fromkeys(("<=", "le"), operator.le),
    **dict.fromkeys((">", "gt"), operator.gt),
    **dict.fromkeys((">=", "ge"), operator.ge),
    **dict.fromkeys(("!=", "<>", "ne"), operator.ne),
}
MATCH_TYPES = ("search", "match", "fullmatch")


def version(
    value: Any,
    version: Any,
    operator: str = "eq",
    strict: bool | None = None,
    version_type: str | None = None,
) -> bool:
    """Compare two version numbers by a scheme, ``loose`` unless another is asked for."""
    if operator not in OPERATORS:
        refuse(f"unknown operator {operator!r}, use one of {', '.join(OPERATORS)}")
    if strict is not None and version_type:
        refuse("strict and version_type cannot both be given")
    scheme = "strict" if strict else version_type or "loose"
    if scheme not in SCHEMES:
        refuse(f"unknown version_type {version_type!r}, use one of {', '.join(SCHEMES)}")
    if value in (None, ""):
        refuse("the version value cannot be empty")
    if version in (None, ""):
        refuse("the version to compare against cannot be empty")
    read = SCHEMES[scheme]
    try:
        return bool(OPERATORS[operator](read(text(value)), read(text(version))))
    except TypeError:
        refuse(f"{value} and {version} cannot be compared: a number stands where the other has letters")


def regex(
    value: Any = "",
    pattern: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    match_type: str = "search",
) -> bool:
    """The value, as text, has what ``pattern`` describes."""
    if match_type not in MATCH_TYPES:
        refuse(f"unknown match_type {match_type!r}, use one of {', '.join(MATCH_TYPES)}")
    compiled = re.compile(str(pattern), flags(ignorecase, multiline))
    return getattr(compiled, match_type)(text(value)) is not None


def search(value: Any, pattern: str = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """The pattern is somewhere in the value."""
    return regex(value, pattern, ignorecase, multiline, "search")


def match(value: Any, pattern: str = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """The value starts with the pattern."""
    return regex(value, pattern, ignorecase, multiline, "match")


def _collection(value: Any) -> list[Any]:
    if not hasattr(value, "__iter__"):
        refuse(f"needs a list, not {type(value).__name__}")
    return [ordinary(item) for item in value]


def subset(value: Any, other: Any) -> bool:
    """Every item of the value is in ``other``."""
    larger = _collection(other)
    return all(item in larger for item in _collection(value))


def superset(value: Any, other: Any) -> bool:
    """Every item of ``other`` is in the value."""
    return subset(other, value)


def contains(value: Any, item: Any) -> bool:
    """``item`` is in the value: the ``in`` test the other way round, for ``selectattr``."""
    if not hasattr(value, "__contains__"):
        refuse(f"{type(value).__name__} cannot contain anything")
    return bool(item in value)


def any_(value: Any) -> bool:
    """At least one item is true."""
    return any(_collection(value))


def all_(value: Any) -> bool:
    """Every item is true."""
    return all(_collection(value))


def truthy(value: Any, convert_bool: bool = False) -> bool:
    """True as Python sees it; with ``convert_bool`` words such as ``no`` and ``off`` are false."""
    if convert_bool and isinstance(value, str):
        return WORDS.get(value.strip().lower(), bool(value))
    return bool(value)


def falsy(value: Any, convert_bool: bool = False) -> bool:
    """The opposite of ``truthy``."""
    return not truthy(value, convert_bool)


def nan(value: Any) -> bool:
    """The floating point number that is no number."""
    return isinstance(value, float) and math.isnan(value)


def vault_encrypted(value: Any) -> bool:
    """A ``!vault`` value, whether it can be decrypted or not. Text that only looks like one is none."""
    return isinstance(value, Encrypted | Revealed)


def uri(value: Any, schemes: Any = None) -> bool:
    """Text that can be read as a URI, with one of ``schemes`` if given."""
    parts = _parts(value)
    if parts is None or not (parts.scheme or parts.path or parts.netloc):
        return False
    wanted = [schemes] if isinstance(schemes, str) else schemes
    return not is_list(wanted) or parts.scheme in list(wanted)


def url(value: Any, schemes: Any = None) -> bool:
    """A URI that names a host or an absolute path behind ``//``."""
    if not uri(value, schemes):
        return False
    parts = _parts(value)
    return bool(parts.netloc or parts.scheme == "file")


def urn(value: Any) -> bool:
    """A URI of the scheme ``urn``."""
    return uri(value, ["urn"])


def _parts(value: Any) -> Any:
    from urllib.parse import urlsplit

    if not isinstance(value, str):
        return None
    try:
        return urlsplit(value)
    except ValueError:
        return None


TESTS: dict[str, Callable[..., bool]] = {
    "version": version,
    "version_compare": version,
    "match": match,
    "search": search,
    "regex": regex,
    "contains": contains,
    "truthy": truthy,
    "falsy": falsy,
    "subset": subset,
    "issubset": subset,
    "superset": superset,
    "issuperset": superset,
    "any": any_,
    "all": all_,
    "nan": nan,
    "isnan": nan,
    "vault_encrypted": vault_encrypted,
    "uri": uri,
    "url": url,
    "urn": urn,
}
