"""Pause the play for a time or until the user answers."""

from __future__ import annotations

import datetime

from fleet.actions.base import ActionFailed, Ask, Call, Dialogue, Sleep
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "minutes": Arg("float", help="Minutes to pause."),
        "seconds": Arg("float", help="Seconds to pause; at least one."),
        "prompt": Arg(help="What to ask or tell the user."),
        "echo": Arg("bool", True, help="Whether what the user types is shown."),
    },
    exclusive=(("minutes", "seconds"),),
    returns={
        "user_input": "What the user typed.",
        "start": "When the pause began.",
        "stop": "When it ended.",
        "delta": "How many seconds it took.",
        "stdout": "How long the pause was, in words.",
        "echo": "Whether typing was shown.",
    },
)
EXAMPLES = """
- name: Let the cluster settle
  pause:
    seconds: 30
- name: Ask before going on
  pause:
    prompt: "Remove the old volumes? (yes/no)"
  register: answer
"""
RUN_ONCE = True
"""One pause serves all hosts of the play."""
CONTINUE = "Press enter to continue, Ctrl+C to interrupt"


def run(call: Call) -> Dialogue:
    """Sleep, or ask the user. Raises ActionFailed when the user interrupts."""
    args = SPEC.complete(call.args)
    seconds = duration(args["minutes"], args["seconds"])
    begin, start = datetime.datetime.now(), call.now()
    text, warnings = "", []
    if seconds is not None and not args["prompt"]:
        yield Sleep(seconds)
    else:
        answer = yield Ask(f"{args['prompt'] or CONTINUE}:", args["echo"], seconds)
        if answer.get("interrupted"):
            raise ActionFailed("user requested abort!")
        if answer.get("unasked"):
            warnings = ["Not waiting for response to prompt as stdin is not interactive"]
        text = str(answer.get("user_input", ""))
    passed = call.now() - start
    if args["seconds"] is not None:
        told = f"Paused for {round(passed, 2)} seconds"
    else:
        told = f"Paused for {round(passed / 60, 2)} minutes"
    return {
        "changed": False,
        "rc": 0,
        "stderr": "",
        "stdout": told,
        "start": str(begin),
        "stop": str(begin + datetime.timedelta(seconds=passed)),
        "delta": int(passed),
        "echo": args["echo"],
        "user_input": text,
        **({"warnings": warnings} if warnings else {}),
    }


def duration(minutes: float | None, seconds: float | None) -> float | None:
    """How many seconds to pause, None to wait for the user. Times below one second count as one."""
    if minutes is None and seconds is None:
        return None
    return max(1.0, float(minutes) * 60 if minutes is not None else float(seconds or 0))
