"""Sizes for people."""

import re

SIZE_RANGES = {"Y": 1 << 80, "Z": 1 << 70, "E": 1 << 60, "P": 1 << 50, "T": 1 << 40, "G": 1 << 30, "M": 1 << 20,
               "K": 1 << 10, "B": 1}


WORDS = dict(zip("YZEPTGMK", ("yotta", "zetta", "exa", "peta", "tera", "giga", "mega", "kilo")), B="")
_NUMBER = re.compile(r"(\d*\.?\d*)\s*([A-Za-z]+)?\s*$")


def lenient_lowercase(lst):
    """``lst`` with its texts in lower case."""
    return [item.lower() if hasattr(item, "lower") else item for item in lst]


def human_to_bytes(number, default_unit=None, isbits=False):
    """The number of bytes (or bits) that "10 MB" means. Raises ValueError."""
    match = _NUMBER.match(str(number))
    try:
        value = float(match.group(1))
    except (AttributeError, ValueError):
        raise ValueError("human_to_bytes() can't interpret following string: %s" % number)
    unit = match.group(2) or default_unit
    if unit is None:
        return int(round(value))
    letter = unit[0].upper()
    if letter not in SIZE_RANGES:
        raise ValueError("human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s"
                         % (number, unit, ", ".join(SIZE_RANGES)))
    short, word = ("b", "bit") if isbits else ("B", "byte")
    symbol, other = (short, word) if letter == "B" else (letter + short, letter)
    if len(unit) > 1 and unit.lower() != WORDS[letter] + word and unit != symbol:
        raise ValueError("human_to_bytes() failed to convert %s. Value is not a valid string (expect %s or %s)"
                         % (number, symbol, other))
    return int(round(value * SIZE_RANGES[letter]))


def bytes_to_human(size, isbits=False, unit=None):
    """``size`` as a text such as ``1.50 MB``."""
    base = "bits" if isbits else "Bytes"
    for letter, limit in sorted(SIZE_RANGES.items(), key=lambda item: -item[1]):
        if (unit is None and size >= limit) or (unit is not None and unit.upper() == letter):
            break
    if limit != 1:
        base = letter + ("b" if isbits else "B")
    return "%.2f %s" % (size / float(limit), base)
