"""Install, update and remove Arch Linux's packages with pacman.

What is installed is read from the names in pacman's own folder, so a task that finds everything in
place starts no program.
"""

import os
import re
import shlex

from fleet.remote import namedmoves
from fleet.remote.host import Failed, Unmet
from fleet.remote.rpmdb import compare
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg("list", elements="str", aliases=("package", "pkg"), help="Packages, groups, files or URLs."),
        "state": Arg(
            default="present",
            choices=("absent", "installed", "latest", "present", "removed"),
            help="`latest` also updates.",
        ),
        "update_cache": Arg("bool", help="Fetch the package lists first."),
        "update_cache_extra_args": Arg(default="", help="More options for that."),
        "upgrade": Arg("bool", help="Upgrade the whole system."),
        "upgrade_extra_args": Arg(default="", help="More options for that."),
        "force": Arg("bool", False, help="Remove without checking dependencies; fetch lists that are new enough."),
        "remove_nosave": Arg("bool", False, help="Remove changed configuration files too."),
        "executable": Arg(default="pacman", help="The program: pacman or one with the same options."),
        "extra_args": Arg(default="", help="More options for installing and removing."),
        "reason": Arg(choices=("dependency", "explicit"), help="Why the package is there, as pacman notes it."),
        "reason_for": Arg(default="new", choices=("all", "new"), help="Packages to note the reason for."),
    },
    one_of=(("name", "update_cache", "upgrade"),),
    exclusive=(("name", "upgrade"),),
    returns={
        "packages": "Names of packages that were (in check mode: would be) installed; `name-version` of those upgraded or removed.",
        "changes": "The same as a list of name, old, new, action.",
        "cache_updated": "Whether fetching the lists brought something new.",
    },
)

EXAMPLES = """
- pacman: {name: [nginx, git], update_cache: true}
- pacman: {upgrade: true, update_cache: true}
- pacman: {name: nano, state: absent, extra_args: --recursive}
"""

LOCAL, SYNC = "/var/lib/pacman/local", "/var/lib/pacman/sync"


def run(host, args):
    """Lists first, then the upgrade or the packages."""
    program = host.need(args["executable"], "pacman")
    told = {"changed": False}
    if args["update_cache"]:
        told = update(host, program, args)
    if args["upgrade"]:
        result = upgrade(host, program, args)
    elif args["name"]:
        result = packages(host, program, args)
    else:
        return told
    result["changed"] = result["changed"] or told["changed"]
    for key in ("msg", "stdout"):
        # What was said of the lists comes first.
        if key in told:
            result[key] = "\n".join(filter(None, (told[key], result.get(key))))
    return dict(told, **result)


def installed(folder=LOCAL):
    """{name: version}: the folders of pacman's list are named ``name-version-release``."""
    try:
        entries = os.listdir(folder)
    except OSError:
        return {}
    rows = [entry.rsplit("-", 2) for entry in entries]
    return {row[0]: "%s-%s" % (row[1], row[2]) for row in rows if len(row) == 3}


def reasons(names, folder=LOCAL):
    """{name: "dependency" or "explicit"} of installed packages."""
    found, have = {}, installed(folder)
    for name in names:
        if name in have:
            try:
                with open(os.path.join(folder, "%s-%s" % (name, have[name]), "desc")) as source:
                    found[name] = "dependency" if "%REASON%\n1" in source.read() else "explicit"
            except OSError:
                pass
    return found


def update(host, program, args):
    before = _lists()
    if host.check:
        return {"changed": True, "cache_updated": True, "msg": "Would have updated the package db"}
    argv = [program, "--sync", "--refresh"] + ["--refresh"] * args["force"]
    ran = host.run(argv + shlex.split(args["update_cache_extra_args"]), ok=None)
    if ran.rc != 0:
        raise failure("could not update package db", ran)
    # Forced, they are fetched whatever their age.
    changed = args["force"] or _lists() != before
    return {"changed": changed, "cache_updated": changed, "msg": "Updated package db", "stdout": ran.out}


def _lists():
    try:
        names = sorted(name for name in os.listdir(SYNC) if name.endswith(".db"))
        return [(name, os.stat(os.path.join(SYNC, name)).st_mtime) for name in names]
    except OSError:
        return []


def upgrade(host, program, args):
    order = ["--sync", "--sysupgrade"] + shlex.split(args["upgrade_extra_args"])
    plan = planned(host, program, order, "Failed to list package(s) to upgrade")
    if not plan:
        return {"changed": False, "packages": [], "changes": [], "msg": "Nothing to upgrade"}
    result = carry_out(host, program, order, plan, False, "Failed to upgrade packages")
    told = "%s packages would be upgraded" % len(plan) if host.check else "System upgraded"
    return dict(result, msg=told)


