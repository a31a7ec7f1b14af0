"""at and patch: what the programs are asked, and what they do where they are installed."""

import shutil

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import at

# The output of at -c (at 3.2.5, Debian 12), the environment shortened.
SHOWN = """\
#!/bin/sh
# atrun uid=0 gid=0
# mail root 0
umask 22
USER=root; export USER
HOME=/root; export HOME
cd /root || {
\t echo 'Execution directory inaccessible' >&2
\t exit 1
}
echo 'quo"te'
echo $HOME

"""
QUEUE = "5\tWed Nov 25 18:51:00 2026 a root\n"
TEXT = "echo 'quo\"te'\necho $HOME"


def test_the_text_of_a_job():
    assert at.body(SHOWN).strip() == TEXT
    begin = SHOWN[: SHOWN.index("echo 'quo")]
    assert at.body(begin + "${SHELL:-/bin/sh} << 'marcinDELIMITER1a2b'\nls\ndate\nmarcinDELIMITER1a2b\n") == "ls\ndate"


def host(**more):
    answers = {"atq": QUEUE, "at -c 5": SHOWN, "at -r": "",
               "env -u LC_ALL -u LANGUAGE /usr/bin/at": (0, "", "job 6 at Wed\n")}  # fmt: skip
    answers.update(more.pop("answers", {}))
    return FakeHost(answers, **more)


def test_a_job_is_added():
    args = {"command": "ls", "count": 20, "units": "minutes"}
    fake = host()
    assert run_on(fake, "at", args) == {"changed": True, "state": "present", "count": 20, "units": "minutes"}
    assert fake.calls == ["env -u LC_ALL -u LANGUAGE /usr/bin/at now + 20 minutes"]
    fake = host(check=True)
    assert run_on(fake, "at", args)["changed"] and fake.calls == []


def test_one_job_is_enough():
    args = {"command": TEXT, "count": 3, "units": "hours", "unique": True}
    assert run_on(host(), "at", args) == {"changed": False, "state": "present"}
    assert run_on(host(), "at", dict(args, command="echo"))["changed"]
    assert run_on(host(answers={"at -c 5": (1, "", "Cannot find jobid 5")}), "at", args)["changed"]


def test_jobs_go(tmp_path):
    fake = host()
    assert run_on(fake, "at", {"command": TEXT, "state": "absent"}) == {"changed": True, "state": "absent"}
    assert fake.calls[-1] == "at -r 5"
    assert not run_on(host(), "at", {"command": "echo", "state": "absent"})["changed"]
    script = tmp_path / "script"
    assert not run_on(host(), "at", {"script_file": str(script), "state": "absent"})["changed"]
    script.write_text(TEXT + "\n")
    assert run_on(host(check=True), "at", {"script_file": str(script), "state": "absent"})["changed"]
    made = run_on(host(), "at", {"script_file": str(script), "count": 1, "units": "days"})
    assert made["script_file"] == str(script)


@pytest.mark.parametrize(
    "args, message",
    [
        ({"command": "a"}, "present state requires count and units"),
        ({"command": "a", "count": 1}, "present state requires count and units"),
        ({"command": "a", "count": -1, "units": "days"}, "count must not be negative"),
        ({"command": "a", "count": "x", "units": "days"}, "argument 'count'"),
        ({"command": "a", "count": 1, "units": "years"}, "value of units must be one of"),
        ({"command": "a", "script_file": "b"}, "parameters are mutually exclusive: command|script_file"),
        ({"state": "absent"}, "one of the following is required: command, script_file"),
        ({"script_file": "/no/such", "count": 1, "units": "days"}, "script_file /no/such doesn't exist"),
    ],
)
def test_bad_jobs(args, message):
    fake = host()
    assert message in run_on(fake, "at", args)["msg"] and fake.calls == []


def test_what_at_says():
    fake = host(answers={"env -u LC_ALL -u LANGUAGE /usr/bin/at": (1, "", "You do not have permission to use at.\n")})
    result = run_on(fake, "at", {"command": "ls", "count": 1, "units": "days"})
    assert result["msg"] == "You do not have permission to use at." and result["rc"] == 1
    assert "install the package at " in run_on(FakeHost({}), "at", {"command": "a", "state": "absent"})["msg"]


