"""Put a file together from the files of a folder, in the order of their names."""

import hashlib
import os
import re

from fleet.remote import editing, files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        src=Arg("path", required=True, help="Folder with the parts."),
        dest=Arg("path", required=True, help="The file to write."),
        remote_src=Arg("bool", True, help="`src` is on the host; otherwise on the controller."),
        delimiter=Arg(help="Text between two parts; `\\n` is a newline."),
        regexp=Arg(help="Only parts whose name this expression finds."),
        ignore_hidden=Arg("bool", False, help="Leave out names that start with a dot."),
        decrypt=Arg("bool", True, help="Decrypt parts that are vaults (on the controller)."),
        backup=editing.BACKUP,
        validate=editing.VALIDATE,
    ),
    returns={
        "dest": "The file written.",
        "src": "The folder.",
        "checksum": "SHA1 of the file.",
        "md5sum": "MD5 of the file.",
        "backup_file": "Name of the backup, when one was made.",
    },
)

EXAMPLES = r"""
- assemble: {src: /etc/app/conf.d, dest: /etc/app/app.conf, mode: '0640'}
- assemble: {src: fragments, dest: /etc/motd, remote_src: false, delimiter: '---\n', regexp: '\.txt$'}
"""


def read(host, args):
    dest = args["dest"]
    if os.path.isdir(dest):
        raise Failed("cannot write %s: it is a directory" % dest, dest=dest)
    args["_made"] = join(parts(args["src"], args), args["delimiter"])
    return dict(files.read_attributes(dest, args=args), content=files.read_bytes(dest))


def want(args, now):
    return dict(files.want_attributes(args, now, path=args["dest"]), content=args["_made"])


def apply(host, args, change):
    return editing.apply(host, dict(args, path=args["dest"]), change)


def report(host, args, outcome):
    made = args["_made"]
    result = {"src": args["src"], "dest": args["dest"], "msg": "OK", "checksum": files.sha1(made), "md5sum": _md5(made)}
    if os.path.exists(args["dest"]):
        result.update(files.describe(args["dest"]))
    return result


def diff(args, outcome):
    return editing.diff(dict(args, path=args["dest"]), outcome)


def _md5(data):
    try:
        return hashlib.md5(data).hexdigest()
    except ValueError:  # no MD5 on a FIPS host
        return None


def parts(folder, args):
    """The content of each part, in the order of the names. Raises Failed, Unmet."""
    if not os.path.exists(folder):
        raise Unmet("Source (%s) does not exist" % folder)
    if not os.path.isdir(folder):
        raise Failed("Source (%s) is not a directory" % folder)
    wanted = _expression(args["regexp"])
    found = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if (args["ignore_hidden"] and name.startswith(".")) or not wanted.search(name) or not os.path.isfile(path):
            continue
        found.append(files.read_bytes(path) or b"")
    return found


def _expression(text):
    try:
        return re.compile(text or "")
    except re.error as error:
        raise Failed('Invalid Regexp (%s) in "%s"' % (error, text))


def join(found, delimiter):
    """The parts in one; each but the last ends its line, and so does the delimiter between two."""
    between = editing.encode(delimiter).replace(b"\\n", b"\n") if delimiter else b""
    if between and not between.endswith(b"\n"):
        between += b"\n"
    made = b""
    for number, part in enumerate(found):
        if number:
            made += (b"" if not made or made.endswith(b"\n") else b"\n") + between
        made += part
    return made
