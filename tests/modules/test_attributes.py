"""chattr flags, parsed and (where the file system has them) read and set."""

import os

import pytest
from run_module import run_module

from fleet.remote import attributes
from fleet.remote.host import Failed


def test_parse():
    assert attributes.parse_flags("+ia") == {"i": True, "a": True}
    assert attributes.parse_flags("-i") == {"i": False}
    exact = attributes.parse_flags("d")
    assert exact["d"] and not exact["i"] and "e" not in exact
    with pytest.raises(Failed, match="chattr failed"):
        attributes.parse_flags("+Q")


def test_letters_and_names():
    assert attributes.flag_letters(0x80010) == "ie"
    assert attributes.flag_names(0x80010) == ["immutable", "extents"]


def test_flags_of_a_real_file(tmp_path):
    path = tmp_path / "x"
    path.write_text("keep")
    if os.geteuid() != 0 or attributes.read_flags(str(path)) is None:
        pytest.skip("needs root and a file system with chattr flags")
    if run_module("file", {"path": str(path), "attributes": "+i"}).get("failed"):
        pytest.skip("this file system cannot make a file immutable")
    try:
        assert not run_module("file", {"path": str(path), "attributes": "+i"})["changed"]
        refused = run_module("lineinfile", {"path": str(path), "line": "x"})
        assert "is immutable: see chattr -i" in refused["msg"] and path.read_text() == "keep"
        assert sorted(os.listdir(tmp_path)) == ["x"]
        made = run_module("lineinfile", {"path": str(path), "line": "x", "attributes": "-i"})
        assert made["changed"] and path.read_text() == "keep\nx\n"
    finally:
        if path.exists() and (attributes.read_flags(str(path)) or 0) & attributes.BIT["i"]:
            attributes.set_flags(str(path), {"i": False})
