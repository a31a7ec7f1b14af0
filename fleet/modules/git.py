"""Check out a git repository at a version, and keep it there.

One question tells what the other side has under `version`; nothing is fetched when that is checked out already. A
version given as a full commit that is checked out needs no question at all.
"""

import errno
import filecmp
import os

from fleet.remote import temporary
from fleet.remote.attributes import why_refused
from fleet.remote.gitrepo import SHA, Repo
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "repo": Arg(required=True, aliases=("name",), help="Where the repository is: URL, SSH address or path."),
        "dest": Arg("path", help="Where it is checked out; needed unless `clone` is off."),
        "version": Arg(default="HEAD", help="Branch, tag, commit, or HEAD for the branch the other side offers."),
        "remote": Arg(default="origin", help="Name of the other side."),
        "refspec": Arg(help="More to fetch, as `git fetch` takes it."),
        "reference": Arg(help="A repository on the host to take objects from."),
        "depth": Arg("int", help="Only so many commits of the history."),
        "single_branch": Arg("bool", False, help="Only the history of the version."),
        "clone": Arg("bool", True, help="Make the checkout where there is none."),
        "update": Arg("bool", True, help="Ask the other side for something newer."),
        "force": Arg("bool", False, help="Throw away changes to files in the checkout."),
        "bare": Arg("bool", False, help="A repository without checkout."),
        "recursive": Arg("bool", True, help="With submodules."),
        "track_submodules": Arg("bool", False, help="Submodules follow their branches, not the recorded commits."),
        "separate_git_dir": Arg("path", help="Where the repository proper goes, apart from the checkout."),
        "key_file": Arg("path", help="Private key on the host for SSH."),
        "ssh_opts": Arg(help="Options for ssh."),
        "accept_hostkey": Arg("bool", False, help="Do not check the SSH host key at all."),
        "accept_newhostkey": Arg("bool", False, help="Accept the SSH key of a host that was not seen before."),
        "verify_commit": Arg("bool", False, help="The version has to carry a good GPG signature."),
        "gpg_allowlist": Arg("list", [], elements="str", aliases=("gpg_whitelist",),
                             help="Fingerprints, one of which has to have signed."),
        "archive": Arg("path", help="Also write the version into this archive: .zip, .tar, .tar.gz or .tgz."),
        "archive_prefix": Arg(help="What to put in front of every path in the archive."),
        "umask": Arg("raw", help="The umask for what is written, octal."),
        "executable": Arg("path", help="The git to use."),
    },
    exclusive=(("separate_git_dir", "bare"), ("accept_hostkey", "accept_newhostkey")),
    required_by={"archive_prefix": ("archive",)},
    returns={
        "before": "The commit that was checked out, null for a new checkout.",
        "after": "The commit that is.",
        "remote_url_changed": "Whether the checkout came from somewhere else.",
        "git_dir_before": "Where the repository proper was, when it was moved.",
        "git_dir_now": "Where it is.",
    },
)

EXAMPLES = """
- name: A release
  git: {repo: "https://example.com/app.git", dest: /srv/app, version: v1.4}
- name: A branch, only its end, over SSH
  git:
    repo: git@example.com:team/app.git
    dest: /srv/app
    version: main
    depth: 1
    key_file: /root/.ssh/deploy
    accept_newhostkey: true
"""
FORMATS = {".zip": "zip", ".tar": "tar", ".tar.gz": "tar.gz", ".tgz": "tgz"}


def run(host, args):
    """Look, ask, and fetch only what is missing."""
    if args["dest"] is None and (args["clone"] or args["archive"]):
        raise Failed("the destination directory must be specified unless clone=no")
    kind = archive_format(args["archive"])
    mask = umask(args["umask"])
    repo = Repo(host, args)
    before = os.umask(mask) if mask is not None else None
    try:
        result = _run(host, args, repo)
        if kind:
            _archive(host, args, repo, kind, result)
        return result
    finally:
        if before is not None:
            os.umask(before)


def archive_format(path):
    """The format of the archive to write, "" for none. Raises Failed."""
    if not path:
        return ""
    for ending, kind in FORMATS.items():
        if path.endswith(ending):
            return kind
    raise Failed("Unable to get file extension from archive file name : %s" % path,
                 details="Please specify archive as filename with extension. File extension can be one of %s"
                         % sorted(FORMATS.values()))


def umask(value):
    """The number of the argument ``umask``. Raises Failed."""
    if value is None:
        return None
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise Failed("umask must be defined as a quoted octal integer")
    try:
        return int(str(value), 8)
    except ValueError as error:
        raise Failed("umask must be an octal integer", details=str(error))


def _run(host, args, repo):
    if not repo.there():
        return _new(host, args, repo)
    result = {"before": repo.head(), "changed": False}
    if not args["update"]:
        return dict(result, after=result["before"])
    result["remote_url_changed"] = _take_from(host, args, repo)
    if args["separate_git_dir"]:
        old = repo.move(args["separate_git_dir"])
        if old:
            result.update(git_dir_before=old, git_dir_now=args["separate_git_dir"])
    if repo.is_modified():
        if not args["force"]:
            raise Failed("Local modifications exist in the destination: %s (force=no)." % args["dest"],
                         before=result["before"])
        result["msg"] = "Local modifications exist in the destination: %s" % args["dest"]
    return _update(host, args, repo, result)


