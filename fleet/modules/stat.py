"""Tell what a path is: kind, size, owner, permissions, times, checksum.

A path that does not exist is no failure: `stat.exists` is false then. Nothing is changed.
"""

import errno
import os

from fleet.remote import attributes, files, statinfo
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        path=Arg("path", required=True, aliases=("dest", "name"), help="The path to look at."),
        follow=Arg("bool", False, help="Look at what a link points to."),
        get_checksum=Arg("bool", True, help="Give the checksum of a regular file."),
        checksum_algorithm=Arg(default="sha1", choices=("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
                               aliases=("checksum", "checksum_algo"), help="How the checksum is made."),
        get_mime=Arg("bool", True, aliases=("mime", "mime_type", "mime-type"),
                     help="Ask file(1), where it is installed, what the content is."),
        get_attributes=Arg("bool", True, aliases=("attr", "attributes"), help="Give the flags lsattr(1) shows."),
    ),
    returns={"stat": "All that is known: exists, isdir, isreg, islnk, mode, size, checksum, pw_name, mtime ..."},
)

EXAMPLES = """
- stat: {path: /etc/nginx/nginx.conf}
- stat: {path: /usr/bin/python, follow: true, get_checksum: false}
"""
_EMPTY = ("isdir", "inode/directory"), ("islnk", "inode/symlink"), ("isfifo", "inode/fifo"), ("issock", "inode/socket")


def run(host, args):
    path = args["path"]
    try:
        info = os.stat(path) if args["follow"] else os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return {"changed": False, "stat": {"exists": False}}
        raise Failed("cannot look at %s: %s" % (path, error.strerror), path=path)
    found = statinfo.describe_more(path, info)
    if found["isreg"] and args["get_checksum"] and found["readable"]:
        found["checksum"] = _checksum(path, args["checksum_algorithm"])
    if args["get_mime"]:
        found["mimetype"], found["charset"] = _mime(host, path, found)
    if args["get_attributes"]:
        found.update(_flags(path, found))
    return {"changed": False, "stat": found}


def _checksum(path, algorithm):
    try:
        return files.checksum(path, algorithm)
    except (OSError, ValueError) as error:
        raise Failed("cannot make the %s checksum of %s: %s" % (algorithm, path, error), path=path)


def _mime(host, path, found):
    """Type and character set as file(1) has them; both ``unknown`` where it is not installed."""
    program = host.cache.get("file(1)", False)
    if program is False:
        program = host.cache["file(1)"] = host.which("file")
    if program is None:
        return "unknown", "unknown"
    for key, kind in _EMPTY:
        if found[key]:
            return kind, "binary"
    ran = host.run([program, "--brief", "--mime-type", "--mime-encoding", "--", path], ok=None)
    return parse_mime(ran.out) if ran.rc == 0 else ("unknown", "unknown")


def parse_mime(text):
    """``text/plain; charset=us-ascii`` -> both parts."""
    kind, _, charset = text.strip().partition("; charset=")
    return (kind, charset) if charset else ("unknown", "unknown")


def _flags(path, found):
    real = os.path.realpath(path) if not found["islnk"] else path
    bits = attributes.read_flags(real) if found["isreg"] or found["isdir"] else None
    version = attributes.read_version(real) if bits is not None else None
    return {
        "version": None if version is None else str(version),
        "attributes": attributes.flag_names(bits or 0),
        "attr_flags": attributes.flag_letters(bits or 0),
    }
