"""Add a host, and groups it is in, to the inventory of this run."""

from __future__ import annotations

from fleet.actions.base import ActionFailed, Call, Done
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, aliases=("host", "hostname"), help="Name of the host, or name:port."),
        "groups": Arg("list", elements="str", aliases=("group", "groupname"), help="Groups it is to be in."),
    },
    extra=True,
    returns={"add_host": "What was added: host_name, groups, host_vars."},
)

EXAMPLES = """
- add_host: {name: "{{ new_address }}", groups: [web, fresh], ansible_user: admin}
"""


def run(call: Call) -> Done:
    name = str(call.args["name"]).strip()
    if not name:
        raise ActionFailed("name, host or hostname needs to be provided")
    variables = {key: value for key, value in call.args.items() if key not in ("name", "groups")}
    host, separator, port = name.rpartition(":")
    if separator and port.isdigit() and host.count(":") == 0:
        name = host
        variables["ansible_ssh_port"] = int(port)
    groups = [group.strip() for group in call.args.get("groups") or [] if group.strip()]
    return Done({"changed": True, "add_host": {"host_name": name, "groups": groups, "host_vars": variables}})
