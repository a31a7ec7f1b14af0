"""Texts of nftables: what a user wrote for one table, what `nft list` says of it, and one form of both. Pure."""

import re

from fleet.remote.host import Failed

EXPIRES = re.compile(r" expires (?:\d+[a-z]+)+")
FLEETING = re.compile(r"^flags [^#]*\b(?:dynamic|timeout)\b")


def masked(text):
    """The text at its length, with what stands in quotes and comments blanked: braces and words that are left count."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found.group())

    return re.sub(r'"[^"\n]*"|#[^\n]*', blank, text)


def statements(text):
    """(start, brace, end) of every statement outside of braces: where it begins, its block begins (or -1), it ends."""
    bare, depth, start, brace = masked(text), 0, 0, -1
    for place, sign in enumerate(bare + "\n"):
        if sign == "{":
            brace = place if depth == 0 else brace
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth < 0:
                raise Failed("line %d: a } without {" % (text.count("\n", 0, place) + 1))
        # A backslash at the end of a line goes on in the next one.
        if depth == 0 and sign in ";\n}" and not bare[:place].endswith("\\"):
            if bare[start:place].strip(" \t\n;"):
                yield start, brace, place + (sign == "}")
            start, brace = place + 1, -1
    if depth:
        raise Failed("a { without }")


def content_of(text, family, table):
    """(definitions, what is in the table) of a text: the inside of the table, or whole `table` statements.

    Nothing in it may reach beyond the table. Raises Failed.
    """
    bare = masked(text)
    if re.search(r"(?:^|[;{\n])\s*include\b", bare):
        raise Failed("the rules include another file, which could change other tables: put its text into them")
    parts = [(text[start:end], bare[start:end].split("{")[0].split(), start, brace, end)
             for start, brace, end in statements(text)]
    if not any(words[:1] == ["table"] for _, words, _, _, _ in parts):
        return "", text
    definitions, inside = [], []
    for whole, words, start, brace, end in parts:
        if words[:1] == ["define"]:
            definitions.append(whole.strip())
            continue
        verb = words.pop(0) if words[:1] in (["add"], ["delete"], ["destroy"], ["flush"]) else ""
        # Without a family nft means ip.
        named = words[1:] if len(words) == 3 else ["ip"] + words[1:]
        if words[:1] != ["table"] or named != [family, table] or (brace >= 0 and verb not in ("", "add")):
            raise Failed("the rules hold more than the table %s %s: %s"
                         % (family, table, " ".join(whole.split())[:80]))
        if brace >= 0:
            inside.append(text[brace + 1:end - 1].strip("\n"))
    return "".join(line + "\n" for line in definitions), "\n".join(inside)


def script(family, table, definitions="", inside=None):
    """What makes the table anew in one transaction, or (without ``inside``) takes it away, touching no other."""
    name = "%s %s" % (family, table)
    lines = ["table %s\n" % name, "delete table %s\n" % name]
    if inside is not None:
        lines += [definitions, "table %s {\n%s\n}\n" % (name, inside.strip("\n"))]
    return "".join(lines)


def inside_of(listing):
    """What is between the braces of `nft list table`."""
    return listing[listing.index("{") + 1:listing.rindex("}")].strip("\n")


def blocks(listing):
    """The objects in a listed table, each a list of lines; what is said of the table itself comes first."""
    found, block = [[]], None
    for line in inside_of(listing).splitlines():
        line = line[1:] if line.startswith("\t") else line
        if block is None and line.endswith("{"):
            block = [line]
        elif block is not None:
            block.append(line)
            if line == "}":
                found.append(block)
                block = None
        elif line.strip():
            found[0].append(line)
    return found


def elements(block):
    """(first line, line behind the last one) of a listed set's elements, or None."""
    first = next((at for at, line in enumerate(block) if line.strip().startswith("elements = {")), None)
    if first is None:
        return None
    last = first
    while not block[last].rstrip().endswith("}"):
        last += 1
    return first, last + 1


def is_fleeting(block):
    """Whether a listed set is filled while the host runs, by rules or by programs, and its elements go by themselves."""
    return block[0].split()[:1] in (["set"], ["map"]) and any(FLEETING.match(line.strip()) for line in block)


def normal(listing):
    """A listed table (`nft --stateless`) so that equal tables have equal texts: in order of names, without
    elements that come and go."""
    own, rest = blocks(listing)[0], blocks(listing)[1:]
    kept = []
    for block in rest:
        where = elements(block) if is_fleeting(block) else None
        kept.append(block[:where[0]] + block[where[1]:] if where else block)
    kept.sort(key=lambda block: (block[0].split()[0] == "chain", block[0]))
    return "".join(EXPIRES.sub("", line) + "\n" for block in ([own] if own else []) + kept for line in block)


def carried(family, table, live, wanted):
    """Statements that put the fleeting elements of the ``live`` listing into the sets that ``wanted`` declares alike."""
    def declared(listing):
        sets = {}
        for block in filter(is_fleeting, blocks(listing)[1:]):
            where = elements(block)
            sets[block[0].split()[1]] = (
                [block[0]] + (block[1:where[0]] + block[where[1]:] if where else block[1:]),
                " ".join(line.strip() for line in block[where[0]:where[1]]) if where else "")
        return sets

    old, new = declared(live), declared(wanted)
    return "".join("add element %s %s %s %s\n" % (family, table, name, held.partition("=")[2].strip())
                   for name, (head, held) in sorted(old.items())
                   if held and name in new and new[name][0] == head)
