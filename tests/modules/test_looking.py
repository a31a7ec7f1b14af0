"""Modules that only look: stat, slurp, find; and tempfile."""

import base64
import os

import pytest
from run_module import run_module

from fleet.modules import find, stat
from fleet.remote.host import Failed


def test_stat_of_nothing_a_file_and_a_link(tmp_path):
    path = str(tmp_path / "x")
    assert run_module("stat", {"path": path}) == {"changed": False, "stat": {"exists": False}}
    (tmp_path / "x").write_text("hello\n")
    os.chmod(path, 0o4751)
    (tmp_path / "l").symlink_to("x")
    told = run_module("stat", {"path": path, "get_mime": False})["stat"]
    assert told["exists"] and told["isreg"] and not told["isdir"] and told["isuid"] and told["mode"] == "4751"
    assert told["checksum"] == "f572d396fae9206628714fb2ce00f72e94f2258f" and told["size"] == 6
    assert (told["wusr"], told["wgrp"], told["xoth"]) == (True, False, True)
    link = run_module("stat", {"path": str(tmp_path / "l"), "get_mime": False})["stat"]
    assert link["islnk"] and link["lnk_target"] == "x" and link["lnk_source"] == path and "checksum" not in link
    assert run_module("stat", {"path": str(tmp_path / "l"), "follow": True})["stat"]["isreg"]


def test_stat_leaves_out_what_is_not_asked_for(tmp_path):
    (tmp_path / "x").write_text("")
    args = {"path": str(tmp_path / "x"), "get_mime": False, "get_checksum": False, "get_attributes": False}
    told = run_module("stat", args)["stat"]
    assert not {"checksum", "mimetype", "charset", "attributes", "version"} & set(told)


def test_mime_line():
    assert stat.parse_mime("text/plain; charset=us-ascii\n") == ("text/plain", "us-ascii")
    assert stat.parse_mime("cannot open\n") == ("unknown", "unknown")


def test_slurp(tmp_path):
    (tmp_path / "x").write_bytes(b"\0\xff")
    told = run_module("slurp", {"src": str(tmp_path / "x")})
    assert base64.b64decode(told["content"]) == b"\0\xff" and told["encoding"] == "base64"
    assert run_module("slurp", {"src": str(tmp_path / "n")})["msg"] == "File not found: %s" % (tmp_path / "n")
    assert run_module("slurp", {"src": str(tmp_path)})["msg"].startswith("Source is a directory and must be a file")


def test_tempfile(tmp_path):
    made = run_module("tempfile", {"path": str(tmp_path), "state": "directory", "prefix": "p", "suffix": ".s"})
    name = os.path.basename(made["path"])
    assert made["changed"] and made["mode"] == "0700" and name.startswith("p") and name.endswith(".s")
    assert run_module("tempfile", {"path": str(tmp_path)})["mode"] == "0600"
    assert "No such file" in run_module("tempfile", {"path": str(tmp_path / "none")})["msg"]
    assert "slash" in run_module("tempfile", {"prefix": "../x"})["msg"]


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name, text in (
        ("a/f.txt", "1\n"),
        ("a/b/g.log", "22\n"),
        (".hid", ""),
        ("top.txt", "hello\n"),
        ("old.txt", ""),
    ):
        (tmp_path / name).write_text(text)
    os.utime(tmp_path / "old.txt", (0, 0))
    os.chmod(tmp_path / "old.txt", 0o600)
    (tmp_path / "l").symlink_to("a")
    (tmp_path / "lf").symlink_to("top.txt")
    return tmp_path


