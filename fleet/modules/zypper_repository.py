"""Add, change and remove zypper's repositories."""

import configparser
import os

from fleet.remote import files, look, zyppxml
from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(help="Alias of the repository."),
        "repo": Arg(help="Its URI, or that of a .repo file."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether it is there."),
        "description": Arg(help="Its name for people."),
        "disable_gpg_check": Arg("bool", False, help="Do not check signatures."),
        "autorefresh": Arg("bool", True, aliases=("refresh",), help="Refresh the lists by itself."),
        "priority": Arg("int", help="Lower numbers win."),
        "overwrite_multiple": Arg("bool", False, help="Replace several repositories of that alias or URI by one."),
        "auto_import_keys": Arg("bool", False, help="Trust the repository's key."),
        "runrefresh": Arg("bool", False, help="Refresh the lists now."),
        "enabled": Arg("bool", True, help="Whether it is used."),
    },
    returns={"repodata": "The repository as wanted.", "state": "present or absent."},
)

EXAMPLES = """
- zypper_repository: {name: nvidia, repo: "https://download.example.org/nvidia/leap/15.6", auto_import_keys: true}
- zypper_repository: {repo: "https://download.example.org/a/a.repo"}
- zypper_repository: {name: nvidia, state: absent}
"""
FOLDER = "/etc/zypp/repos.d"


def run(host, args):
    """Compare with what zypper lists; a repository that differs is added anew."""
    program = host.need("zypper", "zypper")
    name, repo = args["name"], args["repo"]
    if args["state"] == "present" and not repo:
        raise Failed("Module option state=present requires repo")
    if args["state"] == "absent" and not (repo or name):
        raise Failed("Alias or repo parameter required when state=absent")
    if name == "*" or repo == "*":
        if not args["runrefresh"]:
            raise Failed("repo=* can only be used with the runrefresh option.")
        return refreshed(host, program, args, [], True)
    from_file = bool(repo) and repo.endswith(".repo")
    if args["state"] == "present" and not name and not from_file:
        raise Failed("Name required when adding non-repo files.")
    if from_file and name and args["state"] == "present":
        raise Failed("Incompatible option: 'name'. Do not use name when adding .repo files")
    ran = host.run([program, "--quiet", "--xmlout", "lr"], ok=(0, 6))
    known = zyppxml.repositories(ran.out)
    wanted = dict(repodata(args), **(of_file(repo) if from_file else {}))
    found = [each for each in known if is_meant(each, wanted)]
    told = {"repodata": wanted, "state": args["state"]}
    if args["state"] == "absent":
        for each in found:
            change(host, [program, "--quiet", "rr", each["alias"]])
        return dict(told, changed=bool(found))
    if len(found) > 1 and not args["overwrite_multiple"]:
        raise Failed("More than one repo matched '%s': %s" % (name or repo, [each["alias"] for each in found]), **told)
    if len(found) == 1 and not differs(found[0], wanted):
        return dict(told, **refreshed(host, program, args, [found[0]["alias"]], False))
    replace(host, program, args, found)
    alias = [wanted["alias"]] if wanted["alias"] else []
    refreshed(host, program, args, alias, False)
    result = dict(told, changed=True)
    if host.diff:
        result["diff"] = {"before": "".join("%s %s\n" % (each["alias"], each["url"]) for each in found),
                          "after": "%s %s\n" % (name or "", repo)}
    return result


def repodata(args):
    flag = {True: "1", False: "0"}
    return {
        "alias": args["name"], "name": args["description"], "url": args["repo"], "priority": args["priority"],
        "enabled": flag[args["enabled"]], "autorefresh": flag[args["autorefresh"]],
        "gpgcheck": flag[not args["disable_gpg_check"]],
    }


