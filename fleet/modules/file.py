"""Set what a path is and who may do what with it: file, directory, link, hard link, or nothing.

Owner, group, mode and flags are changed only where asked for. An existing file or directory is never
replaced by something else unless `force` says so.
"""

import errno
import os
import shutil

from fleet.remote import attributes, editing, files, filetimes, temporary
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

_TIME = "`now`, `preserve` or a time in the format given by `%s_format`."
SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, aliases=("dest", "name"), help="The path to manage."),
        state=Arg(choices=("absent", "directory", "file", "hard", "link", "touch"),
                  help="What the path should be; by default what it is, or `file` (`directory` with `recurse`)."),
        src=Arg("path", help="What a link points to; relative to the link's own folder, as for ln(1)."),
        recurse=Arg("bool", False, help="Set the attributes on everything in the directory as well."),
        force=Arg("bool", False, help="Link to a missing target; replace a file or an empty directory by a link."),
        follow=Arg("bool", True, help="Work on what a link points to."),
        modification_time=Arg(help=_TIME % "modification_time"),
        modification_time_format=Arg(default="%Y%m%d%H%M.%S", help="strptime(3) format of `modification_time`."),
        access_time=Arg(help=_TIME % "access_time"),
        access_time_format=Arg(default="%Y%m%d%H%M.%S", help="strptime(3) format of `access_time`."),
    ),
    returns={
        "path": "The path, for the states absent, directory and file.",
        "dest": "The path, for the states touch, link and hard.",
        "src": "What the link points to.",
        "state": "What the path is now.",
    },
)

EXAMPLES = """
- file: {path: /srv/www, state: directory, owner: www-data, group: www-data, mode: '0755'}
- file: {src: /srv/www/current, dest: /srv/www/live, state: link}
- file: {path: /etc/motd, mode: 'u=rw,go=r'}
- file: {path: /var/lib/app, state: directory, recurse: true, owner: app, mode: 'u=rwX,g=rX,o='}
- file: {path: /tmp/old, state: absent}
- file: {path: /run/app.stamp, state: touch, modification_time: preserve, access_time: preserve}
"""
TIMES = (("mtime", "modification_time"), ("atime", "access_time"))
LINKS = ("link", "hard", "touch")


def read(host, args):
    path, state = _resolve(args)
    if host.check:
        _doubt_owner(host, args)
    found, info = files.kind(path)
    if found == "absent" and state in ("directory", "touch", "link", "hard"):
        _check_parent(path, state)
    now = {"path": path, "state": found}
    now["asked"] = state or (None if info else "directory" if args["recurse"] else "file")
    if found == "link":
        now["src"] = os.readlink(path)
    target = _attribute_path(path, state, args)
    behind = args["follow"] or found != "link"
    now.update(files.read_attributes(target, behind, args))
    if target != path and not os.path.lexists(target):
        host.warn("%s points to nothing: owner and mode cannot be set there; follow=false avoids this" % path)
    if info:
        looked = os.stat(target) if behind and os.path.exists(target) else info
        now.update(mtime=filetimes.Moment(looked.st_mtime_ns), atime=filetimes.Moment(looked.st_atime_ns))
    now["given"] = args["src"]
    if args["src"] is not None:
        source = os.path.join(os.path.dirname(path) if found != "directory" else path, args["src"])
        now["source"] = source
        now["source_inode"] = _inode(source)
    now["inode"] = _inode(path)
    if found == "directory":
        now["entries"] = len(os.listdir(path)) if state == "link" else 0
        if state == "absent" and host.diff:
            now["path_content"] = _content(path)
        if args["recurse"] and any(args[name] is not None for name in files.ATTRIBUTES if name != "unsafe_writes"):
            now["tree"] = _read_tree(path, args)
    return now


def _doubt_owner(host, args):
    """In check mode, say which owner or group there is none of: an earlier task may be to make it."""
    for name, find, noun, number in (("owner", files.user_id, "user", "uid"), ("group", files.group_id, "group", "gid")):
        value = args[name]
        try:
            known = value is None or files.is_named(find(value), noun)
        except Unmet:
            known = False
        if not known:
            what = "%s with %s %s" % (noun, number, value) if str(value).isdigit() else "%s %s" % (noun, value)
            host.warn("failed to look up %s. Create %s up to this point in real play" % (what, noun))


def _resolve(args):
    """The path to work on and the state asked for (None: whatever it is)."""
    path, state = args["path"], args["state"]
    if state == "absent" and path.strip("/"):
        return path.rstrip("/"), state
    if state in ("file", "directory") and args["follow"] and os.path.islink(path):
        return os.path.realpath(path), state
    if state == "hard" and args["src"] and os.path.isdir(path) and not os.path.islink(path):
        return os.path.join(path, os.path.basename(args["src"])), state
    return path, state


