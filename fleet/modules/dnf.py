"""Install, update and remove RPM packages and groups with dnf, dnf5 or yum.

What is installed is asked of rpm once a run, so a task that finds everything in place starts nothing
more. dnf's command line does the rest; no Python binding is needed on the host.
"""

import contextlib
import os
import shutil
import tempfile

from fleet.remote import dnfrun, dnftable, pkgdiff, rpmdb
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(
            "list",
            [],
            elements="str",
            aliases=("pkg",),
            help="Packages (`nginx`, `nginx-1.22`, `nginx >= 1.20`, `php-*`), `@groups`, files, URLs; `*` is all.",
        ),
        "state": Arg(choices=("absent", "present", "installed", "removed", "latest"), help="`latest` also updates."),
        "list": Arg(help="Tell about packages instead: installed, updates, available, repos or a pattern."),
        "enablerepo": Arg("list", [], elements="str", help="Repositories used for this call only."),
        "disablerepo": Arg("list", [], elements="str", help="Repositories left out for this call."),
        "exclude": Arg("list", [], elements="str", help="Packages that are left alone."),
        "disable_excludes": Arg(help="Ignore the excludes set up on the host: all, main or a repository."),
        "conf_file": Arg(help="dnf's configuration file."),
        "disable_gpg_check": Arg("bool", False, help="Install packages whose signature is missing or wrong."),
        "installroot": Arg(default="/", help="Work on the system below this folder."),
        "releasever": Arg(help="Release of the distribution to take packages of."),
        "autoremove": Arg("bool", False, help="Also remove dependencies nothing needs any more."),
        "update_cache": Arg("bool", False, aliases=("expire-cache",), help="Fetch the repositories' lists first."),
        "update_only": Arg("bool", False, help="With `latest`: leave packages alone that are not installed."),
        "security": Arg("bool", False, help="With `latest`: only updates that fix security problems."),
        "bugfix": Arg("bool", False, help="With `latest`: only updates that fix bugs."),
        "enable_plugin": Arg("list", [], elements="str", help="Plugins used for this call."),
        "disable_plugin": Arg("list", [], elements="str", help="Plugins left out for this call."),
        "validate_certs": Arg("bool", True, help="Check the certificate of a URL a package comes from."),
        "sslverify": Arg("bool", True, help="Check the certificates of repositories."),
        "allow_downgrade": Arg("bool", False, help="Let an older version replace a newer one."),
        "allowerasing": Arg("bool", False, help="Remove installed packages that stand in the way."),
        "best": Arg("bool", help="Take the newest version or fail; unset: as the host is set up."),
        "nobest": Arg("bool", help="The opposite of `best`."),
        "skip_broken": Arg("bool", False, help="Leave out what cannot be installed."),
        "install_weak_deps": Arg("bool", True, help="Also install what is only recommended."),
        "install_repoquery": Arg("bool", True, help="Accepted; nothing needs to be installed."),
        "download_only": Arg("bool", False, help="Only download the packages."),
        "download_dir": Arg(help="Where to, with `download_only`."),
        "cacheonly": Arg("bool", False, help="Use the lists fetched earlier, whatever their age."),
        "lock_timeout": Arg("int", 30, help="Seconds to wait for another dnf to end."),
        "use_backend": Arg(
            default="auto", choices=("auto", "dnf", "dnf4", "dnf5", "yum", "yum4"), help="The program to use."
        ),
    },
    exclusive=(("name", "list"), ("autoremove", "list"), ("best", "nobest")),
    one_of=(("name", "list", "update_cache", "autoremove"),),
    returns={
        "results": "Lines such as `Installed: nginx-1.22-1.x86_64`; with `list` the packages.",
        "rc": "0, or 1 after a failure.",
        "msg": "What was done when nothing was, or why it failed.",
        "failures": "What could not be installed.",
        "packages": "What was (in check mode: would be) done: a list of name, arch, old, new, action.",
    },
)

EXAMPLES = """
- name: Install a package and a group
  dnf: {name: [httpd, "@development"]}
- name: Update everything but the kernel
  dnf: {name: "*", state: latest, exclude: [kernel*]}
- name: Only what fixes security problems
  dnf: {name: "*", state: latest, security: true}
- name: Install from a repository that is off otherwise
  dnf: {name: ripgrep, enablerepo: epel}
"""

NOTHING = "Nothing to do"


def run(host, args):
    """Lists first, then what was asked for: telling, removing, updating or installing."""
    program = dnfrun.program(host, args["use_backend"])
    if args["list"] is not None:
        return {"changed": False, "msg": "", "results": dnfrun.listed(host, program, args)}
    state = {"installed": "present", "removed": "absent", None: "present"}.get(args["state"], args["state"])
    if args["autoremove"] and args["name"] and state != "absent":
        raise Failed("Autoremove should be used alone or with state=absent", results=[])
    if os.geteuid() != 0 and not host.check:
        raise Failed("This command has to be run under the root user.", results=[])
    if args["update_cache"]:
        if not host.check:
            dnfrun.call(host, program, args, ["makecache"])
        if not args["name"] and not args["autoremove"]:
            return {"changed": False, "msg": "Cache updated", "rc": 0, "results": []}
    if not args["name"]:
        return carry_out(host, program, args, ["autoremove"]) if args["autoremove"] else nothing()
    if state == "absent":
        return remove(host, program, args)
    with packages_fetched(args) as names:
        return install(host, program, args, names, state == "latest")


