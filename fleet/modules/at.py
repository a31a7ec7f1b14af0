"""Jobs of at(1): a command or a script that runs once, some time from now.

A job is known by its whole text: `ls` does not stand for a job that runs `ls /srv`.
"""

import os
import re

from fleet.remote import files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "command": Arg(help="The command, or several lines for the shell."),
        "script_file": Arg(help="A script on the host; it is read now, not when the job runs."),
        "count": Arg("int", help="How many units from now; needed unless `state` is absent."),
        "units": Arg(choices=("minutes", "hours", "days", "weeks"), help="The unit of `count`."),
        "state": Arg(default="present", choices=("absent", "present"), help="absent: all jobs with this text go."),
        "unique": Arg("bool", False, help="Make no job when there is one with this text."),
    },
    exclusive=(("command", "script_file"),),
    one_of=(("command", "script_file"),),
    returns={"state": "As asked for.", "script_file": "The script.", "count": "How many units.", "units": "The unit."},
)
EXAMPLES = """
- name: Back to the old rules, unless somebody takes this away
  at:
    command: nft -f /etc/nftables.old
    count: 10
    units: minutes
    unique: true
- name: All is well
  at:
    command: nft -f /etc/nftables.old
    state: absent
"""


def run(host, args):
    absent = args["state"] == "absent"
    if not absent and (args["count"] is None or not args["units"]):
        raise Failed("present state requires count and units")
    if not absent and args["count"] < 0:
        raise Failed("count must not be negative: %d" % args["count"])
    text = args["command"] if args["command"] is not None else script(args["script_file"], absent)
    same = jobs(host, text) if absent or args["unique"] else []
    if absent:
        if same and not host.check:
            host.run([host.need("at", "at"), "-r"] + same)
        return {"changed": bool(same), "state": "absent"}
    if same:
        return {"changed": False, "state": "present"}
    if not host.check:
        add(host, text, "now + %d %s" % (args["count"], args["units"]))
    result = {"changed": True, "state": "present", "count": args["count"], "units": args["units"]}
    if args["script_file"]:
        result["script_file"] = args["script_file"]
    return result


def script(path, absent):
    data = files.read_bytes(path) if os.path.isfile(path) else None
    if data is None and not absent:
        raise Unmet("script_file %s doesn't exist or is not readable" % path)
    return (data or b"").decode("utf-8", "surrogateescape")


def jobs(host, text):
    """The numbers of the jobs with this text."""
    program, found = host.need("at", "at"), []
    for line in host.run([host.need("atq", "at")]).lines:
        number = line.split()[0] if line.split() else ""
        # A job that started meanwhile is no longer there.
        shown = host.run([program, "-c", number], ok=None) if number.isdigit() else None
        if shown and shown.rc == 0 and text.strip() and body(shown.out).strip() == text.strip():
            found.append(number)
    return found


def body(shown):
    """What at -c shows without the part in front that restores environment and folder. Pure."""
    end = re.search(r"^cd .* \|\| \{\n.*\n\s*exit 1\n\}\n", shown, re.MULTILINE)
    text = shown[end.end():] if end else shown
    # Some distributions hand the job to the shell of the user.
    quoted = re.match(r"\$\{SHELL:-/bin/sh\} << *'?(\w+)'?\n(.*)\n\1\s*$", text, re.DOTALL)
    return quoted.group(2) if quoted else text


def add(host, text, when):
    # at keeps the environment for the job; the locale for fleet's own parsing is no part of it.
    argv = ["env", "-u", "LC_ALL", "-u", "LANGUAGE", host.need("at", "at")] + when.split()
    ran = host.run(argv, ok=None, stdin=text if text.endswith("\n") else text + "\n")
    number = re.search(r"^job (\d+) at ", ran.err, re.MULTILINE)
    if ran.rc != 0 or not number:
        raise Failed(ran.err.strip() or "at failed", rc=ran.rc, stdout=ran.out, stderr=ran.err, cmd=" ".join(argv[5:]))
