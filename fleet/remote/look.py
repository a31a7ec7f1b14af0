"""Small reads of /proc, /sys and /etc: text or a default, never an error."""

import os


def text(path, default=""):
    """The content of a file without surrounding blanks, ``default`` when it cannot be read."""
    try:
        with open(path, "rb") as source:
            return source.read().decode("utf-8", "surrogateescape").strip()
    except OSError:
        return default


def lines(path):
    """The lines of a file, [] when it cannot be read."""
    return text(path).splitlines()


def number(path, default=None, base=10):
    """The integer a file holds, ``default`` when it holds none."""
    try:
        return int(text(path), base)
    except ValueError:
        return default


def names(folder):
    """The sorted entries of a folder, [] when there is none."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def assignments(path):
    """``KEY=value`` lines (os-release, lsb-release, login.defs style) as a dict, quotes removed."""
    found = {}
    for line in lines(path):
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("'\"")
    return found
