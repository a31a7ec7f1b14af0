"""apt's one-line sources: lines taken apart and compared, files edited, names for new files."""

import collections
import glob
import os
import re

from fleet.remote import textlines

Source = collections.namedtuple("Source", "enabled kind options uri suite components comment")

_LINE = re.compile(
    r"^(?P<off>(?:#\s*)*)(?P<kind>deb|deb-src)\s+(?:\[(?P<options>[^\]]*)\]\s*)?"
    r"(?P<uri>(?:cdrom:\[[^\]]*\])?\S+)\s+(?P<suite>[^\s#]+)(?P<rest>[^#]*)(?:#\s*(?P<comment>.*))?$"
)


def parse(line):
    """A Source, or None for a line that names none."""
    match = _LINE.match(line.strip())
    if match is None:
        return None
    suite, components = match.group("suite"), match.group("rest").split()
    if ":" not in match.group("uri") and not match.group("uri").startswith("/"):
        return None
    if not components and not suite.endswith("/"):
        return None
    return Source(
        not match.group("off"),
        match.group("kind"),
        " ".join((match.group("options") or "").split()),
        match.group("uri"),
        suite,
        tuple(components),
        (match.group("comment") or "").strip(),
    )


def render(source):
    """The line of a Source, without its comment."""
    words = [source.kind, "[%s]" % source.options if source.options else "", source.uri, source.suite]
    return " ".join(word for word in words + list(source.components) if word)


def same(one, two):
    """Whether two Sources name the same; the order of components counts."""
    return one is not None and two is not None and one[1:6] == two[1:6]


def file_name(source):
    """A file name made of the address, as Ansible makes it: ``deb_debian_org_debian.list``."""
    address = re.sub(r"^\w[\w+.-]*:/*", "", source.uri).rpartition("@")[2]
    return "_".join(re.sub(r"[^a-zA-Z0-9]", " ", address).split()) + ".list"


def files(root="/etc/apt"):
    """The files apt reads one-line sources from."""
    return [os.path.join(root, "sources.list")] + sorted(
        glob.glob(os.path.join(root, "sources.list.d", "*.list"))
    )


def add(texts, source, path, line=None):
    """``texts`` (path -> content) with the source in it: as it is, switched on where it is commented out, or
    appended to ``path``. Pure."""
    found = dict(texts)
    for name, text in texts.items():
        lines = textlines.split(text)
        for index, each in enumerate(lines):
            known = parse(each)
            if same(known, source):
                if not known.enabled:
                    lines[index] = render(source)
                    found[name] = "\n".join(lines) + "\n"
                return found
    before = found.get(path, "")
    found[path] = (
        (before if not before or before.endswith("\n") else before + "\n") + (line or render(source)) + "\n"
    )
    return found


def remove(texts, source):
    """``texts`` without the source, where it is switched on. A file left with nothing becomes "". Pure."""
    found = {}
    for name, text in texts.items():
        kept = [line for line in textlines.split(text) if not (same(parse(line), source) and parse(line).enabled)]
        changed = len(kept) != len(textlines.split(text))
        found[name] = "".join(line + "\n" for line in kept) if changed else text
    return found