def nothing(lines=()):
    return {"changed": False, "msg": NOTHING, "rc": 0, "results": list(lines), "packages": []}


def remove(host, program, args):
    """Remove what is installed of the names; groups are dnf's to judge."""
    have = rpmdb.installed(host, args["installroot"])
    orders, missing = [], []
    for name in args["name"]:
        found = rpmdb.matching(name, have)
        if name.startswith(("@", "/")):
            orders.append(name)
        elif found:
            orders.extend(rpmdb.nevra(package) for package in found)
        else:
            missing.append("No match for argument: %s" % name)
    if not orders:
        return nothing(missing)
    keep = "--setopt=clean_requirements_on_remove=%s" % ("True" if args["autoremove"] else "False")
    return carry_out(host, program, args, [keep, "remove"] + sorted(set(orders)), missing)


def install(host, program, args, names, latest):
    """Install what is missing, with ``latest`` also update the rest."""
    have = rpmdb.installed(host, args["installroot"])
    if latest and "*" in names:
        only = ["--security"] * args["security"] + ["--bugfix"] * args["bugfix"]
        result = carry_out(host, program, args, ["upgrade"] + only)
        others = [name for name in names if name != "*"]
        return merged(result, install(host, program, args, others, True)) if others else result
    fresh, update = sort_names(host, args, names, have, latest)
    lines = [line for line in (dnfrun.order_told(host, program, args, name) for name in names) if line]
    if latest and args["update_only"]:
        lines += ["Packages providing %s not installed due to update_only specified" % name
                  for name in names if name not in fresh + update and not rpmdb.matching(name, have)]
    result = None
    if fresh:
        result = carry_out(host, program, args, ["install"] + fresh, lines)
    if update:
        only = ["--security"] * args["security"] + ["--bugfix"] * args["bugfix"]
        more = carry_out(host, program, args, ["upgrade"] + only + update, () if result else lines)
        result = merged(result, more) if result else more
    return result or nothing(lines)


def sort_names(host, args, names, have, latest):
    """(names to install, names to update): without those that are as wanted already."""
    fresh, update = [], []
    for name in names:
        found = rpmdb.matching(name, have)
        other = rpmdb.named_version(name, have) if not found else None
        if name.startswith("@"):
            fresh.append(name)
        elif name.endswith(".rpm"):
            if dnfrun.file_is_new(host, name, have, args):
                fresh.append(name)
        elif found:
            if latest and not rpmdb.parse_relation(name) and found[0].version not in name:
                update.append(name)
        elif other and not args["allow_downgrade"] and rpmdb.compare(other[1], rpmdb.evr(other[0])) < 0:
            continue
        elif not (latest and args["update_only"]):
            fresh.append(name)
    provided = dnfrun.provided(host, [name for name in fresh if name[0] != "@" and name[-4:] != ".rpm"], args)
    return [name for name in fresh if name not in provided], update + (provided if latest else [])


def merged(one, two):
    """Two results as one."""
    changed = one["changed"] or two["changed"]
    both = dict(two, changed=changed, results=one["results"] + two["results"])
    both["msg"] = next((each["msg"] for each in (one, two) if each["changed"]), NOTHING)
    both["packages"] = one["packages"] + two["packages"]
    if "diff" in one or "diff" in two:
        both["diff"] = pkgdiff.diff(both["packages"])
    return both


@contextlib.contextmanager
def packages_fetched(args):
    """The names, URLs of packages replaced by files that are gone afterwards."""
    folder = None
    try:
        names = []
        for name in args["name"]:
            if "://" in name:
                from fleet.remote import download

                folder = folder or tempfile.mkdtemp(prefix="fleet-rpm-")
                path = os.path.join(folder, os.path.basename(name.partition("?")[0]) or "package.rpm")
                path = path if path.endswith(".rpm") else path + ".rpm"
                data = download.fetch_bytes(name, "Failure downloading %s" % name, args["validate_certs"])
                with open(path, "wb") as sink:
                    sink.write(data)
                name = path
            names.append(name)
        yield names
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def carry_out(host, program, args, order, lines=()):
    """One order to dnf, in check mode only planned; tells which packages changed, also after a failure."""
    before = rpmdb.installed(host, args["installroot"])
    planning = host.check or args["download_only"]
    if planning:
        ran = dnfrun.plan(host, program, args, order)
        packages = dnftable.plan(ran.out, before)
    if not host.check:
        try:
            ran = dnfrun.call(host, program, args, order)
        except Failed as error:
            done = rpmdb.moves(before, rpmdb.installed(host, args["installroot"]))
            error.result.update(changed=bool(done), packages=done, results=dnftable.told(done))
            raise
    if not planning:
        packages = rpmdb.moves(before, rpmdb.installed(host, args["installroot"]))
    lines = list(lines) + (dnfrun.unavailable(ran) if "install" in order else [])
    if not packages:
        return nothing(lines)
    told = dnftable.told(packages)
    if args["download_only"]:
        told = [line.replace("Installed:", "Downloaded:") for line in told if line.startswith("Installed:")]
    msg = "Check mode: No changes made, but would have if not in check mode" if host.check else ""
    result = {"changed": True, "msg": msg, "rc": 0, "results": lines + told, "packages": packages}
    if host.diff and not args["download_only"]:
        result["diff"] = pkgdiff.diff(packages)
    return result
