"""Sizes of logical volumes as lvol's user writes them: ``512``, ``10g``, ``+8M``, ``80%VG``. Pure."""

import math
import re

from fleet.remote.host import Failed

WHOLES = ("VG", "PVS", "FREE", "ORIGIN")
UNITS = "bBsSkKmMgGtTpPeE"


class Size(object):
    """``sign`` is "", "+" or "-"; ``number`` a text; ``unit`` one of LVM's letters, or ``whole`` what it is a percentage of."""

    def __init__(self, sign, number, unit="m", whole=""):
        self.sign = sign
        self.number = number
        self.unit = unit
        self.whole = whole

    def option(self):
        """The words for lvcreate, lvextend, lvreduce."""
        if self.whole:
            return ["-l", "%s%s%%%s" % (self.sign, self.number, self.whole)]
        return ["-L", "%s%s%s" % (self.sign, self.number, self.unit)]

    def report_unit(self):
        """The unit for reports: lower case, because upper case means powers of 1000 there."""
        return self.unit.lower()


def parse(text):
    """The Size of a text. Raises Failed."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    rest = text[len(sign):]
    if "%" in rest:
        number, _, whole = rest.partition("%")
        if not re.match(r"[0-9]+$", number):
            raise Failed("Bad size specification of '%s'" % text)
        if whole not in WHOLES:
            raise Failed("Specify extents as a percentage of VG|PVS|FREE|ORIGIN")
        if int(number) > 100 and whole != "ORIGIN":
            raise Failed("Size percentage cannot be larger than 100%")
        return Size(sign, number, whole=whole)
    match = re.match(r"([0-9]+(?:\.[0-9]*)?)([%s]?)$" % UNITS, rest)
    if not match:
        raise Failed("Bad size specification of '%s'" % text)
    return Size(sign, match.group(1), match.group(2) or "m")


def target(size, now, group):
    """What a volume of ``now`` comes to, in the unit of the report; ``group`` has size, free and extent in the same.

    LVM gives whole extents: more than asked for where a size falls between two, less for a percentage.
    """
    if size.whole:
        part = int(size.number) * (group["free"] if size.whole == "FREE" else group["size"]) / 100.0
        part -= part % group["extent"]
    else:
        part = math.ceil(round(float(size.number) / group["extent"], 6)) * group["extent"]
    return {"+": now + part, "-": now - part}.get(size.sign, part)
