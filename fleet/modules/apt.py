"""Install, upgrade and remove Debian packages.

What is installed is read from dpkg's own file, so a task that finds everything in place starts no
program. apt-get runs only to change something (or to tell, in check mode, what it would change);
python3-apt is never needed. No question of debconf or dpkg ever waits for an answer.
"""

import os
import time

from fleet.remote import aptget, aptplan, dpkg, policyrcd
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(
            "list",
            elements="str",
            aliases=("package", "pkg"),
            help="Packages: `nginx`, `nginx=1.22*`, `nginx>=1.20`, `libc6:i386`, `php8*`.",
        ),
        "state": Arg(
            default="present",
            choices=("absent", "build-dep", "fixed", "latest", "present"),
            help="`latest` also upgrades; `build-dep` installs what building needs; `fixed` finishes "
            "an interrupted dpkg run and repairs dependencies.",
        ),
        "update_cache": Arg("bool", aliases=("update-cache",), help="Fetch the package lists first."),
        "cache_valid_time": Arg(
            "int", 0, help="Fetch the lists only when they are older than this many seconds."
        ),
        "update_cache_retries": Arg("int", 5, help="How often to try again when fetching the lists fails."),
        "update_cache_retry_max_delay": Arg("int", 12, help="Longest pause in seconds between those tries."),
        "upgrade": Arg(
            default="no",
            choices=("dist", "full", "no", "safe", "yes"),
            help="Upgrade everything; `dist` and `full` may also remove packages.",
        ),
        "deb": Arg("path", help="A .deb file on the host, or a URL the host downloads it from."),
        "default_release": Arg(aliases=("default-release",), help="Prefer this release (apt-get -t)."),
        "install_recommends": Arg(
            "bool",
            aliases=("install-recommends",),
            help="Whether recommended packages come along; unset: as the host is set up.",
        ),
        "only_upgrade": Arg("bool", False, help="Leave packages alone that are not installed yet."),
        "purge": Arg("bool", False, help="Remove configuration files too."),
        "autoremove": Arg("bool", False, help="Also remove packages nothing needs any more."),
        "autoclean": Arg("bool", False, help="Delete downloaded packages that can no longer be fetched."),
        "clean": Arg("bool", False, help="Delete all downloaded packages."),
        "force": Arg(
            "bool", False, help="Allow downgrades, held and essential packages and missing signatures."
        ),
        "allow_unauthenticated": Arg(
            "bool",
            False,
            aliases=("allow-unauthenticated",),
            help="Install packages without a valid signature.",
        ),
        "allow_downgrade": Arg(
            "bool",
            False,
            aliases=("allow-downgrade", "allow_downgrades", "allow-downgrades"),
            help="Allow an older version to replace a newer one.",
        ),
        "allow_change_held_packages": Arg("bool", False, help="Change packages that are on hold."),
        "fail_on_autoremove": Arg("bool", False, help="Fail when something would have to be removed."),
        "dpkg_options": Arg(
            default="force-confdef,force-confold",
            help="Options for dpkg without their dashes, separated by commas.",
        ),
        "policy_rc_d": Arg(
            "int", help="Exit code of policy-rc.d meanwhile; 101 keeps services from starting."
        ),
        "lock_timeout": Arg("int", 60, help="Seconds to wait for another package manager to end."),
        "force_apt_get": Arg("bool", False, help="Accepted; apt-get is always what is used."),
        "auto_install_module_deps": Arg("bool", True, help="Accepted; nothing needs to be installed."),
    },
    exclusive=(("deb", "package", "upgrade"),),
    returns={
        "cache_updated": "Whether fetching the package lists brought something new.",
        "cache_update_time": "When the lists were last fetched, in seconds since 1970.",
        "packages": "What was (in check mode: would be) done: a list of name, old, new, action.",
        "kept_back": "After an upgrade: what stayed at its version, because it is held or would need more.",
        "stdout": "Output of apt-get.",
        "stderr": "Error output of apt-get.",
    },
)