def of_file(place):
    """What a .repo file, on the host or at a URL, says of its first repository. Raises Failed."""
    from fleet.remote import download

    try:
        if "://" in place:
            text = download.fetch_bytes(place, "Error downloading %s" % place, True).decode("utf-8", "replace")
        else:
            with open(place, encoding="utf-8", errors="replace") as source:
                text = source.read()
        parser = configparser.RawConfigParser()
        parser.read_string(text)
    except (OSError, configparser.Error) as error:
        raise Failed("Error opening .repo file %s: %s" % (place, error))
    if not parser.sections():
        raise Failed("Invalid format, .repo file could not be parsed: %s" % place)
    alias = parser.sections()[0]
    given = dict(parser.items(alias))
    found = {key: given[key] for key in ("name", "priority", "enabled", "autorefresh", "gpgcheck") if key in given}
    return dict(found, alias=alias, url=given.get("baseurl", place))


def plain(url):
    """A URI as zypper would show it: one slash after file:, none at the end."""
    url = url or ""
    if url.startswith("file:///"):
        url = "file:" + url[7:]
    return url.rstrip("/")


def is_meant(each, wanted):
    return (bool(wanted["alias"]) and each["alias"] == wanted["alias"]) or (
        bool(wanted["url"]) and plain(each["url"]) == plain(wanted["url"]))


def differs(each, wanted):
    """Whether a listed repository is not as wanted; what zypper does not list counts as its default."""
    here = {key: each.get(key, "0") for key in ("enabled", "autorefresh", "gpgcheck")}
    if any(here[key] != wanted[key] for key in here):
        return True
    if wanted["priority"] is not None and each.get("priority", "99") != str(wanted["priority"]):
        return True
    if wanted["name"] is not None and each.get("name") != wanted["name"]:
        return True
    return each["alias"] != wanted["alias"] or plain(each["url"]) != plain(wanted["url"])


def replace(host, program, args, found):
    """Add the repository in the place of those there are; they come back where zypper refuses it."""
    old = files_of([each["alias"] for each in found])
    try:
        for each in found:
            change(host, [program, "--quiet", "rr", each["alias"]])
        add(host, program, args)
    except Failed:
        for path, data in old.items():
            if not os.path.lexists(path):
                files.write_atomic(path, data, mode=0o644)
        raise


def files_of(aliases):
    """{path: content} of the .repo files that hold repositories of these aliases."""
    heads = [b"[%s]" % os.fsencode(alias) for alias in aliases]
    paths = [os.path.join(FOLDER, name) for name in look.names(FOLDER) if name.endswith(".repo")] if heads else []
    held = {path: files.read_bytes(path) or b"" for path in paths}
    return {path: data for path, data in held.items() if any(head in data for head in heads)}


def add(host, program, args):
    argv = [program, "--quiet", "--non-interactive"]
    argv += ["--gpg-auto-import-keys"] * args["auto_import_keys"] + ["ar", "--check"]
    if args["priority"] is not None:
        argv += ["--priority", str(args["priority"])]
    if args["description"]:
        argv += ["--name", args["description"]]
    argv += ["--disable"] * (not args["enabled"]) + ["--refresh"] * args["autorefresh"]
    argv += ["--no-gpgcheck" if args["disable_gpg_check"] else "--gpgcheck"]
    change(host, argv + [args["repo"]] + ([args["name"]] if args["name"] else []))


def change(host, argv):
    if host.check:
        return
    ran = host.run(argv, ok=None)
    if ran.rc not in (0, 102, 103):
        told = (ran.err or ran.out).strip() + why_refused("%s/%s.repo" % (FOLDER, argv[-1]))
        raise Failed("Zypper failed with rc %d: %s" % (ran.rc, told), rc=ran.rc, stdout=ran.out, stderr=ran.err)


def refreshed(host, program, args, alias, changed):
    """Refresh the lists when asked to."""
    if args["runrefresh"] and not host.check:
        keys = ["--gpg-auto-import-keys"] * args["auto_import_keys"]
        host.run([program, "--quiet", "--non-interactive"] + keys + ["refresh"] + alias, timeout=600)
    return {"changed": False, "runrefresh": args["runrefresh"]} if args["runrefresh"] else {"changed": False}
