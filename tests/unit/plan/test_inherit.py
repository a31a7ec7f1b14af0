"""How keywords are handed down."""

from __future__ import annotations

import pytest

from fleet.plan.inherit import inherit, parts
from fleet.playbook.keywords import KEYWORDS


def test_what_stands_inside_wins():
    assert inherit({"become": True, "remote_user": "a"}, {"become": False}) == {"become": False, "remote_user": "a"}


def test_nothing_written_changes_nothing():
    assert inherit({"become": True}, {"become": None}) == {"become": True}


@pytest.mark.parametrize("name", ["when", "tags", "environment", "vars", "module_defaults"])
def test_some_add_up_outermost_first(name):
    outer = inherit({}, {name: ["a"]})
    assert inherit(outer, {name: ["b", "c"]})[name] == ("a", "b", "c")
    assert outer[name] == ("a",), "the outer one stays as it is"


@pytest.mark.parametrize("name", [name for name, keyword in KEYWORDS.items() if keyword.inherit == "no"])
def test_some_are_not_handed_down(name):
    assert inherit({name: "x"}, {}) == {}


def test_without_leaves_keywords_out():
    assert inherit({}, {"when": "x", "become": True}, without=frozenset({"when"})) == {"become": True}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("tags", "a, b,c", ("a", "b", "c")),
        ("tags", ["a,b", "c"], ("a", "b", "c")),
        ("tags", "{{ a }},b", ("{{ a }},b",)),
        ("tags", 7, (7,)),
        ("when", "a, b", ("a, b",)),
        ("when", True, (True,)),
        ("when", ("a", "b"), ("a", "b")),
        ("environment", {"A": 1}, ({"A": 1},)),
    ],
)
def test_parts(name, value, expected):
    assert parts(name, value) == expected
