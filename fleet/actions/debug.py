"""Print a message or a variable."""

from __future__ import annotations

from typing import Any

from fleet.actions.base import Call, Done, Result
from fleet.remote.spec import Arg, Spec
from fleet.source.nodes import Trusted
from fleet.template.errors import UndefinedVariable

SPEC = Spec(
    {
        "msg": Arg("raw", help="What to print; `Hello world!` when neither this nor `var` is given."),
        "var": Arg("raw", help="Name of a variable, or an expression, whose value is printed."),
        "verbosity": Arg("int", 0, help="Print only at this many -v or more."),
    },
    exclusive=(("msg", "var"),),
    returns={"msg": "The message."},
)

EXAMPLES = """
- debug: {msg: "{{ inventory_hostname }} is up"}
- debug: {var: ansible_facts.distribution, verbosity: 1}
"""


def run(call: Call) -> Done:
    if int(call.args.get("verbosity") or 0) > call.verbosity:
        return Done({"changed": False, "skipped": True, "skipped_reason": "Verbosity threshold not met."})
    if call.args.get("var") is None:
        return Done({"changed": False, "msg": call.args.get("msg", "Hello world!"), "_ansible_verbose_always": True})
    return Done({**_variable(call), "changed": False, "_ansible_verbose_always": True})


def _variable(call: Call) -> Result:
    written = call.args["var"]
    if not isinstance(written, str):
        return {str(written): written}
    text = written if isinstance(written, Trusted) else Trusted(written)
    if text.is_template:
        text = Trusted(str(call.templar.render(text, call.scope)), text.at)
    value: Any
    try:
        value = call.templar.expression(text, call.scope)
    except UndefinedVariable:
        value = "VARIABLE IS NOT DEFINED!"
    return {str(text): value}
