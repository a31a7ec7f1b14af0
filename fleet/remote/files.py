"""Files as modules see them: attributes wanted and set, atomic writes, backups, checksums.

A write goes to a temporary file in the same folder, is flushed to disk and renamed over the target, so
a reader sees the old content or the new and a broken connection leaves no half of either. Owner, mode
and extended attributes (SELinux context, ACL) of a replaced file are kept. A writer that is killed leaves the
temporary file, which the next one removes (``remote.temporary``). A link planted by another user is never
followed (``remote.links``).
"""

import errno
import grp
import hashlib
import os
import pwd
import re
import stat
import time

from fleet.remote import attributes as extended
from fleet.remote import links, temporary
from fleet.remote.host import Failed, Unmet
from fleet.remote.modes import new_mode, parse_mode
from fleet.remote.spec import Arg

ATTRIBUTES = {
    "mode": Arg("raw", help="Permissions: octal ('0644') or symbolic ('u=rw,g=r,o=r')."),
    "owner": Arg(help="Name or id of the user that owns the file."),
    "group": Arg(help="Name or id of the group that owns the file."),
    "seuser": Arg(help="SELinux user; `_default` takes the policy's."),
    "serole": Arg(help="SELinux role; `_default` takes the policy's."),
    "setype": Arg(help="SELinux type; `_default` takes the policy's."),
    "selevel": Arg(help="SELinux level; `_default` takes the policy's."),
    "unsafe_writes": Arg("bool", False, env="ANSIBLE_UNSAFE_WRITES",
                         help="Write in place where the file cannot be replaced (bind mounts)."),
    "attributes": Arg(aliases=("attr",), help="Flags as of chattr(1), such as `+i`; = - + operators."),
}
KEEP_XATTRS = ("security.selinux", "system.posix_acl_access")


def sha1(data):
    return hashlib.sha1(data).hexdigest()


def checksum(path, algorithm="sha1"):
    """Hex digest of a file's content, read in chunks. Raises OSError."""
    digest = hashlib.new(algorithm)
    with open(path, "rb") as source:
        for chunk in iter(lambda: source.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def read_bytes(path):
    """Content of a file, or None when there is none. Raises Failed for a folder, an unreadable file, a planted link."""
    try:
        with open(links.resolved(path), "rb") as source:
            return source.read()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise Failed("cannot read %s: %s" % (path, error.strerror), path=path)


def kind(path, follow=False):
    """Ansible's ``state`` of a path: absent, file, directory, link, hard; and its stat or None."""
    try:
        info = os.stat(path) if follow else os.lstat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return "absent", None
        raise Failed("cannot look at %s: %s" % (path, error.strerror), path=path)
    except ValueError as error:
        raise Failed("%r is no path: %s" % (path, error))
    if stat.S_ISLNK(info.st_mode):
        return "link", info
    if stat.S_ISDIR(info.st_mode):
        return "directory", info
    if info.st_nlink > 1 and stat.S_ISREG(info.st_mode):
        return "hard", info
    return "file", info


def user_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid):
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def user_id(name):
    """Number of a user given by name or number. Raises Unmet for an unknown name."""
    try:
        return pwd.getpwnam(str(name)).pw_uid
    except KeyError:
        if str(name).isdigit():
            return int(name)
    raise Unmet("chown failed: failed to look up user %s" % name)


def is_named(number, noun):
    """Whether there is a user (``noun`` "user") or group of this number."""
    try:
        (pwd.getpwuid if noun == "user" else grp.getgrgid)(number)
    except KeyError:
        return False
    return True


def group_id(name):
    """Number of a group given by name or number. Raises Unmet for an unknown name."""
    try:
        return grp.getgrnam(str(name)).gr_gid
    except KeyError:
        if str(name).isdigit():
            return int(name)
    raise Unmet("chgrp failed: failed to look up group %s" % name)


def read_attributes(path, follow=True, args=None):
    """mode, uid, gid of a path as a dict, {} when there is nothing. ``follow`` looks behind a link.

    With ``args`` also what they ask of chattr flags (``flags``) and SELinux (``context``).
    """
    state, info = kind(path, follow)
    if info is None:
        return {}
    found = {"mode": stat.S_IMODE(info.st_mode), "uid": info.st_uid, "gid": info.st_gid}
    if args and args.get("attributes"):
        bits = extended.read_flags(os.path.realpath(path) if follow else path)
        letters = extended.parse_flags(args["attributes"])
        found["flags"] = {letter: bool(extended.BIT[letter] & bits) for letter in letters} if bits is not None else {}
    if args and any(args.get(name) is not None for name in extended.CONTEXT):
        found["context"] = dict(zip(extended.CONTEXT, extended.read_context(path, follow) or ()))
    return found