def packages(host, program, args):
    state = {"installed": "present", "removed": "absent"}.get(args["state"], args["state"])
    have = installed()
    if state == "absent":
        return remove(host, program, args, have)
    files = [name for name in args["name"] if "/" in name or ".pkg.tar" in name]
    names = [name for name in args["name"] if name not in files]
    todo = names if state == "latest" else unmet(host, program, [name for name in names if name not in have])
    results = []
    extra = shlex.split(args["extra_args"])
    for order, wanted in ((["--sync", "--needed"], todo), (["--upgrade", "--needed"], files)):
        if wanted:
            full = order + extra + wanted
            plan = planned(host, program, full, "Failed to list package(s) to install")
            plan = {name: version for name, version in plan.items() if have.get(name) != version}
            if plan:
                results.append(carry_out(host, program, full, plan, False, "Failed to install package(s)"))
    changes = [each for result in results for each in result["changes"]]
    noted, said = note_reason(host, program, args, names, changes)
    if not changes:
        msg = "Changed the reason of %s" % ", ".join(noted) if noted else "package(s) already installed"
        result = {"changed": bool(noted), "packages": noted, "changes": [], "msg": msg}
        return dict(result, stdout=said) if said else result
    told = "Would have installed %d packages" if host.check else "Installed %d package(s)"
    output = "\n".join([result["stdout"] for result in results] + [said] * bool(said))
    return dict(results[-1], changed=True, packages=[each["name"] for each in changes], changes=changes, stdout=output,
                msg=told % len(changes), **({"diff": namedmoves.diff(changes)} if host.diff else {}))


def unmet(host, program, names):
    """Those of the names that nothing installed provides; a group whose members are there is told by the plan."""
    if not names:
        return []
    ran = host.run([program, "--deptest"] + names, ok=None)
    return [name for name in names if name in ran.out.split()]


def note_reason(host, program, args, names, changes):
    """Note why packages are there; gives (the names that changed, pacman's words)."""
    if not args["reason"]:
        return [], ""
    fresh = set(each["name"] for each in changes if not each["old"])
    have = reasons(names)
    todo = [name for name in names if have.get(name, args["reason"]) != args["reason"]
            and (args["reason_for"] == "all" or name in fresh)]
    if not todo or host.check:
        return todo, ""
    return todo, host.run([program, "--database", "--as" + {"dependency": "deps"}.get(args["reason"], "explicit")] + todo).out


def remove(host, program, args, have):
    names = [name for name in args["name"] if name in have]
    others = [name for name in args["name"] if name not in have]
    for name in others:
        members = [line.split()[-1] for line in host.run([program, "--query", "--groups", name], ok=None).lines]
        names += [member for member in members if member in have]
    if not names:
        return {"changed": False, "packages": [], "changes": [], "msg": "package(s) already absent"}
    order = ["--remove"] + ["--nodeps"] * (2 * args["force"])
    order += shlex.split(args["extra_args"]) + sorted(set(names), key=names.index)
    plan = planned(host, program, order, "failed to list package(s) to remove")
    # pacman lists nothing with it.
    order[1:1] = ["--nosave"] * args["remove_nosave"]
    result = carry_out(host, program, order, plan, True, "Failed to remove package(s)")
    told = "Would have removed %d packages" if host.check else "Removed %d package(s)"
    return dict(result, msg=told % len(result["changes"]))


def planned(host, program, order, msg):
    """{name: version} of what pacman would install or remove. Raises Unmet for an unknown name, Failed."""
    argv = [program] + order[:1] + ["--noconfirm", "--noprogressbar", "--print-format", "%n %v"] + order[1:]
    ran = host.run(argv, ok=None)
    if ran.rc != 0:
        raise failure(msg, ran)
    rows = [line.split() for line in ran.lines]
    return {row[0]: row[1] for row in rows if len(row) == 2 and not line_is_talk(row)}


def line_is_talk(row):
    return row[0] in ("::", "warning:") or row[0].endswith("...") or row[1].endswith("...")


def failure(msg, ran):
    kind = Unmet if "target not found" in ran.err else Failed
    told = (ran.err or ran.out).strip()
    wrong = re.search(r"target not found: (\S+)|'(\S+)': could not find or read package", ran.err)
    if wrong and msg.startswith("Failed to list"):
        msg, told = "Failed to list package %s" % (wrong.group(1) or wrong.group(2)), wrong.group(0)
    return kind(msg if not told else "%s: %s" % (msg, told), cmd=ran.argv, stdout=ran.out, stderr=ran.err, rc=ran.rc)


def carry_out(host, program, order, plan, removing, msg):
    """Do what was planned (not in check mode) and tell what changed."""
    before = installed()
    after = dict(before)
    out = err = ""
    if host.check:
        for name, version in plan.items():
            after[name] = version
            if removing:
                del after[name]
    else:
        ran = host.run([program] + order[:1] + ["--noconfirm", "--noprogressbar"] + order[1:], ok=None)
        after, out, err = installed(), ran.out, ran.err
        if ran.rc != 0:
            error = failure(msg, ran)
            changes = namedmoves.moves(before, after, compare)
            error.result.update(changed=bool(changes), changes=changes)
            raise error
    changes = namedmoves.moves(before, after, compare)
    result = {"changed": bool(changes), "packages": namedmoves.shown(changes), "changes": changes,
              "stdout": out, "stderr": err}
    if host.diff:
        result["diff"] = namedmoves.diff(changes)
    return result
