"""What dpkg knows: installed packages read from its status file, versions compared, two states compared.

Nothing here starts a program. The status file is read once and kept as long as it does not change; a
paragraph is taken apart only when somebody asks for its package, so a lookup among thousands of
packages costs little more than reading the file.
"""

import collections
import os
import re

STATUS = "/var/lib/dpkg/status"
UPDATES = "/var/lib/dpkg/updates"
ARCH = "/var/lib/dpkg/arch"

Package = collections.namedtuple("Package", "name arch version want error status")
"""One paragraph: ``want`` install/hold/deinstall/purge, ``status`` installed/config-files/unpacked/..."""

INSTALLED = ("installed", "triggers-awaited", "triggers-pending")
GONE = ("not-installed", "config-files")


class Status(object):
    """The packages of one reading of the status file, and of the journal of a run that was cut off."""

    def __init__(self, data, journal=b""):
        self.blocks = {}
        for name, block in paragraphs(data):
            self.blocks.setdefault(name, []).append(block)
        for name, block in paragraphs(journal):
            arch = field(block, b"Architecture")
            others = [each for each in self.blocks.get(name, ()) if field(each, b"Architecture") != arch]
            self.blocks[name] = others + [block]
        self._native = None
        self._provides = None

    def find(self, name):
        """All packages called ``name``, one for each architecture."""
        return [parse_block(block) for block in self.blocks.get(name, ())]

    def all(self):
        for name in self.blocks:
            for package in self.find(name):
                yield package

    def get(self, name, arch=None):
        """The package ``name`` of an architecture (default the host's own, or ``all``), or None."""
        found = self.find(name)
        if arch == "any":
            return found[0] if found else None
        fits = ("all", self.native) if arch in (None, "native") else (arch, "all")
        for package in found:
            if package.arch in fits:
                return package
        return None

    @property
    def native(self):
        """The host's own architecture: that of dpkg itself."""
        if self._native is None:
            own = self.find("dpkg") or self.find("libc6") or [None]
            self._native = own[0].arch if own[0] else "amd64"
        return self._native

    def providers(self, virtual):
        """Names of installed packages that provide ``virtual``."""
        if self._provides is None:
            self._provides = {}
            for name, blocks in self.blocks.items():
                for block in blocks:
                    value = field(block, b"Provides")
                    if value and is_installed(parse_block(block)):
                        for item in filter(str.strip, value.split(",")):
                            self._provides.setdefault(item.split()[0].split(":")[0], []).append(name)
        return self._provides.get(virtual, [])

    def versions(self, leftovers=False):
        """``name:arch`` -> version of everything that is unpacked or installed, or left settings behind."""
        gone = ("not-installed",) if leftovers else GONE
        return {
            "%s:%s" % (package.name, package.arch): package.version
            for package in self.all()
            if package.status not in gone
        }

    def held(self):
        """Names of the packages that are to stay as they are (``apt-mark hold``)."""
        return sorted(package.name for package in self.all() if package.want == "hold" and is_there(package))

    def broken(self):
        """Packages an earlier run left half done."""
        return [
            package
            for package in self.all()
            if package.error != "ok" or package.status not in INSTALLED + GONE
        ]


def paragraphs(data):
    """(package name, paragraph) one after the other."""
    for block in data.split(b"\n\n"):
        block = block.lstrip(b"\n")
        if block.startswith(b"Package: "):
            end = block.find(b"\n")
            yield block[9 : end if end > 0 else None].decode("ascii", "replace").strip(), block


def field(block, name):
    """The value of a one-line field of a paragraph, or "" (``name`` as bytes)."""
    start = block.find(b"\n" + name + b": ")
    if start < 0:
        return ""
    start += len(name) + 3
    end = block.find(b"\n", start)
    return block[start : end if end >= 0 else None].decode("utf-8", "surrogateescape").strip()


