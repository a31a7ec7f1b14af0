"""Packages of FreeBSD with pkg(8): installed, upgraded, removed, annotated, and those nobody needs any more removed."""

import re

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg("list", elements="str", required=True, aliases=("pkg",),
                    help="Packages. `*` with `latest` is all that are installed."),
        "state": Arg(default="present", choices=("present", "latest", "absent"), help="Whether they are installed."),
        "cached": Arg("bool", False, help="Do not fetch the catalogues of repositories first."),
        "annotation": Arg("list", elements="str", help="Annotations: `+key=value` adds one, `:key=value` changes one,"
                                                       " `-key` removes one."),
        "pkgsite": Arg(help="The repository to use."),
        "rootdir": Arg("path", help="Work on the system below this folder."),
        "chroot": Arg("path", help="Change the root to this folder first."),
        "jail": Arg(help="Work in this jail."),
        "autoremove": Arg("bool", False, help="Remove packages that came for others only, which are gone."),
        "ignore_osver": Arg("bool", False, help="Go on where packages are for another version of FreeBSD."),
        "use_globs": Arg("bool", True, help="Names are shell patterns."),
    },
    exclusive=(("rootdir", "chroot", "jail"),),
    returns={"msg": "What was done.", "stdout": "What pkg said.", "stderr": "What pkg said of errors."},
)
EXAMPLES = """
- pkgng: {name: [nginx, "py311-*"]}
- pkgng: {name: "*", state: latest}
- pkgng: {name: sudo, annotation: ["+team=ops"], autoremove: true}
"""
ANNOTATION = re.compile(r"([+:-])([^=\s]+)(?:=(.*))?$", re.DOTALL)


def run(host, args):
    pkg = Pkg(host, args)
    everything = "*" in args["name"]
    done = []
    if everything and args["state"] == "latest":
        done.append(upgrade_all(pkg))
    elif not everything:
        done.append(absent(pkg, args) if args["state"] == "absent" else present(pkg, args))
    if args["autoremove"]:
        done.append(autoremove(pkg))
    if args["annotation"] and not everything:
        done.append(annotate(pkg, args))
    return {"changed": any(count for count, _ in done), "msg": ", ".join(text for _, text in done if text),
            "stdout": "".join(pkg.out), "stderr": "".join(pkg.err)}


def counted(count, verb):
    return count, "%s %d package%s" % (verb, count, "" if count == 1 else "s")


def present(pkg, args):
    """Install what is not there; with ``latest`` also upgrade what is there in an older version."""
    new = [name for name in args["name"] if not pkg.installed(name)]
    latest = args["state"] == "latest"
    if new or latest:
        pkg.update()
    old = [name for name in args["name"] if latest and name not in new and pkg.outdated(name)]
    for verb, names, is_done in (("install", new, pkg.installed), ("upgrade", old, lambda name: not pkg.outdated(name))):
        if names and not pkg.host.check:
            pkg.change([verb] + pkg.repository + pkg.globs + ["-U", "-y"] + names)
            left = [name for name in names if not is_done(name)]
            if left:
                raise Failed("failed to %s %s" % (verb, ", ".join(left)), stdout="".join(pkg.out), stderr="".join(pkg.err))
    if not new and not old:
        return 0, "package(s) already %s" % ("latest" if latest else "present")
    texts = [counted(len(names), verb)[1] for names, verb in ((old, "upgraded"), (new, "installed")) if names]
    return len(new) + len(old), "; ".join(texts)


def upgrade_all(pkg):
    pkg.update(told=False)
    ran = pkg.call(["upgrade"] + pkg.repository + ["-n"], ok=None)
    if ran.rc not in (0, 1):
        raise Failed(ran.err.strip() or "pkg upgrade failed", rc=ran.rc, stdout=ran.out, stderr=ran.err)
    count = upgrades(ran.out)
    if not count:
        pkg.out.append(ran.out)
        return 0, "no packages need upgrades"
    if pkg.host.check:
        pkg.out.append(ran.out)
    else:
        pkg.change(["upgrade"] + pkg.repository + ["-U", "-y"], ok=(0,))
    return count, "updated %d package(s)" % count


def upgrades(text):
    """How many packages `pkg upgrade -n` names. Pure."""
    found = re.findall(r"Number of packages to be (?:installed|upgraded|reinstalled|downgraded|removed): (\d+)", text)
    return sum(map(int, found))