def _attribute_path(path, state, args):
    """Whose owner and mode count: for a link that is followed, its target."""
    if state == "link" and args["follow"] and args["src"] is not None:
        return os.path.join(os.path.dirname(path), args["src"])
    if args["follow"] and os.path.islink(path) and state != "absent":
        return os.path.realpath(path)
    return path


def _check_parent(path, state):
    folder = os.path.dirname(path.rstrip("/")) or "."
    if state == "directory":
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder) or "."
        if not os.path.isdir(folder):
            reason = "%s is not a directory" % folder
            raise Failed("There was an issue creating %s as requested: %s" % (path, reason), path=path)
    elif not os.path.isdir(folder):
        raise Unmet("cannot make %s: the directory %s does not exist" % (path, folder), path=path)


def _inode(path):
    try:
        info = os.stat(path)
    except OSError:
        return None
    return [info.st_dev, info.st_ino]


def _read_tree(top, args, seen=None):
    """Attributes of everything below ``top`` by path, and of what links there point to with ``follow``."""
    seen = {os.path.realpath(top)} if seen is None else seen
    found = {}
    for folder, folders, names in os.walk(top):
        for name in folders + names:
            path = os.path.join(folder, name)
            if os.path.islink(path) and args["follow"]:
                found[path] = dict(files.read_attributes(path, False, args), directory=False, link=True)
                path = os.path.realpath(path)
                if not os.path.exists(path) or path in seen:
                    continue
                if os.path.isdir(path):
                    seen.add(path)
                    found.update(_read_tree(path, args, seen))
            kind = {"directory": os.path.isdir(path), "link": os.path.islink(path)}
            found[path] = dict(files.read_attributes(path, False, args), **kind)
    return found


def want(args, now):
    state = now["asked"] or now["state"]
    if args["recurse"] and state != "directory":
        raise _refuse(now, "recurse option requires state to be 'directory'")
    if args["src"] is not None and state not in ("link", "hard"):
        raise _refuse(now, "src option requires state to be 'link' or 'hard'")
    wanted = WANT[state](args, now)
    if state == "absent":
        return wanted
    wanted.update(files.want_attributes(args, now, state == "directory", path=now["path"]))
    if now["state"] == "link" or state == "link":
        if not args["follow"]:
            wanted.pop("mode", None)
        elif "mode" not in now and "state" not in wanted:
            for name in ("mode", "uid", "gid", "flags", "context"):
                wanted.pop(name, None)
    for key, name in TIMES:
        moment = filetimes.parse(args[name] or ("now" if state == "touch" else "preserve"), args[name + "_format"])
        if moment is not None:
            wanted[key] = moment
    if "tree" in now:
        wanted["tree"] = _want_tree(args, now["tree"])
    return wanted


def _want_tree(args, tree):
    common = files.want_attributes(dict(args, mode=None), {})
    wanted = {}
    for path, now in tree.items():
        wanted[path] = dict(common)
        if args["mode"] is not None and not now["link"]:
            wanted[path]["mode"] = files.parse_mode(args["mode"], now["mode"], now["directory"])
    return wanted


def _refuse(now, msg, failure=Failed):
    told = dict(files.describe(now["path"]), path=now["path"], state=now["state"])
    if now["asked"] in ("link", "hard"):
        told.update(dest=now["path"], src=now["given"])
    return failure(msg, **told)


def _want_absent(args, now):
    return {"state": "absent"}


def _want_file(args, now):
    if now["state"] not in ("file", "hard"):
        failure = Unmet if now["state"] == "absent" else Failed
        raise _refuse(now, "file (%s) is %s, cannot continue" % (now["path"], now["state"]), failure)
    return {}


def _want_directory(args, now):
    if now["state"] not in ("directory", "absent"):
        raise _refuse(now, "%s already exists as a %s" % (now["path"], now["state"]))
    return {"state": "directory"}


def _want_link(args, now):
    path, src = now["path"], args["src"]
    if src is None:
        if now["state"] != "link":
            raise _refuse(now, "src is required for creating new symlinks")
        return {}
    if not args["force"] and now["source_inode"] is None:
        raise _refuse(now, "src file does not exist, use 'force=yes' if you really want to create the link: %s"
                      % now["source"], Unmet)
    if now["state"] in ("file", "hard", "directory") and not args["force"]:
        raise _refuse(now, "refusing to convert from %s to symlink for %s" % (now["state"], path))
    if now["state"] == "directory" and now["entries"]:
        raise _refuse(now, "the directory %s is not empty, refusing to convert it" % path)
    return {"state": "link", "src": src}