def parse_block(block):
    """A Package from one paragraph of the status file."""
    end = block.find(b"\n")
    words = field(block, b"Status").split()
    want, error, status = words if len(words) == 3 else ("unknown", "ok", "not-installed")
    return Package(
        block[9 : end if end > 0 else None].decode("ascii", "replace").strip(),
        field(block, b"Architecture"),
        field(block, b"Version"),
        want,
        error,
        status,
    )


def is_installed(package):
    return package is not None and package.status in INSTALLED and package.error == "ok"


def is_there(package):
    """Some files of the package are on the disk, wholly installed or not."""
    return package is not None and package.status not in GONE


def read_status(host, path=STATUS, updates=UPDATES):
    """The Status of this host, from the cache while nothing has changed."""
    journal = journal_of(updates)
    try:
        info = os.stat(path)
        stamp = (info.st_mtime_ns, info.st_size, info.st_ino, journal)
        known = host.cache.get("dpkg")
        if known and known[0] == stamp:
            return known[1]
        with open(path, "rb") as source:
            data = source.read()
        status = Status(data, b"\n\n".join(_read(os.path.join(updates, name)) for name in journal))
    except OSError:
        return Status(b"")
    host.cache["dpkg"] = (stamp, status)
    return status


def _read(path):
    with open(path, "rb") as source:
        return source.read()


def journal_of(folder=UPDATES):
    """Names of the journal's files, in order: what dpkg has not yet written into the status file."""
    try:
        return tuple(sorted(name for name in os.listdir(folder) if name.isdigit()))
    except OSError:
        return ()


def interrupted(folder=UPDATES):
    """Whether a dpkg run was cut off (or is under way): its journal is not empty."""
    return bool(journal_of(folder))


def architectures(status, path=ARCH):
    """The architectures packages may have here, the host's own first."""
    try:
        with open(path) as source:
            found = source.read().split()
    except OSError:
        found = []
    return found or [status.native]


_PARTS = re.compile(r"(\D*)(\d*)")


def _weight(letter):
    if letter == "~":
        return -1
    return ord(letter) if letter.isalpha() else ord(letter) + 256


def _text_order(left, right):
    for index in range(max(len(left), len(right))):
        one = _weight(left[index]) if index < len(left) else 0
        two = _weight(right[index]) if index < len(right) else 0
        if one != two:
            return -1 if one < two else 1
    return 0


def _part_order(left, right):
    while left or right:
        one, two = _PARTS.match(left), _PARTS.match(right)
        order = _text_order(one.group(1), two.group(1))
        if order:
            return order
        first, second = int(one.group(2) or 0), int(two.group(2) or 0)
        if first != second:
            return -1 if first < second else 1
        left, right = left[one.end() :], right[two.end() :]
    return 0


def split_version(version):
    """(epoch, upstream version, revision) as of deb-version(7)."""
    epoch, colon, rest = version.partition(":")
    if not (colon and epoch.isdigit()):
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    return (int(epoch), upstream, revision) if dash else (int(epoch), rest, "")


def compare(left, right):
    """-1, 0 or 1: the order of two Debian versions (deb-version(7))."""
    one, two = split_version(left), split_version(right)
    if one[0] != two[0]:
        return -1 if one[0] < two[0] else 1
    return _part_order(one[1], two[1]) or _part_order(one[2], two[2])


def moves(before, after, native):
    """What happened between two ``versions()``: [{name, old, new, action}], sorted by name.

    ``action`` is install, upgrade, downgrade or remove; foreign packages are named ``name:arch``.
    """
    found = []
    for key in set(before) | set(after):
        old, new = before.get(key, ""), after.get(key, "")
        if old != new:
            name, _, arch = key.partition(":")
            shown = name if arch in (native, "all") else key
            found.append({"name": shown, "old": old, "new": new, "action": action(old, new)})
    return sorted(found, key=lambda item: item["name"])


def action(old, new):
    if not old:
        return "install"
    if not new:
        return "remove"
    return "upgrade" if compare(old, new) < 0 else "downgrade"
