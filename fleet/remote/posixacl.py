"""POSIX access control lists as acl(5) describes them: read, changed and written as extended attributes.

No program of the host is needed. An ACL is a dict {(tag, id): permission bits}; the entries of the file's
owner, group and others have the id None. Everything but ``read`` and ``write`` is pure.
"""

import errno
import grp
import os
import pwd
import stat
import struct

from fleet.remote import files
from fleet.remote.host import Failed

ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
TAGS = {1: "user", 2: "user", 4: "group", 8: "group", 16: "mask", 32: "other"}
OWNER, GROUP, MASK, OTHER = ("user", None), ("group", None), ("mask", None), ("other", None)
NUMBERS = {"user": (1, 2), "group": (4, 8), "mask": (16, 16), "other": (32, 32)}
ORDER = ("user", "group", "mask", "other")
NOBODY = 0xFFFFFFFF
MISSING = (errno.ENODATA, errno.EOPNOTSUPP)


def read(path):
    """(access, default) of what ``path`` leads to; ``default`` is {} without one. Raises Failed."""
    try:
        info = os.stat(path)
        access = _get(path, ACCESS) or from_mode(info.st_mode)
        return access, (_get(path, DEFAULT) or {}) if stat.S_ISDIR(info.st_mode) else {}
    except OSError as error:
        raise Failed("cannot read the ACL of %s: %s" % (path, error.strerror), path=path)


def _get(path, name):
    try:
        return decode(os.getxattr(path, name))
    except OSError as error:
        if error.errno in MISSING:
            return {}
        raise


def write(path, acl, default=False):
    """Give ``path`` this access or default ACL; an empty default one is taken away. Raises Failed."""
    name = DEFAULT if default else ACCESS
    try:
        if acl:
            os.setxattr(path, name, encode(acl))
        else:
            os.removexattr(path, name)
    except OSError as error:
        hint = " (its file system has no ACLs)" if error.errno == errno.EOPNOTSUPP else ""
        raise Failed("cannot set the ACL of %s: %s%s" % (path, error.strerror, hint), path=path)


def decode(data):
    """The ACL an extended attribute holds."""
    found = {}
    for tag, bits, number in struct.iter_unpack("<HHI", data[4:]):
        found[(TAGS[tag], number if tag in (2, 8) else None)] = bits
    return found


def encode(acl):
    """The extended attribute for an ACL; the kernel wants its entries sorted."""
    packed = struct.pack("<I", 2)
    for tag, number in ordered(acl):
        kind = NUMBERS[tag][number is not None]
        packed += struct.pack("<HHI", kind, acl[(tag, number)], NOBODY if number is None else number)
    return packed


def ordered(acl):
    return sorted(acl, key=lambda key: (ORDER.index(key[0]), -1 if key[1] is None else key[1]))


def from_mode(mode):
    """The ACL that the permission bits alone are."""
    return {OWNER: mode >> 6 & 7, GROUP: mode >> 3 & 7, OTHER: mode & 7}


def lines(acl, prefix=""):
    """As getfacl(1) shows it, without its head."""
    mask = acl.get(MASK, 7)
    shown = []
    for key in ordered(acl):
        tag, number = key
        bits = acl[key]
        line = "%s%s:%s:%s" % (prefix, tag, "" if number is None else _name(tag, number), letters(bits))
        if key not in (OWNER, MASK, OTHER) and bits & mask != bits:
            line += "\t#effective:" + letters(bits & mask)
        shown.append(line)
    return shown


def _name(tag, number):
    return files.user_name(number) if tag == "user" else files.group_name(number)


def letters(bits):
    return "".join(letter if bits & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))


def number_of(tag, entity):
    """The id of a user or group given by name or number, None for no name. Raises Failed."""
    if not entity or tag not in ("user", "group"):
        return None
    try:
        return pwd.getpwnam(entity).pw_uid if tag == "user" else grp.getgrnam(entity).gr_gid
    except KeyError:
        if entity.isdigit():
            return int(entity)
    raise Failed("the %s %s is not known on the host" % (tag, entity))


def bits_of(permissions, acl, directory):
    """Permission bits of ``rwX-`` or of a digit. Raises Failed.

    X is x for folders and where somebody may execute already.
    """
    if permissions in tuple("01234567"):
        return int(permissions)
    if not permissions or permissions.strip("rwxX-"):
        raise Failed("permissions %r: a combination of r, w, x, X and - is wanted" % (permissions or "",))
    bits = sum(bit for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if letter in permissions)
    somebody = any(value & 1 for key, value in acl.items() if key != MASK)
    return bits | (1 if "X" in permissions and (directory or somebody) else 0)


def with_entry(acl, key, bits, recalculate):
    """``acl`` with an entry set; ``recalculate`` widens the mask to what all entries under it grant."""
    return masked(_set(acl, key, bits), recalculate)


def without_entry(acl, key, recalculate):
    """``acl`` without a named entry or the mask. Raises Failed for the three entries that must stay."""
    if key not in acl:
        return acl
    if key in (OWNER, GROUP, OTHER):
        raise Failed("the ACL entry %s:: cannot be removed, every file has it" % key[0])
    left = {other: bits for other, bits in acl.items() if other != key}
    if key == MASK and any(number is not None for _, number in left):
        raise Failed("the ACL entry mask:: cannot be removed while there are named users or groups")
    return masked(left, recalculate and key != MASK)


def _set(acl, key, bits):
    changed = dict(acl)
    changed[key] = bits
    return changed


def masked(acl, recalculate):
    """``acl`` with the mask it needs: as setfacl(1) computes it."""
    under = [bits for key, bits in acl.items() if key not in (OWNER, MASK, OTHER)]
    needed = any(number is not None for _, number in acl)
    if MASK not in acl and not needed:
        return acl
    if recalculate:
        widest = 0
        for bits in under:
            widest |= bits
        return _set(acl, MASK, widest)
    return acl if MASK in acl else _set(acl, MASK, acl[GROUP])
