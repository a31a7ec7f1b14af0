"""Limits of users and groups in /etc/security/limits.conf or another file of pam_limits."""

import os

from fleet.remote import editing, files, limits, textlines
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

ITEMS = ("core", "data", "fsize", "memlock", "nofile", "rss", "stack", "cpu", "nproc", "as", "maxlogins",
         "maxsyslogins", "priority", "locks", "sigpending", "msgqueue", "nice", "rtprio", "chroot")
SPEC = Spec(
    {
        "domain": Arg(required=True, help="Whom it limits: a user, `@group`, `*`, or a range of ids."),
        "limit_type": Arg(required=True, choices=("hard", "soft", "-"), help="Its type; `-` is both."),
        "limit_item": Arg(required=True, choices=ITEMS, help="What is limited."),
        "value": Arg(required=True, help="The limit: a number, or `unlimited`, `infinity` or -1 for none. -20 to 19"
                                         " for `nice` and `priority`."),
        "use_max": Arg("bool", False, help="Leave a value that is greater already."),
        "use_min": Arg("bool", False, help="Leave a value that is smaller already."),
        "backup": Arg("bool", False, help="Keep a copy of the old file, with the time in its name."),
        "dest": Arg(default="/etc/security/limits.conf", help="The file; made when it is missing."),
        "comment": Arg(default="", help="A comment for the line, when it is written."),
    },
    returns={"msg": "The line that sets the limit.", "backup_file": "Name of the backup."},
)
EXAMPLES = """
- name: The database may open many files
  pam_limits:
    {domain: postgres, limit_type: "-", limit_item: nofile, value: 65536, dest: /etc/security/limits.d/postgres.conf}
"""


def read(host, args):
    check(args)
    return {"content": files.read_bytes(args["dest"])}


def check(args):
    """Refuse what the declaration of arguments cannot. Raises Failed."""
    wrong = limits.mistake(args["limit_item"], args["value"])
    if wrong:
        raise Failed(wrong + " See limits.conf(5).")
    if args["use_max"] and args["use_min"]:
        raise Failed("Cannot use use_min and use_max at the same time.")
    if not args["domain"] or any(letter.isspace() or letter == "#" for letter in args["domain"]):
        raise Failed("%r is no domain of a limit: it is empty or has a blank or # in it" % args["domain"])
    if any(letter in args["comment"] for letter in "\r\n"):
        raise Failed("the comment must not contain a line end")


def want(args, now):
    return {"content": editing.encode("".join(edit(args, now["content"])[0]))}


def edit(args, content):
    """(lines, the line that sets the limit) of the file with this content. Pure."""
    wanted = limits.Limit((args["domain"], args["limit_type"], args["limit_item"]), args["value"],
                          "#" + args["comment"] if args["comment"] else "")
    lines = textlines.with_ends(editing.decode(content or b""))
    return limits.put(lines, wanted, args["use_max"], args["use_min"])


def apply(host, args, change):
    path = args["dest"]
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise Unmet("directory %s is not writable (check presence, access rights, use sudo)" % os.path.dirname(path))
    told = {"backup_file": files.backup(path)} if args["backup"] and os.path.exists(path) else {}
    files.write_atomic(path, change["content"], mode=0o644)
    return told


def report(host, args, outcome):
    return {"msg": edit(args, outcome.now["content"])[1]}


def diff(args, outcome):
    before, after = (editing.decode(side["content"] or b"") for side in (outcome.now, outcome.wanted))
    return {"before": before, "after": after}
