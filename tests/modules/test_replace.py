"""replace: what is matched, between what, in which encoding."""

import pytest
from run_module import run_module

from fleet.modules import replace as module

FOUR = b"one\ntwo\nthree\ntwo b\n"


def edit(content, **args):
    return module.edit(content, module.SPEC.complete(module.SPEC.normalize(dict(args, path="/x"), "replace")))


CASES = [
    ({"regexp": "two", "replace": "2"}, b"one\n2\nthree\n2 b\n", 2),
    ({"regexp": "^two$", "replace": "2"}, b"one\n2\nthree\ntwo b\n", 1),
    ({"regexp": "^(t)wo", "replace": r"\1"}, b"one\nt\nthree\nt b\n", 2),
    ({"regexp": "two"}, b"one\n\nthree\n b\n", 2),
    ({"regexp": r"two\nthree", "replace": r"x\ny"}, b"one\nx\ny\ntwo b\n", 1),
    ({"regexp": "two", "replace": "2", "after": "three"}, b"one\ntwo\nthree\n2 b\n", 1),
    ({"regexp": "two", "replace": "2", "before": "three"}, b"one\n2\nthree\ntwo b\n", 1),
    ({"regexp": "o", "replace": "0", "after": "one", "before": "three"}, b"one\ntw0\nthree\ntwo b\n", 1),
    ({"regexp": "none", "replace": "2"}, FOUR, 0),
]


@pytest.mark.parametrize(("args", "after", "count"), CASES)
def test_edit(args, after, count):
    assert edit(FOUR, **args) == (after, count, "")


def test_encoding_and_undecodable_bytes():
    assert edit(b"\xe9\nb\n", regexp="b", replace="x")[0] == b"\xe9\nx\n"
    assert edit(b"\xe9\nb\n", regexp="\u00e9", replace="e", encoding="latin-1")[0] == b"e\nb\n"


def test_messages(tmp_path):
    path = str(tmp_path / "x")
    assert run_module("replace", {"path": path, "regexp": "a"})["rc"] == 257
    (tmp_path / "x").write_bytes(FOUR)
    note = run_module("replace", {"path": path, "regexp": "o", "after": "none"})
    assert note["msg"] == "Pattern for before/after params did not match the given file: none(?P<subsection>.*)"
    made = run_module("replace", {"path": path, "regexp": "o", "replace": "0", "mode": "0600"}, diff=True)
    assert made["msg"] == "3 replacements made and ownership, perms or SE linux context changed"
    assert made["rc"] == 0 and made["diff"]["after"] == "0ne\ntw0\nthree\ntw0 b\n"
    assert run_module("replace", {"path": path, "regexp": "o", "replace": "0"})["msg"] == ""


@pytest.mark.parametrize(
    ("args", "msg"),
    [
        ({"regexp": "("}, "regexp is no valid regular expression"),
        ({"regexp": "o", "replace": r"\9"}, "Unable to process replace due to error"),
        ({"regexp": "o", "encoding": "klingon"}, "cannot read"),
    ],
)
def test_failures(tmp_path, args, msg):
    (tmp_path / "x").write_bytes(FOUR)
    failed = run_module("replace", dict(args, path=str(tmp_path / "x")))
    assert failed["failed"] and failed["msg"].startswith(msg) and (tmp_path / "x").read_bytes() == FOUR
