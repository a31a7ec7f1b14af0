"""Backslashes in texts of YAML files, compared with ansible-core 2.19: literal in ``{{ }}``, escapes elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.source.nodes import trust, trust_all
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
SCOPE = Scope([trust_all({"v": r"{{ 'a\nb' }}"})], TEMPLAR)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"{{ 'ab' | regex_replace('a(.)', '\1') }}", "b"),
        (r"{{ 'a b' | regex_replace('\s', '_') }}", "a_b"),
        (r"{{ 'a\nb' }}", "a\\nb"),
        (r"{{ '\\' }}", "\\\\"),
        (r"{{- '\1' -}}", "\\1"),
        (r"{{ '\x41\u0042' }}", "\\x41\\u0042"),
        (r'{{ "it\"s" }}', 'it\\"s'),
        (r'{{ {"a\tb": "\\"} }}', {"a\\tb": "\\\\"}),
        (r"{{ v ~ '\n' }}", "a\\nb\\n"),
        (r"{% set x = 'a\nb' %}{{ x }}", "a\nb"),
        (r"{% set x %}{{ '\x41' }}{% endset %}{{ x }}", "\\x41"),
        (r'{% for i in ["a\tb"] %}{{ i }}{{ "\t" }}{% endfor %}', "a\tb\\t"),
        (r'{% if "\n" == "\\n" %}same{% else %}differ{% endif %}', "differ"),
        (r'{{ "a\tb" }}|{% set y = "\t" %}{{ y }}|\t', "a\\tb|\t|\\t"),
        (r'{% raw %}{{ "\t" }}{% endraw %}{{ "\t" }}', '{{ "\\t" }}\\t'),
        (r'{# "\t" #}{{ "\t" }}', "\\t"),
        ("{{ 'a\\\n b' }}", "a\\\n b"),
        (r"""{{ lookup('items', '{{ "a\tb" }}') }}""", "a\\tb"),
        (r"{{ 'é\n' }}", "é\\n"),
    ],
)
def test_values_of_a_yaml_file(text: str, value: Any) -> None:
    assert TEMPLAR.render(trust(text), SCOPE) == value


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (r'"a\tb" | length == 3', True),
        (r'"a\\tb" | length == 4', True),
        (r"'ab' is match('a\w')", True),
        (r'{{ "a\tb" | length == 4 }}', True),
    ],
)
def test_conditions_are_expressions_with_escapes_unless_in_braces(condition: str, holds: bool) -> None:
    assert TEMPLAR.condition(trust(condition), SCOPE) is holds


def test_bare_expressions_know_escapes() -> None:
    assert TEMPLAR.expression(trust(r"'a\tb'"), SCOPE) == "a\tb"


def test_template_files_know_escapes(tmp_path: Path) -> None:
    path = tmp_path / "t.j2"
    path.write_text(r'{{ "a\tb" }}|{{ "\\1" }}{% set x = "\t" %}{{ x }}', encoding="utf-8")
    assert TEMPLAR.render_text(path.read_text(encoding="utf-8"), SCOPE, name=str(path)) == "a\tb|\\1\t"
    assert TEMPLAR.render(trust(f"{{{{ lookup('template', '{path}') }}}}"), SCOPE) == "a\tb|\\1\t"


def test_included_files_know_escapes(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text(r'{{ "a\tb" }}', encoding="utf-8")
    scope = Scope([], TEMPLAR, (str(tmp_path),))
    assert TEMPLAR.render(trust(r"{{ '\t' }}{% include 'part.j2' %}"), scope) == "\\ta\tb"
