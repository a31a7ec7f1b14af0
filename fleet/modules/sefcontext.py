"""Say in SELinux's policy which context files get, or that a folder is to be labelled like another.

Files that are there already keep their labels until restorecon is run.
"""

from fleet.remote import selinuxstore
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "target": Arg(required=True, aliases=("path",), help="A regular expression for paths, such as `/srv/web(/.*)?`."),
        "ftype": Arg(default="a", choices=("a", "b", "c", "d", "f", "l", "p", "s"),
                     help="Kind of files: all, block device, character device, directory, regular file, link, pipe, socket."),
        "setype": Arg(help="The type."),
        "substitute": Arg(aliases=("equal",), help="The path whose contexts hold for the target, too."),
        "seuser": Arg(help="The SELinux user; of a new entry `system_u`."),
        "selevel": Arg(aliases=("serange",), help="The range; of a new entry `s0`."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the entry is there."),
        "reload": Arg("bool", True, help="Load the policy after the change."),
        "ignore_selinux_state": Arg("bool", False, help="Work where SELinux does not run, as in a chroot."),
    },
    exclusive=(("setype", "substitute"), ("substitute", "ftype"), ("substitute", "seuser"), ("substitute", "selevel")),
    required_if=[("state", "present", ["setype", "substitute"], True)],
    returns={
        "target": "The target.",
        "ftype": "The kind of files.",
        "setype": "The type.",
        "seuser": "The user.",
        "serange": "The range.",
        "substitute": "The path whose contexts hold.",
        "state": "The state asked for.",
    },
)
EXAMPLES = """
- sefcontext: {target: "/srv/web(/.*)?", setype: httpd_sys_content_t}
- sefcontext: {target: /srv/home, substitute: /home}
"""


def read(host, args):
    """``context`` (user, type, range) and whether it is a local change, and ``substitute``; None for none."""
    selinuxstore.demand(args)
    key = args["target"], args["ftype"]
    own = selinuxstore.contexts("file_contexts.local").get(key)
    context = own
    for name in ("file_contexts", "file_contexts.homedirs") if own is None else ():
        context = context or selinuxstore.contexts(name).get(key)
    return {"context": context, "own": own is not None,
            "substitute": selinuxstore.substitutions().get(args["target"].rstrip("/") or "/")}


def want(args, now):
    if args["state"] == "absent":
        return absent(args, now)
    if any(letter.isspace() for letter in args["target"] + (args["substitute"] or "")):
        raise Failed("File specification can not include spaces: %s" % args["target"])
    if args["substitute"]:
        return {"substitute": args["substitute"].rstrip("/") or "/"}
    old = now["context"] or ("system_u", None, "s0")
    if args["setype"] == "<<none>>":
        return {"context": ("", "<<none>>", "")}
    return {"context": (args["seuser"] or old[0] or "system_u", args["setype"], args["selevel"] or old[2])}


def absent(args, now):
    wanted = {}
    if not args["setype"] and now["substitute"]:
        wanted["substitute"] = None
    if not args["substitute"] and now["context"]:
        if not now["own"] and not wanted:
            raise Failed("File context for %s is defined in policy, cannot be deleted" % args["target"])
        if now["own"]:
            wanted["own"] = False
    return wanted


def apply(host, args, change):
    target = args["target"]
    if "substitute" in change:
        old, new = change.before["substitute"], change["substitute"]
        # semanage cannot modify a substitution.
        for verb, path in (("-d", old), ("-a", new)):
            if path:
                selinuxstore.semanage(host, args, ["fcontext", verb, "-e", path, target])
    if "own" in change:
        selinuxstore.semanage(host, args, ["fcontext", "-d", "-f", args["ftype"], target])
    elif "context" in change:
        user, kind, level = change["context"]
        words = ["fcontext", "-m" if change.before["context"] else "-a", "-t", kind, "-f", args["ftype"]]
        words += (["-s", user] if user else []) + (["-r", level] if level else [])
        selinuxstore.semanage(host, args, words + [target])


def report(host, args, outcome):
    told = {name: args[name] for name in ("target", "ftype", "setype", "substitute", "state")}
    if args["state"] == "present":
        context = None if args["substitute"] else outcome.after["context"]
        told.update(seuser=context and context[0], serange=context and context[2])
    return told


def diff(args, outcome):
    """As lines of a list of contexts, old and new."""
    kinds = {"before": outcome.now, "after": outcome.after}
    texts = []
    if "substitute" in outcome.change:
        sides = {side: "%s = %s" % (args["target"], state["substitute"]) for side, state in kinds.items()
                 if state["substitute"]}
        texts.append(prepared("path substitutions", sides))
    if "context" in outcome.change or "own" in outcome.change:
        # Without an entry of its own the target falls back to the policy's.
        gone = "own" in outcome.change
        sides = {side: entry(args, state["context"]) for side, state in kinds.items()
                 if state["context"] and not (gone and side == "after")}
        texts.append(prepared("mappings", sides))
    return {"prepared": "".join(texts)}


def prepared(what, sides):
    word = "Change to" if len(sides) == 2 else "Addition to" if "after" in sides else "Deletion to"
    lines = ["# %s semanage file context %s" % (word, what)]
    return "\n".join(lines + ["%s%s" % (sign, sides[side]) for side, sign in (("before", "-"), ("after", "+"))
                              if side in sides]) + "\n"


def entry(args, context):
    user, kind, level = context
    return "%s      %s      %s" % (args["target"], args["ftype"], ":".join([user, "object_r", kind, level]))
