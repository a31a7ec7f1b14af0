"""The second half of remote.synctree: carries out the steps of a plan. Files are whole or untouched."""

import os
import shutil
import stat

from fleet.remote import files, synctree, temporary
from fleet.remote.host import Failed
from fleet.remote.modes import new_mode
from fleet.remote.synctree import DATA, KIND, MODE, MTIME, NAME, Step


def checked(entries):
    """``entries`` that came from another machine, refused where they lead out of the tree. Raises Failed."""
    folders, seen = set(), set()
    for entry in entries:
        name = entry[NAME]
        parts = name.split("/")
        strange = name and any(part in ("", ".", "..") for part in parts) or "\0" in name or name in seen
        # A link among the parents would lead the change elsewhere, so each must be a folder of the transfer.
        if strange or len(parts) > 1 and os.path.dirname(name) not in folders | {""}:
            raise Failed("refused to write the name %r: it leads out of the transfer" % name)
        seen.add(name)
        if entry[KIND] == "d":
            folders.add(name)
    return entries


def carry_out(steps, entries, dest, options, content):
    """Make every step true. ``content(entry)`` yields a file's chunks. Raises Failed."""
    root, single = synctree.place(entries, dest)
    if steps:
        _make_root(root, entries[0], single)
    for step in steps:
        try:
            if step.entry is None:
                _remove(step.path)
            else:
                _make(step, options, content)
        except OSError as error:
            raise Failed("cannot synchronize %s: %s" % (step.path, error.strerror or error), rc=23, changed=True)
    new = {step.path for step in steps if step.flags == "+"}
    # What is written into a folder changes its time, so folders come last, those that had no step as well.
    for entry in reversed(entries if steps else []):
        path = os.path.join(root, entry[NAME]) if entry[NAME] else root
        if entry[KIND] == "d" and os.path.isdir(path) and not os.path.islink(path):
            _dress(Step(path, synctree.dressed(entry, options), "+" if path in new else ""), options)


def _make_root(root, first, single):
    """The folder that names start from; rsync makes one, but not those above it."""
    above = root if single else os.path.dirname(root) or "."
    if not os.path.isdir(above):
        raise Failed('rsync: mkdir "%s" failed: No such file or directory (2)' % root, rc=11)
    # A first entry without a name is this folder itself, with a mode of its own.
    if first[NAME] and not os.path.isdir(root):
        try:
            os.mkdir(root)
        except OSError as error:
            raise Failed('rsync: mkdir "%s" failed: %s' % (root, error.strerror), rc=11)


def _remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


def _make(step, options, content):
    entry, path, new = step.entry, step.path, step.flags == "+"
    kind = entry[KIND]
    if new and os.path.lexists(path):
        _clear(path, kind, options)
    if kind == "d":
        if new:
            os.mkdir(path, 0o700)
        return
    if kind == "L":
        if new or "c" in step.flags:
            _link(path, entry[DATA])
    elif kind == "S":
        if new:
            os.mknod(path, entry[MODE], entry[DATA])
    elif step.transfer:
        _write(step, options, content)
    _dress(step, options)


def _clear(path, kind, options):
    """Take away what is of another kind. A folder goes whole only where deleting was asked for."""
    if not os.path.isdir(path) or os.path.islink(path):
        os.unlink(path)
    elif options.get("delete"):
        shutil.rmtree(path)
    else:
        os.rmdir(path)


def _link(path, target):
    with temporary.folder(path) as folder:
        made = os.path.join(folder, "link")
        os.symlink(target, made)
        os.rename(made, path)


def _write(step, options, content):
    entry, path = step.entry, step.path
    uid, gid = synctree.owners(entry, options)
    if not os.path.lexists(path):
        twin = _twin(entry, options)
        if twin:
            return os.link(twin, path)
    change = {"uid": uid, "gid": gid}
    if options.get("perms") or options.get("chmod"):
        change["mode"] = entry[MODE]
    files.write_atomic(path, content(entry), mode=entry[MODE] & new_mode(True), change=change, follow=False)


def _twin(entry, options):
    """The same file in one of --link-dest's folders: content by size and time, mode and owner alike."""
    for folder in options.get("link_dest") or ():
        path = os.path.join(folder, entry[NAME])
        if os.path.isfile(path) and not os.path.islink(path):
            steps = synctree.plan([entry], path, dict(options, delete=False))
            if not steps:
                return path
    return None


def _dress(step, options):
    """Owner, mode and time of what is there now."""
    entry, path = step.entry, step.path
    uid, gid = synctree.owners(entry, options)
    new = step.flags == "+"
    change = {"uid": uid, "gid": gid}
    if entry[KIND] in "fd":
        if options.get("perms") or options.get("chmod"):
            change["mode"] = entry[MODE]
        elif new:
            change["mode"] = entry[MODE] & new_mode(True)
    # Ownership that is right already is left alone: chown(2) would clear setuid.
    info = os.lstat(path)
    now = {"uid": info.st_uid, "gid": info.st_gid, "mode": stat.S_IMODE(info.st_mode)}
    differs = {key: value for key, value in change.items() if value is not None and now[key] != value}
    if "uid" in differs or "gid" in differs:
        differs["mode"] = change.get("mode", now["mode"])
    files.set_attributes(path, differs, follow=False)
    if options.get("times") and not (entry[KIND] == "d" and options.get("omit_dir_times")):
        os.utime(path, ns=(entry[MTIME], entry[MTIME]), follow_symlinks=False)
