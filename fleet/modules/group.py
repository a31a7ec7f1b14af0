"""Make, change or remove a group of the host."""

from fleet.remote.accounts import find_group, tool
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="Name of the group."),
        "gid": Arg("int", help="Number of the group."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the group is to exist."),
        "system": Arg("bool", False, help="Give a new group a number from the system's range."),
        "force": Arg("bool", False, help="Remove a group even when it is the primary group of a user."),
        "local": Arg("bool", False, help="Look only at the host's own /etc/group, not at directory services."),
        "non_unique": Arg("bool", False, help="Allow a number that another group has; needs `gid`."),
        "gid_min": Arg("int", help="Least number a new group may get."),
        "gid_max": Arg("int", help="Greatest number a new group may get."),
    },
    required_if=(("non_unique", True, ("gid",)),),
    returns={
        "name": "The group's name.",
        "gid": "Its number.",
        "state": "Whether it exists.",
        "system": "Whether a group of the system was asked for.",
    },
)
EXAMPLES = """
- name: A group for deployments
  group:
    name: deploy
    gid: 2000
- name: No such group
  group:
    name: games
    state: absent
"""


def read(host, args):
    number = find_group(args["name"], args["local"])
    return {"exists": number is not None, "gid": number}


def want(args, now):
    if args["local"]:
        for name in ("gid_min", "gid_max"):
            if args[name] is not None:
                raise Failed("'%s' can not be used with 'local'" % name)
    if args["state"] == "absent":
        return {"exists": False}
    return dict({"exists": True}, **({} if args["gid"] is None else {"gid": args["gid"]}))


def apply(host, args, change):
    argv = command(args, change)
    tool(host, argv, args["name"])


def command(args, change):
    """The program and its options that make the change true. Pure."""
    name = args["name"]
    if "exists" in change:
        if not change["exists"]:
            return ["groupdel"] + (["-f"] if args["force"] else []) + [name]
        argv = ["groupadd"] + (["-r"] if args["system"] else [])
        for option, key in (("GID_MIN", "gid_min"), ("GID_MAX", "gid_max")):
            if args[key] is not None:
                argv += ["-K", "%s=%d" % (option, args[key])]
    else:
        argv = ["groupmod"]
    if "gid" in change:
        argv += ["-g", str(change["gid"])] + (["-o"] if args["non_unique"] else [])
    return argv + [name]


def report(host, args, outcome):
    result = {"name": args["name"], "state": args["state"]}
    # A check run tells the number that the group has, if it is there.
    number = outcome.now["gid"] if host.check and outcome.now["exists"] else outcome.after["gid"]
    if args["state"] == "present" and number is not None:
        result.update(gid=number, system=args["system"])
    return result
