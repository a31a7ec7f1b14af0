"""What a template is worth: every row was compared with ansible-core 2.19."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.source.nodes import trust, trust_all
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.plain import OMIT
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
VARIABLES = trust_all(
    {
        "n": 5,
        "s": "str",
        "digits": "5",
        "nul": None,
        "d": {"a": 1, "b": "{{ nope }}", "keys": "K", "c": {}, "e": "{{ n }}"},
        "l": [1, "{{ nope }}", 3],
        "short": [1],
        "gone": "{{ omit }}",
        "with_gone": ["{{ omit }}", 2],
        "map_gone": {"k": "{{ omit }}", "{{ s }}x": 3, "z": {"zz": "{{ omit }}"}},
        "text_nope": "x {{ nope }}",
        "sum_nope": "{{ nope + 1 }}",
        "filter_nope": "{{ nope | upper }}",
        "hint": "{{ undef(hint='set me') }}",
        "chain": "{{ hint }}",
        "zero": "{{ 1 / 0 }}",
        "quoted": "{{ '{{ n }}' }}",
        "path": "{{ n }}",
    }
)


def render(value: Any) -> Any:
    return TEMPLAR.render(trust_all(value), Scope([VARIABLES], TEMPLAR))


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ n }}", 5),
        ("{{ digits }}", "5"),
        ("{{ '1.10' }}", "1.10"),
        ("{{ 1.10 }}", 1.1),
        ("{{ n }}{{ n }}", "55"),
        (" {{ n }}", " 5"),
        ("{{ n }} ", "5 "),
        ("x{{ nul }}y", "xy"),
        ("{{ nul }}", None),
        ("{{ nul }}{{ nul }}", None),
        ("{{ n }}{{ nul }}", 5),
        ("{{ n }}{{ '' }}", "5"),
        ("{{ n }}{{ omit }}", "5"),
        ("x{{ omit }}", "x"),
        ("{{ 'a' ~ nul ~ 'b' }}", "aNoneb"),
        ("{{ [1, nul] }}x{{ true }}{{ {'a': nul} }}", "[1, None]xTrue{'a': None}"),
        ("{% if true %}5{% endif %}", "5"),
        ("{% if true %}{{ 5 }}{% endif %}", 5),
        ("{% for x in [1] %}{{ x }}{% endfor %}", 1),
        ("{% for x in [] %}{{ x }}{% endfor %}", None),
        ("{% set x = 5 %}\n{{ x }}", 5),
        ("{% set x = 5 %} {{ x }}", " 5"),
        ("{# c #}{{ 5 }}", 5),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ {'a': 1}.items() }}", [["a", 1]]),
        ("{{ [1] | map('string') }}", ["1"]),
        ("{{ 'x' if false }}z", "z"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{{ quoted }}", "{{ n }}"),
        ("{% set ns = namespace(x=1) %}{% for i in [1, 2] %}{% set ns.x = i %}{% endfor %}{{ ns.x }}", 2),
    ],
)
def test_value_and_type(template: str, value: Any) -> None:
    result = render(template)
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ n }}\n", 5),
        ("{{ short }}\n", [1]),
        ("{{ n }}\n\n", "5\n\n"),
        ("{{ s }}\n", "str\n"),
        ("{{ s }}\n\n", "str\n\n"),
        ("x{{ n }}\n", "x5\n"),
        ("{% if true %}{{ s }}{% endif %}\n", "str\n"),
        ("{% if false %}{{ n }}{% endif %}\n", None),
        ("a\n{% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\n  c\n"),
    ],
)
def test_line_breaks_at_the_end(template: str, value: Any) -> None:
    assert render(template) == value


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ d['keys'] }}", "K"),
        ("{{ d.a }}", 1),
        ("{{ l.0 }} {{ l[-1] }}", "1 3"),
        ("{{ d.get('q', 'dflt') }}", "dflt"),
        ("{{ l[:1] }}", [1]),
        ("{{ l | length }}", 3),
        ("{{ (l + [4]) | length }}", 4),
        ("{{ s.upper() }}", "STR"),
        ("{{ vars.n }} {{ vars['d'].e }}", "5 5"),
    ],
)
def test_looking_into_values(template: str, value: Any) -> None:
    assert render(template) == value


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ nope.x.y | default('X') }}", "X"),
        ("{{ d.c.x.y | default('X') }}", "X"),
        ("{{ nope[0].b | default(3) }}", 3),
        ("{{ (nope | upper) | default(3) }}", 3),
        ("{{ s | replace(nope, 'x') | default('e') }}", "e"),
        ("{{ lookup('env', nope) | default('x') }}", "x"),
        ("{{ range(nope) | default('e') }}", "e"),
        ("{{ nope() | default('e') }}", "e"),
        ("{{ nope | default }}", ""),
        ("{{ n | default(nope) }}", 5),
        ("{{ nul | default('x') }}{{ nul | default('y', true) }}", "y"),
        ("{{ d.b | default('dd') }}", "dd"),
        ("{{ text_nope | default('dd') }}", "dd"),
        ("{{ sum_nope | default('dd') }}", "dd"),
        ("{{ filter_nope | default('dd') }}", "dd"),
        ("{{ hint | default('dd') }}", "dd"),
        ("{{ d.a.b is defined }}", False),
        ("{{ nope.a.b is undefined }}", True),
        ("{{ l is defined }} {{ l[1] is defined }}", "True False"),
        ("{{ l | select('defined') | list }}", [1, 3]),
        ("{{ l | map('default', 'q') | list }}", [1, "q", 3]),
        ("{% for i in l %}{{ i | default('u') }}{% endfor %}", "1u3"),
        ("{{ true or nope }}", True),
        ("{{ d.__class__ is defined }}", False),
        ("{{ nope | default(omit) }}", OMIT),
    ],
)
def test_undefined_values_that_may_be_used(template: str, value: Any) -> None:
    assert render(template) == value


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ nope }}", "'nope' is undefined"),
        ("{{ nope.x }}", "'nope' is undefined"),
        ("{{ nope['x'] }}", "'nope' is undefined"),
        ("a {{ nope }} b", "'nope' is undefined"),
        ("{{ [nope] }}", "'nope' is undefined"),
        ("{{ [nope] | default(3) }}", "'nope' is undefined"),
        ("{{ {'a': nope} }}", "'nope' is undefined"),
        ("{{ nope | upper }}", "'nope' is undefined"),
        ("{{ nope == 1 }}", "'nope' is undefined"),
        ("{{ 1 in nope }}", "'nope' is undefined"),
        ("{{ not nope }}", "'nope' is undefined"),
        ("{{ -nope }}", "'nope' is undefined"),
        ("{{ nope ~ 'x' }}", "'nope' is undefined"),
        ("{{ 'x' if nope else 'y' }}", "'nope' is undefined"),
        ("{{ nope is string }}", "'nope' is undefined"),
        ("{{ nope is none }}", "'nope' is undefined"),
        ("{{ nope(1) }}", "'nope' is undefined"),
        ("{{ s[nope] | default(1) }}", "'nope' is undefined"),
        ("{{ nope | default(nope2) }}", "'nope2' is undefined"),
        ("{% for i in nope %}{{ i }}{% endfor %}", "'nope' is undefined"),
        ("{{ d.q.c }}", "object of type 'dict' has no attribute 'q'"),
        ("{{ l[7] }}", "object of type 'list' has no attribute 7"),
        ("{{ [][0] }}", "list object has no element 0"),
        ("{{ s.nope }}", "object of type 'str' has no attribute 'nope'"),
        ("{{ d }}", "'nope' is undefined"),
        ("{{ l }}", "'nope' is undefined"),
        ("{{ d.values() | list }}", "'nope' is undefined"),
        ("{{ chain }}", "set me"),
        ("{{ undef() }}", "Mandatory variable has not been overridden"),
        ("{{ ''.__class__ }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ n.__class__.__mro__ }}", "access to attribute '__class__' of 'int' object is unsafe."),
        ("{{ '{0.__class__}'.format(n) }}", "access to attribute '__class__' of 'int' object is unsafe."),
        ("{{ '%s'['__class__'] }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ 'x' if false }}", "no else part"),
    ],
)
def test_undefined_values_that_may_not_be_used(template: str, message: str) -> None:
    with pytest.raises(UndefinedVariable) as caught:
        render(template)
    assert message in caught.value.what


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 1 / 0 }}", "Error rendering template: division by zero"),
        ("{{ 'a' + 1 }}", 'Error rendering template: can only concatenate str (not "int") to str'),
        ("{{ zero | default('dd') }}", "division by zero"),
        ("{{ zero is defined }}", "division by zero"),
        ("{{ n | nosuch }}", "Syntax error in template: No filter named 'nosuch'."),
        ("{{ n is nosuch }}", "Syntax error in template: No test named 'nosuch'."),
        ("{{ n + }}", "Syntax error in template: unexpected 'end of print statement'"),
        ("{% if n %}", "Syntax error in template: Unexpected end of template."),
        ("{{ lookup('nosuch') }}", "The lookup plugin 'nosuch' was not found."),
        ("{{ d.keys }}", "unsupported for variable storage"),
        ("{{ range(3) }}", "Type 'range' is unsupported for variable storage."),
        ("{{ lookup }}", "Type 'function' is unsupported for variable storage."),
    ],
)
def test_other_errors(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template)
    assert message in caught.value.what


def test_omit_is_dropped_from_dicts_and_lists_and_stays_alone() -> None:
    assert render("{{ gone }}") is OMIT
    assert render("{{ with_gone }}") == [2]
    assert render("{{ map_gone }}") == {"{{ s }}x": 3, "z": {}}
    assert render(["{{ omit }}", 1]) == [1]
    assert render({"a": "{{ omit }}", "c": {"d": "{{ nope | default(omit) }}"}}) == {"c": {}}
    assert render("{{ {'a': omit, 'b': [omit, 1]} }}") == {"b": [1]}
    assert render("{{ with_gone | length }} {{ gone == omit }}") == "2 True"


def test_keys_are_rendered_only_when_asked() -> None:
    scope = Scope([VARIABLES], TEMPLAR)
    value = trust_all({"{{ s }}": "{{ n }}", "gone": "{{ omit }}"})
    assert TEMPLAR.render(value, scope) == {"{{ s }}": 5}
    assert TEMPLAR.render_keys(value, scope) == {"str": 5}


def test_results_are_exact_builtin_types() -> None:
    result = render({"a": ["{{ d.e }}", "text", {"b": "{{ s }}"}]})
    assert [type(result), type(result["a"]), type(result["a"][1]), type(result["a"][2])] == [
        dict,
        list,
        str,
        dict,
    ]
    assert type(result["a"][2]["b"]) is str
    assert type(TEMPLAR.render(trust("plain"), Scope([], TEMPLAR))) is str


def test_nothing_is_computed_when_the_template_is_compiled() -> None:
    drawn = {render("{{ range(1000000) | random }}") for _ in range(5)}
    assert len(drawn) > 1
