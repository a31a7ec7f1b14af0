"""Lines of a configuration file, ended by a newline and by nothing else.

``str.splitlines`` also ends a line at a form feed, a lone carriage return and seven other characters, and takes them
away: a file that is joined again afterwards would not be the one that was read.
"""

import re

LINE = re.compile(r"[^\n]*\n|[^\n]+")


def split(text):
    """The lines of a text without their ends."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def with_ends(text):
    """The lines of a text, each with its newline; the last one may have none."""
    return LINE.findall(text)
