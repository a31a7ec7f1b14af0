"""Lines of limits.conf(5): which limit one sets, and how one is written. Pure."""

UNLIMITED = ("unlimited", "infinity", "-1")
SIGNED = ("nice", "priority")


class Limit(object):
    """A line that sets a limit: ``key`` is (domain, type, item)."""

    def __init__(self, key, value, comment=""):
        self.key = key
        self.value = value
        self.comment = comment

    def line(self):
        return "\t".join(self.key + (self.value,) + ((self.comment,) if self.comment else ())) + "\n"


def parse(line):
    """The Limit a line sets, None for comments and what is no limit."""
    text, sign, comment = line.rstrip("\r\n").partition("#")
    words = text.split()
    if len(words) != 4:
        return None
    return Limit(tuple(words[:3]), words[3], sign + comment)


def mistake(item, value):
    """What is wrong with a value, as a sentence, or ""."""
    signed = item in SIGNED
    if signed and _is_number(value) and -20 <= int(value) <= 19:
        return ""
    if not signed and (value in UNLIMITED or (_is_number(value) and int(value) >= 0)):
        return ""
    rule = ("Value must be a number in the range -20 to 19 inclusive." if signed else
            "Value must either be 'unlimited', 'infinity' or -1, all of which indicate no limit,"
            " or a limit of 0 or larger.")
    return "Value of '%s' for item '%s' is invalid. %s" % (value, item, rule)


def _is_number(value):
    try:
        int(value)
    except ValueError:
        return False
    return True


def choose(item, have, value, use_max=False, use_min=False):
    """Which of the two values is to stand: the new one, or with ``use_max`` or ``use_min`` the greater or lesser."""
    if not (use_max or use_min) or mistake(item, have):
        return value
    old, new = _size(item, have), _size(item, value)
    return value if (new > old if use_max else new < old) else have


def _size(item, value):
    return float("inf") if item not in SIGNED and value in UNLIMITED else float(value)


def put(lines, wanted, use_max=False, use_min=False):
    """(lines, the line that sets the limit): ``wanted`` in place of each line with its key, or at the end.

    A value that stands stays as it is written; a comment stays where no new one is given.
    """
    kept, written = [], None
    for line in lines:
        limit = parse(line)
        if limit is not None and limit.key == wanted.key:
            value = choose(wanted.key[2], limit.value, wanted.value, use_max, use_min)
            if value != limit.value:
                line = Limit(wanted.key, value, wanted.comment or limit.comment).line()
            written = line
        kept.append(line)
    if written is None:
        if kept and not kept[-1].endswith("\n"):
            kept[-1] += "\n"
        written = wanted.line()
        kept.append(written)
    return kept, written
