"""Install, update and remove packages, patterns and patches with zypper.

What is installed is asked of rpm once a run; a task that finds its packages in place does not start
zypper. The result names every package with its old and new version.
"""

import re
import shlex

from fleet.remote import pkgdiff, rpmdb, zyppxml
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(
            "list",
            required=True,
            elements="str",
            aliases=("pkg",),
            help="Packages: `nginx`, `nginx>=1.20`, `-apache2` (remove), a file, a URL; `*` is all.",
        ),
        "state": Arg(
            default="present",
            choices=("present", "latest", "absent", "dist-upgrade", "installed", "removed"),
            help="`latest` also updates; `dist-upgrade` with `*` upgrades the distribution.",
        ),
        "type": Arg(
            default="package",
            choices=("package", "patch", "pattern", "product", "srcpackage", "application"),
            help="What the names stand for.",
        ),
        "extra_args_precommand": Arg(help="Options in front of zypper's command."),
        "extra_args": Arg(help="Options behind zypper's command."),
        "disable_gpg_check": Arg("bool", False, help="Install without a valid signature."),
        "disable_recommends": Arg("bool", True, help="Leave out what is only recommended."),
        "auto_import_keys": Arg("bool", False, help="Trust keys of repositories that are new."),
        "force": Arg("bool", False, help="Install again, also over what stands in the way."),
        "force_resolution": Arg("bool", False, help="Let the solver find a solution by itself."),
        "clean_deps": Arg("bool", False, help="Remove dependencies nothing needs any more."),
        "update_cache": Arg("bool", False, aliases=("refresh",), help="Refresh the repositories first."),
        "oldpackage": Arg("bool", False, help="Allow an older version to replace a newer one."),
        "replacefiles": Arg("bool", False, help="Install even though files would be replaced."),
        "allow_vendor_change": Arg("bool", False, help="With dist-upgrade: allow another vendor."),
        "skip_post_errors": Arg("bool", False, help="A failing post-install script is no failure."),
        "simple_errors": Arg("bool", False, help="Accepted; errors are always zypper's own message."),
        "quiet": Arg("bool", True, help="Let zypper print less."),
    },
    returns={
        "packages": "What was (in check mode: would be) done: a list of name, arch, old, new, action.",
        "cmd": "The command line, when zypper was started.",
        "rc": "zypper's exit code.",
        "stdout": "Its output (XML).",
        "stderr": "Its error output.",
    },
)

EXAMPLES = """
- zypper: {name: [nmap, "php8>=8.1"]}
- zypper: {name: lamp_server, type: pattern}
- zypper: {name: "*", state: latest}
- zypper: {name: "*", state: dist-upgrade, allow_vendor_change: true}
"""

SWITCHES = (
    ("force", "--force"),
    ("force_resolution", "--force-resolution"),
    ("oldpackage", "--oldpackage"),
    ("replacefiles", "--replacefiles"),
)


def run(host, args):
    """Refresh when asked to, then one call of zypper for what is not as wanted."""
    program = host.need("zypper", "zypper")
    state = {"installed": "present", "removed": "absent"}.get(args["state"], args["state"])
    names = [name.replace(" ", "") for name in args["name"] if name.strip()]
    told = {"name": args["name"], "state": args["state"], "update_cache": args["update_cache"]}
    if args["update_cache"] and not host.check:
        call(host, globally(program, args) + ["refresh"], args)
    if "*" in names or state == "dist-upgrade":
        if names != ["*"] or state not in ("latest", "dist-upgrade"):
            raise Failed("name='*' goes alone, with state=latest or state=dist-upgrade only", **told)
        verb = "dist-upgrade" if state == "dist-upgrade" else "patch" if args["type"] == "patch" else "update"
        return dict(told, **carry_out(host, program, args, verb, []))
    install, remove = sort_names(host, args, names, state)
    if not install and not remove:
        return dict(told, changed=False, rc=0, packages=[])
    if install:
        words = [("+" + name if is_name(name) else name) for name in install] + ["-" + each for each in remove]
        return dict(told, **carry_out(host, program, args, "install", words))
    return dict(told, **carry_out(host, program, args, "remove", remove))


def is_name(text):
    return "/" not in text and not text.endswith(".rpm")


