"""ini_file: options and sections, comments kept."""

import os

import pytest
from run_module import run_module

from fleet.modules import ini_file as module

INI = b"top = 1\n[a]\n# note\nx = 1\n;y = 2\n\n[b]\nx=3\nx=4\n"


def edit(content, **args):
    return module.edit(content, module.SPEC.complete(module.SPEC.normalize(dict(args, path="/x"), "ini_file")))


CASES = [
    ({"section": "a", "option": "x", "value": "1"}, INI, "OK"),
    ({"section": "a", "option": "x", "value": "9"}, INI.replace(b"x = 1", b"x = 9"), "option changed"),
    ({"section": "a", "option": "y", "value": "5"}, INI.replace(b";y = 2", b"y = 5"), "option changed"),
    (
        {"section": "a", "option": "y", "value": "5", "modify_inactive_option": False},
        INI.replace(b";y = 2\n", b"y = 5\n;y = 2\n"),
        "option added",
    ),
    (
        {"section": "a", "option": "z", "value": "7", "no_extra_spaces": True},
        INI.replace(b";y = 2\n", b"z=7\n;y = 2\n"),
        "option added",
    ),
    ({"option": "top", "value": "2"}, INI.replace(b"top = 1", b"top = 2"), "option changed"),
    (
        {"section": "b", "option": "x", "value": "4", "ignore_spaces": True},
        INI.replace(b"x=3\n", b""),
        "option changed",
    ),
    ({"section": "b", "option": "x", "values": ["4", "3"], "ignore_spaces": True}, INI, "OK"),
    (
        {"section": "b", "option": "x", "value": "5", "exclusive": False, "no_extra_spaces": True},
        INI + b"x=5\n",
        "option added",
    ),
    (
        {"section": "b", "option": "x", "value": "3", "exclusive": False, "state": "absent"},
        INI.replace(b"x=3\n", b""),
        "option changed",
    ),
    ({"section": "b", "option": "x", "state": "absent"}, INI.replace(b"x=3\nx=4\n", b""), "option changed"),
    ({"section": "b", "state": "absent"}, INI.replace(b"[b]\nx=3\nx=4\n", b""), "section removed"),
    ({"section": "c", "state": "absent"}, INI, "OK"),
    ({"section": "c"}, INI + b"[c]\n", "only section added"),
    ({"section": "c", "option": "k", "value": "v"}, INI + b"[c]\nk = v\n", "section and option added"),
    ({"section": "c", "option": "k", "allow_no_value": True}, INI + b"[c]\nk\n", "section and option added"),
]


@pytest.mark.parametrize(("args", "after", "done"), CASES)
def test_edit(args, after, done):
    assert edit(INI, **args) == (after, done)
    if done != "OK":
        assert edit(after, **args) == (after, "OK")


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (b"[s]\n# x = 3\nz = 1\nx = 1\n", "5", b"[s]\nx = 5\nz = 1\n"),
        (b"[s]\nx = 1\n# x = 3\n", "1", b"[s]\nx = 1\n"),
        (b"[s]\n# x = 3\nz = 1\nx = 5\n", "5", b"[s]\nz = 1\nx = 5\n"),
        (b"", "5", b"\n[s]\nx = 5\n"),
    ],
)
def test_one_line_is_left_of_an_option_that_stood_there_commented_too(before, value, after):
    assert edit(before, section="s", option="x", value=value)[0] == after


def test_section_by_what_it_holds():
    two = b"[peer]\nname = a\nport = 1\n[peer]\nname = b\nport = 2\n"
    which = {"section": "peer", "section_has_values": [{"option": "name", "value": "b"}]}
    assert edit(two, option="port", value="9", **which)[0] == two.replace(b"port = 2", b"port = 9")


def test_missing_newline_and_byte_order_mark():
    assert edit(b"\xef\xbb\xbf[a]\nx = 1", section="a", option="x", value="1")[0] == b"\xef\xbb\xbf[a]\nx = 1\n"


def test_file_is_made_unless_forbidden(tmp_path):
    path = str(tmp_path / "d" / "x.ini")
    args = {"path": path, "section": "a", "option": "x", "value": "1"}
    assert run_module("ini_file", dict(args, create=False))["rc"] == 257
    assert run_module("ini_file", args, check=True)["changed"] and not os.path.exists(path)
    assert run_module("ini_file", dict(args, mode="0600"))["mode"] == "0600"
    assert not run_module("ini_file", args)["changed"]
    assert "value(s)" in run_module("ini_file", {"path": path, "section": "a", "option": "x"})["msg"]
