"""File attributes beyond owner and mode: the flags of chattr(1) and SELinux contexts, without subprocesses."""

import errno
import fcntl
import os
import platform
import struct

from fleet.remote.host import Failed

# Letter as lsattr(1) shows it, bit in FS_IOC_GETFLAGS, long name, whether chattr(1) can set it.
FLAGS = (
    ("s", 0x00000001, "secure_deletion", True),
    ("u", 0x00000002, "undelete", True),
    ("c", 0x00000004, "compressed", True),
    ("S", 0x00000008, "sync", True),
    ("i", 0x00000010, "immutable", True),
    ("a", 0x00000020, "append_only", True),
    ("d", 0x00000040, "nodump", True),
    ("A", 0x00000080, "noatime", True),
    ("E", 0x00000800, "encrypted", False),
    ("I", 0x00001000, "indexed", False),
    ("j", 0x00004000, "journal_data", True),
    ("t", 0x00008000, "no_tail_merging", True),
    ("D", 0x00010000, "dirsync", True),
    ("T", 0x00020000, "top_of_directory", True),
    ("e", 0x00080000, "extents", False),
    ("V", 0x00100000, "verity", False),
    ("C", 0x00800000, "no_copy_on_write", True),
    ("x", 0x02000000, "dax", True),
    ("F", 0x40000000, "casefold", True),
    ("N", 0x10000000, "inline_data", False),
    ("P", 0x20000000, "project", True),
)
BIT = {letter: bit for letter, bit, _, _ in FLAGS}
CHANGEABLE = "".join(letter for letter, _, _, settable in FLAGS if settable)
_ODD_IOCTL = ("ppc", "powerpc", "mips", "sparc", "alpha")


def _ioctl_number(direction, kind, number):
    """The request number of ``_IOR``/``_IOW`` for a long, as this machine's kernel encodes it."""
    odd = platform.machine().startswith(_ODD_IOCTL)
    bits = {"r": 2, "w": 4}[direction] << 29 if odd else {"r": 2, "w": 1}[direction] << 30
    return bits | struct.calcsize("l") << 16 | ord(kind) << 8 | number


def _ask(path, kind, number):
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        data = fcntl.ioctl(handle, _ioctl_number("r", kind, number), b"\0" * 8)
    finally:
        os.close(handle)
    return struct.unpack("I", data[:4])[0]


def read_flags(path):
    """The flag bits of a file or directory, None where the file system (or the kind of file) has none."""
    try:
        return _ask(path, "f", 1)
    except OSError:
        return None


def read_version(path):
    """The generation number of a file, None where the file system has none."""
    try:
        return _ask(path, "v", 1)
    except OSError:
        return None


def flag_letters(bits):
    """``0x80010`` -> ``ie``, in the order of lsattr(1)."""
    return "".join(letter for letter, bit, _, _ in FLAGS if bits & bit)


def flag_names(bits):
    return [name for _, bit, name, _ in FLAGS if bits & bit]


def parse_flags(text):
    """``+i`` -> {"i": True}; with ``=`` (the default) all other changeable flags are off. Raises Failed."""
    operator, letters = (text[0], text[1:]) if text[:1] in "=+-" and text else ("=", text)
    unknown = [letter for letter in letters if letter not in BIT]
    if unknown:
        raise Failed("chattr failed", details="unknown file attribute %s in %r" % (unknown[0], text))
    if operator == "=":
        return {letter: letter in letters for letter in CHANGEABLE + letters}
    return {letter: operator == "+" for letter in letters}


def set_flags(path, wanted):
    """Switch the flags in ``wanted`` (letter -> bool). Raises Failed."""
    try:
        bits = _ask(path, "f", 1)
        for letter, on in wanted.items():
            bits = bits | BIT[letter] if on else bits & ~BIT[letter]
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.ioctl(handle, _ioctl_number("w", "f", 2), struct.pack("Q", bits)[:8])
        finally:
            os.close(handle)
    except OSError as error:
        absent = error.errno in (errno.ENOTTY, errno.EOPNOTSUPP)
        reason = "the file system has no such flags" if absent else error.strerror
        raise Failed("chattr failed", details="%s: %s" % (path, reason), path=path)


def why_refused(path):
    """`` (hint)`` when ``path`` or its folder carries a flag that forbids changes or is read-only, else ``""``."""
    for place in (path, os.path.dirname(path) or "."):
        bits = read_flags(place) or 0
        for letter, name in (("i", "immutable"), ("a", "append only")):
            if bits & BIT[letter]:
                return " (%s is %s: see chattr -%s)" % (place, name, letter)
    for place in (path, os.path.dirname(path) or "."):
        try:
            if os.statvfs(place).f_flag & os.ST_RDONLY:
                return " (%s is on a read-only file system)" % place
        except OSError:
            continue
    return ""


CONTEXT = ("seuser", "serole", "setype", "selevel")


def selinux_enabled():
    return os.path.exists("/sys/fs/selinux/enforce")


def read_context(path, follow=True):
    """The SELinux context of a path as [user, role, type, level], None without one."""
    try:
        raw = os.getxattr(path, "security.selinux", follow_symlinks=follow)
    except OSError:
        return None
    return raw.rstrip(b"\0").decode("ascii", "replace").split(":", 3)


def default_context(path, mode=0):
    """The context the policy has for a path, as ``read_context`` gives it; None without a policy."""
    import ctypes

    try:
        library = ctypes.CDLL("libselinux.so.1")
        found = ctypes.c_char_p()
        if library.matchpathcon(os.fsencode(path), ctypes.c_uint(mode), ctypes.byref(found)) != 0:
            return None
        return (found.value or b"").decode("ascii", "replace").split(":", 3)
    except (OSError, AttributeError):
        return None


def want_context(args, path, mode=0):
    """The parts of the SELinux context that ``args`` ask for, {} where SELinux is off."""
    asked = {name: args.get(name) for name in CONTEXT if args.get(name) is not None}
    if not asked or not selinux_enabled():
        return {}
    if "_default" in asked.values():
        policy = dict(zip(CONTEXT, default_context(path, mode) or ()))
        asked = {name: policy.get(name) if value == "_default" else value for name, value in asked.items()}
    return {name: value for name, value in asked.items() if value is not None}


def set_context(path, parts, follow=True):
    """Give a path the context parts in ``parts`` (names as in CONTEXT). Raises Failed."""
    context = read_context(path, follow) or default_context(path) or ["system_u", "object_r", "file_t", "s0"]
    merged = [parts.get(name, old) for name, old in zip(CONTEXT, context + ["s0"] * (4 - len(context)))]
    try:
        os.setxattr(path, "security.selinux", ":".join(merged).encode() + b"\0", follow_symlinks=follow)
    except OSError as error:
        raise Failed("set selinux context failed", path=path, details="%s: %s" % (":".join(merged), error.strerror))