EXAMPLES = """
- name: Install packages, fetching the lists when they are older than an hour
  apt:
    name: [nginx, curl]
    update_cache: true
    cache_valid_time: 3600
- name: Pin a version
  apt: {name: "nginx=1.22*", allow_downgrade: true}
- name: Remove a package with its configuration
  apt: {name: apache2, state: absent, purge: true, autoremove: true}
- name: Upgrade the whole system
  apt: {upgrade: dist, update_cache: true}
- name: Install a downloaded package without starting its service
  apt: {deb: https://example.com/tool_1.0_all.deb, policy_rc_d: 101}
- name: Finish what an interrupted dpkg left
  apt: {state: fixed}
"""

FLAGS = (
    ("only_upgrade", "--only-upgrade"),
    ("allow_unauthenticated", "--allow-unauthenticated"),
    ("allow_downgrade", "--allow-downgrades"),
    ("allow_change_held_packages", "--allow-change-held-packages"),
    ("fail_on_autoremove", "--no-remove"),
    ("autoremove", "--auto-remove"),
    ("purge", "--purge"),
)
FORCE = (
    "--allow-unauthenticated",
    "--allow-downgrades",
    "--allow-change-held-packages",
    "--allow-remove-essential",
)
UPGRADES = {
    "yes": ["upgrade", "--with-new-pkgs"],
    "safe": ["upgrade", "--with-new-pkgs"],
    "full": ["dist-upgrade"],
    "dist": ["dist-upgrade"],
}


def run(host, args):
    """Lists first, then what was asked for: upgrade, a file, packages, or cleaning up."""
    if args["policy_rc_d"] is not None and not host.check:
        policyrcd.mend()
    cache = refresh(host, args)
    result = _work(host, args)
    if result is None:
        return dict(cache, changed=cache["cache_updated"])
    # Ansible tells the age of the lists wherever they count, and not when packages are removed.
    tell = result.pop("tell_cache", False)
    if tell or args["update_cache"] or args["cache_valid_time"]:
        result = dict(cache, **result)
    return result


def _work(host, args):
    names = args["name"]
    if args["clean"]:
        cleaned = clean(host)
        if not (names or args["deb"] or args["upgrade"] != "no"):
            return cleaned
    if names and "*" in names and args["state"] == "latest":
        return upgrade(host, args, "yes", [name for name in names if name != "*"])
    if args["upgrade"] != "no":
        return upgrade(host, args, args["upgrade"], [])
    if args["deb"]:
        return install_files(host, args)
    if args["state"] == "fixed":
        return dict(fix(host, args, names or []), tell_cache=True)
    if names:
        return packages(host, args, names)
    if args["autoclean"] or args["autoremove"]:
        return tidy(host, args)
    return None


def refresh(host, args):
    """Fetch the lists when asked to and due: {cache_updated, cache_update_time}."""
    then = aptget.updated_at()[0]
    wanted = args["update_cache"] or (args["cache_valid_time"] and args["update_cache"] is None)
    if not wanted or then + args["cache_valid_time"] >= time.time():
        return {"cache_updated": False, "cache_update_time": then}
    if host.check:
        return {"cache_updated": True, "cache_update_time": then}
    more = ["--allow-insecure-repositories"] if args["allow_unauthenticated"] or args["force"] else []
    changed = aptget.update(
        host, args["update_cache_retries"], args["update_cache_retry_max_delay"], args["lock_timeout"], more
    )
    return {"cache_updated": changed, "cache_update_time": aptget.updated_at()[0]}


def packages(host, args, names):
    """Packages named one by one: present, latest, absent or build-dep."""
    status = dpkg.read_status(host)
    requests = [aptplan.parse_request(name) for name in names]
    if any(map(aptplan.is_pattern, requests)):
        requests = _expand(host, args, requests, status)
    if args["state"] == "absent":
        return remove(host, args, aptplan.plan_remove(requests, status, args["purge"]))
    if args["state"] == "build-dep":
        return dict(
            carry_out(host, args, ["build-dep"] + [aptplan.target(each) for each in requests]),
            tell_cache=True,
        )
    return dict(install(host, args, requests, status), tell_cache=True)


