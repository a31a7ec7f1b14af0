"""Set statistics of the run that are shown at its end."""

from __future__ import annotations

from typing import Any

from fleet.actions.base import ActionFailed, Call, Done
from fleet.remote.convert import TRUE
from fleet.remote.spec import Arg, Spec
from fleet.source.names import RULE, is_name

SPEC = Spec(
    {
        "data": Arg("raw", help="Names and values."),
        "per_host": Arg("raw", False, help="A value for each host, not one for the run."),
        "aggregate": Arg("raw", True, help="Add to a value that is there: numbers and lists grow, mappings merge."),
    },
    returns={"ansible_stats": "What was set."},
    unknown="Invalid options for %s: %s",
)

EXAMPLES = """
- set_stats: {data: {patched: "{{ upgraded | length }}"}}
"""


def run(call: Call) -> Done:
    data = call.args.get("data", {})
    if not isinstance(data, dict):
        raise ActionFailed("The 'data' option needs to be a dictionary/hash")
    for name in data:
        if not is_name(name):
            raise ActionFailed(f"Invalid variable name '{name}': {RULE}")
    stats = {
        "data": data,
        "per_host": _yes(call.args.get("per_host", False)),
        "aggregate": _yes(call.args.get("aggregate", True)),
    }
    return Done({"changed": False, "ansible_stats": stats})


def _yes(value: Any) -> bool:
    """A yes or no; whatever is neither is a no, as in Ansible."""
    return (value.strip().lower() if isinstance(value, str) else value) in TRUE
