"""Set the host's name, now and for the next start."""

import os
import re
import socket

from fleet.remote import files, look
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

LINUX = ("alpine", "debian", "generic", "openrc", "redhat", "sles", "systemd")
OTHERS = ("freebsd", "macos", "macosx", "darwin", "openbsd", "solaris")
SPEC = Spec(
    {
        "name": Arg(required=True, help="The name, short or fully qualified."),
        "use": Arg(choices=LINUX + OTHERS, help="How the system keeps its name; found out when not given."),
    },
    returns={"name": "The name.", "ansible_facts": "The facts that follow from it."},
)
EXAMPLES = """
- name: The host is called as in the inventory
  hostname:
    name: "{{ inventory_hostname }}"
"""
FILES = {"openrc": "/etc/conf.d/hostname", "sles": "/etc/HOSTNAME"}
VALID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


def read(host, args):
    return {"current": os.uname().nodename, "permanent": permanent(look.text(path_of(args)))}


def path_of(args):
    path = FILES.get(args["use"], "/etc/hostname")
    return path if args["use"] != "sles" or os.path.exists(path) else "/etc/hostname"


def permanent(text):
    """The name in a file that holds just the name, or ``hostname="..."`` of OpenRC. Pure."""
    for line in text.splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            return line.partition("=")[2].strip("\"' ") if line.startswith("hostname=") else line
    return ""


def want(args, now):
    if args["use"] in OTHERS:
        raise Failed("use=%s is not for hosts with Linux; leave it out" % args["use"])
    if not VALID.match(args["name"]):
        raise Failed("%r is no valid host name: letters, digits, '-' and '.', at most 64" % args["name"])
    return {"current": args["name"], "permanent": args["name"]}


def apply(host, args, change):
    if "permanent" in change:
        line = 'hostname="%s"\n' if args["use"] == "openrc" else "%s\n"
        files.write_atomic(path_of(args), (line % args["name"]).encode("ascii"), mode=0o644)
    if "current" in change:
        try:
            socket.sethostname(args["name"])
        except OSError as error:
            raise Failed("cannot set the host name to %s: %s" % (args["name"], error.strerror))


def report(host, args, outcome):
    name = args["name"]
    full = socket.getfqdn()
    facts = {"hostname": name.split(".")[0], "nodename": name, "fqdn": full, "domain": full.partition(".")[2]}
    return {"name": name, "ansible_facts": {"ansible_" + fact: value for fact, value in facts.items()}}


def diff(args, outcome):
    return {"before": "hostname = %s\n" % outcome.now["current"], "after": "hostname = %s\n" % args["name"]}
