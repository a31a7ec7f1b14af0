"""Manage jobs and variables in crontabs.

A job is known by its name, which stands above it as a comment. Crontabs of users are installed with
crontab(1), which checks them; files in /etc/cron.d are written in one piece.
"""

import os
import pwd

from fleet.remote import crontab, files, textlines
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

TIMES = ("minute", "hour", "day", "month", "weekday")
SPEC = Spec(
    {
        "name": Arg(required=True, help="Name of the job, or of the variable with `env: true`."),
        "job": Arg(aliases=("value",), help="The command, or the variable's value."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the entry is to exist."),
        "user": Arg(help="Whose crontab; with `cron_file`: as whom the job runs."),
        "cron_file": Arg("path", help="File to use instead of a user's crontab; relative to /etc/cron.d."),
        "backup": Arg("bool", False, help="Keep a copy of the crontab as it was; see `backup_file`."),
        "minute": Arg(default="*", help="Minute: 0-59, *, */2 ..."),
        "hour": Arg(default="*", help="Hour: 0-23, *, */2 ..."),
        "day": Arg(default="*", aliases=("dom",), help="Day of the month: 1-31, *, */2 ..."),
        "month": Arg(default="*", help="Month: 1-12, JAN-DEC, *, */2 ..."),
        "weekday": Arg(default="*", aliases=("dow",), help="Day of the week: 0-6 from Sunday, SUN-SAT, * ..."),
        "special_time": Arg(choices=("annually", "daily", "hourly", "monthly", "reboot", "weekly", "yearly"),
                            help="A time with a name, instead of the others."),
        "disabled": Arg("bool", False, help="Keep the job, but commented out."),
        "env": Arg("bool", False, help="Manage a variable instead of a job."),
        "insertafter": Arg(help="Put a new variable after this one."),
        "insertbefore": Arg(help="Put a new variable before this one."),
    },
    exclusive=(("insertafter", "insertbefore"),),
    returns={
        "jobs": "Names of the jobs in the crontab.",
        "envs": "Names of its variables.",
        "cron_file": "The file, when one was given.",
        "backup_file": "Where the copy lies.",
    },
)
EXAMPLES = """
- name: Clean up every night
  cron:
    name: clean up
    minute: "30"
    hour: "2"
    job: /usr/local/bin/clean-up
- name: Who gets the mail
  cron:
    name: MAILTO
    env: true
    job: root@example.com
- name: A file of its own
  cron:
    name: backup
    cron_file: backup
    user: root
    special_time: daily
    job: /usr/local/bin/backup
"""
SYSTEM = "/etc/crontab"
SPOOLS = ("/var/spool/cron/crontabs", "/var/spool/cron")


def read(host, args):
    path = file_path(args)
    if path:
        data = files.read_bytes(path)
        text = (data or b"").decode("utf-8", "surrogateescape")
        return {"exists": data is not None, "lines": textlines.split(text)}
    text = _user_crontab(host, args)
    return {"exists": True, "lines": crontab.strip_header(textlines.split(text))}


def file_path(args):
    """The path of ``cron_file``, or None."""
    if not args["cron_file"]:
        return None
    return os.path.join("/etc/cron.d", args["cron_file"])


def _user_crontab(host, args):
    """The text of a user's crontab: from the spool when we may read it, else from crontab(1)."""
    user = args["user"] or pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        for folder in SPOOLS:
            if os.path.isdir(folder):
                return (files.read_bytes(os.path.join(folder, user)) or b"").decode("utf-8", "surrogateescape")
    return host.run([host.need("crontab", "cron"), "-l"] + _whose(args), ok=(0, 1)).out


def _whose(args):
    return ["-u", args["user"]] if args["user"] and args["user"] != pwd.getpwuid(os.getuid()).pw_name else []


def want(args, now):
    check(args)
    name, lines = args["name"], now["lines"]
    if args["state"] == "absent":
        wanted = (crontab.remove_variable if args["env"] else crontab.remove_job)(lines, name)
    elif args["env"]:
        try:
            wanted = crontab.set_variable(lines, name, args["job"], args["insertafter"], args["insertbefore"])
        except KeyError as error:
            raise Failed("Variable named '%s' not found." % error.args[0])
    else:
        wanted = crontab.set_job(lines, name, crontab.job_line(args, args["user"] if args["cron_file"] else None))
    if args["cron_file"] and now["exists"] and args["state"] == "absent" and not any(map(str.strip, wanted)):
        return {"exists": False}
    return {"lines": wanted, "exists": True} if wanted != lines else {}


def check(args):
    """Refuse what the declaration of arguments cannot. Raises Failed."""
    if args["cron_file"] and os.path.normpath(file_path(args)) == SYSTEM:
        raise Failed("Will not manage /etc/crontab via cron_file, see documentation.")
    if args["special_time"] and any(args[name] != "*" for name in TIMES):
        raise Failed("You cannot combine special_time with any of the time or day/date parameters.")
    if args["state"] == "absent":
        return
    if args["cron_file"] and not args["user"] and not args["env"]:
        raise Failed("To use cron_file=... parameter you must specify user=... as well")
    if args["job"] is None:
        raise Failed("You must specify 'job' to install a new cron job or variable")


def apply(host, args, change):
    told = {}
    path = file_path(args)
    if args["backup"]:
        told["backup_file"] = _backup(host, args)
    if "lines" not in change:
        files.remove(path)
        return told
    if args["job"] and not args["env"] and "\n" in args["job"].strip("\r\n"):
        host.warn("Job should not contain line breaks")
    text = "".join(line + "\n" for line in change["lines"])
    if path:
        files.write_atomic(path, text.encode("utf-8", "surrogateescape"), mode=0o644)
    else:
        program = host.need("crontab", "cron")
        ran = host.run([program] + _whose(args) + ["-"], ok=None, stdin=text)
        if ran.rc != 0:
            raise Failed("Failed to install new cronfile: %s" % ran.err.strip(), rc=ran.rc, stdout=ran.out, stderr=ran.err)
    return told


def _backup(host, args):
    import tempfile

    handle, name = tempfile.mkstemp(prefix="crontab")
    with os.fdopen(handle, "w", errors="surrogateescape") as sink:
        sink.writelines(line + "\n" for line in read(host, args)["lines"])
    return name


def report(host, args, outcome):
    if not outcome.after["exists"] and outcome.change:
        return {"cron_file": args["cron_file"], "state": "absent"}
    lines = outcome.after["lines"]
    result = {"jobs": crontab.names(lines), "envs": crontab.variables(lines)}
    if args["cron_file"]:
        result["cron_file"] = args["cron_file"]
    return result


def diff(args, outcome):
    header = file_path(args) or "crontab"
    after = outcome.after["lines"] if outcome.after["exists"] else []
    return {"before": "".join(line + "\n" for line in outcome.now["lines"]),
            "after": "".join(line + "\n" for line in after), "before_header": header, "after_header": header}
