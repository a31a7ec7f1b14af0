"""Versions that compare as people read them."""

import re

_PARTS = re.compile(r"(\d+|[a-z]+|\.)")
_STRICT = re.compile(r"^(\d+)\.(\d+)(\.(\d+))?([ab](\d+))?$")


class Version:
    """What the kinds of versions share."""

    def __init__(self, vstring=None):
        if vstring:
            self.parse(vstring)

    def parse(self, vstring):
        """Take the version apart."""
        raise NotImplementedError

    def __repr__(self):
        return "%s ('%s')" % (type(self).__name__, self)

    def _key(self):
        raise NotImplementedError

    def _compared(self, other, how):
        if isinstance(other, str):
            other = type(self)(other)
        if not isinstance(other, Version):
            return NotImplemented
        return how(self._key(), other._key())

    def __eq__(self, other):
        return self._compared(other, lambda mine, its: mine == its)

    def __lt__(self, other):
        return self._compared(other, lambda mine, its: mine < its)

    def __le__(self, other):
        return self._compared(other, lambda mine, its: mine <= its)

    def __gt__(self, other):
        return self._compared(other, lambda mine, its: mine > its)

    def __ge__(self, other):
        return self._compared(other, lambda mine, its: mine >= its)

    __hash__ = None


class LooseVersion(Version):
    """Any text: numbers compare as numbers, words as words; both at one place cannot be compared."""

    version = ()

    def parse(self, vstring):
        self.vstring = vstring
        self.version = [int(part) if part.isdigit() else part
                        for part in _PARTS.split(vstring) if part and part != "."]

    def __str__(self):
        return self.vstring

    def _key(self):
        return self.version


class StrictVersion(Version):
    """``1.2``, ``1.2.3``, ``1.2a1``."""

    def parse(self, vstring):
        match = _STRICT.match(vstring)
        if match is None:
            raise ValueError("invalid version number '%s'" % vstring)
        major, minor, _dot, patch, pre, number = match.groups()
        self.version = (int(major), int(minor), int(patch or 0))
        self.prerelease = (pre[0], int(number)) if pre else None

    def __str__(self):
        shown = ".".join(str(part) for part in (self.version if self.version[2] else self.version[:2]))
        return shown + ("%s%d" % self.prerelease if self.prerelease else "")

    def _key(self):
        # A version without a letter comes after those with one.
        return self.version, self.prerelease or ("z", 0)