def want_attributes(args, now, directory=False, fresh=None, path=None):
    """The attributes ``args`` ask for, as ``read_attributes`` names them.

    ``now`` is what is there; ``fresh`` the mode a new file would get (for symbolic modes); ``path``
    by default ``args["path"]`` or ``args["dest"]``, for the SELinux policy.
    Raises Failed for a bad mode or flag, Unmet for an unknown owner.
    """
    wanted = {}
    if args.get("attributes"):
        wanted["flags"] = extended.parse_flags(args["attributes"])
    context = extended.want_context(args, path or args.get("path") or args.get("dest"), now.get("mode", 0))
    if context:
        wanted["context"] = context
    if args.get("owner") is not None:
        wanted["uid"] = user_id(args["owner"])
    if args.get("group") is not None:
        wanted["gid"] = group_id(args["group"])
    mode = args.get("mode")
    if mode is not None and mode != "preserve":
        current = now.get("mode", fresh if fresh is not None else new_mode(directory))
        wanted["mode"] = parse_mode(mode, current, directory)
    return wanted


def set_attributes(path, change, follow=True, shown=None):
    """Make ``change`` (as in ``want_attributes``; other keys are ignored) true. Raises Failed.

    ``shown`` is the name errors tell, where ``path`` is a temporary one.
    """
    flags = change.get("flags") or {}
    real = links.resolved(path) if follow else path
    off = {letter: on for letter, on in flags.items() if not on}
    if off:
        extended.set_flags(real, off)
    _set_owner_and_mode(real, change, follow, shown or path)
    if change.get("context"):
        extended.set_context(real, change.get("context"), follow)
    # Last: an immutable file takes no other change any more.
    if len(off) < len(flags):
        extended.set_flags(real, {letter: on for letter, on in flags.items() if on})


def _set_owner_and_mode(path, change, follow, shown):
    """chown(2) clears setuid and setgid, and that is right: they were granted for the old owner."""
    try:
        if change.get("uid") is not None or change.get("gid") is not None:
            uid, gid = change.get("uid"), change.get("gid")
            os.chown(path, -1 if uid is None else uid, -1 if gid is None else gid, follow_symlinks=follow)
        if change.get("mode") is not None and (follow or not os.path.islink(path)):
            os.chmod(path, change["mode"])
    except OSError as error:
        hint = extended.why_refused(path) if error.errno == errno.EPERM else ""
        raise Failed("cannot set owner or mode of %s: %s%s" % (shown, error.strerror, hint), path=shown)


def describe(path, follow=False):
    """The return keys every file module has: uid, gid, owner, group, mode, state, size."""
    state, info = kind(path, follow)
    if info is None:
        return {"state": "absent"}
    return {
        "uid": info.st_uid,
        "gid": info.st_gid,
        "owner": user_name(info.st_uid),
        "group": group_name(info.st_gid),
        "mode": "0%03o" % stat.S_IMODE(info.st_mode),
        "state": state,
        "size": info.st_size,
    }


def write_atomic(path, chunks, check=None, mode=None, unsafe=False, change=None, follow=True, name=None, of=None):
    """Replace the content of ``path`` by ``chunks`` (bytes, or an iterable of bytes).

    ``check(temporary)`` may look at the new file first and raise. ``mode`` is the mode of a new file,
    by default what the umask gives. ``change`` (as for ``set_attributes``) is true before anybody can
    see the new content. ``unsafe`` allows writing in place where the file cannot be replaced. A link
    as target is followed to the file it names, or replaced without ``follow``. ``name`` is what the new
    file is called while it is looked at, in a folder of its own: a validator may go by its ending. ``of`` is the
    file of which ``path`` is a copy that is never written again: its next writer clears up. Raises Failed.
    """
    target = links.resolved(path) if follow else path
    change = dict(change or {})
    flags = {"flags": change.pop("flags")} if change.get("flags") else {}
    try:
        place = temporary.Place(of or target, folder=name is not None)
    except OSError as error:
        if unsafe and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            _write_in_place(target, chunks)
            return set_attributes(target, dict(change, **flags))
        folder = os.path.dirname(target) or "."
        hint = extended.why_refused(folder) if error.errno == errno.EPERM else ""
        raise Failed("cannot write in %s: %s%s" % (folder, error.strerror, hint), path=path)
    try:
        made = _fill(place, name, chunks)
        _take_over(target, made, mode, change.get("mode"))
        set_attributes(made, change, shown=path)
        if check:
            check(made)
        off = {letter: on for letter, on in flags.get("flags", {}).items() if not on}
        if off and os.path.exists(target):
            extended.set_flags(target, off)
        _rename(made, target, unsafe)
    except OSError as error:
        hint = extended.why_refused(target) if error.errno == errno.EPERM else ""
        if error.errno == errno.EBUSY:
            hint = " (something is mounted there: unsafe_writes writes in place)"
        raise Failed("cannot write %s: %s%s" % (path, error.strerror or error, hint), path=path)
    finally:
        place.clear()
    set_attributes(target, flags)


