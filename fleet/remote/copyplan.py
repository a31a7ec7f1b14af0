"""What a `copy` comes to on the host: which folders, files and links are to be, and where their content is."""

import base64
import os
import stat

from fleet.remote import files
from fleet.remote.host import Failed, Unmet


class Item(object):
    """One thing to be at ``path``: its state and, for a file, where its content comes from."""

    def __init__(self, path, state, sha1=None, size=None, mode=None, local=None, given=None, target=None):
        self.path = path
        self.state = state
        self.sha1 = sha1
        self.size = size
        self.mode = mode
        self.local = local
        self.given = given
        self.target = target

    def chunks(self, host):
        """The content, from the step itself, from a file of the host or from the controller."""
        if self.local is not None:
            return _file_chunks(self.local)
        if self.given is not None:
            return iter([self.given])
        return host.content(self.sha1)


def _file_chunks(path):
    with open(path, "rb") as source:
        for chunk in iter(lambda: source.read(1 << 20), b""):
            yield chunk


def plan(args):
    """The Items that are to be, parents first, and the main one's path. Raises Failed, Unmet."""
    dest = args["dest"]
    if args.get("_tree") is not None:
        return _plan_tree(dest.rstrip("/") or "/", args["_tree"])
    if args["remote_src"]:
        return _plan_remote(args)
    content = args["_content"]
    given = None
    if content.get("text") is not None:
        given = content["text"].encode("utf-8", "surrogateescape")
    elif content.get("data") is not None:
        given = base64.b64decode(content["data"])
    path = _file_path(dest, args.get("_name"), args["follow"])
    mode = args.get("_mode")
    return _new_folders(path, dest) + [Item(path, "file", content["sha1"], content["size"], mode, given=given)], path


def _plan_remote(args):
    source, dest = args["src"], args["dest"]
    if source is None:
        raise Failed("src (or content) is required")
    if not os.path.exists(source):
        raise Unmet("Source %s not found" % source)
    if os.path.isdir(source):
        top = dest.rstrip("/") if source.endswith("/") else os.path.join(dest, os.path.basename(source))
        items = [_with_mode(item, source, top) for item in _plan_tree(top, _walk(source, args["local_follow"] is True))[0]]
        if os.path.isdir(dest):
            return items, os.path.join(dest, "" if source.endswith("/") else os.path.basename(source))
        return ([Item(dest, "directory")] if top != dest.rstrip("/") else []) + items, dest
    info = os.stat(source)
    if not stat.S_ISREG(info.st_mode):
        raise Failed("Source %s is not a file" % source)
    path = _file_path(dest, os.path.basename(source), args["follow"])
    item = Item(path, "file", files.checksum(source), info.st_size, stat.S_IMODE(info.st_mode), local=source)
    return _new_folders(path, dest) + [item], path


def _with_mode(item, source, top):
    """A copy on the host keeps the modes of the source, as cp(1) with -p does."""
    origin = os.path.join(source, os.path.relpath(item.path, top))
    item.local = origin if item.state == "file" else None
    if item.state == "directory":
        item.mode = stat.S_IMODE(os.stat(origin).st_mode)
    return item


def _stays_link(path, follow):
    """Whether a link is copied as one: where links are not followed, and where following leads nowhere or back."""
    if not os.path.islink(path) or not follow:
        return os.path.islink(path)
    real = os.path.realpath(path)
    return not os.path.exists(path) or (os.path.realpath(os.path.dirname(path)) + "/").startswith(real.rstrip("/") + "/")


def _walk(source, follow):
    """A folder of the host in the form the controller gives as ``_tree``."""
    tree = {"dirs": [["", None]], "files": [], "links": []}
    for folder, folders, names in os.walk(source, followlinks=follow):
        for name in sorted(folders + names):
            path = os.path.join(folder, name)
            short = os.path.relpath(path, source)
            if _stays_link(path, follow):
                tree["links"].append([short, os.readlink(path)])
                if name in folders:
                    folders.remove(name)
            elif os.path.isdir(path):
                tree["dirs"].append([short, None])
            elif os.path.isfile(path):
                info = os.stat(path)
                tree["files"].append([short, files.checksum(path), info.st_size, stat.S_IMODE(info.st_mode)])
    return tree


def _plan_tree(top, tree):
    def at(short):
        return os.path.join(top, short) if short not in ("", ".") else top

    items = [Item(at(short), "directory", mode=mode) for short, mode in tree["dirs"]]
    items += [Item(at(short), "file", sha1, size, mode) for short, sha1, size, mode in tree["files"]]
    items += [Item(at(short), "link", target=target) for short, target in tree["links"]]
    return items, top + "/"


def _file_path(dest, name, follow):
    """The file that is meant: inside ``dest`` when that is (to be) a folder, behind a link with ``follow``."""
    if dest.endswith("/") or os.path.isdir(dest):
        if name is None:
            raise Failed("can not use content with a dir as dest", dest=dest)
        dest = os.path.join(dest, name)
    if follow and os.path.exists(dest):
        return os.path.realpath(dest)
    return dest


def _new_folders(path, dest):
    """Folders to make above a file: only for a ``dest`` ending in a slash."""
    folder = os.path.dirname(path)
    missing = []
    while dest.endswith("/") and folder and not os.path.isdir(folder):
        missing.insert(0, Item(folder, "directory"))
        folder = os.path.dirname(folder)
    return missing


def is_tree(args):
    """Whether a folder is copied, not one file."""
    return args.get("_tree") is not None or (args["remote_src"] and os.path.isdir(args["src"] or ""))
