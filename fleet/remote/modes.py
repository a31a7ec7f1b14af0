"""Permission bits from octal and symbolic modes, as chmod(1) understands them."""

import os
import re

from fleet.remote.host import Failed


def new_mode(directory=False):
    """The mode a new file or directory gets from the process's umask."""
    mask = os.umask(0o022)
    os.umask(mask)
    return (0o777 if directory else 0o666) & ~mask


_SYMBOLIC = re.compile(r"^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$")
_SHIFT = {"u": 6, "g": 3, "o": 0}


def parse_mode(mode, current, directory=False):
    """Permission bits for an octal or symbolic mode (chmod(1)). Raises Failed when it is neither."""
    if isinstance(mode, int) and not isinstance(mode, bool):
        number = mode
    else:
        text = str(mode).strip()
        try:
            number = int(text, 8)
        except ValueError:
            return _symbolic(text, current, directory)
    if not 0 <= number <= 0o7777:
        raise Failed("mode must be in octal or symbolic form", details="bad permissions: %s" % mode)
    return number


def _symbolic(text, current, directory):
    for clause in text.split(","):
        match = _SYMBOLIC.match(clause)
        if not match:
            details = "bad symbolic permission for mode: %s" % text
            raise Failed("mode must be in octal or symbolic form", details=details)
        who = match.group(1)
        for operator, letters in re.findall(r"([-+=])([rwxXst]*[ugo]?)", match.group(2)):
            current = _clause(who, operator, letters, current, directory)
    return current


def _clause(who, operator, letters, current, directory):
    everyone = who in ("", "a") or "a" in who
    classes = "ugo" if everyone else who
    mask = new_mode(True) if who == "" else 0o777
    bits, clear = 0, 0
    for name in classes:
        shift = _SHIFT[name]
        clear |= 7 << shift
        for letter in letters:
            if letter in "rwx":
                bits |= {"r": 4, "w": 2, "x": 1}[letter] << shift
            elif letter == "X" and (directory or current & 0o111):
                bits |= 1 << shift
            elif letter in "ugo":
                bits |= ((current >> _SHIFT[letter]) & 7) << shift
            elif letter == "s" and name in "ug":
                bits |= 0o4000 if name == "u" else 0o2000
    bits = (bits & 0o7000) | (bits & 0o777 & mask)
    if "t" in letters and (everyone or "o" in who):
        bits |= 0o1000
    if operator == "+":
        return current | bits
    if operator == "-":
        return current & ~bits
    special = 0 if directory else (0o4000 if "u" in classes else 0) | (0o2000 if "g" in classes else 0)
    return (current & ~(clear & mask if who == "" else clear) & ~special) | bits
