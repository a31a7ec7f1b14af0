"""Diversions of dpkg: a package's file installed under another name, so that the administrator's own stays.

What is diverted is read from dpkg's database; dpkg-divert is started only to change it.
"""

import filecmp
import os

from fleet.remote import files
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg("path", required=True, help="The file, with its whole path."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether it is diverted."),
        "holder": Arg(help="The package whose copy stays in place; without it, no package's does (`LOCAL`)."),
        "divert": Arg("path", help="Where the file goes; by default its path with `.distrib` behind it."),
        "rename": Arg("bool", False, help="Move the file when the diversion is made or removed."),
        "force": Arg("bool", False, help="Move it over a file that is in the way, which is lost."),
    },
    returns={
        "commands": "The commands that do it.",
        "messages": "What dpkg-divert says.",
        "diversion": "The diversion: path, divert, holder, state.",
    },
)
EXAMPLES = """
- name: Our own motd script instead of the package's
  dpkg_divert: {path: /etc/update-motd.d/10-uname, rename: true}
"""
DATABASE = "/var/lib/dpkg/diversions"
LOCAL = "LOCAL"


def read(host, args):
    path = args["path"]
    if not path.startswith("/") or "\n" in path or "\n" in (args["divert"] or ""):
        raise Failed("dpkg-divert: error: filename \"%s\" is not absolute" % path)
    lines = (files.read_bytes(DATABASE) or b"").decode("utf-8", "surrogateescape").split("\n")
    return entry(path, parse(lines[:-1]).get(path))


def parse(lines):
    """{path: (where it goes, holder)} of dpkg's database: three lines each, ``:`` for no package. Pure."""
    return {lines[at]: (lines[at + 1], LOCAL if lines[at + 2] == ":" else lines[at + 2])
            for at in range(0, len(lines) - 2, 3)}


def entry(path, found):
    divert, holder = found or (None, None)
    return {"path": path, "divert": divert, "holder": holder, "state": "present" if found else "absent"}


def want(args, now):
    if args["state"] == "absent":
        return entry(args["path"], None)
    return entry(args["path"], (args["divert"] or args["path"] + ".distrib", args["holder"] or LOCAL))


def commands(program, args, now, wanted):
    """What leads from one to the other; where nothing is to do, what would say so. Pure."""
    moved = now["state"] == "present" and now != wanted and args["state"] == "present"
    # A file is moved when its diversion comes or goes, not when that leads elsewhere.
    rename = "--rename" if args["rename"] and not moved else "--no-rename"
    remove = [program, rename, "--remove", args["path"]]
    if args["state"] == "absent":
        return [remove]
    add = [program, rename] + (["--local"] if wanted["holder"] == LOCAL else ["--package", wanted["holder"]])
    add += (["--divert", args["divert"]] if args["divert"] else []) + ["--add", args["path"]]
    return [remove, add] if moved else [add]


def messages(args, now, wanted):
    """What dpkg-divert says in a check run, or where nothing is to do. Pure."""
    if now == wanted:
        return ["No diversion 'any diversion of %s', none removed." % args["path"] if args["state"] == "absent"
                else "Leaving '%s'" % named(wanted)]
    if args["state"] == "absent":
        return ["Removing '%s'" % named(now)]
    if now["state"] == "present":
        return ["Removing '%s'" % named(now), "Running in check mode"]
    return ["Adding '%s'" % named(wanted)]


def named(diversion):
    text = "diversion of %(path)s to %(divert)s" % diversion
    return "local " + text if diversion["holder"] == LOCAL else text + " by " + diversion["holder"]


def apply(host, args, change):
    now = read(host, args)
    said = []
    for argv in commands(host.need("dpkg-divert", "dpkg"), args, now, want(args, now)):
        if args["force"] and "--rename" in argv:
            clear(*(moves(args, now) if "--remove" in argv else reversed(moves(args, want(args, now)))))
        ran = host.run(argv, ok=None)
        if ran.rc != 0 and "unknown option" in ran.err:
            # dpkg before 1.19.1 has no --no-rename and moves nothing by itself.
            ran = host.run([word for word in argv if word != "--no-rename"], ok=None)
        if ran.rc != 0:
            refuse(argv, now, ran.rc, ran.out, ran.err)
        said += [line for line in (ran.out or ran.err).splitlines() if line]
    return {"messages": said}


def moves(args, diversion):
    """(from, to) of the file when the diversion is removed."""
    return diversion["divert"] or args["path"], args["path"]


def in_the_way(source, target):
    """Whether a move would lose another file."""
    if source == target or not (os.path.lexists(source) and os.path.lexists(target)):
        return False
    return not (os.path.isfile(source) and os.path.isfile(target) and filecmp.cmp(source, target, False))


def clear(source, target):
    if in_the_way(source, target) and not os.path.isdir(target) and not os.path.isdir(source):
        files.remove(target)


def refuse(argv, now, rc, out, err):
    why = ("Set 'force' param to True to force renaming of files." if "overwriting" in err else
           "Unexpected error while changing state of the diversion.")
    raise Failed(why if "overwriting" in err else "%s %s" % (why, " ".join(err.split())), rc=rc,
                 cmd=" ".join(argv), stdout=out, stderr=err, diversion=now)


def report(host, args, outcome):
    now, wanted = outcome.now, outcome.wanted
    argvs = commands(host.need("dpkg-divert", "dpkg"), args, now, wanted)
    if host.check and outcome.change:
        foresee(args, argvs, now, wanted)
    return {"commands": [" ".join(argv) for argv in argvs], "messages": messages(args, now, wanted),
            "diversion": outcome.after}


def foresee(args, argvs, now, wanted):
    """Fail in a check run where the change would fail."""
    if args["state"] == "present" and files.kind(args["path"])[0] == "directory":
        refuse(argvs[-1], now, 2, "", "dpkg-divert: error: cannot divert directories\n")
    if "--rename" not in argvs[-1] or args["force"]:
        return
    source, target = moves(args, now) if args["state"] == "absent" else reversed(moves(args, wanted))
    if in_the_way(source, target):
        refuse(argvs[-1], now, 2, "", "dpkg-divert: error: rename involves overwriting '%s' with\n  different file '%s',"
                                      " not allowed\n" % (target, source))


def diff(args, outcome):
    return {"before": outcome.now, "after": outcome.after}
