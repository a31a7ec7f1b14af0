"""blockinfile: where blocks go, how they are replaced and removed."""

import os

import pytest
from run_module import run_module

from fleet.modules import blockinfile as module

FOUR = b"one\ntwo\nthree\ntwo b\n"
BEGIN, END = b"# BEGIN ANSIBLE MANAGED BLOCK\n", b"# END ANSIBLE MANAGED BLOCK\n"
BLOCK = BEGIN + b"aa\n" + END
OLD = b"one\n" + BEGIN + b"old\n" + END + b"two\n"


def edit(content, **args):
    return module.edit(content, module.SPEC.complete(module.SPEC.normalize(dict(args, path="/x"), "blockinfile")))


CASES = [
    (FOUR, {}, FOUR + BLOCK),
    (b"one", {}, b"one\n" + BLOCK),
    (b"", {}, BLOCK),
    (OLD, {}, b"one\n" + BLOCK + b"two\n"),
    (OLD, {"block": "old"}, OLD),
    (OLD, {"block": ""}, b"one\ntwo\n"),
    (OLD, {"state": "absent"}, b"one\ntwo\n"),
    (FOUR, {"state": "absent"}, FOUR),
    (FOUR, {"insertafter": "^one"}, b"one\n" + BLOCK + b"two\nthree\ntwo b\n"),
    (FOUR, {"insertbefore": "^two"}, b"one\ntwo\nthree\n" + BLOCK + b"two b\n"),
    (FOUR, {"insertbefore": "BOF"}, BLOCK + FOUR),
    (FOUR, {"insertbefore": "none"}, FOUR + BLOCK),
    (FOUR, {"insertafter": "(?m)two\nth"}, b"one\ntwo\nthree\n" + BLOCK + b"two b\n"),
    (FOUR, {"insertbefore": "(?m)two\nth"}, b"one\n" + BLOCK + b"two\nthree\ntwo b\n"),
    (FOUR, {"insertafter": "(?m)^two"}, b"one\ntwo\n" + BLOCK + b"three\ntwo b\n"),
    (FOUR, {"prepend_newline": True, "append_newline": True}, FOUR + b"\n" + BLOCK),
    (FOUR, {"prepend_newline": True, "append_newline": True, "insertbefore": "BOF"}, BLOCK + b"\n" + FOUR),
    (OLD, {"prepend_newline": True, "append_newline": True}, b"one\n\n" + BLOCK + b"\ntwo\n"),
    (
        b"one\n\n" + BLOCK + b"\ntwo\n",
        {"prepend_newline": True, "append_newline": True},
        b"one\n\n" + BLOCK + b"\ntwo\n",
    ),
    (
        FOUR,
        {"marker": "<!-- {mark} -->", "marker_begin": "B", "marker_end": "E"},
        FOUR + b"<!-- B -->\naa\n<!-- E -->\n",
    ),
    (b"one\n" + BEGIN + b"old\n", {}, b"one\n" + BEGIN + b"old\n" + BLOCK),
    (END + b"one\n" + BEGIN + b"old\n", {}, BLOCK + b"old\n"),
    (OLD + OLD, {}, OLD + b"one\n" + BLOCK + b"two\n"),
    (b"\xe9\r\n", {}, b"\xe9\r\n" + BLOCK),
]


@pytest.mark.parametrize(("before", "args", "after"), CASES)
def test_edit(before, args, after):
    assert edit(before, **dict({"block": "aa"}, **args)) == after


def test_messages(tmp_path):
    path = str(tmp_path / "x")
    failed = run_module("blockinfile", {"path": path, "block": "aa"})
    assert failed["rc"] == 257 and failed["msg"] == f"Path {path} does not exist !"
    assert run_module("blockinfile", {"path": path, "block": "aa", "create": True})["msg"] == "File created"
    assert run_module("blockinfile", {"path": path, "block": "bb"})["msg"] == "Block inserted"
    again = run_module("blockinfile", {"path": path, "block": "bb"})
    assert again["msg"] == "" and not again["changed"]
    removed = run_module("blockinfile", {"path": path, "block": "", "mode": "0600", "backup": True})
    assert removed["msg"] == "Block removed and ownership, perms or SE linux context changed"
    assert os.path.exists(removed["backup_file"])


def test_failed_validation_changes_nothing(tmp_path):
    (tmp_path / "x").write_bytes(FOUR)
    failed = run_module("blockinfile", {"path": str(tmp_path / "x"), "block": "aa", "validate": "grep -q zz %s"})
    assert failed["msg"] == "failed to validate: rc:1 error:" and (tmp_path / "x").read_bytes() == FOUR
