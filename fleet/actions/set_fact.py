"""Set variables of a host for the rest of the run."""

from __future__ import annotations

import keyword

from fleet.actions.base import ActionFailed, Call, Done, Order
from fleet.remote.spec import Arg, Spec
from fleet.source.nodes import Trusted

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
WORDS = ("true", "false", "none")
"""Names that a template never reads as variables."""


def run(call: Call) -> Order:
    """Known without the host. Raises ActionFailed."""
    # A text of the playbook itself keeps the mark that it is one.
    own = {name: text for name, text in call.raw.items() if isinstance(text, Trusted) and not text.is_template}
    kept = {name: own[name] for name, value in call.args.items() if type(value) is str and own.get(name) == value}
    facts = {name: value for name, value in {**call.args, **kept}.items() if name != "cacheable"}
    if not facts:
        raise ActionFailed("No key/value pairs provided, at least one is required for this action to succeed")
    for name in facts:
        if not isinstance(name, str) or not name.isidentifier() or name in WORDS or keyword.iskeyword(name):
            kind = "" if isinstance(name, str) else f" of type '{type(name).__name__}'"
            raise ActionFailed(f"Invalid variable name '{name}'{kind}.")
    result = {"changed": False, "ansible_facts": facts}
    if call.args.get("cacheable"):
        result["_ansible_facts_cacheable"] = True
    return Done(result)
