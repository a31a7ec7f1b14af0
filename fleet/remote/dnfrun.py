"""dnf's command line: options, waiting for its locks, failures in plain words, questions to it and to rpm."""

import glob
import os
import re
import time

from fleet.remote import rpmdb
from fleet.remote.host import Failed, Unmet

PROGRAMS = {
    "auto": ("dnf5", "dnf-3", "dnf", "yum", "microdnf"),
    "yum": ("dnf5", "dnf-3", "dnf", "yum", "microdnf"),
    "dnf5": ("dnf5",),
    "dnf": ("dnf-3", "dnf", "yum"),
    "dnf4": ("dnf-3", "dnf", "yum"),
    "yum4": ("dnf-3", "dnf", "yum"),
}
LOCKED = 200
SYSTEM = "@System"
"""What dnf calls the repository of what is installed."""
QUERY = "%{name}\t%{epoch}\t%{version}\t%{release}\t%{arch}\t%{repoid}\n"
LISTS = (
    ("enablerepo", "--enablerepo=%s"),
    ("disablerepo", "--disablerepo=%s"),
    ("exclude", "--exclude=%s"),
    ("enable_plugin", "--enableplugin=%s"),
    ("disable_plugin", "--disableplugin=%s"),
)
VALUES = (("conf_file", "--config=%s"), ("releasever", "--releasever=%s"), ("disable_excludes", "--disableexcludes=%s"))
SWITCHES = (
    ("disable_gpg_check", "--nogpgcheck"),
    ("cacheonly", "--cacheonly"),
)
SOLVING = (
    ("allowerasing", "--allowerasing"),
    ("skip_broken", "--skip-broken"),
    ("best", "--best"),
    ("nobest", "--nobest"),
)


def program(host, backend):
    """The full path of the program to use. Raises Failed."""
    for name in PROGRAMS[backend]:
        found = host.which(name)
        if found:
            return found
    raise Failed(
        "none of %s was found: this host does not use dnf; the module `package` picks the right manager"
        % ", ".join(PROGRAMS[backend])
    )


def is_five(path):
    return os.path.basename(os.path.realpath(path)) == "dnf5"


def options(path, args, order):
    """The options of one call, for dnf and dnf5. Pure but for telling the two apart."""
    found = []
    for name, text in LISTS:
        found.extend(text % each for each in args[name])
    for name, text in VALUES:
        if args[name]:
            found.append(text % args[name])
    found.extend(text for name, text in SWITCHES if args[name])
    verb = next((word for word in order if not word.startswith("-")), "")
    if verb in ("install", "upgrade", "downgrade"):
        # --best of dnf answers to False as well; dnf5 knows both words only for what installs.
        found.extend(text for name, text in SOLVING if args[name])
        if args["best"] is False:
            found.append("--nobest")
        if args["nobest"] is False:
            found.append("--best")
    if args["installroot"] != "/":
        found.append("--installroot=%s" % args["installroot"])
    if not args["install_weak_deps"]:
        found.append("--setopt=install_weak_deps=False")
    if not args["sslverify"]:
        found.append("--setopt=sslverify=False")
    if not args["disable_gpg_check"] and any(word.endswith(".rpm") for word in order):
        found.append("--setopt=localpkg_gpgcheck=True")
    if not is_five(path):
        found.append("--setopt=exit_on_lock=True")
    return found


def plan(host, path, args, order):
    """What dnf says that it would do: a Ran whose output has the table. Raises Failed when it cannot be done."""
    return _run(host, path, args, ["--assumeno"], order)


def call(host, path, args, order):
    """Do it."""
    first = ["-y"]
    if args["download_only"] and order[-1] != "makecache":
        first.append("--downloadonly")
        if args["download_dir"]:
            first.append(("--destdir=%s" if is_five(path) else "--downloaddir=%s") % args["download_dir"])
    return _run(host, path, args, first, order)


