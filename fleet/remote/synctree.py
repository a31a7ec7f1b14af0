"""Two trees made equal as rsync(1) does it: what there is, what differs, and the change itself.

An entry is [name, kind, mode, owner, group, mtime in nanoseconds, size, data]; kind is ``f``, ``d``, ``L`` or ``S`` (devices, pipes),
data the SHA1 of a file (None where nobody asked), the target of a link, or the device's number. The name of
the folder that is the transfer's root is empty.
"""

import errno
import os
import stat

from fleet.remote import files, rsyncrules
from fleet.remote.host import Failed
from fleet.remote.modes import parse_mode

NAME, KIND, MODE, OWNER, GROUP, MTIME, SIZE, DATA = range(8)
FILTER_FILE = ".rsync-filter"


def listing(src, options, digest=None):
    """The entries of ``src`` in rsync's order: by name, what is no folder first, then each folder and what is in it.
    Raises Failed.

    ``digest(path)`` gives the name of a file's content. Rules of filter files are added to ``options``.
    """
    bare = src.rstrip("/") or "/"
    if not os.path.lexists(bare):
        raise Failed('rsync: link_stat "%s" failed: No such file or directory (2)' % bare, rc=23)
    top = "" if src.endswith("/") else os.path.basename(bare)
    follow = bool(options.get("copy_links")) or src.endswith("/")
    first = _entry(bare, top, follow, digest)
    if first is None or not _wanted(first, options):
        return []
    found = [first]
    if first[KIND] == "d":
        if not options.get("recursive") and not options.get("dirs"):
            return []
        _below(bare, top, options, digest, found)
    if options.get("prune_empty"):
        full = {os.path.dirname(entry[NAME]) for entry in found if entry[KIND] != "d"}
        full = {name for inner in full for name in _parents(inner)}
        found = [entry for entry in found if entry[KIND] != "d" or entry[NAME] in full or not entry[NAME]]
    return found


def _parents(name):
    while name:
        yield name
        name = os.path.dirname(name)
    yield ""


def _below(folder, short, options, digest, found):
    merge = os.path.join(folder, FILTER_FILE)
    if options.get("merge") and os.path.isfile(merge):
        text = (files.read_bytes(merge) or b"").decode("utf-8", "surrogateescape")
        try:
            options["rules"] = rsyncrules.lines(text, base=short) + options["rules"]
        except rsyncrules.Unknown as error:
            raise Failed("%s: %s" % (merge, error))
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise Failed('rsync: opendir "%s" failed: %s' % (folder, error.strerror), rc=23)
    deeper = []
    for name in names:
        path, inner = os.path.join(folder, name), os.path.join(short, name)
        entry = _entry(path, inner, bool(options.get("copy_links")), None)
        if entry is None or rsyncrules.excluded(options["rules"], inner, entry[KIND] == "d"):
            continue
        if not _wanted(entry, options):
            continue
        if entry[KIND] == "f" and digest:
            entry[DATA] = digest(path)
        (deeper if entry[KIND] == "d" else found).append(entry)
    for entry in deeper:
        found.append(entry)
        if options.get("recursive"):
            _below(os.path.join(folder, os.path.basename(entry[NAME])), entry[NAME], options, digest, found)


def _wanted(entry, options):
    if entry[KIND] == "L":
        return bool(options.get("links"))
    return entry[KIND] != "S" or bool(options.get("special"))


def _entry(path, name, follow, digest):
    try:
        info = os.stat(path) if follow else os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise Failed('rsync: link_stat "%s" failed: %s' % (path, error.strerror), rc=23)
    kind, data = "S", info.st_rdev
    if stat.S_ISREG(info.st_mode):
        kind, data = "f", digest(path) if digest else None
    elif stat.S_ISDIR(info.st_mode):
        kind, data = "d", None
    elif stat.S_ISLNK(info.st_mode):
        kind, data = "L", os.readlink(path)
    mode = info.st_mode if kind == "S" else stat.S_IMODE(info.st_mode)
    owner, group = files.user_name(info.st_uid), files.group_name(info.st_gid)
    return [name, kind, mode, owner, group, info.st_mtime_ns, info.st_size, data]


