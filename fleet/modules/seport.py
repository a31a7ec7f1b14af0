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
    """{port: its type} of the ports that are asked for."""
    selinuxstore.demand(args)
    for port in args["ports"]:
        check(port)
    known = selinuxstore.ports(host, args["local"])
    return {"types": {port: known.get((port, args["proto"])) for port in args["ports"]}}


def check(port):
    """Raises Failed for what is no port and no range of ports."""
    numbers = [int(part) for part in port.split("-")] if re.match(r"\d{1,5}(-\d{1,5})?$", port) else [0]
    if not 0 < numbers[0] <= numbers[-1] < 65536:
        raise Failed("Invalid Port: %s is no port and no range of ports" % port)


def want(args, now):
    """A port keeps another type when this one is to be absent."""
    if args["state"] == "present":
        return {"types": dict.fromkeys(args["ports"], args["setype"])}
    return {"types": {port: None if kind == args["setype"] else kind for port, kind in now["types"].items()}}


def apply(host, args, change):
    for port in args["ports"]:
        if port not in change["types"]:
            continue
        if args["state"] == "absent":
            words = ["port", "-d", "-p", args["proto"], port]
        else:
            verb = "-m" if change.before["types"].get(port) else "-a"
            words = ["port", verb, "-t", args["setype"], "-p", args["proto"], port]
        try:
            selinuxstore.semanage(host, args, words)
        except Failed as failed:
            # With `local` it is not seen that the policy knows the port already under another type.
            if "already defined" not in failed.result["msg"]:
                raise
            selinuxstore.semanage(host, args, [words[0], "-m"] + words[2:])


def report(host, args, outcome):
    return {name: args[name] for name in ("ports", "proto", "setype", "state")}
