"""What a host entry may look like: ``web[01:20:2].example.org:22``, ``[2001:db8::1]:22``. Pure."""

from __future__ import annotations

import re
import string
from itertools import product

from fleet.errors import InputError, Location

_PORT = re.compile(r"^(?P<name>[^:\[\]]*(?:\[[^\]]*\][^:\[\]]*)*):(?P<port>\d{1,5})$")
_BRACKETED = re.compile(r"^\[(?P<name>[^\[\]]*)\](?::(?P<port>\d{1,5}))?$")
_IPV6 = re.compile(r"^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*(?:%[\w.-]+)?$")
_RANGE = re.compile(r"\[([^\]]*)\]")
_LETTERS = string.ascii_letters
_PLAIN = frozenset("[]:")


def expand(entry: str, at: Location | None = None) -> tuple[list[str], int | None]:
    """The host names an entry stands for, and its port. Raises ``InputError`` when it is malformed."""
    if _PLAIN.isdisjoint(entry):
        return [entry], None
    name, port = split_port(entry, at)
    if "[" not in name and "]" not in name:
        return [name], port
    return expand_ranges(name, at), port


def split_port(entry: str, at: Location | None = None) -> tuple[str, int | None]:
    """``host:22``, ``[host]:22`` and ``[2001:db8::1]:22`` as name and port."""
    bracketed = _BRACKETED.match(entry)
    if bracketed and (is_ipv6(bracketed["name"]) or (bracketed["port"] and ":" not in bracketed["name"])):
        return bracketed["name"], int(bracketed["port"]) if bracketed["port"] else None
    if is_ipv6(entry):
        return entry, None
    if entry.endswith(":"):
        raise InputError(f"host {entry!r} ends in ':'", at=at, hint="put the port behind it, or remove the colon")
    match = _PORT.match(entry)
    return (match["name"], int(match["port"])) if match else (entry, None)


def is_ipv6(text: str) -> bool:
    """True for something that can only be meant as an IPv6 address."""
    return _IPV6.match(text) is not None


def is_address(text: str) -> bool:
    """True when the colons in ``text`` belong to an address or a port and so do not separate patterns."""
    return is_ipv6(text) or _PORT.match(text) is not None or _BRACKETED.match(text) is not None


def expand_ranges(name: str, at: Location | None = None) -> list[str]:
    """``db-[a:c].r[1:2]`` as six names. The rightmost range runs fastest. Raises ``InputError``."""
    parts = _RANGE.split(name)
    if "[" in "".join(parts[::2]) or "]" in "".join(parts[::2]):
        raise InputError(f"host {name!r} has a bracket without its partner", at=at)
    choices = [[part] if index % 2 == 0 else _steps(part, at) for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def _steps(text: str, at: Location | None) -> list[str]:
    parts = [part.strip() for part in text.split(":")]
    if len(parts) not in (2, 3) or not parts[1]:
        raise InputError(
            f"[{text}] is not a range", at=at, hint="write [first:last] or [first:last:step], like [01:20]"
        )
    first, last = parts[0] or "0", parts[1]
    step = parts[2] if len(parts) == 3 else "1"
    if not step.isdecimal() or int(step) == 0:
        raise InputError(f"the step of range [{text}] must be a number above 0", at=at)
    if first.isdecimal() and last.isdecimal():
        return _numbers(first, last, int(step), text, at)
    if len(first) == len(last) == 1 and first in _LETTERS and last in _LETTERS:
        chosen = _LETTERS[_LETTERS.index(first) : _LETTERS.index(last) + 1 : int(step)]
        return list(chosen) or _empty(text, at)
    raise InputError(f"range [{text}] must run between two numbers or two letters", at=at, hint="like [01:20] or [a:f]")


def _numbers(first: str, last: str, step: int, text: str, at: Location | None) -> list[str]:
    width = 0
    if first.startswith("0") and len(first) > 1:
        width = len(first)
        if len(last) != width:
            raise InputError(
                f"first and last number of range [{text}] must be equally long when the first starts with 0",
                at=at,
                hint=f"like [{first.zfill(len(last))}:{last.zfill(width)}]",
            )
    count = range(int(first), int(last) + 1, step)
    return [str(number).zfill(width) for number in count] or _empty(text, at)


def _empty(text: str, at: Location | None) -> list[str]:
    raise InputError(f"range [{text}] is empty: its last value is before its first", at=at)


_NOT_IN_A_NAME = re.compile(r"^\d|\W")
# What TRANSFORM_INVALID_GROUP_CHARS may be: whether names are changed, and what is said about it.
GROUP_CHARS: dict[str, tuple[bool, str]] = {
    "never": (False, "Invalid characters were found in group names but not replaced"),
    "always": (True, "Invalid characters were found in group names and automatically replaced"),
    "ignore": (False, ""),
    "silently": (True, ""),
}


def is_variable(name: str) -> bool:
    """True for a group name that a template can write as ``groups.NAME``."""
    return _NOT_IN_A_NAME.search(name) is None


def as_variable(name: str) -> str:
    """``name`` with ``_`` for every sign that a variable's name cannot have."""
    return _NOT_IN_A_NAME.sub("_", name)
