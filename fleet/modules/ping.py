"""Answer, to show that Python works on the host and logging in does.

It has nothing to do with ICMP.
"""

from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {"data": Arg(default="pong", help="Text to answer with; `crash` fails on purpose.")},
    returns={"ping": "The text asked for."},
)
EXAMPLES = """
- name: Is everybody there
  ping:
"""


def run(host, args):
    if args["data"] == "crash":
        raise RuntimeError("boom")
    return {"changed": False, "ping": args["data"]}
