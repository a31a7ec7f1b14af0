"""The file module on real paths: every state, refusals, attributes, check mode, diff."""

import os
import stat
import time

import pytest
from run_module import run_module

from fleet.modules import file as module
from fleet.remote.filetimes import Moment


@pytest.fixture(autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_directory_is_made_with_its_parents_which_get_the_same_mode(tmp_path):
    path = tmp_path / "a" / "b" / "c"
    made = run_module("file", {"path": str(path), "state": "directory", "mode": "0750"}, diff=True)
    assert made["changed"] and made["state"] == "directory" and made["mode"] == "0750"
    assert [mode(p) for p in (tmp_path / "a", tmp_path / "a" / "b", path)] == [0o750] * 3
    assert made["diff"]["before"] == {"path": str(path), "state": "absent", "mode": None}
    assert not run_module("file", {"path": str(path), "state": "directory", "mode": "0750"})["changed"]


def test_check_mode_reports_and_changes_nothing(tmp_path):
    path = tmp_path / "d"
    assert run_module("file", {"path": str(path), "state": "directory"}, check=True)["changed"]
    assert not path.exists()
    (tmp_path / "f").write_text("x")
    assert run_module("file", {"path": str(tmp_path / "f"), "state": "absent"}, check=True)["changed"]
    assert (tmp_path / "f").exists()


REFUSALS = [
    ("absent", {"state": "file"}, "file ({p}) is absent, cannot continue"),
    ("directory", {"state": "file"}, "file ({p}) is directory, cannot continue"),
    ("file", {"state": "directory"}, "{p} already exists as a file"),
    ("file", {"state": "link", "src": "/etc/hosts"}, "refusing to convert from file to symlink for {p}"),
    ("directory", {"state": "link", "src": "/etc/hosts"}, "refusing to convert from directory to symlink for {p}"),
    ("full", {"state": "link", "src": "/x", "force": True}, "the directory {p} is not empty, refusing to convert it"),
    ("absent", {"state": "link"}, "src is required for creating new symlinks"),
    ("absent", {"state": "hard"}, "src is required for creating new hardlinks"),
    ("file", {"state": "hard"}, "src is required for creating new hardlinks"),
    ("absent", {"state": "hard", "src": "/no/such"}, "src does not exist"),
    ("file", {"state": "hard", "src": "/etc/hosts"}, "Cannot link, file exists at destination"),
    ("file", {"state": "touch", "recurse": True}, "recurse option requires state to be 'directory'"),
    ("file", {"src": "/etc/hosts"}, "src option requires state to be 'link' or 'hard'"),
    ("file", {"mode": "rwx"}, "mode must be in octal or symbolic form"),
    ("file", {"owner": "nobody-of-that-name"}, "chown failed: failed to look up user nobody-of-that-name"),
    ("file", {"group": "nobody-of-that-name"}, "chgrp failed: failed to look up group nobody-of-that-name"),
]


@pytest.mark.parametrize(("there", "args", "msg"), REFUSALS)
def test_refuses_with_ansibles_words(tmp_path, there, args, msg):
    path = tmp_path / "x"
    if there == "file":
        path.write_text("keep")
    elif there != "absent":
        path.mkdir()
    if there == "full":
        (path / "inner").write_text("keep")
    failed = run_module("file", dict(args, path=str(path)))
    assert failed["failed"] and failed["msg"] == msg.format(p=path)
    assert there != "file" or path.read_text() == "keep"


def test_link_to_missing_target_needs_force(tmp_path):
    path = tmp_path / "l"
    refused = run_module("file", {"path": str(path), "state": "link", "src": "nowhere"})
    assert refused["msg"].startswith("src file does not exist, use 'force=yes'")
    made = run_module("file", {"path": str(path), "state": "link", "src": "nowhere", "force": True})
    assert made["changed"] and made["src"] == "nowhere" and os.readlink(path) == "nowhere"
    assert any("follow=false" in text for text in made["warnings"])


def test_link_is_repointed_in_one_step_and_its_target_gets_the_mode(tmp_path):
    (tmp_path / "old").write_text("")
    (tmp_path / "new").write_text("")
    path = tmp_path / "l"
    path.symlink_to("old")
    args = {"path": str(path), "state": "link", "src": "new", "mode": "0600"}
    made = run_module("file", args, diff=True)
    assert made["diff"]["before"]["src"] == "old" and made["diff"]["after"]["src"] == "new"
    assert os.readlink(path) == "new" and mode(tmp_path / "new") == 0o600 and mode(tmp_path / "old") == 0o644
    assert not run_module("file", args)["changed"]
    assert sorted(os.listdir(tmp_path)) == ["l", "new", "old"]


def test_force_replaces_a_file_and_an_empty_directory_by_a_link(tmp_path):
    (tmp_path / "f").write_text("x")
    (tmp_path / "d").mkdir()
    for name in ("f", "d"):
        made = run_module("file", {"path": str(tmp_path / name), "state": "link", "src": "/etc/hosts", "force": True})
        assert made["changed"] and os.readlink(tmp_path / name) == "/etc/hosts"


def test_a_link_that_cannot_be_made_tells_both_ends(tmp_path):
    for state in ("hard", "link"):
        args = {"dest": str(tmp_path / "l"), "src": "no-such-file", "state": state, "force": False}
        told = run_module("file", args)
        assert told["failed"] and (told["dest"], told["src"]) == (str(tmp_path / "l"), "no-such-file")


def test_hard_link_and_its_repetition(tmp_path):
    (tmp_path / "a").write_text("x")
    args = {"path": str(tmp_path / "b"), "state": "hard", "src": str(tmp_path / "a")}
    assert run_module("file", args)["state"] == "hard"
    assert os.stat(tmp_path / "a").st_ino == os.stat(tmp_path / "b").st_ino
    assert not run_module("file", args)["changed"]


def test_recurse_sets_x_on_directories_only(tmp_path):
    inner = tmp_path / "d" / "e"
    inner.mkdir(parents=True)
    (inner / "f").write_text("")
    os.chmod(inner / "f", 0o666)
    args = {"path": str(tmp_path / "d"), "state": "directory", "recurse": True, "mode": "u=rwX,g=rX,o="}
    assert run_module("file", args)["changed"]
    assert [mode(p) for p in (tmp_path / "d", inner, inner / "f")] == [0o750, 0o750, 0o640]
    assert not run_module("file", args)["changed"]


def test_recurse_does_not_run_in_circles(tmp_path):
    top = tmp_path / "d"
    (top / "e").mkdir(parents=True)
    (top / "e" / "up").symlink_to("..")
    args = {"path": str(top), "state": "directory", "recurse": True, "mode": "0700"}
    assert run_module("file", args)["changed"]
    assert mode(top / "e") == 0o700


def test_touch_makes_then_touches_then_preserves(tmp_path):
    path = tmp_path / "t"
    assert run_module("file", {"path": str(path), "state": "touch"})["state"] == "file"
    os.utime(path, (1, 1))
    assert run_module("file", {"path": str(path), "state": "touch"})["changed"]
    assert time.time() - os.stat(path).st_mtime < 60
    keep = {"path": str(path), "state": "touch", "modification_time": "preserve", "access_time": "preserve"}
    assert not run_module("file", keep)["changed"]


def test_given_times_are_set_and_a_bad_one_is_named(tmp_path):
    path = tmp_path / "t"
    path.write_text("")
    args = {"path": str(path), "modification_time": "2020-05-06", "modification_time_format": "%Y-%m-%d"}
    assert run_module("file", args)["changed"] and not run_module("file", args)["changed"]
    assert time.localtime(os.stat(path).st_mtime)[:3] == (2020, 5, 6)
    bad = run_module("file", {"path": str(path), "access_time": "2020"})
    assert bad["msg"].startswith("Error while obtaining timestamp for time 2020 using format %Y%m%d%H%M.%S")


def test_moment_forgives_a_coarse_file_system_only():
    second = 10**9
    assert Moment(5 * second) == Moment(6 * second + 1)
    assert Moment(5 * second) != Moment(6 * second)
    assert Moment(5 * second + 1) != Moment(5 * second + 2)


def test_absent_removes_a_link_not_what_it_points_to(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "keep").write_text("")
    (tmp_path / "l").symlink_to("d")
    assert run_module("file", {"path": str(tmp_path / "l") + "/", "state": "absent"})["changed"]
    assert (tmp_path / "d" / "keep").exists() and not (tmp_path / "l").is_symlink()


def test_absent_tells_what_went(tmp_path):
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "f").write_text("")
    gone = run_module("file", {"path": str(tmp_path / "d"), "state": "absent"}, diff=True)
    content = gone["diff"]["before"]["path_content"]
    assert content == {"directories": [str(tmp_path / "d" / "e")], "files": [str(tmp_path / "d" / "f")]}
    assert not run_module("file", {"path": str(tmp_path / "d"), "state": "absent"})["changed"]


