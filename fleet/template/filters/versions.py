"""Version numbers by five schemes, for the ``version`` test and the filters that sort."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import total_ordering
from typing import Any

# Texts: compiled (and kept by re) when the first version is compared, not at every start.
LOOSE_PART = r"(\d+|[a-z]+|\.)"
STRICT = r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$"
SEMANTIC = (
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$"
)


@total_ordering
class Loose:
    """Runs of digits and letters, compared one by one. A number against a word is a ``TypeError``."""

    def __init__(self, text: str) -> None:
        found = (part for part in re.split(LOOSE_PART, text) if part and part != ".")
        self.parts: list[Any] = [int(part) if part.isdecimal() else part for part in found]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Loose):
            return NotImplemented
        # What has no order is not just different, so that `==` refuses what `<` refuses.
        return self.parts == other.parts or not (self < other or other < self)

    def __lt__(self, other: Loose) -> bool:
        return self.parts < other.parts

    def __hash__(self) -> int:
        return hash(tuple(self.parts))


def strict(text: str) -> Any:
    """``1.2``, ``1.2.3`` and pre-releases such as ``1.2a1``. Raises ``ValueError`` for anything else."""
    found = re.match(STRICT, text, re.ASCII)
    if found is None:
        raise ValueError(f"{text!r} is not a strict version number, it should be like 1.2 or 1.2.3b1")
    release = (int(found[1]), int(found[2]), int(found[3] or 0))
    return release, (0, found[4], int(found[5])) if found[4] else (1, "", 0)


def semantic(text: str) -> Any:
    """A semantic version; build metadata does not count. Raises ``ValueError`` for anything else."""
    found = re.match(SEMANTIC, text, re.ASCII)
    if found is None:
        raise ValueError(f"{text!r} is not a semantic version, it should be like 1.2.3 or 1.2.3-rc.1")
    release = tuple(int(part) for part in found.group(1, 2, 3))
    if not found[4]:
        return release, 1, ()
    # Numbers sort before words and by value.
    labels = ((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in found[4].split("."))
    return release, 0, tuple(labels)


def pep440(text: str) -> Any:
    """A Python version. Raises ``ValueError`` for anything else, and without the package ``packaging``."""
    try:
        from packaging.version import Version
    except ImportError:
        raise ValueError("needs the package packaging on the controller: pip install packaging") from None
    return Version(text)


SCHEMES: dict[str, Callable[[str], Any]] = {
    "loose": Loose,
    "strict": strict,
    "semver": semantic,
    "semantic": semantic,
    "pep440": pep440,
}
