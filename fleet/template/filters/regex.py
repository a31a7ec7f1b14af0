"""Filters for regular expressions, in Python's syntax."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fleet.template.filters.guard import refuse, text

POSIX_BASIC_SPECIAL = re.compile(r"([].[^$*\\])")
GROUP_REFERENCE = re.compile(r"\\(?:(\d+)|g<(\S+)>)$")


def flags(ignorecase: bool, multiline: bool) -> int:
    """The ``re`` flags for two of Ansible's options."""
    return (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)


def regex_replace(
    value: Any = "",
    pattern: str = "",
    replacement: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    count: int = 0,
    mandatory_count: int = 0,
) -> str:
    """Replace what ``pattern`` matches; ``mandatory_count`` is how many there must be."""
    subject = text(value)
    compiled = re.compile(str(pattern), flags(ignorecase, multiline))
    if not isinstance(replacement, str):
        refuse(f"the replacement must be text, not {type(replacement).__name__}")
    result, number = compiled.subn(str(replacement), subject, count)
    if mandatory_count and number != mandatory_count:
        refuse(f"{pattern!r} should match {subject!r} {mandatory_count} times, but matches {number} times")
    return result


def regex_search(
    value: Any, pattern: str, *groups: str, ignorecase: bool = False, multiline: bool = False
) -> str | list[str | None] | None:
    """The first match, or the list of ``groups`` of it (``\\1``, ``\\g<name>``); none without a match."""
    wanted = [_group(reference) for reference in groups]
    found = re.compile(str(pattern), flags(ignorecase, multiline)).search(text(value))
    if found is None:
        return None
    return [found.group(group) for group in wanted] if wanted else found.group()


def _group(reference: Any) -> int | str:
    asked = GROUP_REFERENCE.match(str(reference))
    if asked is None:
        refuse(f"{reference!r} is no group, write '\\\\1' or '\\\\g<name>'")
    return int(asked[1]) if asked[1] else asked[2]


def regex_findall(value: Any, pattern: str, multiline: bool = False, ignorecase: bool = False) -> list[Any]:
    """Every match; with groups in the pattern, the groups of every match."""
    return re.compile(str(pattern), flags(ignorecase, multiline)).findall(text(value))


def regex_escape(value: Any, re_type: str = "python") -> str:
    """``value`` as a pattern that matches just it; ``re_type`` is ``python`` or ``posix_basic``."""
    if re_type == "python":
        return re.escape(text(value))
    if re_type == "posix_basic":
        return POSIX_BASIC_SPECIAL.sub(r"\\\1", text(value))
    if re_type == "posix_extended":
        refuse(f"Regex type ({re_type}) not yet implemented")
    return refuse(f"Invalid regex type ({re_type}), use python or posix_basic")


FILTERS: dict[str, Callable[..., Any]] = {
    "regex_replace": regex_replace,
    "regex_search": regex_search,
    "regex_findall": regex_findall,
    "regex_escape": regex_escape,
}
