"""Run targets of a makefile, where make says that something is to be done."""

import os
import shlex

from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "chdir": Arg("path", required=True, help="The folder make is started in."),
        "target": Arg(help="The target to make; by default the first of the makefile."),
        "targets": Arg("list", elements="str", help="Several targets."),
        "params": Arg("dict", help="Variables, as `NAME: value`; a name without a value is given as it is."),
        "file": Arg("path", help="The makefile, where it has a name of its own."),
        "jobs": Arg("int", help="How many recipes run at once."),
        "make": Arg("path", help="The program; by default gmake, then make."),
    },
    exclusive=(("target", "targets"),),
    returns={
        "command": "The command.",
        "chdir": "The folder.",
        "file": "The makefile asked for.",
        "jobs": "The number of jobs asked for.",
        "params": "The variables.",
        "target": "The target.",
        "targets": "The targets.",
        "stdout": "What make wrote.",
        "stderr": "What make wrote of errors.",
    },
)
EXAMPLES = """
- name: The program is built and installed
  make:
    chdir: /usr/local/src/tool
    targets: [all, install]
    jobs: 4
    params: {PREFIX: /usr/local}
"""


def run(host, args):
    argv = command(program(host, args["make"]), args)
    if not os.path.isdir(args["chdir"]):
        raise Unmet("cannot work in %s: it is no folder" % args["chdir"], cmd=shown(argv))
    # Exit code of -q: 0 all is made, 1 something is to do, 2 a mistake, which the real run then tells.
    asked = host.run(argv[:1] + ["-q"] + argv[1:], ok=None, cwd=args["chdir"])
    ran = asked
    if asked.rc != 0 and not host.check:
        ran = host.run(argv, ok=None, cwd=args["chdir"])
        if ran.rc != 0:
            raise Failed(ran.err.rstrip() or "make ended with exit code %d" % ran.rc, rc=ran.rc, cmd=shown(argv),
                         stdout=ran.out, stderr=ran.err)
    given = {name: args[name] for name in ("chdir", "file", "jobs", "params", "target", "targets")}
    return dict(given, changed=asked.rc != 0, command=shown(argv), stdout=ran.out.strip(), stderr=ran.err.strip())


def program(host, name):
    """The path of make. The name is looked for where programs are. Raises Failed."""
    if name is None:
        return host.which("gmake") or host.need("make", "make")
    found = host.which(name)
    if found is None:
        raise Failed("cannot run %s: there is no such program" % name, rc=2, cmd=name, stdout="", stderr="")
    return found


def command(make, args):
    """The command line. Pure."""
    argv = [make]
    if args["jobs"] is not None:
        argv += ["-j", str(args["jobs"])]
    if args["file"]:
        argv += ["-f", args["file"]]
    argv += [args["target"]] if args["target"] else args["targets"] or []
    for name, value in (args["params"] or {}).items():
        argv.append(str(name) if value is None else "%s=%s" % (name, value))
    return argv


def shown(argv):
    return " ".join(shlex.quote(word) for word in argv)
