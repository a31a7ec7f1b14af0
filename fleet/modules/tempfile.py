"""Make an empty temporary file or directory that only its owner may use."""

import os
import tempfile

from fleet.remote import files
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        state=Arg(default="file", choices=("directory", "file"), help="What to make."),
        path=Arg("path", help="Folder to make it in, by default the system's for temporary files."),
        prefix=Arg(default="ansible.", help="How the name starts."),
        suffix=Arg(default="", help="How the name ends."),
    ),
    supports_check=False,
    returns={"path": "The path that was made."},
)

EXAMPLES = """
- tempfile: {state: directory, suffix: build}
- tempfile: {path: /var/tmp, prefix: dump.}
"""


def run(host, args):
    for name in ("prefix", "suffix"):
        if "/" in args[name]:
            raise Failed("%s must be a valid file name component, without a slash: %s" % (name, args[name]))
    try:
        if args["state"] == "file":
            handle, path = tempfile.mkstemp(prefix=args["prefix"], suffix=args["suffix"], dir=args["path"])
            os.close(handle)
        else:
            path = tempfile.mkdtemp(prefix=args["prefix"], suffix=args["suffix"], dir=args["path"])
    except OSError as error:
        raise Failed("cannot make a temporary %s in %s: %s"
                     % (args["state"], args["path"] or tempfile.gettempdir(), error.strerror))
    return dict(files.describe(path), changed=True, path=path)
