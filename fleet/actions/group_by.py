"""Put hosts into groups by the value of a variable."""

from __future__ import annotations

from fleet.actions.base import Call, Done
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "key": Arg(required=True, help="Name of the group; blanks become dashes."),
        "parents": Arg("list", ["all"], elements="str", help="Groups the new group is a child of."),
    },
    returns={"add_group": "The group.", "parent_groups": "Its parents."},
    unknown="Invalid options for %s: %s",
)

EXAMPLES = """
- group_by: {key: "os_{{ ansible_facts.distribution }}"}
"""


def run(call: Call) -> Done:
    parents = call.args.get("parents") or ["all"]
    return Done(
        {
            "changed": False,
            "add_group": str(call.args["key"]).replace(" ", "-"),
            "parent_groups": [str(name).replace(" ", "-") for name in parents],
        }
    )
