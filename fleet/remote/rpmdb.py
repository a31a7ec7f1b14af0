"""What rpm has installed: read once, names and versions matched, two states compared.

The list stays in the run's cache as long as the files of rpm's database stay as they are.
"""

import collections
import fnmatch
import os
import re

DATABASES = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
FILES = ("rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages", "Index.db")
FORMAT = "%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n"

Package = collections.namedtuple("Package", "name epoch version release arch")
"""One installed package; all fields are text, an epoch that is not set is "0"."""


def installed(host, root="/"):
    """All packages that rpm knows of as [Package]."""
    mark = _mark(root)
    known = host.cache.setdefault("rpm", {})
    if mark and known.get(root, (None,))[0] == mark:
        return known[root][1]
    argv = [host.need("rpm", "rpm"), "-qa", "--qf", FORMAT]
    found = parse(host.run(argv if root == "/" else argv[:1] + ["--root", root] + argv[1:]).out)
    known[root] = (_mark(root), found)
    return found


def _mark(root):
    found = []
    # Debian's rpm, there for building only, keeps its list in the user's home.
    folders = DATABASES + ((os.path.expanduser("~/.rpmdb"),) if root == "/" else ())
    for folder in folders:
        for name in FILES:
            try:
                info = os.stat(os.path.join(root, folder, name))
                found.append((folder, name, info.st_mtime, info.st_size, info.st_ino))
            except OSError:
                pass
    return tuple(found)


def parse(text):
    """Packages from rpm's output in FORMAT; the keys rpm lists as packages are left out."""
    rows = [line.split("\t") for line in text.splitlines()]
    return [Package(*row) for row in rows if len(row) == 5 and row[0] != "gpg-pubkey"]


def evr(package):
    """``1:2.0-3``; an epoch of 0 is not shown."""
    text = "%s-%s" % (package.version, package.release)
    return text if package.epoch in ("0", "", "(none)") else "%s:%s" % (package.epoch, text)


def nevra(package):
    return "%s-%s.%s" % (package.name, evr(package), package.arch)


def forms(package):
    """All ways to write a package down: ``name``, ``name.arch``, ``name-1.0`` ... ``name-0:1.0-1.arch``."""
    name, epoch, version, release, arch = package
    for base in (
        name,
        "%s-%s" % (name, version),
        "%s-%s-%s" % (name, version, release),
        "%s-%s:%s-%s" % (name, epoch, version, release),
        "%s:%s-%s-%s" % (epoch, name, version, release),
    ):
        yield base
        yield "%s.%s" % (base, arch)


def matching(spec, packages):
    """The packages a spec names: plain, with version or architecture, a pattern, or ``name >= 1.0``."""
    relation = parse_relation(spec)
    if relation:
        name, sign, version = relation
        return [each for each in packages if each.name == name and holds(evr(each), sign, version)]
    if any(char in spec for char in "*?["):
        fits = re.compile(fnmatch.translate(spec)).match
        return [each for each in packages if any(fits(form) for form in forms(each))]
    # The name is part of every form: comparing all forms of thousands of packages is for the few that can fit.
    near = [each for each in packages if each.name in spec]
    return [each for each in near if spec in forms(each)]


def parse_relation(spec):
    """(name, sign, version) of ``name >= 1.0``, None for a spec without a sign."""
    found = re.match(r"^\s*([^\s<>=]+)\s*(<=|>=|=|<|>)\s*(\S+)\s*$", spec)
    return found.groups() if found else None


def named_version(spec, packages):
    """The Package a spec such as ``name-1.0-1`` speaks of in another version, and that version; or None."""
    for package in sorted(packages, key=lambda each: -len(each.name)):
        if spec.startswith(package.name + "-"):
            rest = spec[len(package.name) + 1 :]
            if rest.endswith("." + package.arch):
                rest = rest[: -len(package.arch) - 1]
            if re.match(r"^(\d+:)?\d[^-]*(-[^-]+)?$", rest):
                return package, rest
    return None


def holds(have, sign, wanted):
    order = compare(have, wanted)
    return {"=": order == 0, "<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[sign]


def compare(one, two):
    """-1, 0 or 1 for two of ``[epoch:]version[-release]``; a release one of them lacks does not count."""
    for left, right in zip(_parts(one), _parts(two)):
        if left is None or right is None:
            continue
        order = compare_part(left, right)
        if order:
            return order
    return 0


def _parts(text):
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "0", text
    version, dash, release = rest.partition("-")
    return epoch, version, release if dash else None


def compare_part(one, two):
    """rpm's order of versions: runs of digits as numbers, of letters as text; ``~`` before all, ``^`` only after the end."""
    left, right = _segments(one), _segments(two)
    for mine, other in zip(left, right):
        if mine == other:
            continue
        for sign in "~^":
            if sign in (mine, other):
                return -1 if mine == sign else 1
        if mine.isdigit() != other.isdigit():
            return 1 if mine.isdigit() else -1
        if mine.isdigit() and int(mine) == int(other):
            continue
        smaller = int(mine) < int(other) if mine.isdigit() else mine < other
        return -1 if smaller else 1
    if len(left) == len(right):
        return 0
    longer, order = (left, 1) if len(left) > len(right) else (right, -1)
    return -order if longer[min(len(left), len(right))] == "~" else order


def _segments(text):
    return re.findall(r"[0-9]+|[A-Za-z]+|~|\^", text)


def action(old, new):
    """install, remove, upgrade, downgrade or reinstall."""
    if not old or not new:
        return "install" if new else "remove"
    order = compare(new, old)
    return "upgrade" if order > 0 else "downgrade" if order < 0 else "reinstall"


def moves(before, after):
    """What became of the packages: [{name, arch, old, new, action}], an update as one entry."""
    have, got = set(before), set(after)
    gone, come = {}, {}
    for source, sink in ((have - got, gone), (got - have, come)):
        for package in source:
            sink.setdefault((package.name, package.arch), []).append(evr(package))
    found = []
    for name, arch in sorted(set(gone) | set(come)):
        old, new = sorted(gone.get((name, arch), [])), sorted(come.get((name, arch), []))
        while len(old) < len(new):
            old.append("")
        while len(new) < len(old):
            new.append("")
        for mine, other in zip(old, new):
            found.append({"name": name, "arch": arch, "old": mine, "new": other, "action": action(mine, other)})
    return found
