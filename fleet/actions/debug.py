"""Print a message or the value of a variable."""

from __future__ import annotations

import re
from typing import Any

from fleet.actions.base import ActionFailed, Call, Done, Order
from fleet.remote.spec import Arg, Spec
from fleet.source.nodes import Trusted
from fleet.template.errors import UndefinedVariable
from fleet.template.plain import OMIT, plain

SPEC = Spec(
    {
        "msg": Arg("raw", "Hello world!", help="The message; text, or any other value."),
        "var": Arg("raw", help="Name of a variable, or an expression, whose value is printed."),
        "verbosity": Arg("int", 0, help="Print only with at least this many `-v`."),
    },
    exclusive=(("msg", "var"),),
    returns={"msg": "The message. With `var` the key is what `var` says."},
)
EXAMPLES = """
- name: A message
  debug:
    msg: "The kernel is {{ ansible_kernel }}"
- name: A variable
  debug:
    var: result.stdout_lines
    verbosity: 1
"""
UNRENDERED = ("var",)
NAME = re.compile(r"[A-Za-z_]\w*(\.\w+|\[(\d+|'[\w-]+'|\"[\w-]+\")\])*$")
"""What is a name and nothing more: safe to look up wherever the text came from."""


def run(call: Call) -> Order:
    """Known without the host. Raises ActionFailed, TemplateError, Pending."""
    if call.args.get("verbosity", 0) > call.verbosity:
        return Done({"changed": False, "skipped": True, "skipped_reason": "Verbosity threshold not met."})
    raw = call.raw.get("var", call.args.get("var"))
    leads = "var" not in call.raw  # it is one of module_defaults then
    if isinstance(raw, Trusted) and raw.is_template:
        leads = bool(call.templar.names(raw))
        raw = call.templar.evaluate(raw, call.scope)
    if raw is None or raw is OMIT:
        msg = call.args.get("msg")
        return Done({"changed": False, "msg": "Hello world!" if msg is None else msg})
    name = checked(raw, leads)
    value, warnings = shown(call, name)
    return Done({"changed": False, name: value, **({"warnings": warnings} if warnings else {})})


def checked(text: Any, leads: bool) -> str:
    """What ``var`` is called in the result. Raises ActionFailed for what is no expression of the user's own files.

    ``leads``: a template with variables gave the text, or module_defaults. Items of a loop and set facts do not
    know where they are from, so a bare name is taken from them.
    """
    if not isinstance(text, str):
        kind = type(plain(text)).__name__
        raise ActionFailed(f"argument 'var' is of type {kind}: {text!r} is not a string and conversion is not allowed")
    if not isinstance(text, Trusted) and not (leads and NAME.match(text)):
        raise ActionFailed(f"Encountered untrusted template or expression. var must come from your own files: {text}")
    return str.__str__(text)


def shown(call: Call, text: str) -> tuple[Any, list[str]]:
    """The value of an expression, or what stands for one, and what there is to warn of."""
    try:
        value = call.templar.expression(text, call.scope)
    except UndefinedVariable as error:
        problem = f"error 1 - {error.what}"
        return f"<< {problem} >>", [f"Encountered 1 template error.\n{problem}"]
    if value is OMIT:
        return "<<Omit>>", [f"The value of {text!r} is omit; what is printed could not be omitted."]
    return value, []
