"""The kernel's command line."""

import shlex

from fleet.remote import look

NAMES = ("cmdline", "proc_cmdline")
SUBSETS = ("cmdline",)


def collect(host):
    words = split(look.text("/proc/cmdline"))
    return {"cmdline": dict(map(pair, words)), "proc_cmdline": gathered(words)}


def split(line):
    try:
        return shlex.split(line, posix=False)
    except ValueError:
        return line.split()


def pair(word):
    name, equals, value = word.partition("=")
    return name, value if equals else True


def gathered(words):
    """Like ``cmdline``, but a name given more than once has a list of its values. Pure."""
    found = {}
    for name, value in map(pair, words):
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
