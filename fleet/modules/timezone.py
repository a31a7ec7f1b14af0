"""Set the host's time zone, and whether its hardware clock runs on local time."""

import os

from fleet.remote import files, look
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(help="The zone, such as `Europe/Paris` or `UTC`."),
        "hwclock": Arg(choices=("local", "UTC"), aliases=("rtc",), help="What the hardware clock runs on."),
    },
    one_of=(("name", "hwclock"),),
)
EXAMPLES = """
- name: Everybody lives in UTC
  timezone:
    name: Etc/UTC
"""
ZONES, LINK, NAME, ADJTIME = "/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone", "/etc/adjtime"


def read(host, args):
    return {"name": current(), "text": look.text(NAME, "" if os.path.lexists(NAME) else None), "hwclock": clock(look.lines(ADJTIME)),
            "known": bool(args["name"]) and os.path.isfile(os.path.join(ZONES, args["name"]))}


def current():
    """The zone that /etc/localtime leads to; "n/a" when it is a copy, UTC without one."""
    try:
        target = os.readlink(LINK)
    except OSError:
        return look.text(NAME) or ("n/a" if os.path.exists(LINK) else "UTC")
    return target.partition("zoneinfo/")[2] or "n/a"


def clock(lines):
    """What the third line of /etc/adjtime says. Pure."""
    return "local" if len(lines) > 2 and lines[2].strip() == "LOCAL" else "UTC"


def want(args, now):
    wanted = {}
    if args["name"]:
        if not now["known"] or ".." in args["name"]:
            raise Unmet("given timezone %r is not available: there is no %s/%s; is tzdata installed?"
                        % (args["name"], ZONES, args["name"]))
        wanted["name"] = args["name"]
        if now["text"] is not None:
            wanted["text"] = args["name"]
    if args["hwclock"]:
        wanted["hwclock"] = args["hwclock"]
    return wanted


def apply(host, args, change):
    if "name" in change:
        temporary = LINK + ".fleet-new"
        try:
            if os.path.lexists(temporary):
                os.unlink(temporary)
            os.symlink("..%s/%s" % (ZONES, args["name"]), temporary)
            os.rename(temporary, LINK)
        except OSError as error:
            raise Failed("cannot set %s: %s" % (LINK, error.strerror))
    if "text" in change:
        files.write_atomic(NAME, (args["name"] + "\n").encode("ascii"), mode=0o644)
    if "hwclock" in change:
        lines = (look.lines(ADJTIME) + ["0.0 0 0.0", "0", "UTC"][len(look.lines(ADJTIME)):])[:3]
        lines[2] = "LOCAL" if change["hwclock"] == "local" else "UTC"
        files.write_atomic(ADJTIME, ("\n".join(lines) + "\n").encode("ascii"), mode=0o644)


def diff(args, outcome):
    keys = [key for key in ("name", "hwclock") if args[key]]
    return {"before": {key: outcome.now[key] for key in keys}, "after": {key: args[key] for key in keys}}