def _new(host, args, repo):
    """There is no checkout: make it, or say what it would be."""
    remote = repo.remote_version()
    result = {"before": None, "after": remote.sha, "changed": True}
    if host.check or not args["clone"]:
        return result
    repo.clone(remote)
    if SHA.match(args["version"]) and repo.knows(args["version"]) is None and not args["bare"]:
        repo.run("fetch", args["remote"], args["version"], ok=None)
    if args["verify_commit"]:
        repo.verify(_named(args, repo, remote))
    if not args["bare"] and (remote.kind != "branch" or args["version"] != "HEAD"):
        repo.switch(remote)
    if args["recursive"] and not args["bare"] and os.path.exists(os.path.join(args["dest"], ".gitmodules")):
        repo.update_submodules()
    result["after"] = repo.head()
    return result


def _take_from(host, args, repo):
    """Make the checkout come from ``repo``; whether it came from elsewhere."""
    now = repo.url()
    if now == args["repo"]:
        return False
    if not host.check:
        repo.set_url(args["repo"])
    # A remote that was not there before is new, not changed.
    return now is not None


def _update(host, args, repo, result):
    before, modules = result["before"], repo.submodules() if args["recursive"] else ""
    remote = repo.remote_version()
    goal = remote.sha or repo.knows(args["version"])
    moved = result["remote_url_changed"] or "git_dir_now" in result or "msg" in result
    if host.check:
        result.update(after=goal, changed=before != goal or moved)
        return result
    if not _is_at(repo, remote, before):
        repo.fetch(remote)
        if SHA.match(args["version"]) and repo.knows(args["version"]) is None:
            # Not on any branch; most servers give it out when asked by its number.
            repo.run("fetch", args["remote"], args["version"], ok=None)
    if "msg" in result:
        repo.reset()
    if args["verify_commit"]:
        repo.verify(_named(args, repo, remote))
    if before != goal or not args["bare"]:
        _switch(args, repo, remote, before)
    if modules or (args["recursive"] and os.path.exists(os.path.join(args["dest"], ".gitmodules"))):
        repo.update_submodules()
        result["submodules_changed"] = repo.submodules() != modules
    after = repo.head()
    changed = before != after or moved or result.get("submodules_changed", False)
    result.update(after=after, changed=changed)
    if host.diff and before and before != after:
        result["diff"] = {"prepared": repo.run("diff", "--no-color", "%s..%s" % (before, after)).out}
    return result


def _named(args, repo, remote):
    """What has to be signed: the other side's branch, not a local one of that name; a tag rather than its commit."""
    tracking = "refs/remotes/%s/%s" % (repo.remote, remote.name)
    if remote.kind == "branch" and not args["bare"] and repo.knows(tracking) is not None:
        return tracking
    return args["version"]


def _is_at(repo, remote, before):
    """Whether nothing has to be fetched: the commit is checked out, and the branch known to be there."""
    if remote.sha is None or remote.sha != before:
        return False
    return remote.kind != "branch" or repo.args["bare"] or repo.knows(
        "refs/remotes/%s/%s" % (repo.remote, remote.name)) == remote.sha


def _switch(args, repo, remote, before):
    if remote.kind == "branch" and remote.sha == before:
        here = repo.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=None).out.strip()
        if here == remote.name:
            return
    elif remote.sha is not None and remote.sha == before:
        return
    repo.switch(remote)


def _archive(host, args, repo, kind, result):
    """Write the archive where it is not what the version gives."""
    path = args["archive"]
    if host.check:
        result["changed"] = result["changed"] or not os.path.exists(path)
        return
    above = os.path.dirname(path) or "."
    if not os.path.isdir(above):
        raise Failed("cannot write %s: the folder %s does not exist" % (path, above))
    try:
        with temporary.folder(path) as folder:
            if _packed(args, repo, kind, path, os.path.join(folder, os.path.basename(path))):
                result["changed"] = True
    except OSError as error:
        hint = why_refused(path) if error.errno == errno.EPERM else ""
        raise Failed("cannot write %s: %s%s" % (path, error.strerror, hint))


def _packed(args, repo, kind, path, made):
    """Make the archive as ``made`` and put it in its place; False where the same is there. Raises OSError."""
    prefix = ["--prefix=%s" % args["archive_prefix"]] if args["archive_prefix"] else []
    version = repo.head() if args["version"] == "HEAD" else args["version"]
    ran = repo.run(*(["archive", "--format=%s" % kind, "--output=%s" % made] + prefix + [version]), ok=None)
    if ran.rc != 0:
        raise Failed("Failed to perform archive operation", rc=ran.rc, stderr=ran.err,
                     details="cannot write %s: %s" % (path, ran.err.strip()))
    if os.path.isfile(path) and filecmp.cmp(made, path, False):
        return False
    if not os.path.exists(path):
        mask = os.umask(0o022)
        os.umask(mask)
        os.chmod(made, 0o666 & ~mask)
    os.rename(made, path)
    return True
