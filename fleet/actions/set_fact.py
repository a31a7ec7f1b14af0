"""Set variables of a host for the rest of the run."""

from __future__ import annotations

from fleet.actions.base import ActionFailed, Call, Done, Order
from fleet.remote.spec import Arg, Spec
from fleet.source.names import is_name

SPEC = Spec(
    {
        "cacheable": Arg("bool", False, help="Keep the values in the fact cache too, for later runs."),
    },
    extra=True,
    returns={"ansible_facts": "The variables set."},
)
EXAMPLES = """
- name: Names for later
  set_fact:
    app_port: 8080
    app_url: "http://{{ inventory_hostname }}:8080/"
"""
RENDERS_KEYS = True


def run(call: Call) -> Order:
    """Known without the host. Raises ActionFailed."""
    facts = {name: value for name, value in call.args.items() if name != "cacheable"}
    if not facts:
        raise ActionFailed("No key/value pairs provided, at least one is required for this action to succeed")
    for name in facts:
        if not is_name(name):
            kind = "" if isinstance(name, str) else f" of type '{type(name).__name__}'"
            raise ActionFailed(f"Invalid variable name '{name}'{kind}.")
    result = {"changed": False, "ansible_facts": facts}
    if call.args.get("cacheable"):
        result["_ansible_facts_cacheable"] = True
    return Done(result)
