"""What is wrong with arguments, told as roles' tests and rescue sections expect it."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actions.validate_argument_spec import check

SPEC = {
    "i": {"type": "int", "required": True},
    "s": {"choices": ["a", "b"]},
    "l": {"type": "list", "elements": "int"},
    "d": {
        "type": "dict",
        "options": {"a": {"type": "int", "required": True}, "m": {}},
        "mutually_exclusive": [["a", "m"]],
    },
    "al": {"aliases": ["alo"]},
}


@pytest.mark.parametrize(
    "given, errors",
    [
        ({"i": 1}, []),
        ({"i": "12", "s": "a", "l": "1,2", "d": {"a": 1}, "alo": "x"}, []),
        ({}, ["missing required arguments: i"]),
        ({"i": 1, "s": None}, []),
        (
            {"i": None},
            [
                "argument 'i' is of type NoneType and we were unable to convert to int: \"None\" cannot be converted to an int"
            ],
        ),
        ({"i": 1, "s": "c"}, ["value of s must be one of: a, b, got: c"]),
        (
            {"i": 1, "l": [1, "z"]},
            [
                "Elements value for option 'l' is of type str and we were unable to convert to int: "
                "\"'z'\" cannot be converted to an int"
            ],
        ),
        ({"i": 1, "d": {}}, ["missing required arguments: a found in d"]),
        ({"i": 1, "d": {"a": 1, "m": 2}}, ["parameters are mutually exclusive: a|m found in d"]),
        (
            {"i": 1, "d": {"a": "y"}},
            [
                "argument 'a' is of type str found in 'd'. and we were unable to convert to int: "
                "\"'y'\" cannot be converted to an int"
            ],
        ),
        (
            {"i": 1, "zz": 1, "d": {"a": 1, "q": 2}},
            ["d.q, zz. Supported parameters include: al, d, i, l, s (alo)."],
        ),
        (
            {"i": 1, "d": [1]},
            [
                "argument 'd' is of type list and we were unable to convert to dict: "
                "<class 'list'> cannot be converted to a dict"
            ],
        ),
    ],
)
def test_check(given: dict[str, Any], errors: list[str]) -> None:
    assert check(SPEC, given) == errors


def test_levels_are_named() -> None:
    spec = {
        "a": {
            "type": "dict",
            "options": {"b": {"type": "list", "elements": "dict", "options": {"c": {"required": True}}}},
        }
    }
    assert check(spec, {"a": {"b": [{"c": 1}, {}]}}) == ["missing required arguments: c found in a -> b"]
