"""The end of a guarded change: `keep` it, over the connection that proves it harmless, or go `back`."""

from fleet.remote import revert
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="Name of the way back."),
        "phase": Arg(required=True, choices=("keep", "back"), help="What to do with it."),
    },
)
EXAMPLES = ""


def run(host, args):
    if args["phase"] == "keep":
        if not revert.claim(host, args["name"]):
            raise Failed("the host has taken the change back already")
        return {"changed": False}
    code = revert.go(host, args["name"])
    if code:
        raise Failed("taking the change back failed with exit code %d" % code)
    return {"changed": True}
