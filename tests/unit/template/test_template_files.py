"""Template files: options, header, includes, line breaks as ansible-core 2.19 makes them; error locations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import FleetError
from fleet.source.nodes import trust, trust_all
from fleet.source.yaml import load_file
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
VARIABLES = trust_all({"n": 5, "nul": None, "dd": {"a": "{{ n }}", "b": 2}, "lst": [1], "bad": "{{ nope }}"})
Render = Callable[..., str]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "templates" / "sub").mkdir(parents=True)
    for name, text in {
        "part.j2": 'part {{ n }} {{ local | default("nolocal") }}\n',
        "loop.j2": "i={{ i }} local={{ local }} q={{ q }} n={{ n }};",
        "mac.j2": "{% macro hello(a) %}hello {{ a }}{% endmacro %}"
        '{% macro withn() %}[{{ n | default("none") }}]{% endmacro %}\n',
        "base.j2": "<{% block head %}H{% endblock %}|{% block body %}base {{ n }}{% endblock %}>\n",
        "bad.j2": "x\n\ny {{ nope.z }}\n",
        "numbers.j2": "{{ n }}-{{ lst }}-",
        "broken.j2": "x\n{% if %}\n",
    }.items():
        (tmp_path / "templates" / "sub" / name).write_text(text)
    return tmp_path


@pytest.fixture
def render(files: Path) -> Render:
    def run(text: str, **options: Any) -> str:
        scope = Scope([VARIABLES], TEMPLAR, (str(files),))
        return TEMPLAR.render_text(text, scope, name=str(files / "templates" / "main.j2"), options=options)

    return run


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a{{ nul }}b\n", "ab\n"),
        ("{{ [1, 2] }}", "[1, 2]"),
        ("{{ 5 }}\n", "5"),
        ('{{ "x" if false }}|{{ true }}|{{ 1.50 }}|{{ {"a": nul} }}|{{ omit }}\n', "|True|1.5|{'a': None}|\n"),
        ("a {{ n }}\r\nb\r\n", "a 5\nb\n"),
        ("{% for k, v in dd.items() %}\n{{ k }}={{ v }}\n{% endfor %}\n", "a=5\nb=2\n"),
        ("{% if true %}\n  x\n  {% if true %}\n  y\n  {% endif %}\n{% endif %}\nend\n\n\n", "  x\n    y\n  end\n\n\n"),
        ("{% if n %}\nx\n{% endif %}\n", "x\n"),
        ("{% for i in [1, 2] %}\n{{ i }}\n{% endfor %}\n\n", "1\n2\n\n"),
        ("{% if false %}x{% endif %}\n", ""),
        ("", ""),
        ("\n", "\n"),
        ("{% set l = [] %}{% for i in [1, 2] %}{% set _ = l.append(i) %}{% endfor %}{{ l }}!\n", "[1, 2]!\n"),
        ("{% block t %}T{{ n }}{% endblock %}{{ self.t() }}\n", "T5T5\n"),
        ("{% set o = 1 %}{% block b %}{{ o }}{{ n }}{% endblock %}\n", "15\n"),
        ("{% for i in [1] %}{% block c scoped %}{{ i }}{{ n }}{% endblock %}{% endfor %}\n", "15\n"),
        ("{% macro w(a) %}<{{ caller(a) }}>{% endmacro %}{% call(x) w(3) %}in {{ x }} {{ n }}{% endcall %}\n", "<in 3 5>\n"),
        ("{% macro m() %}{{ 5 }}{% endmacro %}{{ m() | type_debug }}\n", "int\n"),
        ("# {{ ansible_managed }}\n", "# Ansible managed\n"),
    ],
)  # fmt: skip
def test_files(render: Render, text: str, result: str) -> None:
    assert render(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('top\n{% include "sub/part.j2" %}\nend\n', "top\npart 5 nolocalend\n"),
        (
            '{% set local = 3 %}{% for i in [1,2] %}{% set q = i %}{% include "sub/loop.j2" %}{% endfor %}\n',
            "i=1 local=3 q=1 n=5;i=2 local=3 q=2 n=5;\n",
        ),
        ('{% import "sub/mac.j2" as mac %}{{ mac.hello("x") }} {{ mac.withn() }}\n', "hello x [none]\n"),
        ('{% import "sub/numbers.j2" as t with context %}{{ t }}!\n', "5-[1]-!\n"),
        ('{% import "sub/mac.j2" as mac with context %}{{ mac.withn() }}!\n', "[5]!\n"),
        ('{% from "sub/mac.j2" import hello %}{{ hello("y") }}!\n', "hello y!\n"),
        (
            '{% extends "sub/base.j2" %}{% block body %}child {{ n }} {{ super() }}{% endblock %}\n',
            "<H|child 5 base 5>\n",
        ),
        ('a\n{% include "nosuch.j2" ignore missing %}\nb\n', "a\nb\n"),
    ],
)
def test_includes(render: Render, text: str, result: str) -> None:
    assert render(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (
            "#jinja2: trim_blocks: False, lstrip_blocks: True\n{% if true %}\n  x\n  {% endif %}\nend\n",
            "\n  x\n\nend\n",
        ),
        ("#jinja2:trim_blocks:False\n{% if true %}\n  x\n  {% endif %}\nend\n", "\n  x\n  \nend\n"),
        ('#jinja2:variable_start_string:"[[", variable_end_string:"]]"\n[[ n ]] {{ n }}\n', "5 {{ n }}\n"),
    ],
)
def test_header(render: Render, text: str, result: str) -> None:
    assert render(text) == result


def test_options(render: Render) -> None:
    assert render("{% if n %}\nx\n{% endif %}\n", trim_blocks=False, lstrip_blocks=True) == "\nx\n"
    assert render("a\n{{ n }}\n", newline_sequence="\\r\\n") == "a\r\n5\r\n"
    assert render("<< n >>!", variable_start_string="<<", variable_end_string=">>") == "5!"
    with pytest.raises(TemplateError, match="unknown template option 'trim'"):
        render("x", trim=True)
    with pytest.raises(TemplateError, match="True, False or a quoted text"):
        render("#jinja2: trim_blocks: no\nx")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a\nb\n{{ n }}\nc {{ nope }} d\n", "main.j2:4", "'nope' is undefined"),
        ("a\n{% if nope %}\nx\n{% endif %}\n", "main.j2:2", "'nope' is undefined"),
        ("a\n{{ 1 / 0 }}\n", "main.j2:2", "division by zero"),
        ("#jinja2: trim_blocks: True\na\n{{ 1 / 0 }}\n", "main.j2:3", "division by zero"),
        ("a\n\n{% for %}\n", "main.j2:3", "Syntax error in template"),
        ('a\n{% include "sub/bad.j2" %}\n', "sub/bad.j2:3", "'nope' is undefined"),
        ('a\n{% include "sub/broken.j2" %}\n', "sub/broken.j2:2", "Syntax error in template"),
        ('a\n{% include "nosuch.j2" %}\n', "main.j2:2", "'nosuch.j2' was not found"),
        ("a\n{{ n }}\n{{ [nope] | join }}", "main.j2:3", "'nope' is undefined"),
    ],
)
def test_errors_name_file_and_line(render: Render, text: str, place: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(text)
    assert str(caught.value.at).endswith(place) and message in caught.value.what


def test_included_files_are_read_again_when_they_change(render: Render, files: Path) -> None:
    part = files / "templates" / "sub" / "part.j2"
    assert render('{% include "sub/part.j2" %}!') == "part 5 nolocal!"
    part.write_text("changed")
    assert render('{% include "sub/part.j2" %}!') == "changed!"


def test_templates_in_yaml_can_include(files: Path) -> None:
    scope = Scope([VARIABLES], TEMPLAR, (str(files),))
    assert TEMPLAR.render(trust("{% include 'sub/part.j2' %}!"), scope) == "part 5 nolocal!"


def located(tmp_path: Path, yaml: str) -> FleetError:
    path = tmp_path / "v.yml"
    path.write_text(yaml)
    variables = load_file(path)
    with pytest.raises(UndefinedVariable) as caught:
        TEMPLAR.render(variables["v"], Scope([variables], TEMPLAR))
    return caught.value


@pytest.mark.parametrize(
    ("yaml", "line", "column"),
    [
        ('v: "{{ nope }}"\n', 1, 8),
        ("v: 'some {{ n }} text {{ a + nope }}'\nn: 1\na: 2\n", 1, 30),
        ("n: 1\nv: |\n  one {{ n }}\n  two\n  three {{ nope }}\n", 5, 12),
        ("v:\n  - a\n  - k: x{{ nope.y }}\n", 3, 12),
        ('v: "{{ w }}"\nw: "{{ nope }}"\n', 2, 8),
        ('v: "{{ w }}"\nw: {a: 1, b: "{{ nope }}"}\n', 2, 18),
    ],
)
def test_errors_in_yaml_point_at_the_name(tmp_path: Path, yaml: str, line: int, column: int) -> None:
    at = located(tmp_path, yaml).at
    assert at is not None and (at.line, at.column) == (line, column)


def test_an_error_in_a_variable_says_where_it_was_used(tmp_path: Path) -> None:
    error = located(tmp_path, 'v: "{{ w.a }} x"\nw: {a: "{{ nope }}"}\n')
    assert str(error).endswith(f"v.yml:2:12: 'nope' is undefined (used at {tmp_path}/v.yml:1:5)")


def test_a_header_without_a_colon_says_so(render: Render) -> None:
    with pytest.raises(TemplateError, match="Missing key-value separator ':' in 'lstrip_blocks=True'"):
        render("#jinja2: lstrip_blocks=True\nx\n")
