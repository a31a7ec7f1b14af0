"""Set statistics of the run that are shown at its end."""

from __future__ import annotations

from fleet.actions.base import ActionFailed, Call, Done
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "data": Arg("raw", required=True, help="Names and values."),
        "per_host": Arg("bool", False, help="A value for each host, not one for the run."),
        "aggregate": Arg("bool", True, help="Add to a value that is there: numbers and lists grow, mappings merge."),
    },
    returns={"ansible_stats": "What was set."},
)

EXAMPLES = """
- set_stats: {data: {patched: "{{ upgraded | length }}"}}
"""


def run(call: Call) -> Done:
    data = call.args["data"]
    if not isinstance(data, dict):
        raise ActionFailed("The 'data' option needs to be a dictionary/hash")
    for name in data:
        if not str(name).isidentifier():
            raise ActionFailed(f"The variable name '{name}' is not valid")
    stats = {
        "data": data,
        "per_host": bool(call.args.get("per_host", False)),
        "aggregate": bool(call.args.get("aggregate", True)),
    }
    return Done({"changed": False, "ansible_stats": stats})