def test_without_state_the_thing_there_is_kept(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_text("")
    (tmp_path / "l").symlink_to("f")
    assert run_module("file", {"path": str(tmp_path / "d"), "mode": "0700"})["state"] == "directory"
    told = run_module("file", {"path": str(tmp_path / "l"), "mode": "0600"})
    assert told["dest"] == str(tmp_path / "l") and told["src"] == "f" and mode(tmp_path / "f") == 0o600


def test_a_link_itself_has_no_mode_to_change(tmp_path):
    (tmp_path / "f").write_text("")
    (tmp_path / "l").symlink_to("f")
    told = run_module("file", {"path": str(tmp_path / "l"), "mode": "0600", "follow": False})
    assert not told["changed"] and mode(tmp_path / "f") == 0o644


def test_nul_in_a_path_is_a_failure_not_a_crash(tmp_path):
    assert "is no path" in run_module("file", {"path": str(tmp_path) + "/a\0b", "state": "touch"})["msg"]


def test_every_state_has_its_rule():
    assert set(module.WANT) == set(module.SPEC.args["state"].choices)


def test_touch_leaves_no_file_of_the_wrong_owner(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    (tmp_path / "old").write_text("")
    owner = os.getuid() + 1
    for name in ("new", "old"):
        assert run_module("file", {"path": str(tmp_path / name), "state": "touch", "owner": str(owner)})["failed"]
    assert os.listdir(str(tmp_path)) == ["old"]


@pytest.mark.parametrize("value", ["no_such_one", "654321"])
def test_an_owner_nobody_has_is_doubted_in_check_mode(tmp_path, value):
    (tmp_path / "f").write_text("")
    for name, noun, number in (("owner", "user", "uid"), ("group", "group", "gid")):
        told = run_module("file", {"path": str(tmp_path / "f"), name: value, "state": "touch"}, check=True)
        what = "%s with %s %s" % (noun, number, value) if value.isdigit() else "%s %s" % (noun, value)
        if not told.get("failed"):
            assert told["warnings"][0].startswith("failed to look up %s." % what)
    assert "warnings" not in run_module("file", {"path": str(tmp_path / "f"), "owner": "root"}, check=True)


def test_the_environment_stands_in_for_unsafe_writes(monkeypatch):
    assert module.SPEC.complete({})["unsafe_writes"] is False
    monkeypatch.setenv("ANSIBLE_UNSAFE_WRITES", "1")
    assert module.SPEC.complete({})["unsafe_writes"] is True
    assert module.SPEC.complete({"unsafe_writes": False})["unsafe_writes"] is False


def test_who_may_only_write_a_file_may_touch_it(tmp_path, monkeypatch):
    real = os.utime

    def utime(path, ns=None, follow_symlinks=True):
        if ns is not None:
            raise PermissionError(1, "Operation not permitted")
        real(path, follow_symlinks=follow_symlinks)

    path = tmp_path / "f"
    path.write_text("")
    real(str(path), (1, 1))
    monkeypatch.setattr(os, "utime", utime)
    args = {"path": str(path), "state": "touch"}
    assert run_module("file", dict(args, modification_time="preserve"))["failed"] and path.stat().st_mtime == 1
    assert run_module("file", args)["changed"] and time.time() - path.stat().st_mtime < 60
