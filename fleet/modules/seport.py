"""Give network ports a type in SELinux's policy."""

import re

from fleet.remote import selinuxstore
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "ports": Arg("list", elements="str", required=True, help="Ports and ranges such as `8000-8010`."),
        "proto": Arg(required=True, choices=("tcp", "udp"), help="Their protocol."),
        "setype": Arg(required=True, help="Their type, such as `http_port_t`."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether they have it."),
        "reload": Arg("bool", True, help="Load the policy after the change."),
        "ignore_selinux_state": Arg("bool", False, help="Work where SELinux does not run, as in a chroot."),
        "local": Arg("bool", False, help="Look at local changes only, not at what the policy brings."),
    },
    returns={"ports": "The ports.", "proto": "The protocol.", "setype": "The type.", "state": "The state asked for."},
)
EXAMPLES = """
- name: The web server may listen there
  seport: {ports: [8081, 8443-8445], proto: tcp, setype: http_port_t}
"""


def read(host, args):
    """``types`` {port: its type} of the ports that are asked for, ``own`` the same of local changes."""
    selinuxstore.demand(args)
    for port in args["ports"]:
        check(port)
    own = {port: selinuxstore.local_ports().get((port, args["proto"])) for port in args["ports"]}
    types = dict(own)
    # semanage takes seconds; what local changes say already needs no look into the policy.
    if not args["local"] and any(kind != args["setype"] for kind in own.values()):
        known = selinuxstore.ports(host)
        types = {port: kind or known.get((port, args["proto"])) for port, kind in own.items()}
    return {"types": types, "own": own}


def check(port):
    """Raises Failed for what is no port and no range of ports."""
    numbers = [int(part) for part in port.split("-")] if re.match(r"\d{1,5}(-\d{1,5})?$", port) else [0]
    if not 0 < numbers[0] <= numbers[-1] < 65536:
        raise Failed("Invalid Port: %s is no port and no range of ports" % port)


def want(args, now):
    """A port keeps another type when this one is to be absent."""
    if args["state"] == "present":
        return {"types": dict.fromkeys(args["ports"], args["setype"])}
    for port, kind in now["types"].items():
        if kind == args["setype"] and now["own"][port] is None:
            raise Failed("Port %s/%s is defined in policy, cannot be deleted" % (args["proto"], port))
    return {"own": {port: None for port, kind in now["own"].items() if kind == args["setype"]}}


def apply(host, args, change):
    host.moment.clear()
    if args["state"] == "absent":
        for port in change["own"]:
            selinuxstore.semanage(host, args, ["port", "-d", "-p", args["proto"], port])
        return
    for port in args["ports"]:
        if port in change["types"]:
            give(host, args, port, change.before["types"].get(port))


def give(host, args, port, old):
    words = ["-t", args["setype"], "-p", args["proto"], port]
    try:
        selinuxstore.semanage(host, args, ["port", "-m" if old else "-a"] + words)
    except Failed as failed:
        # With `local` it is not seen that the policy knows the port already.
        if "already defined" not in failed.result["msg"]:
            raise
        selinuxstore.semanage(host, args, ["port", "-m"] + words)


def report(host, args, outcome):
    return {name: args[name] for name in ("ports", "proto", "setype", "state")}