def _want_hard(args, now):
    if args["src"] is None:
        if now["state"] != "hard":
            raise _refuse(now, "src is required for creating new hardlinks")
        return {}
    if now["source_inode"] is None:
        raise _refuse(now, "src does not exist", Unmet)
    if now["state"] == "link" or now["inode"] != now["source_inode"]:
        if now["state"] == "hard" and not args["force"]:
            raise _refuse(now, "Cannot link, different hard link exists at destination")
        if now["state"] in ("file", "directory") and not args["force"]:
            raise _refuse(now, "Cannot link, %s exists at destination" % now["state"])
    return {"state": "hard", "inode": now["source_inode"]}


def _want_touch(args, now):
    if now["state"] == "link" and args["follow"] and now["inode"] is None:
        raise _refuse(now, "cannot touch %s: it is a link to %s, which does not exist" % (now["path"], now["src"]))
    return {"state": "file"} if now["state"] == "absent" else {}


WANT = {
    "absent": _want_absent,
    "file": _want_file,
    "directory": _want_directory,
    "link": _want_link,
    "hard": _want_hard,
    "touch": _want_touch,
}


def apply(host, args, change):
    path, state = _resolve(args)
    try:
        if "state" in change or "src" in change or "inode" in change:
            MAKE[change.get("state", state)](path, args, change)
    except OSError as error:
        hint = attributes.why_refused(path) if error.errno == errno.EPERM else ""
        raise Failed("%s %s%s" % (PROBLEM[change.get("state", state)] % path, error.strerror, hint), path=path)
    if change.get("state") == "absent":
        return
    for entry, wanted in change.get("tree", {}).items():
        files.set_attributes(entry, wanted, follow=False)
    target = _attribute_path(path, state, args)
    if not os.path.lexists(target):
        return
    follow = args["follow"] or target != path
    try:
        files.set_attributes(target, change, follow)
        filetimes.set_times(target, change, follow)
    except Failed:
        # An empty file of the wrong owner or mode is not what was asked for.
        if state == "touch" and change.get("state") == "file" and os.path.getsize(path) == 0:
            os.unlink(path)
        raise


PROBLEM = {
    "absent": "cannot remove %s:",
    "directory": "There was an issue creating %s as requested:",
    "link": "Error while linking %s:",
    "hard": "Error while linking %s:",
    "file": "Error, could not touch target %s:",
    "touch": "Error, could not touch target %s:",
}


def _remove(path, args, change):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _make_directory(path, args, change):
    """Make the directory; missing ones above it get the same owner and mode."""
    missing = []
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path.rstrip("/"))
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except OSError as error:
            if error.errno != errno.EEXIST or not os.path.isdir(folder):
                raise
        files.set_attributes(folder, change)


def _make_link(path, args, change):
    _put(path, lambda name: os.symlink(args["src"], name))


def _make_hard(path, args, change):
    source = os.path.join(os.path.dirname(path), args["src"])
    _put(path, lambda name: os.link(source, name))


def _put(path, make):
    """Make the link under another name and rename it, so that the path is never without one."""
    path = path.rstrip("/")
    with temporary.folder(path) as folder:
        name = os.path.join(folder, "link")
        make(name)
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        os.rename(name, path)


def _make_file(path, args, change):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666))


MAKE = {"absent": _remove, "directory": _make_directory, "link": _make_link, "hard": _make_hard, "file": _make_file}


def report(host, args, outcome):
    now = outcome.now
    state = now["asked"] or now["state"]
    result = {"dest" if state in LINKS else "path": now["path"]}
    if state in ("link", "hard"):
        result["src"] = args["src"] if args["state"] else now.get("src")
    told = files.describe(now["path"])
    if told["state"] != "absent" or state == "absent":
        result.update(told)
    if host.diff:
        result["diff"] = _diff(now, outcome, state)
    return result


def _diff(now, outcome, state):
    before, after = editing.attribute_diff(outcome.change)
    before["path"] = after["path"] = now["path"]
    if "state" in outcome.change or state == "touch":
        before["state"], after["state"] = now["state"], state
    if "src" in outcome.change and now["state"] == "link":
        before["src"], after["src"] = now["src"], outcome.change["src"]
    for key, _ in TIMES:
        if key in outcome.change:
            before[key] = now[key] / 1e9 if key in now else None
            after[key] = outcome.change[key] / 1e9
    if state == "absent" and now["state"] == "directory":
        before["path_content"] = now.get("path_content")
    return {"before": before, "after": after}


def _content(path):
    """What is in a directory, for the diff of its removal."""
    found = {"directories": [], "files": []}
    for folder, folders, names in os.walk(path):
        found["directories"].extend(os.path.join(folder, name) for name in folders)
        found["files"].extend(os.path.join(folder, name) for name in names)
    return found
