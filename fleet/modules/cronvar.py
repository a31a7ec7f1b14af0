"""Set or remove a variable in a crontab.

A value that is written in quotes is another one than the same text without them, as crontab(5) has it for blanks; jobs
and comments stay as they are.
"""

import os

from fleet.modules import cron
from fleet.remote import crontab
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The variable."),
        "value": Arg(help="Its value; needed when it is to be there."),
        "insertafter": Arg(help="Put a new variable after this one."),
        "insertbefore": Arg(help="Put a new variable before this one."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether it is to be there."),
        "user": Arg(help="Whose crontab; by default that of the user the task runs as."),
        "cron_file": Arg(help="File to use instead of a user's crontab; relative to /etc/cron.d."),
        "backup": Arg("bool", False, help="Keep a copy of the crontab as it was; see `backup_file`."),
    },
    exclusive=(("insertbefore", "insertafter"),),
    returns={
        "vars": "Names of the crontab's variables.",
        "cron_file": "The file, when one was given.",
        "backup_file": "Where the copy lies.",
    },
)
EXAMPLES = """
- name: Nobody gets mail of these jobs
  cronvar: {name: MAILTO, value: "", cron_file: backup}
- cronvar: {name: PATH, value: "/usr/local/bin:/usr/bin:/bin", user: deploy, insertafter: SHELL}
"""


def read(host, args):
    path = cron.file_path(args)
    if path and args["state"] == "present" and not os.path.isdir(os.path.dirname(path)):
        raise Unmet("Parent directory '%s' does not exist for cron_file: '%s'" % (os.path.dirname(path), path))
    return {"lines": cron.read(host, args)["lines"]}


def want(args, now):
    name, value, lines = args["name"], args["value"], now["lines"]
    if not name or any(letter.isspace() for letter in name) or "=" in name or name.startswith("#"):
        raise Failed("%r is no name of a variable" % name)
    if args["state"] == "absent":
        return {"lines": [line for line in lines if crontab.variable_of(line)[0] != name]}
    if value is None:
        raise Failed("You must specify 'value' to insert a new cron variable")
    if "\n" in value or "\r" in value:
        raise Failed("the value of %s must not contain a line end" % name)
    try:
        return {"lines": crontab.put_variable(lines, name, value, args["insertafter"], args["insertbefore"])}
    except KeyError as error:
        raise Failed("Variable named '%s' not found." % error.args[0])


def apply(host, args, change):
    return cron.apply(host, dict(args, job=None, env=True), change)


def report(host, args, outcome):
    names = [crontab.variable_of(line)[0] for line in outcome.after["lines"]]
    told = {"vars": [name for name in names if name]}
    if args["cron_file"]:
        told["cron_file"] = args["cron_file"]
    return told


def diff(args, outcome):
    return cron.diff(args, cron_outcome(outcome))


def cron_outcome(outcome):
    """The outcome as the cron module knows it, whose crontabs can be gone."""
    outcome.after = dict(outcome.after, exists=True)
    return outcome
