"""Fail unless conditions hold."""

from __future__ import annotations

from typing import Any

from fleet.actions.base import ActionFailed, Call, Done, Order
from fleet.remote.spec import Arg, Spec
from fleet.source.nodes import Trusted

SPEC = Spec(
    {
        "that": Arg("list", required=True, null=True, help="Conditions, written as for `when`; all must hold."),
        "fail_msg": Arg("raw", aliases=("msg",), help="Message when one does not hold; text or a list of texts."),
        "success_msg": Arg("raw", help="Message when all hold; text or a list of texts."),
        "quiet": Arg("bool", False, help="Say less."),
    },
    returns={
        "msg": "The message.",
        "assertion": "The condition that does not hold.",
        "evaluated_to": "Its value.",
    },
    unknown="Invalid options for %s: %s",
)
EXAMPLES = """
- name: The play is for Debian
  assert:
    that:
      - ansible_os_family == 'Debian'
      - ansible_distribution_major_version is version('11', '>=')
    fail_msg: This play needs Debian 11 or later
"""
UNRENDERED = ("that",)


def run(call: Call) -> Order:
    """Known without the host. Raises ActionFailed, TemplateError, Pending."""
    for name in ("fail_msg", "success_msg"):
        check_message(name, call.args.get(name))
    for condition in conditions(call):
        if not call.templar.condition(condition, call.scope):
            return Done({**failure(call, condition), **loud(call)})
    return Done({"changed": False, "msg": call.args.get("success_msg") or "All assertions passed", **loud(call)})


def loud(call: Call) -> dict[str, Any]:
    """Without ``quiet`` the result is shown in full at every verbosity."""
    return {} if call.args.get("quiet") else {"_ansible_verbose_always": True}


def conditions(call: Call) -> list[Any]:
    """The conditions as written; a template for the whole list is rendered to a list of them."""
    that = call.raw.get("that", call.args.get("that"))
    if isinstance(that, Trusted) and that.is_template:
        value = call.templar.evaluate(that, call.scope)
        if isinstance(value, list | tuple):
            that = value
    # As written, not as a template sees them: conditions are only good as long as it is known whose they are.
    written = list(list.__iter__(that)) if isinstance(that, list) else [that]
    # Nothing is no condition: it is refused as an empty text is.
    return [Trusted("") if condition is None else condition for condition in written]


def failure(call: Call, condition: Any) -> dict[str, Any]:
    shown = str.__str__(condition) if isinstance(condition, str) else condition
    return {
        "changed": False,
        "failed": True,
        "assertion": shown,
        "evaluated_to": False,
        "msg": call.args.get("fail_msg") or "Assertion failed",
    }


def check_message(name: str, value: Any) -> None:
    """A message is text or a list of texts."""
    texts = value if isinstance(value, list) else [value]
    if value is not None and not all(isinstance(text, str) for text in texts):
        kind = type(value).__name__
        raise ActionFailed(f"Incorrect type for {name}, expected a string or a list of strings and got {kind}")
