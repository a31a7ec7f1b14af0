"""What parted -m prints, as the disk and its partitions; positions as its user writes them. Pure."""

import re

from fleet.remote.host import Failed

BYTES = {"b": 1, "s": 512, "kb": 10 ** 3, "mb": 10 ** 6, "gb": 10 ** 9, "tb": 10 ** 12,
         "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
UNITS = ("s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact")
POSITION = re.compile(r"(-?[0-9]+(?:\.[0-9]*)?) *(s|B|[kKMGT]i?B|%|cyl)?$")


def parse(text, unit):
    """(disk, partitions) of the output of ``parted -m``, or None where it shows no disk."""
    lines = [line.rstrip().rstrip(";") for line in text.splitlines() if line.strip()]
    kinds = [place for place, line in enumerate(lines) if line in ("BYT", "CHS", "CYL")]
    if not kinds or len(lines) < kinds[-1] + 2:
        return None
    lines = lines[kinds[-1] + 1:]
    fields = split(lines[0])
    size, shown = amount(fields[1], unit)
    disk = {"dev": fields[0], "size": size, "unit": shown, "logical_block": int(fields[3]), "physical_block": int(fields[4]),
            "table": fields[5], "model": fields[6]}
    rest = lines[1:]
    if unit in ("cyl", "chs") and rest:
        disk["chs_info"] = geometry(rest.pop(0))
    return disk, [partition(split(line), unit, shown) for line in rest]


def split(line):
    r"""The fields of a line; a colon inside one is written ``\:``."""
    return [field.replace("\\:", ":").replace("\\\\", "\\") for field in re.split(r"(?<!\\):", line)]


def geometry(line):
    cylinders, heads, sectors, size = line.split(":")
    number, unit = amount(size, "B")
    return {"cylinders": int(cylinders), "heads": int(heads), "sectors": int(sectors), "cyl_size": number, "cyl_size_unit": unit}


def partition(fields, unit, shown):
    """A line of a partition; with CHS there is no size."""
    if unit == "chs":
        fields = fields[:3] + [""] + fields[3:]
    fields += [""] * (7 - len(fields))
    return {
        "num": int(fields[0]), "begin": amount(fields[1], unit)[0], "end": amount(fields[2], unit)[0],
        "size": amount(fields[3], unit)[0], "fstype": fields[4], "name": fields[5],
        "flags": [flag.strip() for flag in fields[6].split(",") if flag.strip()], "unit": shown,
    }


def amount(text, unit):
    """(number, unit in small letters) of ``105MB``; of ``1599,3,31`` a dict and "chs"."""
    if unit == "chs" and text.count(",") == 2:
        return dict(zip(("cylinder", "head", "sector"), map(int, text.split(",")))), "chs"
    match = re.match(r"(-?[0-9.]+)([A-Za-z%]*)$", text)
    if not match:
        return ("", unit.lower()) if not text else (text, unit.lower())
    return float(match.group(1)), (match.group(2) or unit).lower()


def check(name, text):
    """Refuse what is no position. Raises Failed."""
    match = POSITION.match(text)
    if not match:
        raise Failed("Error interpreting parted size output: '%s'" % text)
    if not match.group(2):
        raise Failed("The argument '%s' doesn't respect required format.The size unit is case sensitive." % name,
                     err=[float(match.group(1)), ""])


def offset(text, size, sector, cylinder=0):
    """The byte that a position means on a disk of ``size`` bytes."""
    number, unit = POSITION.match(text).groups()
    value = float(number)
    each = {"%": size / 100.0, "s": sector, "cyl": cylinder}.get(unit) or BYTES[unit.lower()]
    # Counted from the end when negative; -0 is the end, too.
    return size + value * each if number.startswith("-") else value * each
