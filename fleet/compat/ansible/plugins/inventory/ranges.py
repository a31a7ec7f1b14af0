"""Ranges in names of hosts: ``web[01:20].example``."""

from __future__ import annotations

import re
import string

from ...errors import AnsibleError

_RANGE = re.compile(r"\[([^\]:]*):([^\]:]+)(?::(\d+))?\]")


def detect_range(line: str | None = None) -> bool:
    """True for a name with a range."""
    return bool(line and _RANGE.search(line))


def expand_hostname_range(line: str | None = None) -> list[str]:
    """All names that a name with ranges means. Raises AnsibleError."""
    found = _RANGE.search(line or "")
    if not line or found is None:
        return [line] if line else []
    heads = (line[: found.start()] + part for part in _parts(found[1] or "0", found[2], int(found[3] or 1)))
    tails = expand_hostname_range(line[found.end() :]) or [""]
    return [head + tail for head in heads for tail in tails]


def _parts(first: str, last: str, step: int) -> list[str]:
    if first.isdecimal() and last.isdecimal():
        width = len(first) if first.startswith("0") and len(first) > 1 else 0
        if width and len(last) != width:
            raise AnsibleError("host range must specify equal-length begin and end formats")
        made = [str(number).zfill(width) for number in range(int(first), int(last) + 1, step or 1)]
    else:
        letters = string.ascii_letters
        if len(first) != 1 or len(last) != 1 or first not in letters or last not in letters:
            raise AnsibleError("host range must have begin <= end")
        made = list(letters[letters.index(first) : letters.index(last) + 1 : step or 1])
    if not made:
        raise AnsibleError("host range must have begin <= end")
    return made
