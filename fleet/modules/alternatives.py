"""Choose which program a command name stands for (update-alternatives)."""

import os

from fleet.remote import files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The generic name, such as `editor`."),
        "path": Arg("path", help="The program it is to stand for."),
        "link": Arg("path", help="The link that programs call, for a name that is new."),
        "priority": Arg("int", help="Priority in automatic mode, 50 for a new alternative."),
        "state": Arg(default="selected", choices=("present", "selected", "auto", "absent"),
                     help="selected: chosen; present: known; auto: the highest priority is chosen; absent: not known."),
        "subcommands": Arg("list", elements="dict", aliases=("slaves",), help="Links that change together with it.",
                           options={"name": Arg(required=True, help="Its generic name."),
                                    "path": Arg("path", required=True, help="The file."),
                                    "link": Arg("path", required=True, help="The link.")}),
        "family": Arg(help="Group of alternatives, on systems of the Red Hat family."),
    },
)
EXAMPLES = """
- name: vim for everybody
  alternatives:
    name: editor
    path: /usr/bin/vim.basic
"""
FOLDERS = ("/var/lib/dpkg/alternatives", "/var/lib/alternatives")


def read(host, args):
    texts = (files.read_bytes(os.path.join(folder, args["name"])) for folder in FOLDERS)
    now = parse(next(filter(None, texts), b"").decode("utf-8", "surrogateescape").strip())
    try:
        now["selected"] = os.readlink("/etc/alternatives/" + args["name"])
    except OSError:
        now["selected"] = None
    now["there"] = bool(args["path"]) and os.path.exists(args["path"])
    return now


def parse(text):
    """The administrative file of dpkg: mode, link and the alternatives with priority and links. Pure."""
    lines = text.split("\n") if text else []
    found = {"mode": lines[0] if lines else None, "link": lines[1] if len(lines) > 1 else None, "known": {}}
    at, names = 2, []
    while at + 1 < len(lines) and lines[at]:
        names.append((lines[at], lines[at + 1]))
        at += 2
    at += 1
    while at + 1 < len(lines) and lines[at]:
        path, priority = lines[at], lines[at + 1]
        paths = lines[at + 2:at + 2 + len(names)] + [""] * len(names)
        slaves = {name: {"link": link, "path": target} for (name, link), target in zip(names, paths) if target}
        found["known"][path] = {"priority": int(priority) if priority.lstrip("-").isdigit() else 0, "slaves": slaves}
        at += 2 + len(names)
    return found


def want(args, now):
    path, state = args["path"], args["state"]
    if state == "auto" and not path:
        return {"mode": "auto"}
    if not path:
        raise Failed("state is %s but the following are missing: path" % state)
    if state == "absent":
        return {"known": {path: None}} if path in now["known"] else {}
    if not now["there"]:
        raise Unmet("Specified path %s does not exist" % path)
    wanted = {}
    entry = wanted_entry(args, now["known"].get(path))
    if entry:
        wanted["known"] = {path: entry}
        if path not in now["known"] and not (args["link"] or now["link"]):
            raise Failed("Needed to install the alternative, but unable to do so as we are missing the link")
    if state == "selected":
        wanted.update(mode="manual", selected=path)
    elif state == "auto":
        wanted["mode"] = "auto"
    return wanted


def wanted_entry(args, have):
    """Priority and links that the alternative is to have; {} when any will do. Pure."""
    entry = {}
    if args["priority"] is not None or have is None:
        entry["priority"] = 50 if args["priority"] is None else args["priority"]
    if args["subcommands"] is not None:
        entry["slaves"] = {item["name"]: {"link": item["link"], "path": item["path"]} for item in args["subcommands"]}
        if have:
            entry.setdefault("priority", have["priority"])
    return entry


def apply(host, args, change):
    program = host.need("update-alternatives", "dpkg")
    name, path = args["name"], args["path"]
    if "known" in change:
        if change["known"][path] is None:
            host.run([program, "--remove", name, path])
            return
        now = read(host, args)
        have = now["known"].get(path, {"priority": 50, "slaves": {}})
        entry = dict(have, **wanted_entry(args, now["known"].get(path)))
        argv = [program, "--install", args["link"] or now["link"], name, path, str(entry["priority"])]
        for slave, about in sorted(entry["slaves"].items()):
            argv += ["--slave", about["link"], slave, about["path"]]
        host.run(argv)
    if args["state"] == "selected":
        host.run([program, "--set", name, path])
    elif args["state"] == "auto":
        host.run([program, "--auto", name])


def report(host, args, outcome):
    return {"msg": " ".join(told(args, outcome.change))}


def told(args, change):
    """A sentence for each thing that is done, as Ansible says it. Pure."""
    said = []
    if "known" in change:
        done = "Install" if change["known"][args["path"]] else "Remove"
        said.append("%s alternative '%s' for '%s'." % (done, args["path"], args["name"]))
    if "selected" in change or ("mode" in change and args["state"] == "selected"):
        said.append("Set alternative '%s' for '%s'." % (args["path"], args["name"]))
    elif "mode" in change:
        said.append("Set alternative to auto for '%s'." % args["name"])
    return said


def diff(args, outcome):
    shown = [{"state": side.get("mode"), "path": side.get("selected")} for side in (outcome.now, outcome.after)]
    return {"before": shown[0], "after": shown[1]}
