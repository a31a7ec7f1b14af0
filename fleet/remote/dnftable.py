"""The table in which dnf and dnf5 show what they are about to do."""

import re

from fleet.remote import rpmdb

SECTIONS = (
    ("Installing", "install"),
    ("Upgrading", "upgrade"),
    ("Downgrading", "downgrade"),
    ("Reinstalling", "reinstall"),
    ("Removing", "remove"),
)
NOTHING = re.compile(r"^\s*(Nothing to do|No packages marked for|Repositories loaded\.$)", re.M)


def parse(text):
    """[{name, arch, new or old, section}] of the table's rows: only what the table itself tells."""
    found, section = [], None
    for words in rows(text):
        if isinstance(words, str):
            section = section_of(words)
        elif section and len(words) >= 4:
            version = words[2][2:] if words[2].startswith("0:") else words[2]
            found.append({"name": words[0], "arch": words[1], "version": version, "action": section})
    return found


def section_of(head):
    """The action a heading stands for, None for groups, modules and what is skipped."""
    if not head.startswith("Installing group/module packages") and re.search("Groups|[Mm]odule", head):
        return None
    for start, action in SECTIONS:
        if head.startswith(start):
            return action
    return None


def rows(text):
    """Headings as text, rows as lists of words. A row too long for its line goes on in the next."""
    row = None
    for line in text.splitlines():
        words = line.split()
        if re.match(r"^[A-Z][^|=]*:$", line) or line.startswith("Transaction Summary") or not words:
            if row:
                yield row
            row = None
            if words:
                yield line
        elif words[0] == "replacing":
            continue
        elif re.match(r"^ \S", line):
            if row:
                yield row
            row = words
        elif line.startswith("  ") and row and len(row) < 4:
            row = row + words
        elif row:
            yield row
            row = None
    if row:
        yield row


def plan(text, packages):
    """What dnf would do, in the form of ``rpmdb.moves``; ``packages`` are those installed now."""
    have = {}
    for package in packages:
        have.setdefault((package.name, package.arch), []).append(rpmdb.evr(package))
    found = []
    for each in parse(text):
        old = max(have.get((each["name"], each["arch"]), [""]))
        new = each["version"]
        if each["action"] == "install":
            old = ""
        elif each["action"] == "remove":
            old, new = new, ""
        entry = {"name": each["name"], "arch": each["arch"], "old": old, "new": new}
        found.append(dict(entry, action=each["action"]))
    return sorted(found, key=lambda item: (item["name"], item["arch"]))


def told(packages):
    """Ansible's lines: what was installed, then what was removed; an update is both."""
    return ["Installed: %s-%s.%s" % (each["name"], each["new"], each["arch"]) for each in packages if each["new"]] + [
        "Removed: %s-%s.%s" % (each["name"], each["old"], each["arch"]) for each in packages if each["old"]
    ]
