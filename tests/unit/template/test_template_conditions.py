"""Conditions, bare expressions and the names a template reads. Compared with ansible-core 2.19."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.source.nodes import trust_all
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar

WARNINGS: list[str] = []
TEMPLAR = Templar()
BROKEN = Templar(allow_broken_conditionals=True, warn=WARNINGS.append)
VARIABLES = trust_all(
    {
        "n": 5,
        "digits": "5",
        "nul": None,
        "word": "no",
        "expression": "n == 5",
        "made": "{{ 'n == 5' }}",
        "yes": "{{ n == 5 }}",
        "number": "{{ 1 }}",
        "empty": [],
        "d": {"b": "{{ nope }}"},
        "pre": "n",
    }
)


def holds(condition: Any, templar: Templar = TEMPLAR) -> bool:
    return templar.condition(trust_all(condition), Scope([VARIABLES], templar))


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        (True, True),
        (False, False),
        (None, True),
        ([], True),
        ("true", True),
        ("false", False),
        ("n == 5", True),
        ("n == 5\n", True),
        ("not nul", True),
        ("nope is defined", False),
        ("d.b is defined", False),
        ("'a' in 'abc' | list", True),
        (["true", "n == 5"], True),
        (["true", "n == 6", "nope"], False),
        ("{{ n == 5 }}", True),
        ("{{ n == 5 }} ", True),
        ("{{ expression }}", True),
        ("yes", True),
        ("'{{ n }}' == '5'", False),
        ("'{{ n }}' == 5", True),
        ("'x{{ n }}' in ['x5']", True),
        ("expression.startswith('{{ pre }}')", True),
        ("lookup('items', '{{ n }}') == 5", True),
    ],
)
def test_conditions(condition: Any, result: bool) -> None:
    assert holds(condition) is result


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            "n",
            "Conditional result (True) was derived from value of type 'int'. Conditionals must have a boolean",
        ),
        ("digits", "Conditional result (True) was derived from value of type 'str'"),
        ("nul", "Conditional result (False) was derived from value of type 'NoneType'"),
        ("empty", "Conditional result (False) was derived from value of type 'list'"),
        ("expression", "Conditional result (True) was derived from value of type 'str'"),
        ("n is defined and n", "derived from value of type 'int'"),
        ("{{ number }}", "derived from value of type 'int'"),
        (["n", "nope"], "derived from value of type 'int'"),
        ("", "Empty conditional expressions are not allowed."),
        ("  ", "Empty conditional expressions are not allowed."),
        (1, "Conditional expressions must be strings."),
        ({"a": 1}, "Conditional expressions must be strings."),
        ("omit", "A template was resolved to an Omit scalar."),
        ("nope | default(omit)", "A template was resolved to an Omit scalar."),
        ("{{ made }}", "Encountered untrusted template or expression."),
        ("{{ n }}{{ n }}", "Encountered untrusted template or expression."),
        ("{% if true %}true{% endif %}", "Encountered untrusted template or expression."),
        ("n ===", "Syntax error in expression: unexpected '='"),
        ("{{ n }} == 5", "Template delimiters are not supported in expressions"),
        ("n is nosuch", "Syntax error in expression: No test named 'nosuch'."),
    ],
)
def test_conditions_that_are_refused(condition: Any, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        holds(condition)
    assert message in caught.value.what


def test_undefined_conditions_say_so() -> None:
    with pytest.raises(UndefinedVariable) as caught:
        holds("nope")
    assert caught.value.what == "Error while evaluating conditional: 'nope' is undefined"
    with pytest.raises(UndefinedVariable, match="'nope' is undefined"):
        holds("{{ nope }}")


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        ("n", True),
        ("", True),
        ("nul", False),
        ("expression", True),
        ("'no'", True),
        ("empty", False),
        (1, True),
    ],
)
def test_broken_conditions_can_be_allowed(condition: Any, result: bool) -> None:
    assert holds(condition, BROKEN) is result


def test_allowed_broken_conditions_warn() -> None:
    WARNINGS.clear()
    holds("n", BROKEN)
    assert len(WARNINGS) == 1 and "type 'int'" in WARNINGS[0]


def test_bare_expressions_give_plain_values() -> None:
    scope = Scope([VARIABLES], TEMPLAR)
    assert TEMPLAR.expression("n + 1", scope) == 6
    assert TEMPLAR.expression("[n, digits] | map('string')", scope) == ["5", "5"]
    with pytest.raises(UndefinedVariable, match="'nope' is undefined"):
        TEMPLAR.expression("nope.x", scope)
    with pytest.raises(TemplateError, match="Syntax error in expression"):
        TEMPLAR.expression("n n", scope)


def test_names_read_by_a_text() -> None:
    assert TEMPLAR.names("{{ a.b }} {% for i in c %}{{ i }}{{ lookup('env', d) }}{% endfor %}") == {
        "a",
        "c",
        "d",
    }
    assert TEMPLAR.names("a is defined and b.c", expression=True) == {"a", "b"}
    assert TEMPLAR.names("no template") == frozenset()


def test_syntax_is_checked_without_rendering() -> None:
    assert TEMPLAR.syntax_error("{{ 1 / 0 }}") is None
    assert TEMPLAR.syntax_error("n ==", expression=True) is not None
    wrong = TEMPLAR.syntax_error("{{ n | nosuch }}")
    assert wrong is not None and "No filter named 'nosuch'" in wrong.what
