"""Pause the play for a time or until the user answers."""

from __future__ import annotations

import datetime
from typing import Any

from fleet.actions.base import ActionFailed, Ask, Call, Dialogue
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "minutes": Arg("raw", help="Whole minutes to pause; fractions are cut."),
        "seconds": Arg("raw", help="Whole seconds to pause, at least one; fractions are cut."),
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
KEYS = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)"


def run(call: Call) -> Dialogue:
    """Sleep, or ask the user. Raises ActionFailed when the user interrupts."""
    args = SPEC.complete(call.args)
    seconds = duration(args["minutes"], args["seconds"])
    begin, start = datetime.datetime.now(), call.now()
    prompt, echo = args["prompt"], args["echo"]
    if seconds is None:
        hidden = "" if echo else " (output is hidden)"
        order = Ask(f"{prompt or CONTINUE}{hidden}:", echo)
    else:
        asked = f"{KEYS}\n{prompt}:" if prompt else KEYS
        order = Ask(asked, echo, float(seconds), note=f"Pausing for {seconds} seconds")
    answer = yield order
    if answer.get("interrupted"):
        raise ActionFailed("user requested abort!")
    warnings = ["Not waiting for response to prompt as stdin is not interactive"] if answer.get("unasked") else []
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
        "echo": echo,
        "user_input": str(answer.get("user_input", "")),
        **({"warnings": warnings} if warnings else {}),
    }


def duration(minutes: Any, seconds: Any) -> int | None:
    """How many seconds to pause, None to wait for the user; at least one. Raises ActionFailed for what is no number."""
    for name, value, length in (("minutes", minutes, 60), ("seconds", seconds, 1)):
        if value is not None:
            try:
                return max(1, int(value) * length)
            except (TypeError, ValueError, OverflowError) as error:
                kind = type(value).__name__
                raise ActionFailed(
                    f"argument '{name}' is of type {kind} and we were unable to convert to int: {error}"
                ) from None
    return None
