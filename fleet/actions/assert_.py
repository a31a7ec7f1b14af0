"""Fail unless conditions hold."""

from __future__ import annotations

from fleet.actions.base import ActionFailed, Call, Done
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "that": Arg("list", required=True, help="Conditions, written as in `when`."),
        "fail_msg": Arg("raw", aliases=("msg",), help="What to say when one does not hold."),
        "success_msg": Arg("raw", help="What to say when all hold."),
        "quiet": Arg("bool", False, help="Say less."),
    },
    returns={"assertion": "The condition that failed.", "evaluated_to": "What it came to.", "msg": "The message."},
)

EXAMPLES = """
- assert:
    that: [port | int > 1023, "'web' in group_names"]
    fail_msg: a web server on a high port is needed
"""


def run(call: Call) -> Done:
    that = call.raw.get("that", call.args["that"])
    quiet = bool(call.args.get("quiet"))
    for condition in that if isinstance(that, list) else [that]:
        if not call.templar.condition(condition, call.scope):
            more = {} if quiet else {"_ansible_verbose_always": True}
            msg = call.args.get("fail_msg") or "Assertion failed"
            raise ActionFailed(msg, changed=False, assertion=str(condition), evaluated_to=False, **more)
    result = {"changed": False, "msg": call.args.get("success_msg") or "All assertions passed"}
    return Done(result if quiet else {**result, "_ansible_verbose_always": True})