def sort_names(host, args, names, state):
    """(names to install, names to remove), without those that are as wanted. ``+`` and ``-`` in front tell."""
    install, remove = [], []
    have = rpmdb.installed(host) if args["type"] == "package" else None
    for name in names:
        sign, plain = (name[0], name[1:]) if name[0] in "+-~!" else ("", name)
        gone = sign in ("-", "~", "!") or (state == "absent" and sign != "+")
        there = None if have is None or not is_name(plain) else bool(rpmdb.matching(plain, have))
        if gone and there is not False:
            remove.append(plain)
        elif not gone and (not there or state == "latest" or args["force"]):
            if there is not False or state == "latest" or not is_provided(host, plain):
                install.append(plain)
    return install, remove


def is_provided(host, name):
    if re.search(r"[<>=*?/]", name):
        return False
    argv = [host.need("rpm", "rpm"), "-q", "--whatprovides", "--qf", "have\n", name]
    return host.run(argv, ok=None).out.startswith("have")


def globally(program, args):
    argv = [program, "--non-interactive", "--xmlout"] + (["--quiet"] if args["quiet"] else [])
    if args["disable_gpg_check"]:
        argv.append("--no-gpg-checks")
    if args["auto_import_keys"]:
        argv.append("--gpg-auto-import-keys")
    if args["extra_args_precommand"]:
        argv += shlex.split(args["extra_args_precommand"])
    return argv


def command(program, args, verb, words, check):
    """The whole command line. Pure."""
    argv = globally(program, args) + [verb]
    if verb in ("install", "remove", "update"):
        argv += ["--type", args["type"]]
    if check:
        argv.append("--dry-run")
    if verb == "remove":
        argv += ["--clean-deps"] * args["clean_deps"]
    else:
        argv.append("--auto-agree-with-licenses")
        if args["disable_recommends"]:
            argv.append("--no-recommends")
        if verb == "install":
            argv += [flag for name, flag in SWITCHES if args[name]]
            if any(re.search("[<>=]", word) for word in words) and "--oldpackage" not in argv:
                argv.append("--oldpackage")
        elif args["force_resolution"] and verb != "patch":
            argv.append("--force-resolution")
        if verb == "dist-upgrade" and args["allow_vendor_change"]:
            argv.append("--allow-vendor-change")
    if args["extra_args"]:
        argv += shlex.split(args["extra_args"])
    return argv + (["--"] if words and verb != "remove" else []) + words


def carry_out(host, program, args, verb, words):
    """Run zypper (in check mode with --dry-run) and tell what changed."""
    before = rpmdb.installed(host)
    argv = command(program, args, verb, words, host.check)
    try:
        ran = call(host, argv, args)
    except Failed as error:
        done = [] if host.check else rpmdb.moves(before, rpmdb.installed(host))
        error.result.update(changed=bool(done), packages=done)
        raise
    # zypper starts anew after it has updated itself; the second run does the rest.
    if ran.rc == 103 and not host.check:
        ran = call(host, argv, args)
    planned = zyppxml.changes(ran.out)
    packages = planned if host.check else rpmdb.moves(before, rpmdb.installed(host))
    changed = bool(packages) or bool(zyppxml.others(ran.out))
    result = {"changed": changed, "rc": ran.rc, "cmd": argv, "packages": packages}
    if changed:
        result.update(stdout=ran.out, stderr=ran.err)
        if host.diff:
            result["diff"] = {"prepared": "".join(line + "\n" for line in pkgdiff.lines(packages))}
    return result


def call(host, argv, args):
    """Raises Failed with zypper's own words; Unmet for a name no repository has."""
    ran = host.run(argv, ok=None, env={"ZYPP_LOCK_TIMEOUT": "60"})
    fine = (0, 102, 103) + ((107,) if args["skip_post_errors"] else ())
    if ran.rc in fine or (ran.rc in (100, 101) and "refresh" not in argv):
        return ran
    told = zyppxml.errors(ran.out) or ran.err.strip()
    if ran.rc != 104 or not told:
        told = ("Zypper run command failed with return code %d. %s" % (ran.rc, told)).rstrip()
    keys = dict(rc=ran.rc, cmd=argv, stdout=ran.out, stderr=ran.err)
    if ran.rc == 104 and verb_of(argv) == "remove":
        return ran
    raise (Unmet if ran.rc == 104 else Failed)(told, **keys)


def verb_of(argv):
    return next((word for word in argv if word in ("install", "remove", "update", "refresh")), "")
