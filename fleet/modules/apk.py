"""Install, update and remove Alpine's packages with apk.

What is installed is read from apk's own file and what is wanted from its world file, so a task that
finds everything in place starts no program.
"""

import re

from fleet.remote import namedmoves
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg("list", elements="str", help="Packages: `nginx`, `nginx=1.24.0-r1`, `nginx~1.24`."),
        "state": Arg(
            default="present",
            choices=("present", "absent", "latest", "installed", "removed"),
            help="`latest` also updates.",
        ),
        "repository": Arg("list", elements="str", help="Repositories used for this call instead of the system's."),
        "update_cache": Arg("bool", False, help="Fetch the package lists first."),
        "upgrade": Arg("bool", False, help="Upgrade all packages."),
        "available": Arg("bool", False, help="With upgrade: replace what no repository has any more."),
        "no_cache": Arg("bool", False, help="Use no local copy of the lists."),
        "world": Arg(default="/etc/apk/world", help="The file that lists the packages asked for."),
    },
    one_of=(("name", "update_cache", "upgrade"),),
    exclusive=(("name", "upgrade"),),
    returns={
        "packages": "Names of the packages that were (in check mode: would be) changed.",
        "changes": "The same as a list of name, old, new, action.",
        "stdout": "apk's output.",
        "stderr": "Its error output.",
    },
)

EXAMPLES = """
- apk: {name: [nginx, "php83~8.3"], update_cache: true}
- apk: {upgrade: true, available: true, update_cache: true}
- apk: {name: telnet, state: absent}
"""

DATABASE = "/lib/apk/db/installed"
_STEP = re.compile(
    r"^\(\s*\d+/\d+\) (Installing|Upgrading|Downgrading|Purging|Replacing|Reinstalling) (\S+) "
    r"\(([^ )]+)(?: -> ([^)]+))?\)",
    re.M,
)


def run(host, args):
    """Lists first, then the upgrade or the packages."""
    program = [host.need("apk", "apk-tools")]
    program += ["--no-cache"] * args["no_cache"]
    for place in args["repository"] or ():
        program += ["--repository", place]
    if args["repository"]:
        # These alone, not those of the system.
        program += ["--repositories-file", "/dev/null"]
    told = {"changed": False}
    if args["update_cache"] and not host.check:
        ran = host.run(program + ["update"], ok=None)
        if ran.rc != 0:
            raise Failed("could not update package db: %s" % (ran.err or ran.out).strip(),
                         rc=ran.rc, stdout=ran.out, stderr=ran.err)
        told = {"changed": True, "msg": "updated repository indexes", "stdout": ran.out, "stderr": ran.err}
    if args["upgrade"]:
        order = ["upgrade"] + ["--available"] * args["available"]
        return carry_out(host, program, order, "failed to upgrade packages", "upgraded packages",
                         "packages already upgraded")
    if not args["name"]:
        return dict(told, changed=True, msg="updated repository indexes") if host.check else told
    state = {"installed": "present", "removed": "absent"}.get(args["state"], args["state"])
    if not all(name.strip() for name in args["name"]):
        raise Failed("Package name(s) cannot be empty or whitespace-only")
    return remove(host, program, args["name"]) if state == "absent" else install(host, program, args, args["name"], state)


def installed(path=DATABASE):
    """{name: version} of apk's database."""
    try:
        with open(path) as source:
            text = source.read()
    except OSError:
        return {}
    found, name = {}, ""
    for line in text.splitlines():
        if line.startswith("P:"):
            name = line[2:]
        elif line.startswith("V:"):
            found[name] = line[2:]
    return found


def world(path):
    """The entries of the world file."""
    try:
        with open(path) as source:
            return source.read().split()
    except OSError:
        return []


def plain(name):
    """The name without version and repository tag."""
    return re.split(r"[<>=~@]", name, maxsplit=1)[0]


def is_there(name, have, listed):
    """Whether a package is installed as asked and kept by the world file."""
    if name == plain(name):
        return name in have and any(plain(each) == name for each in listed)
    return name in listed and plain(name) in have


def install(host, program, args, names, state):
    have, listed = installed(), world(args["world"])
    missing = [name for name in names if not is_there(name, have, listed)]
    asked = missing
    if state == "latest":
        # Only what is behind: `apk add` of the rest would take away the versions the world file pins.
        asked = missing + outdated(host, program, [name for name in names if name not in missing])
    if not asked:
        return {"changed": False, "packages": [], "changes": [], "msg": "package(s) already installed"}
    order = ["add"] + ["--upgrade"] * (state == "latest") + asked
    return carry_out(host, program, order, "failed to install %s" % asked, "installed %s package(s)" % asked,
                     "package(s) already installed", bool(missing))


def outdated(host, program, names):
    """Those of ``names`` of which a repository has a newer version, as apk-version(8) shows them."""
    if not names:
        return []
    told = host.run(program + ["version"] + [plain(name) for name in names], ok=None).out
    behind = set(re.findall(r"^(\S+)-\d\S*\s+<", told, re.M))
    return [name for name in names if plain(name) in behind]


def remove(host, program, names):
    have = installed()
    there = [name for name in names if plain(name) in have]
    if not there:
        return {"changed": False, "packages": [], "changes": [], "msg": "package(s) already removed"}
    result = carry_out(host, program, ["del", "--purge"] + there, "failed to remove %s package(s)" % there,
                       "removed %s package(s)" % there, "package(s) already removed")
    left = [name for name in there if plain(name) in installed()]
    if left and not host.check:
        raise Failed("failed to remove %s package(s): something installed needs it" % left,
                     stdout=result["stdout"], stderr=result["stderr"])
    return result


def parse_steps(text):
    """What apk says it does (or with --simulate would do), in the form of ``namedmoves.moves``."""
    found = []
    for verb, name, first, second in _STEP.findall(text):
        old, new = (first, second) if second else ("", first)
        if verb == "Purging":
            old, new = first, ""
        if verb in ("Replacing", "Reinstalling") and not second:
            continue
        entry = {"name": name, "old": old, "new": new, "action": namedmoves.action(old, new)}
        found.append(dict(entry, action="downgrade") if verb == "Downgrading" else entry)
    return found


def carry_out(host, program, order, failed, done, nothing, listed=False):
    """Run apk (with --simulate in check mode) and tell what changed; ``listed``: the world file does too."""
    before = installed()
    argv = program + order[:1] + ["--simulate"] * host.check + order[1:]
    ran = host.run(argv, ok=None)
    steps = parse_steps(ran.out)
    changes = sorted(steps, key=lambda item: item["name"])
    if not host.check:
        # The database tells versions, apk's own words which way they went.
        lower = set(each["name"] for each in steps if each["action"] == "downgrade")
        changes = [dict(each, action="downgrade") if each["name"] in lower else each
                   for each in namedmoves.moves(before, installed())]
    told = [each["name"] for each in steps]
    told += [each["name"] for each in changes if each["name"] not in told]
    keys = {"packages": told, "changes": changes, "stdout": ran.out, "stderr": ran.err}
    if ran.rc != 0:
        kind = Unmet if "no such package" in ran.out + ran.err else Failed
        raise kind("%s: %s" % (failed, (ran.err or ran.out).strip()), rc=ran.rc, **dict(keys, changed=bool(changes) and not host.check))
    changed = bool(changes) or listed
    result = dict(keys, changed=changed, msg=done if changed else nothing)
    if host.diff and changes:
        result["diff"] = namedmoves.diff(changes)
    return result
