"""Many host names in few words: ``web[1-20] db3``. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

# So many names are still read faster than a range.
FEW = 3
NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


def fold(hosts: Iterable[str], most: int = 12) -> str:
    """``hosts`` with runs of numbers as ranges; after ``most`` words it says how many hosts are left out."""
    words = _words(sorted(set(hosts), key=natural))
    text = " ".join(word for word, _ in words[:most])
    left = sum(count for _, count in words[most:])
    return f"{text} and {left} more" if left else text


def natural(host: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts web2 before web10."""
    parts = re.split(r"(\d+)", host)
    return tuple((1, int(part), part) if part.isdecimal() and part.isascii() else (0, 0, part) for part in parts)


def _words(hosts: list[str]) -> list[tuple[str, int]]:
    """Each word with the number of hosts it stands for, in the order of the first of them."""
    runs: list[list[str]] = []
    last: dict[tuple[str, str], list[str]] = defaultdict(list)
    for host in hosts:
        found = NUMBERED.fullmatch(host)
        if found is None:
            runs.append([host])
            continue
        head, digits, tail = found.groups()
        run = last[head, tail]
        if not run or not _follows(run[-1], digits):
            run = last[head, tail] = []
            runs.append(run)
        run.append(host)
    return [word for run in runs for word in _word(run)]


def _follows(before: str, digits: str) -> bool:
    found = NUMBERED.fullmatch(before)
    if found is None:
        return False
    last = found.group(2)
    # web9 and web10 are neighbours, web09 and web010 are not.
    same_form = len(last) == len(digits) or not (last.startswith("0") or digits.startswith("0"))
    return same_form and int(digits) == int(last) + 1


def _word(run: list[str]) -> list[tuple[str, int]]:
    if len(run) <= FEW:
        return [(host, 1) for host in run]
    first, last = NUMBERED.fullmatch(run[0]), NUMBERED.fullmatch(run[-1])
    assert first is not None
    assert last is not None
    return [(f"{first.group(1)}[{first.group(2)}-{last.group(2)}]{first.group(3)}", len(run))]
