"""Wait until a host can be reached and used."""

from __future__ import annotations

from fleet.actions.base import Call, Connect, Dialogue, Disconnect, Remote, Sleep
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "delay": Arg("int", 0, help="Seconds to wait before the first attempt."),
        "connect_timeout": Arg("int", 5, help="Seconds for one attempt to connect."),
        "sleep": Arg("int", 1, help="Seconds between two attempts."),
        "timeout": Arg("int", 600, help="Seconds to try at most."),
    },
    returns={"elapsed": "Seconds waited."},
    unknown="Invalid options for %s: %s",
)
EXAMPLES = """
- name: Until the new instance answers
  wait_for_connection:
    delay: 10
    timeout: 300
"""


def run(call: Call) -> Dialogue:
    """Connect afresh and run a module, again and again, until that works or the time is over."""
    if call.check:
        return {"changed": False, "elapsed": 0, "skipped": True}
    args = SPEC.complete(call.args)
    start = call.now()
    if args["delay"]:
        yield Sleep(float(args["delay"]))
    end = call.now() + args["timeout"]
    while True:
        yield Disconnect()
        result = yield Connect(float(args["connect_timeout"]))
        if not result.get("failed"):
            result = yield Remote("ping", {}, check=False)
        if result.get("ping") == "pong":
            return {"changed": False, "elapsed": int(call.now() - start)}
        if call.now() + args["sleep"] >= end:
            why = f"timed out waiting for ping module test: {result.get('msg', '')}"
            return {"changed": False, "failed": True, "elapsed": int(call.now() - start), "msg": why}
        yield Sleep(float(args["sleep"]))