def _expand(host, args, requests, status):
    """Patterns as the names they match: of what is installed when removing, of all there is otherwise."""
    if args["state"] == "absent":
        found, empty = aptplan.expand(requests, list(status.blocks))
        if not empty:
            return found
    known = set(status.blocks).union(host.run([host.need("apt-cache", "apt"), "pkgnames"], ok=None).lines)
    found, empty = aptplan.expand(requests, sorted(known))
    if empty:
        raise Unmet("No package(s) matching '%s' available" % empty[0])
    return found


def install(host, args, requests, status):
    """Install or upgrade what is not as asked; mark what was named as wanted by hand."""
    latest = args["state"] == "latest"
    ask = aptplan.needs_policy(requests, status, latest)
    offers = aptget.policy(host, ask, args["default_release"]) if ask else {}
    plan = aptplan.plan_install(requests, status, offers, latest, args["only_upgrade"])
    if plan.unknown:
        raise Unmet("No package matching '%s' is available" % plan.unknown[0])
    if plan.impossible:
        raise Unmet("no available installation candidate for %s" % plan.impossible[0])
    result = carry_out(host, args, ["install"] + plan.targets) if plan.targets else {"changed": False}
    if not host.check:
        mark_manual(host, requests)
        _verify(host, requests, args)
    return result


def _verify(host, requests, args):
    status = dpkg.read_status(host)
    for request in requests:
        known = status.get(request.name, request.arch)
        if known is not None and not args["only_upgrade"] and not aptplan.is_met(request, status):
            if not status.providers(request.name):
                raise Failed(
                    "apt-get succeeded but %s is not installed (it is %s %s)"
                    % (request.text, known.status, known.version),
                    changed=True,
                )


def mark_manual(host, requests, path="/var/lib/apt/extended_states"):
    """Named packages that only came along as a dependency are kept from now on."""
    try:
        with open(path) as source:
            automatic = parse_automatic(source.read())
    except OSError:
        return
    named = sorted(set(each.name for each in requests) & automatic)
    if named:
        host.run([host.need("apt-mark", "apt"), "manual"] + named, ok=None, env=aptget.QUIET)


def parse_automatic(text):
    """Names marked as automatically installed in apt's extended_states."""
    found = set()
    for block in text.split("\n\n"):
        if "Auto-Installed: 1" in block and "Package: " in block:
            found.add(block.partition("Package: ")[2].partition("\n")[0].strip())
    return found


def remove(host, args, names):
    if not names:
        return {"changed": False}
    return dict(carry_out(host, args, ["remove"] + names), changed=True)


def upgrade(host, args, mode, names):
    """Upgrade everything (and install ``names``)."""
    result = carry_out(host, args, UPGRADES[mode] + names)
    kept = aptget.kept_back(result["stdout"])
    if kept:
        held = sorted(set(dpkg.read_status(host).held()) & set(kept))
        host.warn("kept back: %s%s" % (" ".join(kept), " (on hold: %s)" % " ".join(held) if held else ""))
    return dict(result, msg=result["stdout"], kept_back=kept)


def fix(host, args, names):
    """Finish an interrupted dpkg run, then let apt-get repair dependencies."""
    half = dpkg.read_status(host).broken()
    unfinished = bool(half) or dpkg.interrupted()
    if unfinished and host.check:
        return {
            "changed": True,
            "packages": [],
            "msg": "would finish: %s"
            % (", ".join(package.name for package in half) or "the interrupted dpkg run"),
        }
    if unfinished:
        argv = ["dpkg"] + ["--" + each for each in _dpkg_options(args)] + ["--configure", "-a"]
        ran = host.run(argv, ok=None, env=aptget.QUIET)
        if ran.rc != 0 and not half:
            raise Failed(
                "'%s' failed: %s" % (" ".join(argv), ran.err or ran.out),
                rc=ran.rc,
                stdout=ran.out,
                stderr=ran.err,
            )
    result = carry_out(host, args, ["--fix-broken", "install"] + names)
    return dict(result, changed=result["changed"] or unfinished)


