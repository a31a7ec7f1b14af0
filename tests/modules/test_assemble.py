"""assemble: order, delimiters, selection."""

import os

import pytest
from run_module import run_module

from fleet.modules.assemble import join

PARTS = [b"h", b"one\n", b"two", b"three\n"]


@pytest.mark.parametrize(
    ("delimiter", "made"),
    [
        (None, b"h\none\ntwo\nthree\n"),
        ("--", b"h\n--\none\n--\ntwo\n--\nthree\n"),
        ("--\\n", b"h\n--\none\n--\ntwo\n--\nthree\n"),
    ],
)
def test_join(delimiter, made):
    assert join(PARTS, delimiter) == made


def test_join_of_nothing():
    assert join([], "--") == b""


def test_files_of_a_folder(tmp_path):
    source = tmp_path / "s"
    source.mkdir()
    for name, text in (("2", "b\n"), ("1", "a\n"), (".h", "h\n"), ("10", "c\n")):
        (source / name).write_text(text)
    (source / "folder").mkdir()
    dest = str(tmp_path / "x")
    made = run_module("assemble", {"src": str(source), "dest": dest, "ignore_hidden": True, "mode": "0600"})
    assert made["changed"] and made["mode"] == "0600" and (tmp_path / "x").read_text() == "a\nc\nb\n"
    assert not run_module("assemble", {"src": str(source), "dest": dest, "ignore_hidden": True})["changed"]
    args = {"src": str(source), "dest": dest, "regexp": "^[12]$", "backup": True}
    made = run_module("assemble", args, diff=True)
    assert (tmp_path / "x").read_text() == "a\nb\n" and os.path.exists(made["backup_file"])
    assert made["diff"][0]["before"] == "a\nc\nb\n"


def test_failures(tmp_path):
    missing = run_module("assemble", {"src": str(tmp_path / "no"), "dest": str(tmp_path / "x")})
    assert missing["msg"] == "Source (%s) does not exist" % (tmp_path / "no")
    (tmp_path / "s").mkdir()
    bad = run_module("assemble", {"src": str(tmp_path / "s"), "dest": str(tmp_path / "x"), "regexp": "("})
    assert bad["msg"].startswith("Invalid Regexp")