def _fill(place, name, chunks):
    """Write to a temporary file, or one called ``name`` in a temporary folder; its path. The place stays locked."""
    if name is None:
        path, handle = place.path, os.dup(place.handle)
    else:
        path = os.path.join(place.path, name)
        handle = os.open(path, temporary.FILE, 0o600)
    with os.fdopen(handle, "wb") as sink:
        for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    return path


def _rename(made, target, unsafe):
    try:
        os.rename(made, target)
    except OSError as error:
        if not (unsafe and error.errno in (errno.EBUSY, errno.EPERM, errno.EACCES, errno.EXDEV)):
            raise
        with open(made, "rb") as source:
            _write_in_place(target, iter(lambda: source.read(1 << 20), b""))


def _write_in_place(target, chunks):
    try:
        with open(target, "wb") as sink:
            for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
                sink.write(chunk)
    except OSError as error:
        raise Failed("cannot write %s: %s" % (target, error.strerror), path=target)


def _take_over(target, made, fresh, wanted):
    """Give the temporary file what the file it replaces has: owner, mode, extended attributes.

    ``fresh`` is the mode of a new file. ``wanted`` wins over both: a secret is never readable for a while.
    """
    try:
        info = os.lstat(target)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "no file to take over from")
    except OSError:
        fresh = new_mode() if fresh is None else fresh
        os.chmod(made, fresh if wanted is None else wanted)
        if extended.selinux_enabled():
            policy = extended.default_context(target, stat.S_IFREG)
            if policy:
                extended.set_context(made, dict(zip(extended.CONTEXT, policy)))
        return
    if (info.st_uid, info.st_gid) != (os.geteuid(), os.getegid()):
        try:
            os.chown(made, info.st_uid, info.st_gid)
        except OSError as error:
            if error.errno != errno.EPERM:
                raise
    os.chmod(made, stat.S_IMODE(info.st_mode) if wanted is None else wanted)
    for name in KEEP_XATTRS:
        try:
            os.setxattr(made, name, os.getxattr(target, name))
        except OSError:
            pass


def remove(path):
    """Remove a file, where there is one. Raises Failed."""
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return
        hint = extended.why_refused(path) if error.errno == errno.EPERM else ""
        raise Failed("cannot remove %s: %s%s" % (path, error.strerror, hint), path=path)


def backup(path):
    """Copy ``path`` beside itself under a name with the time; give that name, "" when nothing is there."""
    if not os.path.exists(path):
        return ""
    name = "%s.%s.%s~" % (path, os.getpid(), time.strftime("%Y-%m-%d@%H:%M:%S", time.localtime()))
    with open(path, "rb") as source:
        info = os.fstat(source.fileno())
        kept = {"uid": info.st_uid, "gid": info.st_gid, "mode": stat.S_IMODE(info.st_mode)}
        write_atomic(name, iter(lambda: source.read(1 << 20), b""), change=kept, follow=False, of=path)
    os.utime(name, (info.st_atime, info.st_mtime))
    return name


def validator(host, command):
    """A ``check`` for write_atomic that runs ``command`` with %s as the temporary file; None without one."""
    if not command:
        return None
    if "%s" not in command:
        raise Failed("validate must contain %%s: %s" % command)

    def check(temporary):
        import shlex

        # The name is put in after splitting, so a folder with a blank in it stays one argument.
        swap = {"%s": temporary, "%%": "%"}
        argv = [re.sub("%[s%]", lambda found: swap[found.group()], word) for word in shlex.split(command)]
        ran = host.run(argv, ok=None)
        if ran.rc != 0:
            raise Failed("failed to validate", exit_status=ran.rc, stdout=ran.out, stderr=ran.err, rc=ran.rc)

    return check