def absent(pkg, args):
    names = [name for name in args["name"] if pkg.installed(name)]
    for name in names if not pkg.host.check else ():
        pkg.change(["delete", "-y"] + pkg.globs + [name])
        if pkg.installed(name):
            raise Failed("failed to remove %s" % name, stdout="".join(pkg.out), stderr="".join(pkg.err))
    return len(names), "removed %d package(s)" % len(names) if names else "package(s) already absent"


def autoremove(pkg):
    found = re.search(r"for the following (\d+) packages?:", pkg.call(["autoremove", "-n"], ok=None).out)
    if not found:
        return 0, "no package(s) to autoremove"
    if not pkg.host.check:
        pkg.change(["autoremove", "-y"], ok=(0,))
    return int(found.group(1)), "autoremoved %s package(s)" % found.group(1)


def annotate(pkg, args):
    wanted = []
    for text in args["annotation"]:
        match = ANNOTATION.match(text)
        if not match or (match.group(1) != "-" and match.group(3) is None):
            raise Failed("failed to annotate %s, invalid annotate string: %s" % (", ".join(args["name"]), text))
        wanted.append(match.groups())
    count = 0
    for name in args["name"]:
        # In a check run a package that would be installed first has none yet.
        now = parse_annotations(pkg.call(["info"] + pkg.globs + ["-A", name], ok=None).out)
        for sign, key, value in wanted:
            words = due(name, now, sign, key, value)
            count += 1 if words else 0
            if words and not pkg.host.check:
                pkg.change(["annotate", "-q", "-y"] + words, ok=(0,))
    return count, "added %d annotations." % count if count else "changed no annotations"


def due(name, now, sign, key, value):
    """The words behind `pkg annotate`, or []; ``now`` follows. Raises Failed. Pure but for ``now``."""
    have = now.get(key)
    if sign == "-":
        now.pop(key, None)
        return ["-D", name, key] if have is not None else []
    if have == value:
        return []
    if sign == ":" and have is None:
        raise Failed("could not change annotation to %s: tag %s does not exist" % (name, key))
    if sign == "+" and have is not None:
        raise Failed("failed to annotate %s, because %s is already set to %s, but should be set to %s"
                     % (name, key, have, value))
    now[key] = value
    return ["-A" if sign == "+" else "-M", name, key, value]


def parse_annotations(text):
    """{tag: value} of `pkg info -A`. Pure."""
    rows = [re.match(r"\s+(\S+)\s*:\s(.*)$", line) for line in text.splitlines()]
    return {row.group(1): row.group(2) for row in rows if row}


class Pkg(object):
    """pkg with what holds for each of its commands; ``out`` and ``err`` collect what changes said."""

    def __init__(self, host, args):
        self.host = host
        self.args = args
        places = ["--%s=%s" % (name, args[name]) for name in ("rootdir", "chroot", "jail") if args[name]]
        self.words = [host.need("pkg", "pkg")] + places
        self.repository = ["--repository=" + args["pkgsite"]] if args["pkgsite"] else []
        self.globs = ["-g"] if args["use_globs"] else []
        self.out, self.err = [], []

    def call(self, words, ok=(0,)):
        env = {"BATCH": "yes", "ASSUME_ALWAYS_YES": "yes"}
        if self.args["ignore_osver"]:
            env["IGNORE_OSVERSION"] = "yes"
        return self.host.run(self.words + words, ok=ok, env=env)

    def change(self, words, ok=None):
        ran = self.call(words, ok)
        self.out.append(ran.out)
        self.err.append(ran.err)

    def update(self, told=True):
        if self.args["cached"] or self.host.check:
            return
        ran = self.call(["update"] + self.repository, ok=None)
        if ran.rc != 0:
            raise Failed("Could not update catalogue [%d]: %s %s" % (ran.rc, ran.out.strip(), ran.err.strip()), rc=ran.rc)
        if told:
            self.out.append(ran.out)

    def installed(self, name):
        return self.call(["info"] + self.globs + ["-e", name], ok=None).rc == 0

    def outdated(self, name):
        """Whether `pkg upgrade -n`, which ends with 1 then, would do something for a package."""
        return self.call(["upgrade"] + self.repository + self.globs + ["-n", name], ok=None).rc == 1
