"""What modules that edit a text file share: read it, write it back, tell what was done.

They work on bytes: a file in another encoding, or with CRLF, keeps every byte they do not mean to change.
"""

import os
import re
import stat

from fleet.remote import files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg

PATH = Arg("path", required=True, aliases=("dest", "destfile", "name"), help="The file to edit.")
BACKUP = Arg("bool", False, help="Keep a copy of the old file, with the time in its name.")
VALIDATE = Arg(help="Command that must accept the new file before it is put in place; %s is its name.")
LINE = re.compile(b"[^\n]*\n|[^\n]+")
ATTRIBUTES_CHANGED = "ownership, perms or SE linux context changed"


def encode(text):
    return text.encode("utf-8", "surrogateescape")


def decode(data):
    return data.decode("utf-8", "surrogateescape")


def split_lines(content):
    """Lines with their ends; only a newline ends a line (a lone carriage return does not)."""
    # A second list of a large file's lines would be twice its size again.
    return LINE.findall(content)


def pattern(name, text, flags=0):
    """Compile an argument that is a regular expression. Raises Failed naming it."""
    try:
        return re.compile(encode(text), flags)
    except (re.error, ValueError) as error:
        raise Failed("%s is no valid regular expression: %s: %r" % (name, error, text))


def read(host, args):
    """``content`` (None when there is no file) and the attributes of ``args["path"]``. Raises Failed."""
    path = args["path"]
    if os.path.isdir(path):
        raise Failed("Path %s is a directory !" % path, rc=256, path=path)
    found = files.read_attributes(path, args=args)
    return dict(found, content=files.read_bytes(path))


def missing(args, word="Path"):
    return Unmet("%s %s does not exist !" % (word, args["path"]), rc=257, path=args["path"])


def apply(host, args, change, key="backup_file"):
    """Write what is to change; gives the backup's name under ``key`` when one was made. Raises Failed."""
    path, told = args["path"], {}
    if change.get("content") is None:
        files.set_attributes(path, change)
        return told
    if args.get("backup") and os.path.exists(path):
        told[key] = files.backup(path)
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        make_folder(folder)
    check = _told_briefly(files.validator(host, args.get("validate")))
    files.write_atomic(path, change["content"], check, unsafe=args["unsafe_writes"], change=change.after)
    return told


def make_folder(folder):
    try:
        os.makedirs(folder)
    except OSError as error:
        raise Failed("Error creating %s (%s)" % (folder, error.strerror), path=folder)


def _told_briefly(check):
    def run(temporary):
        try:
            check(temporary)
        except Failed as failure:
            told = failure.result
            more = {name: value for name, value in told.items() if name != "msg"}
            raise Failed("failed to validate: rc:%s error:%s" % (told.get("rc"), told.get("stderr", "")), **more)

    return run if check else None


def attribute_diff(change):
    """The attributes in a Change as Ansible shows them: two dicts with mode ``0644``, owner, group ..."""
    return _shown(change.before), _shown(change.after)


def _shown(values):
    shown = {}
    for key, name in (("uid", "owner"), ("gid", "group")):
        if key in values:
            shown[name] = values[key]
    if "mode" in values:
        shown["mode"] = None if values["mode"] is None else "0%03o" % stat.S_IMODE(values["mode"])
    if "flags" in values:
        shown["attributes"] = "".join(letter for letter, on in sorted((values["flags"] or {}).items()) if on)
    if "context" in values:
        shown["secontext"] = values["context"]
    return shown


def message(change, done):
    """The ``msg`` of a result: what was done to the text, and whether attributes changed too."""
    parts = [done] if done else []
    if any(key != "content" for key in change.after):
        parts.append(ATTRIBUTES_CHANGED)
    return " and ".join(parts)


def diff(args, outcome):
    """A text diff, followed by one of the attributes when those change too."""
    path = args["path"]
    before = outcome.now["content"] or b""
    after = outcome.wanted.get("content", before)
    shown = [text_diff(path, path, before, after, " (content)")]
    old, new = attribute_diff(outcome.change)
    if new:
        header = "%s (file attributes)" % path
        shown.append({"before": old, "after": new, "before_header": header, "after_header": header})
    return shown


def text_diff(before_name, after_name, before, after, suffix=""):
    return {
        "before_header": before_name + suffix,
        "after_header": after_name + suffix,
        "before": decode(before),
        "after": decode(after),
    }