DIFF = "--- a/one.txt\n+++ b/one.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n--- a/two.txt\n+++ b/two.txt\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
ONE = DIFF[: DIFF.index("--- a/two")]
needs_patch = pytest.mark.skipif(not shutil.which("patch"), reason="no patch here")


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "one.txt").write_text("a\nb\nc\n")
    (tmp_path / "two.txt").write_text("1\n2\n")
    return tmp_path


def names(tree):
    return sorted(path.name for path in tree.iterdir())


@needs_patch
def test_a_tree_is_patched_and_taken_back(tree):
    args = {"src": "x", "basedir": str(tree), "strip": 1, "_content": {"text": DIFF}}
    assert run_module("patch", dict(args, state="absent")) == {"changed": False}
    looked = run_module("patch", args, check=True, diff=True)
    assert looked["changed"] and "+B" in looked["diff"]["prepared"] and (tree / "one.txt").read_text() == "a\nb\nc\n"
    assert run_module("patch", args) == {"changed": True} and run_module("patch", args) == {"changed": False}
    assert (tree / "one.txt").read_text() == "a\nB\nc\n" and (tree / "two.txt").read_text() == "1\n3\n"
    assert run_module("patch", dict(args, state="absent", backup=True)) == {"changed": True}
    assert (tree / "one.txt").read_text() == "a\nb\nc\n" and (tree / "one.txt.~1~").read_text() == "a\nB\nc\n"
    assert run_module("patch", dict(args, state="absent")) == {"changed": False}


@needs_patch
def test_a_patch_that_fits_in_part_changes_nothing(tree):
    (tree / "two.txt").write_text("7\n8\n9\n")
    args = {"src": "x", "basedir": str(tree), "strip": 1, "_content": {"text": DIFF}}
    result = run_module("patch", args)
    assert result["failed"] and "1 out of 1 hunk FAILED" in result["msg"]
    assert (tree / "one.txt").read_text() == "a\nb\nc\n" and names(tree) == ["one.txt", "two.txt"]


@needs_patch
@pytest.mark.parametrize(
    "content, more, result",
    [
        (b"a\r\nb\r\nc\r\n", {"binary": True}, "FAILED"),
        (b"a\n\tb\nc\n", {}, "FAILED"),
        (b"a\nb \nc\n", {"ignore_whitespace": True}, ""),
    ],
)
def test_white_space(tree, content, more, result):
    (tree / "one.txt").write_bytes(content)
    (tree / "p").write_text(ONE)
    args = {"patchfile": str(tree / "p"), "originalfile": str(tree / "one.txt"), "remote_src": True, **more}
    told = run_module("patch", args)
    assert result in told.get("msg", "") and told.get("changed") is (not result), told


@pytest.mark.parametrize(
    "args, message",
    [
        ({"src": "/no/such", "remote_src": True, "dest": "/etc/passwd"}, "src /no/such doesn't exist or not readable"),
        ({"src": "x", "_content": {"text": ONE}, "dest": "/no/such"}, "dest /no/such doesn't exist or not writable"),
        ({"src": "x", "_content": {"text": ONE}, "dest": "/tmp"}, "dest /tmp doesn't exist or not writable"),
        ({"src": "x", "_content": {"text": ONE}, "basedir": "/no/such"}, "basedir /no/such doesn't exist"),
        ({"src": "x"}, "one of the following is required: dest, basedir"),
        ({"dest": "/etc/passwd"}, "missing required arguments: src"),
        ({"src": "x", "dest": "/x", "strip": "y"}, "argument 'strip'"),
        ({"src": "x", "dest": "/x", "state": "gone"}, "value of state must be one of"),
    ],
)
def test_bad_patches(args, message):
    assert message in run_module("patch", args)["msg"]


@needs_patch
def test_junk_is_no_patch(tree):
    result = run_module("patch", {"src": "x", "basedir": str(tree), "_content": {"data": "AAECA/8="}})
    assert result["failed"] and "garbage" in result["msg"] and names(tree) == ["one.txt", "two.txt"]


def test_without_patch(tree):
    result = run_on(FakeHost({}), "patch", {"src": "x", "basedir": str(tree), "_content": {"text": ONE}})
    assert "install the package patch " in result["msg"]
