"""Set or remove a setting of git: for the system, a user, a repository or in a file."""

import os

from fleet.remote import links
from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The setting, such as `user.email`."),
        "value": Arg(help="Its value; needed when it is to be there."),
        "scope": Arg(choices=("file", "local", "global", "system"), help="Where it is set; by default `system`."),
        "repo": Arg("path", help="The repository, for `local`."),
        "file": Arg("path", help="The file, for `file`."),
        "add_mode": Arg(default="replace-all", choices=("add", "replace-all"),
                        help="Whether other values of the setting stay."),
        "state": Arg(default="present", choices=("present", "absent"), help="Whether it is to be set."),
    },
    required_if=[
        ("scope", "local", ["repo"]),
        ("scope", "file", ["file"]),
        ("state", "present", ["value"]),
    ],
    returns={"msg": "`setting changed`, or empty."},
)
EXAMPLES = """
- git_config: {name: user.email, value: deploy@example.org, scope: global}
- git_config: {name: safe.directory, value: /srv/app, scope: system, add_mode: add}
- git_config: {name: core.editor, scope: local, repo: /srv/app, state: absent}
"""


def command(host, args, *words):
    if args["scope"] == "file":
        links.resolved(args["file"])
    scope = ["-f", args["file"]] if args["scope"] == "file" else ["--" + (args["scope"] or "system")]
    return [host.need("git", "git"), "config", "--includes"] + scope + list(words)


def _folder(args):
    """Where git is run: outside of any repository but the one that is meant."""
    if args["scope"] != "local":
        return "/"
    if not os.path.isdir(args["repo"]):
        raise Failed("fatal: --local can only be used inside a git repository: %s" % args["repo"], rc=128)
    return args["repo"]


def read(host, args):
    """The setting's values in order. A value may hold line ends, so they are separated by NUL."""
    ran = host.run(command(host, args, "--null", "--get-all", args["name"]), ok=None, cwd=_folder(args))
    # 1: not set. A file that is not there yet is an error of its own in old versions.
    if ran.rc not in (0, 1) and not (ran.rc == 128 and "unable to read config file" in ran.err
                                     and "No such file" in ran.err):
        raise Failed(ran.err.strip() or "git config failed", rc=ran.rc, cmd=" ".join(ran.argv))
    return {"values": ran.out.split("\0")[:-1]}


def want(args, now):
    if args["state"] == "absent":
        return {"values": []}
    if args["add_mode"] == "add":
        return {} if args["value"] in now["values"] else {"values": now["values"] + [args["value"]]}
    return {"values": [args["value"]]}


def apply(host, args, change):
    if args["state"] == "absent":
        words = ["--unset-all", args["name"]]
    else:
        words = ["--" + args["add_mode"], args["name"], args["value"]]
    ran = host.run(command(host, args, *words), ok=None, cwd=_folder(args))
    if ran.rc != 0:
        hint = why_refused(args["file"]) if args["scope"] == "file" else ""
        raise Failed((ran.err.strip() or "git config failed") + hint, rc=ran.rc, cmd=ran.argv)


def report(host, args, outcome):
    if outcome.change:
        return {"msg": "setting changed"}
    return {"msg": "no setting to unset" if args["state"] == "absent" else ""}


def diff(args, outcome):
    sides = ["".join(value + "\n" for value in values) for values in (outcome.now["values"], outcome.wanted["values"])]
    name = "git config %s" % args["name"]
    return {"before": sides[0], "after": sides[1], "before_header": name, "after_header": name}
