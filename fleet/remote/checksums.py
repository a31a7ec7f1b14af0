"""`sha256:...`: what a downloaded file has to hash to, given as such or as a list of many files' sums."""

import hashlib
import re

from fleet.remote.files import checksum
from fleet.remote.host import Failed

BSD = re.compile(r"^\w[\w-]* ?\((?P<name>.+)\) ?= ?(?P<sum>[0-9a-fA-F]+)$")
URL = ("http://", "https://", "ftp://", "file://")


def parse(text):
    """(algorithm, hex digits or URL) of the argument ``checksum``, None when it is empty. Raises Failed."""
    text = (text or "").strip()
    if not text:
        return None
    algorithm, colon, value = text.partition(":")
    if not colon:
        raise Failed("The checksum parameter has to be in format <algorithm>:<checksum>")
    algorithm, value = algorithm.strip().lower(), value.strip()
    if not value.startswith(URL):
        value = re.sub(r"\W+", "", value).lower()
        if not re.match(r"^[0-9a-f]+$", value):
            raise Failed("The checksum format is invalid")
    return algorithm, value


def listed(text, name):
    """The sum of the file ``name`` in a list as sha256sum(1), or its --tag form, writes it; None when not there.

    A list of one bare sum is that of any file. Raises Failed when that is no sum.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and len(lines[0].split()) == 1:
        return parse("any:" + lines[0])[1]
    for line in lines:
        tagged = BSD.match(line)
        if tagged:
            digits, place = tagged.group("sum"), tagged.group("name")
        else:
            digits, _, place = line.partition(" ")
            place = place.strip()
            place = place[1:] if place[:1] == "*" else place
        if re.match(r"^[0-9a-fA-F]+$", digits) and (place == name or place.endswith("/" + name)):
            return digits.lower()
    return None


def of_file(path, algorithm):
    """A file's sum. Raises Failed for an algorithm the host does not have."""
    try:
        return checksum(path, algorithm)
    except (ValueError, TypeError):
        raise Failed("Could not hash file '%s' with algorithm '%s'. Available algorithms: %s"
                     % (path, algorithm, ", ".join(sorted(hashlib.algorithms_available))))
