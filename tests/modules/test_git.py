"""git with repositories in folders: what is checked out, when the other side is asked, what is refused."""

import os
import shutil
import subprocess
import tarfile

import pytest
from run_module import run_module

from fleet.modules import git as module
from fleet.remote import gitrepo

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
ENV = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_ALLOW_PROTOCOL": "file",
}


class Source:
    """A repository to check out from: tag v1, annotated tag v2, branch dev; master is ahead of both tags."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "master")
        self.commits = {"one": self.commit("a", "1\n")}
        self.git("tag", "v1")
        self.commits["two"] = self.commit("a", "2\n")
        self.git("tag", "-a", "v2", "-m", "v2")
        self.git("checkout", "-q", "-b", "dev")
        self.commits["dev"] = self.commit("b", "3\n")
        self.git("checkout", "-q", "master")
        self.commits["master"] = self.commit("a", "4\n")

    def git(self, *words):
        ran = subprocess.run(
            ["git", *words], cwd=self.folder, env={**os.environ, **ENV}, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def commit(self, name, text):
        (self.folder / name).write_text(text)
        self.git("add", name)
        self.git("commit", "-q", "-m", text)
        return self.git("rev-parse", "HEAD")

    @property
    def url(self):
        return f"file://{self.folder}"


@pytest.fixture
def source(tmp_path):
    return Source(tmp_path / "source")


@pytest.fixture
def dest(tmp_path):
    return tmp_path / "below" / "dest"


def git(source, dest, check=False, diff=False, **more):
    args = {"repo": source.url if isinstance(source, Source) else source, "dest": str(dest), **more}
    return run_module("git", args, check=check, diff=diff, env=ENV)


def test_a_checkout_and_its_updates(source, dest):
    pretended = git(source, dest, check=True)
    assert pretended == {"changed": True, "before": None, "after": source.commits["master"]} and not dest.exists()
    assert git(source, dest) == {"changed": True, "before": None, "after": source.commits["master"]}
    again = git(source, dest)
    assert not again["changed"] and again["before"] == again["after"] and again["remote_url_changed"] is False
    newer = source.commit("a", "5\n")
    looked = git(source, dest, check=True)
    assert looked["changed"] and looked["after"] == newer and (dest / "a").read_text() == "4\n"
    updated = git(source, dest, diff=True)
    assert updated["changed"] and updated["after"] == newer and (dest / "a").read_text() == "5\n"
    assert "+5" in updated["diff"]["prepared"]


@pytest.mark.parametrize("bare", [False, True])
def test_every_kind_of_version(source, dest, bare):
    for version, commit in (("v1", "one"), ("dev", "dev"), ("v2", "two"), ("master", "master")):
        result = git(source, dest, version=version, bare=bare)
        assert result["after"] == source.commits["master" if bare and version != "v1" else commit] or bare
        assert not git(source, dest, version=version, bare=bare)["changed"]
    if not bare:
        sha = git(source, dest, version=source.commits["one"])
        assert sha["changed"] and sha["after"] == source.commits["one"]
        short = git(source, dest, version=source.commits["dev"][:10])
        assert short["changed"] and short["after"] == source.commits["dev"]


def test_a_branch_that_was_rewritten_is_followed(source, dest):
    git(source, dest, version="dev")
    source.git("checkout", "-q", "dev")
    source.git("reset", "-q", "--hard", "v1")
    rewritten = source.commit("b", "again\n")
    result = git(source, dest, version="dev")
    assert result["after"] == rewritten and (dest / "b").read_text() == "again\n"


def test_a_commit_that_is_checked_out_needs_no_other_side(source, dest):
    git(source, dest, version=source.commits["one"])
    shutil.rmtree(source.folder)
    assert not git(source, dest, version=source.commits["one"])["changed"]
    assert not git(source, dest, update=False)["changed"]
    gone = git(source, dest)
    assert gone["failed"] and gone["rc"] == 128


def test_changes_in_the_checkout_are_kept_unless_forced(source, dest):
    git(source, dest)
    (dest / "new").write_text("not git's")
    assert not git(source, dest)["changed"]
    (dest / "a").write_text("mine\n")
    refused = git(source, dest)
    assert refused["msg"] == f"Local modifications exist in the destination: {dest} (force=no)."
    assert refused["before"] == source.commits["master"] and (dest / "a").read_text() == "mine\n"
    assert git(source, dest, force=True, check=True)["changed"] and (dest / "a").read_text() == "mine\n"
    forced = git(source, dest, force=True)
    assert forced["changed"] and (dest / "a").read_text() == "4\n" and (dest / "new").exists()


def test_another_place_to_come_from(source, dest, tmp_path):
    git(source, dest)
    shutil.copytree(source.folder, tmp_path / "other")
    other = git(f"file://{tmp_path}/other", dest)
    assert other["changed"] and other["remote_url_changed"] and other["before"] == other["after"]
    assert not git(f"file://{tmp_path}/other", dest)["changed"]


def test_parts_of_the_history(source, dest):
    git(source, dest, depth=1, version="dev")
    assert len(os.listdir(dest)) == 3 and Source.git.__get__(_at(dest))("rev-list", "--count", "HEAD") == "1"
    assert git(source, dest, depth=1, version="v1")["after"] == source.commits["one"]
    single = dest.parent / "single"
    git(source, single, single_branch=True, version="dev")
    assert Source.git.__get__(_at(single))("branch", "-r") == "origin/dev"
    assert git(source, single, single_branch=True, version="master")["after"] == source.commits["master"]


def _at(folder):
    made = Source.__new__(Source)
    made.folder = folder
    return made


def test_other_names_and_refs(source, dest):
    source.git("update-ref", "refs/changes/1", source.commits["dev"])
    result = git(source, dest, remote="up", refspec="+refs/changes/*:refs/changes/*", version=source.commits["dev"])
    assert result["after"] == source.commits["dev"]
    assert not git(source, dest, remote="up", version=source.commits["dev"])["changed"]


def test_submodules(source, dest, tmp_path):
    inner = Source(tmp_path / "inner")
    source.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.url, "inner")
    source.git("commit", "-q", "-m", "inner")
    assert git(source, dest)["changed"] and (dest / "inner" / "a").read_text() == "4\n"
    assert not git(source, dest)["changed"]
    plain = dest.parent / "plain"
    git(source, plain, recursive=False)
    assert os.listdir(plain / "inner") == []
    inner.commit("a", "6\n")
    tracked = git(source, dest, track_submodules=True)
    assert tracked["changed"] and (dest / "inner" / "a").read_text() == "6\n"


def test_the_repository_apart_from_the_checkout(source, dest, tmp_path):
    git(source, dest, separate_git_dir=str(tmp_path / "apart"))
    assert (dest / ".git").is_file() and not git(source, dest, separate_git_dir=str(tmp_path / "apart"))["changed"]
    moved = git(source, dest, separate_git_dir=str(tmp_path / "moved"))
    assert moved["git_dir_before"] == str(tmp_path / "apart") and moved["git_dir_now"] == str(tmp_path / "moved")
    assert moved["changed"] and not git(source, dest, separate_git_dir=str(tmp_path / "moved"))["changed"]
    (tmp_path / "there").mkdir()
    assert "something is there" in git(source, dest, separate_git_dir=str(tmp_path / "there"))["msg"]


@pytest.mark.parametrize("ending", ["tar.gz", "tgz", "tar", "zip"])
def test_archives(source, dest, tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    assert git(source, dest, archive=str(path), archive_prefix="p/")["changed"]
    if ending != "zip":
        assert "p/a" in tarfile.open(path).getnames()
    before = path.stat().st_mtime_ns
    assert not git(source, dest, archive=str(path), archive_prefix="p/")["changed"]
    assert path.stat().st_mtime_ns == before and sorted(os.listdir(tmp_path)) == [path.name, "below", "source"]


def test_who_signed_is_asked(source, dest):
    result = git(source, dest, version="v1", verify_commit=True)
    assert result["msg"] == 'Failed to verify GPG signature of commit/tag "v1"'
    # What is not signed is not checked out.
    assert (dest / "a").read_text() == "4\n" and git(source, dest, version="v1", verify_commit=True)["failed"]
    assert (dest / "a").read_text() == "4\n"


def test_umask(source, dest):
    git(source, dest, umask="077")
    assert (dest / "a").stat().st_mode & 0o777 == 0o600
    assert git(source, dest, umask="9")["msg"] == "umask must be an octal integer"


def test_mistakes(source, dest, tmp_path):
    assert "does not appear to be a git repository" in git(f"file://{tmp_path}/none", dest)["msg"]
    assert git(source, dest, version="nosuch")["msg"] == "Failed to checkout nosuch"
    git(source, dest)
    assert git(source, dest, version="nosuch")["msg"] == "Failed to checkout nosuch"
    assert git(source, dest, version="0" * 40)["msg"] == "Failed to checkout " + "0" * 40
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert "not an empty directory" in git(source, tmp_path / "full")["msg"]
    assert "file extension" in git(source, dest, archive="/tmp/x.foo")["msg"]
    assert "missing parameter(s) required by 'archive_prefix'" in git(source, dest, archive_prefix="x")["msg"]
    assert "destination directory" in run_module("git", {"repo": source.url})["msg"]
    assert git(source, tmp_path / "no", clone=False)["after"] == source.commits["master"]
    assert not (tmp_path / "no").exists()
    injected = git("--upload-pack=touch /tmp/pwned", tmp_path / "inj")
    assert injected["failed"] and not os.path.exists("/tmp/pwned")


def test_a_missing_git_names_the_package(source, dest):
    from fake_host import FakeHost, run_on

    result = run_on(FakeHost({}), "git", {"repo": source.url, "dest": str(dest)})
    assert "install the package git" in result["msg"]


def test_passwords_in_urls_are_not_told(dest):
    result = git("http://me:s3cret@127.0.0.1:1/x.git", dest)
    assert result["failed"] and "s3cret" not in str(result)


def test_ssh_never_asks():
    spec = module.SPEC.complete(module.SPEC.normalize({"repo": "x", "key_file": "/a b", "accept_newhostkey": True}))
    assert gitrepo.ssh_command(spec, {}) == (
        "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -i '/a b' -o IdentitiesOnly=yes"
    )
    spec = module.SPEC.complete(module.SPEC.normalize({"repo": "x", "accept_hostkey": True, "ssh_opts": "-p 22"}))
    assert gitrepo.ssh_command(spec, {}) == "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p 22"


def test_a_branch_goes_before_a_tag():
    text = "ref: refs/heads/main\tHEAD\n1\tHEAD\n2\trefs/heads/x\n3\trefs/tags/x\n4\trefs/tags/x^{}\n"
    assert (gitrepo.found(text, "x").sha, gitrepo.found(text, "HEAD").name) == ("2", "main")
    tag = gitrepo.found("3\trefs/tags/x\n4\trefs/tags/x^{}\n", "x")
    assert (tag.sha, tag.kind) == ("4", "tag") and gitrepo.found("", "y").kind == ""
