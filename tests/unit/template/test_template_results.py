"""What filters and methods hand on: lists instead of iterators, undefined values nobody uses. As ansible-core 2.19."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.source.nodes import trust, trust_all
from fleet.template.errors import Pending, TemplateError, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
VARIABLES = trust_all({"l": [1, "{{ nope }}", 3], "zero": "{{ 1 / 0 }}"})


def render(text: str) -> Any:
    return TEMPLAR.render(trust(text), Scope([VARIABLES], TEMPLAR))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ 'x' ~ ({'a': 1} | items) }}", "x[('a', 1)]"),
        ("{{ 'x' ~ {'a': 1}.items() }}", "x[('a', 1)]"),
        ("{{ {'a': 1} | items | string }}", "[('a', 1)]"),
        ("x{{ {'a': 1} | items }}", "x[['a', 1]]"),
        ("{{ [1, 2] | zip([3, 4]) ~ '' }}", "[(1, 3), (2, 4)]"),
        ("{{ (1, 2) ~ '' }}", "(1, 2)"),
        ("{{ none ~ 'x' ~ omit ~ {'a': 1}.keys() }}", "Nonex<<Omit>>['a']"),
        ("{{ [[1, 2] | map('string')] | string }}", "[['1', '2']]"),
        ("{{ [[1, 2] | map('string'), {'a': 1}.keys()] | join('-') }}", "['1', '2']-['a']"),
        ("{{ [1, 2] | map('string') | length }}", 2),
        ("{{ ({'a': 1} | items)[0] }}", ["a", 1]),
        ("{{ {'a': 1}.keys()[0] }}", "a"),
        ("{{ {'a': 1}.keys() + ['x'] }}", ["a", "x"]),
        ("{{ [1, 2] | map('string') == ['1', '2'] }}", True),
        ("{{ [1] | map('string') is sequence }}", True),
        ("{{ {1: 2}.items() | random }}", [1, 2]),
        ("{% set x = [1, 2] | map('string') %}{{ x }}{{ x }}", "['1', '2']['1', '2']"),
        ("{% for a in [1, 2] | map('string') %}{{ loop.length }}{{ a }}{% endfor %}", "2122"),
        ("{{ l | map('default', 'z') }}", [1, "z", 3]),
        ("{{ range(3) | type_debug }}", "range"),
    ],
)
def test_what_can_be_read_once_is_a_list(text: str, value: Any) -> None:
    assert render(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ true | ternary('a', nope) }}", "a"),
        ("{{ true | ansible.builtin.ternary('a', nope) }}", "a"),
        ("{{ true | ternary('a', 'b', nope) }}", "a"),
        ("{{ none | ternary('a', nope, 'n') }}", "n"),
        ("{{ true | ternary('a', zero) }}", "a"),
        ("{{ true | ternary(nope, 'b') | default('q') }}", "q"),
        ("{{ 1 | default(nope) }}", 1),
        ("{{ nope | default(nope) | default(3) }}", 3),
        ("{{ 'x' | combine(nope) | default(2) }}", 2),
        ("{{ nope | type_debug }}", "UndefinedMarker"),
    ],
)
def test_an_undefined_argument_that_is_not_used_is_no_error(text: str, value: Any) -> None:
    assert render(text) == value


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("{{ false | ternary('a', nope) }}", UndefinedVariable, "'nope' is undefined"),
        ("{{ nope | ternary('a', 'b') }}", UndefinedVariable, "'nope' is undefined"),
        ("{{ false | ternary('a', zero) }}", TemplateError, "division by zero"),
        ("{{ zero | default('x') }}", TemplateError, "division by zero"),
        ("{{ zero is defined }}", TemplateError, "division by zero"),
        ("{{ nope | mandatory('hi') }}", TemplateError, "hi"),
    ],
)
def test_one_that_is_used_is_an_error(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        render(text)


class Late(dict[str, Any]):
    """A layer with one value that has not come."""

    def get(self, name: str, default: Any = None) -> Any:
        if name == "late":
            raise Pending(("result", name))
        return default


def test_a_late_argument_is_awaited_only_where_it_is_used() -> None:
    scope = Scope([Late()], TEMPLAR)
    assert TEMPLAR.render(trust("{{ true | ternary('a', late) }}"), scope) == "a"
    with pytest.raises(Pending):
        TEMPLAR.render(trust("{{ false | ternary('a', late) }}"), scope)
