"""Read a file of the host into the result, as base64. Nothing is changed."""

import base64
import os

from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(src=Arg("path", required=True, aliases=("path",), help="The file to read.")),
    returns={
        "content": "The file's bytes as base64.",
        "encoding": "Always `base64`.",
        "source": "The path of the file.",
    },
)

EXAMPLES = """
- slurp: {src: /proc/mounts}
"""
LIMIT = 128 << 20


def run(host, args):
    path = args["src"]
    if os.path.isdir(path):
        raise Failed("Source is a directory and must be a file: %s" % path)
    try:
        with open(path, "rb") as source:
            data = source.read(LIMIT + 1)
    except FileNotFoundError:
        raise Unmet("File not found: %s" % path)
    except PermissionError:
        raise Failed("File is not readable: %s" % path)
    except OSError as error:
        raise Failed("Unable to slurp file: %s: %s" % (path, error.strerror))
    if len(data) > LIMIT:
        raise Failed("%s is larger than %d MB; use the fetch module" % (path, LIMIT >> 20))
    return {"changed": False, "content": base64.b64encode(data).decode("ascii"), "encoding": "base64", "source": path}
