"""Set variables of a host for the rest of the run."""

from __future__ import annotations

import re

from fleet.actions.base import ActionFailed, Call, Done
from fleet.remote.spec import Arg, Spec, to_bool

SPEC = Spec(
    {"cacheable": Arg("bool", False, help="Keep the variables as facts too, in the fact cache where there is one.")},
    extra=True,
    returns={"ansible_facts": "The variables."},
)

EXAMPLES = """
- set_fact: {release: "{{ version | default('stable') }}"}
"""

_NAME = re.compile(r"^[A-Za-z_]\w*$")


def run(call: Call) -> Done:
    facts = {name: value for name, value in call.args.items() if name != "cacheable"}
    if not facts:
        raise ActionFailed("No key/value pairs provided, at least one is required for this action to succeed")
    for name in facts:
        if not _NAME.match(str(name)):
            raise ActionFailed(
                f"The variable name '{name}' is not valid. Variables must start with a letter or underscore "
                "character, and contain only letters, numbers and underscores."
            )
    result = {"changed": False, "ansible_facts": facts}
    if to_bool(call.args.get("cacheable") or False):
        result["_ansible_facts_cacheable"] = True
    return Done(result)