class Step(object):
    """One line of what is to be done: ``shown`` as rsync itemizes it, ``path``, the entry (None: remove)."""

    def __init__(self, path, entry, flags, transfer=False):
        self.path = path
        self.entry = entry
        self.flags = flags
        self.transfer = transfer

    def shown(self, arrow, dest):
        if self.entry is None:
            return "*deleting   " + os.path.relpath(self.path, dest) + ("/" if self.flags == "d" else "")
        name, kind = self.entry[NAME] or ".", self.entry[KIND]
        new = self.flags == "+"
        sign = arrow if self.transfer else "c" if new or "c" in self.flags else "."
        given = self.flags
        flags = "+" * 9 if new else "".join(letter if letter in given else "." for letter in "cstpoguax")
        if "T" in given and not new:
            # The time becomes that of the transfer.
            flags = flags[:2] + "T" + flags[3:]
        end = "/" if kind == "d" else " -> %s" % self.entry[DATA] if kind == "L" else ""
        return "%s%s%s %s%s" % (sign, kind, flags, name, end)


def place(entries, dest):
    """(the folder that names start from, the path of a single file or None)."""
    single = len(entries) == 1 and entries[0][KIND] != "d"
    if single and not dest.endswith("/") and not os.path.isdir(dest):
        return os.path.dirname(dest) or ".", dest
    return dest.rstrip("/") or "/", None


def plan(entries, dest, options, digest=files.checksum):
    """The Steps that make ``dest`` what ``entries`` say; nothing is changed. Raises Failed."""
    _refuse_a_file(entries, dest)
    root, single = place(entries, dest)
    steps = []
    for entry in entries:
        entry = dressed(entry, options)
        path = single or (os.path.join(root, entry[NAME]) if entry[NAME] else root)
        flags, transfer = _differences(entry, path, options, digest)
        if flags:
            steps.append(Step(path, entry, flags, transfer))
    if options.get("delete") and entries and entries[0][KIND] == "d":
        steps += _surplus(entries, root, options)
    return steps


def _refuse_a_file(entries, dest):
    """A file that is the destination never becomes a folder, and never one of several files (rsync 3). Raises Failed."""
    bare = dest.rstrip("/") or "/"
    if not os.path.exists(bare) or os.path.isdir(bare):
        return
    if dest.endswith("/"):
        raise Failed('rsync: [Receiver] ERROR: cannot stat destination "%s": Not a directory (20)' % dest, rc=3)
    if len(entries) > 1:
        raise Failed("ERROR: destination must be a directory when copying more than 1 file: %s" % dest, rc=3)
    if entries and entries[0][KIND] == "d":
        raise Failed("ERROR: cannot overwrite non-directory with a directory: %s" % dest, rc=3)


def dressed(entry, options):
    """The entry with what --chmod and --chown make of it."""
    entry = list(entry)
    owner, _, group = (options.get("chown") or "").partition(":")
    entry[OWNER], entry[GROUP] = owner or entry[OWNER], group or entry[GROUP]
    if options.get("chmod") and entry[KIND] != "L":
        kind = stat.S_IFMT(entry[MODE])
        for part in options["chmod"].split(","):
            only = part[:1] if part[:1] in ("D", "F") else ""
            if not only or (only == "D") == (entry[KIND] == "d"):
                entry[MODE] = kind | parse_mode(part[len(only):], stat.S_IMODE(entry[MODE]), entry[KIND] == "d")
    return entry