def _run(host, path, args, first, order):
    """Start dnf; a repository to enable that the host does not know is left out with a warning (Ansible: silently)."""
    ran, argv = _wait(host, path, args, first, order)
    unknown = re.search(r"^Error: Unknown repo: '([^']+)'", ran.err, re.M) if ran.rc else None
    if unknown and unknown.group(1) in args["enablerepo"]:
        host.warn("no repository %s is known on the host" % unknown.group(1))
        rest = [name for name in args["enablerepo"] if name != unknown.group(1)]
        return _run(host, path, dict(args, enablerepo=rest), first, order)
    if ran.rc and not ("--assumeno" in first and aborted(ran)) and not is_nothing(ran):
        raise failure(argv, ran)
    return ran


def _wait(host, path, args, first, order):
    """(Ran, argv) of a call that found no lock in its way. Raises Failed."""
    argv = _argv(path, args, first, order)
    deadline = time.time() + args["lock_timeout"]
    while True:
        ran = host.run(argv, ok=None, env={"COLUMNS": "200"})
        if ran.rc != LOCKED or time.time() >= deadline:
            break
        time.sleep(1)
    if ran.rc == LOCKED:
        raise Failed("lockfile is held by another process%s" % holder(), rc=1, results=[], stderr=ran.err)
    return ran, argv


def _argv(path, args, first, order):
    if is_five(path):
        # dnf5 takes options of a command behind its name only.
        at = next(index for index, word in enumerate(order) if not word.startswith("-")) + 1
        late = [word for word in first if word not in ("-y", "--assumeno")]
        early = [word for word in first if word not in late]
        solving = [text for _, text in SOLVING]
        given = options(path, args, order)
        argv = [path] + early + [word for word in given if word not in solving]
        return argv + order[:at] + late + [word for word in given if word in solving] + order[at:]
    return [path] + first + options(path, args, order) + order


def holder(folders=("/var/cache/dnf", "/var/lib/dnf", "/run")):
    """`` (812 dnf)`` for the process named in one of dnf's lock files."""
    from fleet.remote.aptget import command_of

    for folder in folders:
        for path in glob.glob(os.path.join(folder, "*lock.pid")) + glob.glob(os.path.join(folder, "dnf.pid")):
            try:
                with open(path) as source:
                    pid = int(source.read().strip())
            except (OSError, ValueError):
                continue
            if os.path.exists("/proc/%d" % pid):
                return ": %s by process %d (%s)" % (path, pid, command_of(pid))
    return ""


def aborted(ran):
    return "Operation aborted" in ran.out + ran.err


def is_nothing(ran):
    """dnf ends with 1 for a name it cannot remove, though that is how things should be."""
    return "No packages marked for removal" in ran.out + ran.err and "Error:" not in ran.err


def failure(argv, ran):
    """The Failed for a call of dnf that failed."""
    both = ran.err + "\n" + ran.out
    keys = dict(rc=1, results=[], stdout=ran.out, stderr=ran.err, cmd=argv)
    group = re.search(r"Module or Group '([^']+)' is not available|No match for argument: @(\S+)", both)
    if group:
        return Unmet("No group %s available." % (group.group(1) or group.group(2)), **keys)
    failures = unavailable(ran)
    if "There are no enabled repositories" in both and "install" in argv:
        failures = ["No package %s available." % name for name in argv[argv.index("install") + 1 :]]
    if failures:
        return Unmet("Failed to install some of the specified packages", failures=failures, **keys)
    unsigned = re.search(r"Package (\S+?)(?:\.rpm)? is not signed", both)
    if unsigned:
        return Failed(
            "Failed to validate GPG signature for %s: Package %s.rpm is not signed"
            % (unsigned.group(1), unsigned.group(1)),
            **keys,
        )
    keyless = re.search(r"^Problem repository: \[([^\]]+)\]", both, re.M)
    if keyless:
        return Failed("the repository %s has its packages' signatures checked, but no key is known to check them with: "
                      "set its gpgkey, or use `disable_gpg_check`" % keyless.group(1), **keys)
    if re.search(r"^\s*Problem( \d+)?:", both, re.M):
        return Failed("Depsolve Error occurred: %s" % re.sub("^Error: ", "", told(ran)), **keys)
    unreachable = re.search(r"Failed to download metadata for repo .*", both)
    if unreachable:
        return Failed("%s; check its baseurl or leave it out with `disablerepo`" % unreachable.group(0).strip(), **keys)
    return Failed("%s failed: %s" % (os.path.basename(argv[0]), told(ran)), **keys)


