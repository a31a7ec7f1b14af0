"""The text of an fstab(5): entries found, set and removed, everything else untouched. Pure."""

from fleet.remote import textlines

FIELDS = ("src", "path", "fstype", "opts", "dump", "passno")


def encoded(text):
    """Blanks inside a field as fstab(5) writes them."""
    return text.replace(" ", "\\040").replace("\t", "\\011")


def decoded(text):
    return text.replace("\\040", " ").replace("\\011", "\t")


def entry(line):
    """The fields of a line as a dict, or None for comments, blanks and what is no entry."""
    words = line.split()
    if len(words) < 3 or words[0].startswith("#"):
        return None
    words = [decoded(word) for word in words[:6]] + ["defaults", "0", "0"][max(0, len(words) - 3):]
    return dict(zip(FIELDS, words))


def matches(found, path, src):
    """Whether an entry is the one for ``path``; swap has no path and is told by its source."""
    if path in ("none", "swap"):
        return found["path"] in ("none", "swap") and found["src"] == src
    return found["path"].rstrip("/") == path.rstrip("/")


def find(text, path, src=None):
    """The last entry for ``path``, or None."""
    found = [item for item in map(entry, textlines.split(text)) if item and matches(item, path, src)]
    return found[-1] if found else None


def line_of(values):
    return " ".join(encoded(str(values[name])) for name in FIELDS)


def edited(text, path, values, src=None):
    """The text with the entry for ``path`` being ``values``, or (None) without one."""
    out, done = [], values is None
    for line in textlines.split(text):
        item = entry(line)
        if not item or not matches(item, path, src):
            out.append(line)
        elif not done:
            out.append(line_of(values))
            done = True
    if not done:
        out.append(line_of(values))
    return "".join(line + "\n" for line in out)
