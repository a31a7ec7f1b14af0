"""Rules of a PAM service file: found, changed and added, every other line as it was. Pure. See pam.conf(5)."""

import re

from fleet.remote import textlines

RULE = re.compile(
    r"^\s*(?P<type>-?(?:account|auth|password|session))\s+(?P<control>\[[^\]]*\]|\S+)\s+(?P<path>[^\s#]+)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
ARGUMENT = re.compile(r"\[[^\]]*\]|[^\s\[]\S*|\[\S*")


class Rule(object):
    """One rule: ``key`` is (type, control, module path), ``arguments`` a list, ``comment`` what follows them."""

    def __init__(self, key, arguments=(), comment=""):
        self.key = key
        self.arguments = list(arguments)
        self.comment = comment

    def line(self):
        words = ["%-10s" % self.key[0], self.key[1], self.key[2]] + self.arguments
        return " ".join(words + ([self.comment] if self.comment else [])).rstrip() + "\n"


def key_of(kind, control, path):
    """What rules are compared by: blanks inside a bracketed control do not count."""
    return kind.strip(), " ".join(control.split()), path.strip()


def split_arguments(text):
    """The arguments of a rule; what is in brackets is one, blanks and all."""
    return ARGUMENT.findall(text)


def parse(text):
    """[(rule or None, lines)]: a rule goes with the lines it stands on, a backslash goes on in the next."""
    found, held = [], ""
    for line in textlines.with_ends(text):
        held += line
        if line.rstrip("\r\n").endswith("\\") and not held.lstrip().startswith("#"):
            continue
        found.append((_rule(held), held))
        held = ""
    return found + ([(_rule(held), held)] if held else [])


def _rule(lines):
    match = RULE.match(re.sub(r"\\\r?\n", " ", lines).rstrip())
    if not match:
        return None
    arguments, sign, comment = match.group("rest").partition("#")
    key = key_of(match.group("type"), match.group("control"), match.group("path"))
    return Rule(key, split_arguments(arguments), sign + comment)


def render(entries):
    text = ""
    for _, lines in entries:
        # A last line without an end would run into what is added behind it.
        text += ("\n" if text and not text.endswith("\n") else "") + lines
    return text


def update(entries, key, new_key, arguments):
    """Rules with ``key`` get the parts of ``new_key`` that are not None and, unless None, these arguments."""

    def change(rule):
        wanted = tuple(part if part is not None else old for part, old in zip(new_key, rule.key))
        return Rule(wanted, rule.arguments if arguments is None else arguments, rule.comment)

    return _each(entries, key, change)


def add_arguments(entries, key, arguments):
    """Rules with ``key`` have these arguments; one that takes a value (``name=value``) gets the new value."""

    def change(rule):
        kept = list(rule.arguments)
        for argument in [word for word in arguments if "=" not in word]:
            kept += [argument] if argument not in kept else []
        for argument in [word for word in arguments if "=" in word]:
            name = argument.partition("=")[0] + "="
            same = [index for index, word in enumerate(kept) if word.startswith(name)]
            for index in same:
                kept[index] = argument
            kept += [argument] if not same else []
        return Rule(rule.key, kept, rule.comment)

    return _each(entries, key, change)


def drop_arguments(entries, key, arguments):
    def change(rule):
        return Rule(rule.key, [word for word in rule.arguments if word not in arguments], rule.comment)

    return _each(entries, key, change)


def _each(entries, key, change):
    changed, count = [], 0
    for rule, lines in entries:
        new = change(rule) if rule and rule.key == key else rule
        if new is not rule and (new.key, new.arguments) != (rule.key, rule.arguments):
            lines, count = new.line(), count + 1
        changed.append((new, lines))
    return changed, count


def remove(entries, key):
    left = [entry for entry in entries if entry[0] is None or entry[0].key != key]
    return left, len(entries) - len(left)


def insert(entries, key, new, after):
    """Put the rule ``new`` before (or ``after``) each rule with ``key``, unless one of its kind is there already."""
    changed, count = [], 0
    rules = [rule for rule, _ in entries if rule]
    position = -1
    for rule, lines in entries:
        position += 1 if rule else 0
        here = rule is not None and rule.key == key
        beside = position + (1 if after else -1)
        there = here and 0 <= beside < len(rules) and rules[beside].key == new.key
        fresh = [(new, new.line())] if here and not there else []
        changed += [(rule, lines)] + fresh if after else fresh + [(rule, lines)]
        count += len(fresh)
    return changed, count
