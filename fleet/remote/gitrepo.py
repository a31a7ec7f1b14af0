"""A git checkout and the repository it comes from, through the program git."""

import os
import re
import shlex
import shutil

from fleet.remote.host import Failed

SHA = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
LOGIN = re.compile(r"(\w+://[^/:@\s]*):[^/@\s]*@")


def masked(text):
    """``text`` without the passwords that URLs in it carry."""
    return LOGIN.sub(r"\1:********@", text)


class Remote(object):
    """What the other side has of a version: its commit, and what kind of name it is.

    ``kind`` is branch, tag, sha or "" for a name the other side does not know.
    """

    def __init__(self, sha, kind, name):
        self.sha = sha
        self.kind = kind
        self.name = name


class Repo(object):
    """The checkout at ``args["dest"]``; ``args`` are those of the module git."""

    def __init__(self, host, args):
        self.host = host
        self.args = args
        self.git = args["executable"] or host.need("git", "git")
        self.dest = args["dest"]
        self.remote = args["remote"]
        self.env = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": ssh_command(args, host.environ())}

    def run(self, *words, **more):
        """Run git in the checkout. ``msg`` is told first when it fails, by default what git says."""
        argv = [self.git] + list(words)
        msg = more.pop("msg", None)
        ok = more.pop("ok", (0,))
        ran = self.host.run(argv, ok=None, env=self.env, cwd=more.pop("cwd", self.dest))
        if ok is not None and ran.rc not in ok:
            err = masked(ran.err)
            raise Failed(msg or err.strip() or masked(ran.out.strip()), cmd=masked(" ".join(argv)), rc=ran.rc,
                         stdout=masked(ran.out), stderr=err, stderr_lines=err.splitlines(),
                         stdout_lines=masked(ran.out).splitlines())
        return ran

    def there(self):
        """Whether there is a repository to work with."""
        if self.dest is None:
            return False
        folder = self.folder()
        return bool(folder) and os.path.exists(os.path.join(folder, "config"))

    def folder(self):
        """Where the repository proper is; for a checkout with a separate one, where its `.git` file leads."""
        if self.args["bare"]:
            return self.dest
        place = os.path.join(self.dest, ".git")
        if not os.path.isfile(place):
            return place
        with open(place) as source:
            word, _, path = source.read().strip().partition(": ")
        return os.path.join(self.dest, path) if word == "gitdir" else ""

    def head(self):
        """The commit that is checked out, None in an empty repository."""
        ran = self.run("rev-parse", "--verify", "--quiet", "HEAD", ok=None)
        if ran.rc > 1:
            raise Failed("cannot read the repository %s: %s" % (self.dest, ran.err.strip()), rc=ran.rc)
        return ran.out.strip() or None

    def knows(self, name):
        """The commit that ``name`` means here, or None."""
        return self.run("rev-parse", "--verify", "--quiet", name + "^{commit}", ok=None).out.strip() or None

    def url(self):
        return self.run("config", "--get", "remote.%s.url" % self.remote, ok=None).out.strip() or None

    def set_url(self, url):
        words = ["add", self.remote, url] if self.url() is None else ["set-url", self.remote, url]
        self.run("remote", *words, msg="Failed to set a new url %s for %s" % (masked(url), self.remote))

    def is_modified(self):
        """Whether files that git knows differ from what was checked out."""
        if self.args["bare"]:
            return False
        ran = self.run("status", "--porcelain", "--untracked-files=no")
        return bool(ran.out.strip())

    def remote_version(self):
        """What the other side has under ``version``: one question, answered without fetching anything."""
        version = self.args["version"]
        if SHA.match(version):
            return Remote(version, "sha", version)
        asked = ["HEAD"] if version == "HEAD" else [
            version if version.startswith("refs/") else "refs/heads/" + version, "refs/tags/" + version,
            "refs/tags/%s^{}" % version]
        ran = self.run("ls-remote", "--symref", "--", self.args["repo"], *asked, cwd="/")
        return found(ran.out, version)

    def clone(self, remote):
        """Make the checkout. Raises Failed."""
        args = self.args
        words = ["clone", "--origin", self.remote]
        if args["bare"]:
            words.append("--bare")
        if args["depth"] and args["depth"] > 0:
            if remote.kind in ("branch", "tag") or args["refspec"]:
                words.append("--depth=%d" % args["depth"])
            else:
                self.host.warn("Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags "
                               "or in combination with refspec.")
        if args["reference"]:
            words.append("--reference=%s" % args["reference"])
        if args["single_branch"]:
            words.append("--single-branch")
        if args["separate_git_dir"]:
            words.append("--separate-git-dir=%s" % args["separate_git_dir"])
        if remote.kind in ("branch", "tag") and args["version"] != "HEAD" and not args["verify_commit"]:
            words.append("--branch=%s" % remote.name)
        above = os.path.dirname(self.dest.rstrip("/")) or "/"
        try:
            os.makedirs(above, exist_ok=True)
        except OSError as error:
            raise Failed("cannot make the folder %s: %s" % (above, error.strerror))
        self.run(*(words + ["--", args["repo"], self.dest]), cwd=above)
        if args["refspec"]:
            self.run("fetch", self.remote, args["refspec"])

    def fetch(self, remote):
        """Bring what the other side has that is not here."""
        args = self.args
        words = ["fetch"] + (["--force"] if args["force"] or args["bare"] else [])
        wanted = []
        if args["depth"] and args["depth"] > 0 and remote.kind in ("branch", "tag"):
            words.append("--depth=%d" % args["depth"])
            wanted = [self._refspec(remote)]
        elif args["bare"]:
            wanted = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        else:
            words.append("--tags")
        words += [self.remote] + wanted
        self.run(*words, msg=None)
        missing = remote.kind == "branch" and not args["bare"] and self.knows(self._tracking(remote)) != remote.sha
        if missing and not wanted:
            # A clone of a single branch follows no other.
            self.run(*(words[:1] + [self.remote, self._refspec(remote)]))
        if args["refspec"]:
            self.run("fetch", self.remote, args["refspec"])

    def _tracking(self, remote):
        return "refs/remotes/%s/%s" % (self.remote, remote.name)

    def _refspec(self, remote):
        if remote.kind == "tag":
            return "+refs/tags/%s:refs/tags/%s" % (remote.name, remote.name)
        if self.args["bare"]:
            return "+refs/heads/%s:refs/heads/%s" % (remote.name, remote.name)
        return "+refs/heads/%s:%s" % (remote.name, self._tracking(remote))

    def switch(self, remote):
        """Check out what was asked for; a branch is set to where the other side has it."""
        if self.args["bare"]:
            return
        if remote.kind != "branch":
            version = "refs/tags/" + remote.name if remote.kind == "tag" else self.args["version"]
            if remote.kind != "tag" or self.knows(version) is None:
                version = self.args["version"]
            self.run("checkout", "--force", version, msg="Failed to checkout %s" % self.args["version"])
            return
        msg = "Failed to checkout branch %s" % remote.name
        if self.knows("refs/heads/" + remote.name) is None:
            # No --track: in a clone of a single branch git refuses it for the others.
            self.run("checkout", "--force", "-b", remote.name, self._tracking(remote), "--", msg=msg)
            self.run("config", "branch.%s.remote" % remote.name, self.remote)
            self.run("config", "branch.%s.merge" % remote.name, "refs/heads/" + remote.name)
            return
        self.run("checkout", "--force", remote.name, "--", msg=msg)
        if self.knows(self._tracking(remote)) is not None:
            self.run("reset", "--hard", self._tracking(remote), "--", msg=msg)

    def reset(self):
        """Throw local changes away."""
        self.run("reset", "--hard", "HEAD", "--")

    def submodules(self):
        """(path, commit) of every submodule, as git shows them; "" where there are none."""
        if self.args["bare"] or not os.path.exists(os.path.join(self.dest, ".gitmodules")):
            return ""
        return self.run("submodule", "status", "--recursive", ok=None).out

    def update_submodules(self):
        self.run("submodule", "sync", "--recursive")
        words = ["submodule", "update", "--init", "--recursive"] + (["--force"] if self.args["force"] else [])
        self.run(*(words + (["--remote"] if self.args["track_submodules"] else [])),
                 msg="Failed to init/update submodules")

    def move(self, place):
        """Take the repository proper to ``place``; the old place, or None when it is there already."""
        now = self.folder()
        if os.path.realpath(now) == os.path.realpath(place):
            return None
        if os.path.exists(place):
            raise Failed("cannot move the repository %s to %s: something is there already" % (now, place))
        if not self.host.check:
            shutil.move(now, place)
            with open(os.path.join(self.dest, ".git"), "w") as sink:
                sink.write("gitdir: %s\n" % place)
        return now

    def verify(self, version):
        """Check the signature of a tag or commit, and who made it. Raises Failed."""
        kind = "tag" if self.run("cat-file", "-t", version, ok=None).out.strip() == "tag" else "commit"
        ran = self.run("verify-" + kind, "--raw", version,
                       msg='Failed to verify GPG signature of commit/tag "%s"' % version)
        allowed = [each.upper().replace(" ", "") for each in self.args["gpg_allowlist"] or ()]
        signers = re.findall(r"^\[GNUPG:\] VALIDSIG (\w+)", ran.err + ran.out, re.MULTILINE)
        if allowed and not any(signer.upper().endswith(each) for signer in signers for each in allowed):
            raise Failed("The gpg_allowlist does not include the public key \"%s\" for this commit" % ", ".join(signers))


