"""Copy a file of the host to the controller; nothing travels that is there already.

The controller's half says in `_have` which checksum its copy has; the file is streamed only when it differs.
"""

import hashlib
import os

from fleet.remote import files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        src=Arg(required=True, help="The file to fetch."),
        dest=Arg(required=True, help="Folder on the controller, below which host name and path are added."),
        flat=Arg("bool", False, help="`dest` is the file itself, or the folder when it ends in `/`."),
        fail_on_missing=Arg("bool", True, help="Fail when the file is missing or cannot be read."),
        validate_checksum=Arg("bool", True, help="Compare the checksums of both copies."),
    ),
    missing="src and dest are required",
    returns={
        "dest": "The file on the controller.",
        "checksum": "SHA1 of the file.",
        "md5sum": "MD5 of the file.",
        "remote_checksum": "SHA1 of the file on the host.",
    },
)

EXAMPLES = """
- fetch: {src: /etc/machine-id, dest: fetched}
- fetch: {src: /root/report.txt, dest: 'reports/{{ inventory_hostname }}.txt', flat: true}
"""


def run(host, args):
    path = os.path.expanduser(args["src"])
    try:
        if not path or not os.path.exists(path):
            raise Unmet("the remote file does not exist, not transferring, ignored", file=path)
        if os.path.isdir(path):
            raise Failed("remote file is a directory, fetch cannot work on directories", file=path)
        return _send(host, path, args)
    except Failed as failure:
        if args["fail_on_missing"]:
            raise
        msg = failure.result["msg"]
        if not msg.endswith("ignored"):
            msg += ", not transferring, ignored"
        return {"changed": False, "msg": msg, "file": path}


def _send(host, path, args):
    """Stream the file unless the controller has it. Raises Failed."""
    try:
        if args.get("_have") and files.checksum(path) == args["_have"]:
            return {"changed": False, "file": path, "checksum": args["_have"], "same": True}
        digest = hashlib.sha1()
        with open(path, "rb") as source:
            host.send(args["_stream"], _measured(source, digest))
    except OSError as error:
        raise Failed("the remote file %s is not readable: %s" % (path, error.strerror), file=path)
    return {"changed": True, "file": path, "checksum": digest.hexdigest()}


def _measured(source, digest):
    for chunk in iter(lambda: source.read(1 << 17), b""):
        digest.update(chunk)
        yield chunk
