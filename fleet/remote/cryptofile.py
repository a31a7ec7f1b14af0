"""What modules share that keep one file of a key, request or certificate: looking, writing, removing.

Their states hold ``file`` (is it there), ``fits`` (is it as the arguments ask), ``fresh`` (was it made by this call:
what ``force`` wants) and the attributes; ``content`` is the file as it is.
"""

import os

from fleet.remote import files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg

BACKUP = Arg("bool", False, help="Keep a copy of a file that is replaced or removed, with the time in its name.")
FORCE = Arg("bool", False, help="Make it anew even if the one that is there fits.")
STATE = Arg(default="present", choices=("absent", "present"), help="Whether the file should be there.")
RETURN_CONTENT = Arg("bool", False, help="Return the file's content.")
BACKEND = Arg(default="auto", choices=("auto", "cryptography"), help="Accepted; the host's openssl is used.")
RETURNS = {"filename": "The file.", "backup_file": "Name of the backup, when one was made."}


def read(args):
    """State of ``args["path"]`` without ``fits``. Raises Failed for a folder in its place, Unmet without a folder."""
    path = args["path"]
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise Unmet("The directory %s does not exist or the file is not a directory" % folder, name=folder)
    if os.path.isdir(path):
        raise Failed("Error while loading %s - [Errno 21] Is a directory: '%s'" % (path, path), path=path)
    content = files.read_bytes(path)
    fresh = content is not None and content == args.get("_made")
    return dict(files.read_attributes(path, args=args), content=content, file=content is not None, fresh=fresh)


def content_of(args, name, what):
    """Bytes of an input given as ``NAME_path`` or ``NAME_content``, None for neither. Raises Unmet, Failed."""
    if args.get(name + "_content") is not None:
        return args[name + "_content"].encode("utf-8", "surrogateescape")
    path = args.get(name + "_path")
    if path is None:
        return None
    content = files.read_bytes(path)
    if content is None:
        raise Unmet("The %s file %s does not exist" % (what, path), path=path)
    return content


def want(args, now, mode=None, force=False):
    """``mode`` is the mode the file has when the arguments name none."""
    if args["state"] == "absent":
        return {"file": False}
    if mode is not None and args["mode"] is None:
        args = dict(args, mode=mode)
    wanted = dict(files.want_attributes(args, now, fresh=files.new_mode()), file=True, fits=True)
    if force:
        wanted["fresh"] = True
    return wanted


def apply(args, change, make, mode=None):
    """Make the file's ``change`` true; ``make()`` gives a new content. Returns ``backup_file``."""
    path, told = args["path"], {}
    anew = "fits" in change or "fresh" in change
    if "file" not in change and not anew:
        files.set_attributes(path, change)
        return told
    content = make() if anew else None
    if args.get("backup") and os.path.exists(path):
        told["backup_file"] = files.backup(path)
    if not anew:
        files.remove(path)
        return told
    args["_made"] = content
    # A link in the file's place is replaced: what it names may be somebody else's choice.
    files.write_atomic(path, content, mode=mode, unsafe=args["unsafe_writes"], change=change.after, follow=False)
    return told


def given(args, what):
    """Bytes of the input of a module that only looks, given as ``path`` or ``content``. Raises Unmet, Failed."""
    if args["content"] is not None:
        return args["content"].encode("utf-8", "surrogateescape")
    if os.path.isdir(args["path"]):
        raise Failed("Error while reading %s file from disk: [Errno 21] Is a directory: '%s'" % (what, args["path"]))
    content = files.read_bytes(args["path"])
    if content is None:
        raise Unmet("Error while reading %s file from disk: [Errno 2] No such file or directory: '%s'"
                    % (what, args["path"]))
    return content