def tidy(host, args):
    """autoclean and autoremove without packages."""
    result = {"changed": False, "stdout": "", "stderr": ""}
    if args["autoclean"]:
        argv = [aptget.need_apt(host), "-y", "autoclean"] + (["-s"] if host.check else [])
        ran = aptget.apt(host, argv, args["lock_timeout"])
        result = {"changed": "\nDel " in "\n" + ran.out, "stdout": ran.out, "stderr": ran.err}
    if args["autoremove"]:
        more = carry_out(host, args, ["autoremove"])
        result = dict(
            more,
            changed=result["changed"] or more["changed"],
            stdout=result["stdout"] + more["stdout"],
            stderr=result["stderr"] + more["stderr"],
        )
    return result


def clean(host):
    ran = host.run([aptget.need_apt(host), "clean"] + (["-s"] if host.check else []), env=aptget.QUIET)
    return {"changed": True, "msg": ran.out if not host.check else "", "stdout": "", "stderr": ran.err}


def install_files(host, args):
    """Install .deb files, with what they depend on."""
    from fleet.remote import debfile

    with debfile.fetched(args["deb"].split(",")) as paths:
        status = dpkg.read_status(host)
        downgrade = args["allow_downgrade"] or args["force"]
        todo = [
            path for path in paths if debfile.is_wanted(host, path, status, args["only_upgrade"], downgrade)
        ]
        if not todo:
            return {"changed": False, "stdout": "", "stderr": ""}
        return carry_out(host, args, ["install"] + [os.path.abspath(path) for path in todo])


def carry_out(host, args, order):
    """Run one apt-get order, or in check mode simulate it, and tell what changes.

    Every path through apt-get ends here, so results are alike: changed, stdout, stderr, packages, diff.
    A failure tells too which packages had changed by then.
    """
    argv = command(aptget.need_apt(host), args, order, host.check)
    before = dpkg.read_status(host)
    if host.check:
        ran = aptget.apt(host, argv, args["lock_timeout"])
        done = aptget.parse_simulation(ran.out, before.native)
    else:
        purging = args["purge"] and order[0] in ("remove", "autoremove")
        try:
            ran = _really(host, args, argv)
        except Failed as error:
            done = _moved(host, before, purging)
            error.result.update(changed=bool(done), packages=done)
            raise
        done = _moved(host, before, purging)
    out = aptget.squeeze(ran.out)
    changed = bool(done) or (order[0] == "install" and len(order) > 1)
    result = {"changed": changed, "stdout": out, "stderr": ran.err, "packages": done}
    if host.diff:
        result["diff"] = {"prepared": aptget.summary(out)}
    return result


def _moved(host, before, purging):
    after = dpkg.read_status(host)
    return dpkg.moves(before.versions(purging), after.versions(purging), before.native)


def command(apt_get, args, order, check=False):
    """The whole apt-get command line. Pure."""
    argv = [apt_get, "-y", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=%d" % args["lock_timeout"]]
    for option in _dpkg_options(args):
        argv += ["-o", "Dpkg::Options::=--" + option]
    for name, flag in FLAGS:
        if args[name] and not _contradicts(name, args, order):
            argv.append(flag)
    if args["force"]:
        argv.extend(flag for flag in FORCE if flag not in argv)
    if args["install_recommends"] is not None:
        argv += ["-o", "APT::Install-Recommends=%s" % ("yes" if args["install_recommends"] else "no")]
    if args["default_release"]:
        argv += ["-t", args["default_release"]]
    return argv + (["-s"] if check else []) + list(order)


def _contradicts(name, args, order):
    """apt-get refuses --no-remove together with what removes."""
    if name == "fail_on_autoremove":
        return order[0] in ("remove", "autoremove")
    return name == "autoremove" and args["fail_on_autoremove"] and order[0] not in ("remove", "autoremove")


def _dpkg_options(args):
    return [option.strip().lstrip("-") for option in args["dpkg_options"].split(",") if option.strip()]


def _really(host, args, argv):
    if args["policy_rc_d"] is None:
        return aptget.apt(host, argv, args["lock_timeout"])
    with policyrcd.held(args["policy_rc_d"]):
        return aptget.apt(host, argv, args["lock_timeout"])
