"""lineinfile: where lines go, what is replaced, removed, left alone."""

import os

import pytest
from run_module import run_module

from fleet.modules import lineinfile as module

FOUR = b"one\ntwo\nthree\ntwo b\n"


def edit(content, **args):
    return module.edit(content, module.SPEC.complete(module.SPEC.normalize(dict(args, path="/x"), "lineinfile")))


PLACES = [
    ({"line": "four"}, FOUR + b"four\n", "line added"),
    ({"line": "two"}, FOUR, ""),
    ({"line": "four", "regexp": "^two"}, b"one\ntwo\nthree\nfour\n", "line replaced"),
    ({"line": "four", "regexp": "^two", "firstmatch": True}, b"one\nfour\nthree\ntwo b\n", "line replaced"),
    ({"line": "two", "regexp": "^none", "insertafter": "^one"}, FOUR, ""),
    ({"line": "four", "insertafter": "^two"}, FOUR + b"four\n", "line added"),
    ({"line": "four", "insertafter": "^two", "firstmatch": True}, b"one\ntwo\nfour\nthree\ntwo b\n", "line added"),
    ({"line": "four", "insertbefore": "^two"}, b"one\ntwo\nthree\nfour\ntwo b\n", "line added"),
    ({"line": "four", "insertbefore": "^two", "firstmatch": True}, b"one\nfour\ntwo\nthree\ntwo b\n", "line added"),
    ({"line": "four", "insertbefore": "BOF"}, b"four\n" + FOUR, "line added"),
    ({"line": "four", "insertafter": "EOF"}, FOUR + b"four\n", "line added"),
    ({"line": "four", "insertbefore": "none"}, FOUR + b"four\n", "line added"),
    ({"line": "four", "regexp": "^one", "insertbefore": "^three"}, b"four\ntwo\nthree\ntwo b\n", "line replaced"),
    ({"line": r"x\1", "regexp": "^t(.*)o$", "backrefs": True}, b"one\nxw\nthree\ntwo b\n", "line replaced"),
    ({"line": r"x\1", "regexp": "^n(.*)o$", "backrefs": True}, FOUR, ""),
    ({"line": "x", "search_string": "wo"}, b"one\ntwo\nthree\nx\n", "line replaced"),
    ({"line": "x", "search_string": "w.o"}, FOUR + b"x\n", "line added"),
    ({"line": "two", "state": "absent"}, b"one\nthree\ntwo b\n", "1 line(s) removed"),
    ({"regexp": "^two", "state": "absent"}, b"one\nthree\n", "2 line(s) removed"),
    ({"search_string": "two", "state": "absent"}, b"one\nthree\n", "2 line(s) removed"),
    ({"regexp": "^none", "state": "absent"}, FOUR, ""),
]


@pytest.mark.parametrize(("args", "content", "done"), PLACES)
def test_places(args, content, done):
    assert edit(FOUR, **args)[:2] == (content, done)


ENDS = [
    (b"one\ntwo", {"line": "four"}, b"one\ntwo\nfour\n"),
    (b"one\ntwo", {"line": "four", "insertafter": "^two"}, b"one\ntwo\nfour\n"),
    (b"", {"line": "four"}, b"four\n"),
    (b"a\r\nb\r\n", {"line": "x"}, b"a\r\nb\r\nx\n"),
    (b"a\r\nb\r\n", {"line": "a"}, b"a\nb\r\n"),
    (b"\xe9\nb\n", {"line": "\u00e9"}, b"\xe9\nb\n\xc3\xa9\n"),
    (b"a\x85b\x0cc\n", {"line": "b", "state": "absent"}, b"a\x85b\x0cc\n"),
]


@pytest.mark.parametrize(("before", "args", "after"), ENDS)
def test_line_ends_and_other_encodings(before, args, after):
    assert edit(before, **args)[0] == after


FAILURES = [
    ({"state": "present"}, "line is required with state=present"),
    ({"state": "absent"}, "one of line, search_string, or regexp is required with state=absent"),
    ({"line": "x", "backrefs": True}, "regexp is required with backrefs=true"),
    ({"line": "x", "regexp": "("}, "regexp is no valid regular expression"),
    ({"line": r"\2", "regexp": "(o)", "backrefs": True}, "line cannot be expanded with the groups of regexp"),
    ({"line": "x", "insertafter": "a", "insertbefore": "b"}, "parameters are mutually exclusive"),
    ({"line": "x", "validate": "true"}, "validate must contain %s: true"),
    ({"line": "x", "validate": "false %s"}, "failed to validate: rc:1 error:"),
]


@pytest.mark.parametrize(("args", "msg"), FAILURES)
def test_failures_change_nothing(tmp_path, args, msg):
    (tmp_path / "x").write_bytes(FOUR)
    failed = run_module("lineinfile", dict(args, path=str(tmp_path / "x")))
    assert failed["failed"] and failed["msg"].startswith(msg)
    assert (tmp_path / "x").read_bytes() == FOUR and os.listdir(tmp_path) == ["x"]


def test_missing_file(tmp_path):
    path = str(tmp_path / "n" / "x")
    failed = run_module("lineinfile", {"path": path, "line": "a"})
    assert failed["rc"] == 257 and failed["msg"] == f"Destination {path} does not exist !"
    gone = run_module("lineinfile", {"path": path, "line": "a", "state": "absent"})
    assert gone["msg"] == "file not present" and not gone["changed"]
    assert run_module("lineinfile", {"path": path, "line": "a", "create": True}, check=True)["changed"]
    assert not os.path.exists(path)
    made = run_module("lineinfile", {"path": path, "line": "a", "create": True, "mode": "0600"})
    assert made["msg"] == "line added and ownership, perms or SE linux context changed"
    assert oct(os.stat(path).st_mode)[-3:] == "600"


def test_directory_is_refused(tmp_path):
    failed = run_module("lineinfile", {"path": str(tmp_path), "line": "a"})
    assert failed["rc"] == 256 and failed["msg"] == f"Path {tmp_path} is a directory !"


def test_backup_diff_and_link(tmp_path):
    (tmp_path / "y").write_bytes(FOUR)
    os.chmod(tmp_path / "y", 0o604)
    (tmp_path / "x").symlink_to("y")
    path = str(tmp_path / "x")
    made = run_module("lineinfile", {"path": path, "line": "four", "backup": True}, diff=True)
    assert made["diff"][0]["before_header"] == path + " (content)"
    assert made["diff"][0]["after"] == "one\ntwo\nthree\ntwo b\nfour\n"
    with open(made["backup"], "rb") as kept:
        assert kept.read() == FOUR
    assert (tmp_path / "x").is_symlink() and oct(os.stat(tmp_path / "y").st_mode)[-3:] == "604"


def test_empty_regexp_is_warned_of(tmp_path):
    (tmp_path / "x").write_bytes(FOUR)
    made = run_module("lineinfile", {"path": str(tmp_path / "x"), "regexp": "", "line": "x"})
    assert "will match every line" in made["warnings"][0]
