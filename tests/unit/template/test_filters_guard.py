"""What all filters share: undefined input, errors that name the filter, plain results, names."""

from __future__ import annotations

from typing import Any

import pytest
from expressions import render
from jinja2 import StrictUndefined
from jinja2.exceptions import FilterArgumentError, UndefinedError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.nativetypes import NativeEnvironment
from jinja2.tests import TESTS as JINJA_TESTS

from fleet.source.nodes import Map, Seq, Trusted
from fleet.template.filters import FILTERS
from fleet.template.filters.guard import ordinary
from fleet.template.tests import TESTS


@pytest.mark.parametrize(
    "expression",
    [
        "nope | combine({})",
        "{} | combine(nope)",
        "nope | dict2items",
        "nope | to_json",
        "{'a': [nope]} | to_yaml",
        "nope | ternary('a', 'b')",
        "nope | regex_replace('a', 'b')",
        "nope is match('a')",
        "nope is changed",
        "nope is truthy",
    ],
)
def test_undefined_input_is_an_undefined_error(expression: str) -> None:
    with pytest.raises(UndefinedError, match="nope"):
        render(expression)


def test_what_a_ternary_does_not_take_may_be_undefined() -> None:
    assert render("true | ternary('a', nope)") == "a"


def test_an_error_names_the_filter() -> None:
    with pytest.raises(FilterArgumentError, match="filter 'basename': expected str"):
        render("5 | basename")
    with pytest.raises(FilterArgumentError, match="test 'subset'"):
        render("5 is subset([5])")
    with pytest.raises(FilterArgumentError, match="filter 'regex_search': bad regular expression"):
        render("'a' | regex_search('(')")


def test_mandatory_says_which_variable() -> None:
    with pytest.raises(FilterArgumentError, match="Mandatory variable 'nope' not defined"):
        render("nope | mandatory")
    with pytest.raises(FilterArgumentError, match="need it"):
        render("nope | mandatory(msg='need it')")


@pytest.mark.parametrize(
    "expression",
    [
        "v | regex_replace('z', 'y')",
        "v | expanduser",
        "v | expandvars",
        "v | basename",
        "v | quote",
        "v | comment",
        "v | to_json",
        "v | to_yaml",
        "v | urldecode",
        "v | ternary(v, v)",
    ],
)
def test_text_that_a_filter_makes_is_no_template(expression: str) -> None:
    assert type(render(expression, v=Trusted("abc{{ x }}"))) is str


def test_structures_of_a_yaml_file_are_written_like_plain_ones() -> None:
    value = Map({Trusted("a"): Seq([Trusted("b"), Map({"c": Trusted("1")})])})
    assert render("v | to_json", v=value) == '{"a": ["b", {"c": "1"}]}'
    assert render("v | to_nice_yaml(indent=2)", v=value) == "a:\n- b\n- c: '1'\n"


def test_ordinary_keeps_shared_parts_shared_and_reads_lazy_ones() -> None:
    class Lazy(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return dict.__getitem__(self, key).upper()

        def items(self) -> Any:
            return [(key, self[key]) for key in self]

    shared = Lazy(a="x")
    made = ordinary([shared, shared, (shared,), {"a": 1}.keys(), range(2)])
    assert made == [{"a": "X"}, {"a": "X"}, ({"a": "X"},), ["a"], [0, 1]]
    assert made[0] is made[1]
    assert type(made[0]) is dict


def test_chance_and_clock_are_not_frozen_into_a_template() -> None:
    environment = NativeEnvironment(undefined=StrictUndefined)
    environment.filters.update(FILTERS)
    template = environment.from_string("{{ 1000000000000 | random }}")
    assert template.render() != template.render()


@pytest.mark.parametrize("name", sorted(JINJA_FILTERS))
def test_every_filter_of_jinja_has_its_full_name(name: str) -> None:
    assert FILTERS[f"ansible.builtin.{name}"] is FILTERS[name]


@pytest.mark.parametrize("name", sorted(JINJA_TESTS))
def test_every_test_of_jinja_has_its_full_name(name: str) -> None:
    assert TESTS[f"ansible.builtin.{name}"] is TESTS[name]


def test_a_short_name_means_the_builtin_one() -> None:
    for name, function in FILTERS.items():
        if name.startswith("ansible.builtin."):
            assert FILTERS[name.removeprefix("ansible.builtin.")] is function