FOUND = [
    ({}, {"old.txt", "top.txt"}),
    ({"hidden": True}, {"old.txt", "top.txt", ".hid"}),
    ({"recurse": True}, {"old.txt", "top.txt", "a/f.txt", "a/b/g.log"}),
    ({"recurse": True, "depth": 2}, {"old.txt", "top.txt", "a/f.txt"}),
    ({"recurse": True, "follow": True}, {"old.txt", "top.txt", "a/f.txt", "a/b/g.log", "l/f.txt", "l/b/g.log"}),
    ({"recurse": True, "patterns": "*.log"}, {"a/b/g.log"}),
    ({"recurse": True, "patterns": [r"^.\.txt$"], "use_regex": True}, {"a/f.txt"}),
    ({"excludes": "old*"}, {"top.txt"}),
    ({"recurse": True, "file_type": "directory"}, {"a", "a/b"}),
    ({"file_type": "link"}, {"l", "lf"}),
    ({"file_type": "any"}, {"a", "l", "lf", "old.txt", "top.txt"}),
    ({"age": "1d"}, {"old.txt"}),
    ({"age": "-1d"}, {"top.txt"}),
    ({"size": "2"}, {"top.txt"}),
    ({"size": "-1"}, {"old.txt"}),
    ({"size": "1k"}, set()),
    ({"contains": "hel"}, {"top.txt"}),
    ({"contains": "ell"}, set()),
    ({"contains": "ell", "read_whole_file": True}, {"top.txt"}),
    ({"mode": "0600"}, {"old.txt"}),
    ({"mode": "u=rw", "exact_mode": False}, {"old.txt", "top.txt"}),
]


@pytest.mark.parametrize(("args", "names"), FOUND)
def test_find(tree, args, names):
    told = run_module("find", dict(args, paths=str(tree)))
    assert {os.path.relpath(item["path"], str(tree)) for item in told["files"]} == names
    assert told["matched"] == len(names) and not told["changed"] and told["msg"] == "All paths examined"


def test_find_looks_at_a_whole_file_as_one_text(tree):
    (tree / "two.txt").write_text("first\nlast\n")
    for contains, names in (("first$", []), ("^last", []), ("last$", ["two.txt"]), ("t\\nl", ["two.txt"])):
        told = run_module("find", {"paths": str(tree), "contains": contains, "read_whole_file": True})
        assert [os.path.basename(item["path"]) for item in told["files"]] == names


def test_find_stops_at_the_limit_and_names_what_it_skipped(tree):
    told = run_module("find", {"paths": str(tree), "limit": 1, "recurse": True})
    assert told["matched"] == 1 and told["msg"] == "Limit of matches reached" and told["examined"] == 6
    told = run_module("find", {"paths": [str(tree / "none"), str(tree / "a")]})
    assert told["matched"] == 1 and list(told["skipped_paths"]) == [str(tree / "none")] and told["warnings"]


def test_find_does_not_run_in_circles(tree):
    (tree / "a" / "up").symlink_to("..")
    told = run_module("find", {"paths": str(tree), "recurse": True, "follow": True, "patterns": "top.txt"})
    assert [item["path"] for item in told["files"]] == [str(tree / "top.txt")]


@pytest.mark.parametrize(("text", "number"), [("2d", 172800), ("-1h", -3600), ("5", 5), (None, None)])
def test_amounts(text, number):
    assert find.parse_amount("age", text, find.SECONDS) == number


def test_bad_amount_is_named():
    with pytest.raises(Failed, match="failed to process age"):
        find.parse_amount("age", "2y", find.SECONDS)


def test_find_names_a_file_that_is_in_another_encoding(tmp_path):
    (tmp_path / "gbk").write_bytes("你好".encode("gbk"))
    args = {"paths": str(tmp_path), "contains": "你好"}
    told = run_module("find", dict(args, encoding="utf-8"))
    assert told["matched"] == 0 and told["msg"].startswith("Not all paths examined")
    assert told["skipped_paths"] == {
        str(tmp_path): "Failed to read the file %s/gbk due to an encoding error. current encoding: utf-8" % tmp_path
    }
    assert run_module("find", dict(args, encoding="gbk"))["matched"] == 1
    told = run_module("find", dict(args, encoding="no-such"))
    assert told["skipped_paths"] == {str(tmp_path): "unknown encoding: no-such"}


@pytest.mark.parametrize(("depth", "matched", "examined"), [(None, 5, 5), (3, 5, 5), (2, 3, 5), (1, 1, 3)])
def test_find_counts_one_folder_deeper_than_it_looks(tmp_path, depth, matched, examined):
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / "f").write_text("")
    (tmp_path / "a" / "b" / "g").write_text("")
    told = run_module("find", {"paths": str(tmp_path), "file_type": "any", "recurse": True, "depth": depth})
    assert (told["matched"], told["examined"]) == (matched, examined)
