"""Print a message or the value of a variable."""

from __future__ import annotations

import re
from typing import Any

from fleet.actions.base import ActionFailed, Call, Done, Order
from fleet.remote.spec import Arg, Spec
from fleet.source.nodes import Trusted
from fleet.template.errors import UndefinedVariable

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
    if raw is None:
        msg = call.args.get("msg")
        return Done({"changed": False, "msg": "Hello world!" if msg is None else msg})
    name, value, warnings = variable(call, raw)
    return Done({"changed": False, name: value, **({"warnings": warnings} if warnings else {})})


def variable(call: Call, raw: Any) -> tuple[str, Any, list[str]]:
    """What ``var`` is called in the result, its value, and what there is to warn of."""
    text = raw
    if isinstance(raw, str) and not isinstance(raw, Trusted) and "var" in call.raw:
        raise ActionFailed(f"Encountered untrusted template or expression: {raw}")
    if isinstance(raw, Trusted) and raw.is_template:
        text = call.templar.evaluate(raw, call.scope)
    if not isinstance(text, str):
        if text is raw and isinstance(raw, dict | list):
            kind = "dict" if isinstance(raw, dict) else "list"
            raise ActionFailed(f"argument 'var' is of type {kind}, which is not a string and conversion is not allowed")
        return str(raw), call.templar.render(text, call.scope), []
    if not isinstance(text, Trusted) and not NAME.match(text):
        raise ActionFailed(f"Encountered untrusted template or expression: var must come from your own files: {text}")
    try:
        return str.__str__(text), call.templar.expression(text, call.scope), []
    except UndefinedVariable as error:
        problem = f"error 1 - {error.what}"
        return str.__str__(text), f"<< {problem} >>", [f"Encountered 1 template error.\n{problem}"]
