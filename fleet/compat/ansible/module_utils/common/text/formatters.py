"""Sizes for people."""

import re

SIZE_RANGES = {"Y": 1 << 80, "Z": 1 << 70, "E": 1 << 60, "P": 1 << 50, "T": 1 << 40, "G": 1 << 30, "M": 1 << 20,
               "K": 1 << 10, "B": 1}


def lenient_lowercase(lst):
    """``lst`` with its texts in lower case."""
    return [item.lower() if isinstance(item, str) else item for item in lst]


def human_to_bytes(number, default_unit=None, isbits=False):
    """The number of bytes (or bits) that "10 MB" means. Raises ValueError."""
    match = re.match(r"^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$", str(number))
    if not match or not match.group(1):
        raise ValueError("human_to_bytes() can't interpret following string: %s" % number)
    value, unit = float(match.group(1)), match.group(2) or default_unit
    if unit is None:
        return int(round(value))
    letter = unit[0].upper()
    rest = unit[1:]
    good = ("", "b", "bit", "bits") if isbits else ("", "B", "byte", "bytes", "yte", "ytes")
    if letter not in SIZE_RANGES or (letter != "B" and rest not in good):
        raise ValueError("human_to_bytes() failed to convert %s. The suffix must be one of %s"
                         % (number, ", ".join(SIZE_RANGES)))
    return int(round(value * SIZE_RANGES[letter]))


def bytes_to_human(size, isbits=False, unit=None):
    """``size`` as a text such as ``1.50 MB``."""
    base = "bits" if isbits else "Bytes"
    for letter, limit in sorted(SIZE_RANGES.items(), key=lambda item: -item[1]):
        if (unit is None and size >= limit) or (unit is not None and unit.upper()[0] == letter):
            break
    if limit != 1:
        base = letter + ("b" if isbits else "B")
    return "%.2f %s" % (size / float(limit), base)