def unavailable(ran):
    """A line for every name that dnf found in no repository."""
    told = r"^(?:No match|All matches were filtered out by exclude filtering) for argument: (.*\S)\s*$"
    missing = re.findall(told, ran.err + "\n" + ran.out, re.M)
    return ["No package %s available." % name for name in sorted(set(missing), key=missing.index)]


def told(ran):
    lines = [line for line in ran.err.splitlines() if line.strip() and not line.startswith("Unable to detect release")]
    return "\n".join(lines or ran.out.splitlines()[-5:]).strip()[-2000:]


def provided(host, names, args):
    """Those of ``names`` that something installed provides: a file, a capability, another name."""
    plain = [name for name in names if not any(char in name for char in "*?[")]
    if not plain:
        return []
    argv = [host.need("rpm", "rpm"), "-q", "--whatprovides", "--qf", "have %{NAME}\n"]
    if args["installroot"] != "/":
        argv[1:1] = ["--root", args["installroot"]]
    found = []
    for name in plain:
        if host.run(argv + [name], ok=None).out.startswith("have "):
            found.append(name)
    return found


def file_is_new(host, path, have, args):
    """Whether the package in a file is not installed; an older one counts only when it may replace a newer."""
    if not os.path.exists(path):
        raise Failed("Error occurred attempting remote rpm operation: Could not open: %s" % path, rc=1, results=[])
    argv = [host.need("rpm", "rpm"), "-qp", "--nosignature", "--qf", rpmdb.FORMAT, path]
    ran = host.run(argv, ok=None)
    found = rpmdb.parse(ran.out)
    if not found:
        raise Failed(
            "Error occurred attempting remote rpm operation: %s is no package: %s" % (path, ran.err.strip()),
            rc=1,
            results=[],
        )
    for package in have:
        if (package.name, package.arch) == (found[0].name, found[0].arch):
            order = rpmdb.compare(rpmdb.evr(found[0]), rpmdb.evr(package))
            return order > 0 or (order < 0 and args["allow_downgrade"])
    return True


def order_told(host, path, args, name):
    """The line about a group (by its id, whatever name was asked for) or a file; "" for other names."""
    if name.endswith(".rpm"):
        return "Installed %s" % name
    if not name.startswith("@"):
        return ""
    title = name.lstrip("@^")
    if re.search(r"[A-Z\s]", title):
        ran = host.run([path] + options(path, args, []) + ["-q", "group", "list", "--ids", title], ok=None)
        title = (re.findall(r"\(([^()]+)\)$", ran.out, re.M) or [title])[0]
    return "Group %s installed." % title


KINDS = {
    "installed": ("--installed",),
    "available": ("--available",),
    "updates": ("--upgrades",),
    "upgrades": ("--upgrades",),
    "obsoletes": ("--available", "--whatobsoletes", "*"),
}


def listed(host, path, args):
    """What ``list`` asks for."""
    what = args["list"]
    if what in ("repos", "repositories"):
        ran = _run(host, path, args, ["-q"], ["repolist", "--enabled"])
        rows = [line.split() for line in ran.out.splitlines()[1:]]
        return [{"repoid": row[0], "state": "enabled"} for row in rows if row]
    if what == "installed":
        return [_entry(each, SYSTEM) for each in sorted(rpmdb.installed(host, args["installroot"]))]
    kind = KINDS.get(what)
    order = ["repoquery"] + (list(kind) if kind else ["--available", what]) + ["--qf", QUERY]
    rows = [line.split("\t") for line in _run(host, path, args, ["-q"], order).out.splitlines()]
    found = [_entry(rpmdb.Package(*row[:5]), row[5]) for row in rows if len(row) == 6]
    if not kind:
        here = rpmdb.matching(what, rpmdb.installed(host, args["installroot"]))
        found = [_entry(each, SYSTEM) for each in here] + found
    return found


def _entry(package, repo):
    shown = "%s:%s-%s-%s.%s" % (package.epoch, package.name, package.version, package.release, package.arch)
    return dict(
        package._asdict(),
        repo=repo,
        nevra=shown,
        envra=shown,
        yumstate="installed" if repo == SYSTEM else "available",
    )