def _differences(entry, path, options, digest):
    """Flags as rsync's --itemize-changes has them (``+``: new), and whether content must come."""
    try:
        info = os.lstat(path)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise Failed('rsync: stat "%s" failed: %s' % (path, error.strerror), rc=23)
        info = None
    kind = entry[KIND]
    if info is not None and options.get("ignore_existing") and kind != "d":
        return "", False
    if info is None or _kind(info) != kind:
        skipped = options.get("existing_only") and info is None
        return ("", False) if skipped else ("+", kind == "f")
    transfer, flags = False, ""
    if kind == "f":
        if options.get("update") and _seconds(info.st_mtime_ns) > _seconds(entry[MTIME]):
            return "", False
        transfer, flags = _content_differs(entry, path, info, options, digest)
    elif kind == "L" and os.readlink(path) != entry[DATA]:
        flags += "c"
    return flags + _attributes_differ(entry, info, options), transfer


def _seconds(nanoseconds):
    """Times are kept in full, but compared as rsync does: many file systems know no parts of a second."""
    return nanoseconds // 1000000000


def _kind(info):
    for kind, test in (("f", stat.S_ISREG), ("d", stat.S_ISDIR), ("L", stat.S_ISLNK)):
        if test(info.st_mode):
            return kind
    return "S"


def _content_differs(entry, path, info, options, digest):
    if info.st_size != entry[SIZE]:
        return True, ("c" if options.get("checksum") else "") + "s" + ("" if options.get("times") else "T")
    if options.get("size_only"):
        return False, ""
    later = _seconds(info.st_mtime_ns) != _seconds(entry[MTIME])
    # Without times they say nothing: then, too, the content is compared.
    if options.get("checksum") or not options.get("times") and entry[DATA]:
        other = digest(path) != entry[DATA]
        return other, "c" if other and options.get("checksum") else "T" if other else ""
    return bool(later or options.get("ignore_times")), ""


def _attributes_differ(entry, info, options):
    flags, kind = "", entry[KIND]
    dated = options.get("times") and not (kind == "d" and options.get("omit_dir_times"))
    if dated and _seconds(info.st_mtime_ns) != _seconds(entry[MTIME]):
        flags += "t"
    if kind in "fd" and (options.get("perms") or options.get("chmod")) and stat.S_IMODE(info.st_mode) != entry[MODE]:
        flags += "p"
    uid, gid = owners(entry, options)
    flags += "o" if uid is not None and info.st_uid != uid else ""
    return flags + ("g" if gid is not None and info.st_gid != gid else "")


def owners(entry, options):
    """The ids the entry is to have here, None for those that stay. Only root gives files away."""
    uid = gid = None
    if os.geteuid() == 0 and (options.get("owner") or (options.get("chown") or "").partition(":")[0]):
        uid = _number(files.user_id, entry[OWNER])
    if options.get("group") or (options.get("chown") or "").partition(":")[2]:
        gid = _number(files.group_id, entry[GROUP])
        if os.geteuid() != 0 and gid not in os.getgroups() + [os.getegid()]:
            gid = None
    return uid, gid


def _number(find, name):
    try:
        return find(name)
    except Failed:
        # As rsync: a name that is not known here leaves the file to the one who writes it.
        return None


def _surplus(entries, root, options):
    """Steps that remove what is in the receiver's folders and in no entry, deepest first."""
    known = {entry[NAME]: entry[KIND] for entry in entries}
    found = []
    for name in [name for name, kind in known.items() if kind == "d"]:
        folder = os.path.join(root, name) if name else root
        if not os.path.isdir(folder) or os.path.islink(folder) and name:
            continue
        for item in sorted(os.listdir(folder)):
            inner = os.path.join(name, item)
            if inner not in known:
                _remove_steps(os.path.join(folder, item), inner, options, found)
    return found


def _remove_steps(path, name, options, found):
    """Add the steps for ``path``; True when nothing of it stays."""
    folder = os.path.isdir(path) and not os.path.islink(path)
    signs = "P" if options.get("delete_excluded") else "P+-"
    if rsyncrules.excluded(options["rules"], name, folder, signs):
        return False
    gone = True
    if folder:
        for item in sorted(os.listdir(path)):
            gone = _remove_steps(os.path.join(path, item), os.path.join(name, item), options, found) and gone
    if gone:
        found.append(Step(path, None, "d" if folder else ""))
    return gone
