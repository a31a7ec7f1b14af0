"""zypper's XML output: what is to change, what went wrong. Broken XML (a cut-off run) tells nothing."""

import re
from xml.etree import ElementTree

from fleet.remote import rpmdb

KINDS = {
    "to-install": "install",
    "to-upgrade": "upgrade",
    "to-downgrade": "downgrade",
    "to-reinstall": "reinstall",
    "to-remove": "remove",
    "to-change-arch": "upgrade",
    "to-change-vendor": "upgrade",
}


def tree(text):
    start = text.find("<?xml")
    try:
        return ElementTree.fromstring(text[max(0, start) :].strip())
    except ElementTree.ParseError:
        return ElementTree.Element("stream")


def _solvables(text):
    root = tree(text)
    for kind, action in KINDS.items():
        for group in root.iter(kind):
            for each in group.iter("solvable"):
                yield action, each


def changes(text):
    """[{name, arch, old, new, action}] of the packages in the summary, as ``rpmdb.moves`` tells afterwards."""
    found = {}
    for action, each in _solvables(text):
        if each.get("type", "package") != "package":
            continue
        edition, old = each.get("edition", ""), each.get("edition-old", "")
        if action == "remove":
            edition, old = "", edition
        entry = {"name": each.get("name"), "arch": each.get("arch", ""), "old": old, "new": edition}
        entry["action"] = rpmdb.action(old, edition)
        found[(entry["name"], entry["arch"])] = entry
    return [found[key] for key in sorted(found)]


def others(text):
    """Names of patterns, patches and products in the summary."""
    return sorted(each.get("name", "") for _, each in _solvables(text) if each.get("type") != "package")


def errors(text):
    """zypper's error messages, "" when there is none; a question nobody answers counts as one."""
    root = tree(text)
    found = [(each.text or "").strip() for each in root.iter("message") if each.get("type") == "error"]
    for each in root.iter("prompt"):
        problem = each.findtext("description") or ""
        if problem.startswith("Problem"):
            found.append(problem.strip())
    return re.sub(r"\n+", "\n", "\n".join(line for line in found if line))


def repositories(text):
    """The repositories of ``zypper --xmlout lr`` as dicts with ``url`` added."""
    return [dict(each.attrib, url=(each.findtext("url") or "").strip()) for each in tree(text).iter("repo")]
