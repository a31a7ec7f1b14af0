"""Switch SELinux's booleans, until the next boot or for good."""

import os

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The boolean."),
        "state": Arg("bool", required=True, help="Whether it is on."),
        "persistent": Arg("bool", False, help="Also after a reboot."),
        "ignore_selinux_state": Arg("bool", False, help="Work where SELinux does not run, as in a chroot."),
    },
    returns={"name": "The boolean.", "state": "On or off.", "persistent": "Whether it holds after a reboot."},
)

EXAMPLES = """
- seboolean: {name: httpd_can_network_connect, state: true, persistent: true}
"""

BOOLEANS = "/sys/fs/selinux/booleans"


def read(host, args):
    """``now`` from the kernel, ``later`` from the policy store (only asked for when persistent)."""
    path = os.path.join(BOOLEANS, os.path.basename(args["name"]))
    found = {}
    if os.path.isdir(BOOLEANS):
        try:
            with open(path) as source:
                found["now"] = source.read().split()[-1] == "1"
        except OSError:
            raise Failed("SELinux boolean %s does not exist." % args["name"])
    elif not args["ignore_selinux_state"]:
        raise Failed("SELinux is disabled on this host.")
    if args["persistent"] or "now" not in found:
        program = host.need("semanage", "policycoreutils-python-utils (semanage-utils on Debian)")
        stored = parse(host.run([program, "boolean", "-l", "-n"]).out)
        if args["name"] not in stored:
            raise Failed("SELinux boolean %s is not defined in persistent policy" % args["name"])
        if args["persistent"]:
            # Else there is no kernel that could be told, and the store is not to change.
            found["later"] = stored[args["name"]]
    return found


def parse(text):
    """{boolean: its stored value} of ``semanage boolean -l``: ``name (on , off) text``, the second is stored."""
    found = {}
    for line in text.splitlines():
        name, bracket, rest = line.partition("(")
        values = rest.partition(")")[0].split(",")
        if bracket and len(values) == 2:
            found[name.strip()] = values[1].strip() == "on"
    return found


def want(args, now):
    return {key: args["state"] for key in now}


def apply(host, args, change):
    flag = "on" if args["state"] else "off"
    if "later" in change:
        # -P writes the policy store and the kernel's value.
        host.run([host.need("setsebool", "policycoreutils"), "-P", args["name"], flag])
    else:
        host.run([host.need("setsebool", "policycoreutils"), args["name"], flag])


def report(host, args, outcome):
    return {"name": args["name"], "state": args["state"], "persistent": args["persistent"]}