def found(text, version):
    """The answer of `git ls-remote --symref` as a Remote. A branch goes before a tag of the same name."""
    refs, head = {}, None
    for line in text.splitlines():
        what, _, name = line.partition("\t")
        if what.startswith("ref: "):
            head = what[5:]
        elif name:
            refs[name] = what
    if version == "HEAD":
        branch = head[len("refs/heads/"):] if head and head.startswith("refs/heads/") else None
        return Remote(refs.get("HEAD"), "branch" if branch else "", branch or "HEAD")
    if version.startswith("refs/") and version in refs:
        return Remote(refs[version], "sha", version)
    if "refs/heads/" + version in refs:
        return Remote(refs["refs/heads/" + version], "branch", version)
    tag = "refs/tags/" + version
    if tag in refs:
        return Remote(refs.get(tag + "^{}", refs[tag]), "tag", version)
    return Remote(None, "", version)


def ssh_command(args, environ):
    """What git calls instead of ssh: never asks anybody anything."""
    words = [environ.get("GIT_SSH_COMMAND") or "ssh", "-o", "BatchMode=yes"]
    given = args["ssh_opts"] or ""
    if args["accept_hostkey"] and "StrictHostKeyChecking" not in given:
        words += ["-o", "StrictHostKeyChecking=no"]
    if args["accept_newhostkey"] and "StrictHostKeyChecking" not in given:
        words += ["-o", "StrictHostKeyChecking=accept-new"]
    if args["key_file"]:
        words += ["-i", shlex.quote(args["key_file"]), "-o", "IdentitiesOnly=yes"]
    return " ".join(words + ([given] if given else []))
