"""Unknown filters, tests and lookups: told before a run, at their place, with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.source.yaml import load_file
from fleet.template.errors import TemplateError
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
TEXT = """\
a: "x {{ n | regex_replase('a') }} and {{ n | lower }}"
when: n is defind
block: |
  first
  {{ n | uper }}
branch: "{{ 1 if n is mappin else 2 }}"
full: "{{ n | ansible.builtin.ternery(1, 2) }}"
test: "{{ result | changed }}"
filter: "{{ n is upper and n is basename }}"
"""


@pytest.mark.parametrize(
    ("key", "what", "place", "hint"),
    [
        ("a", "No filter named 'regex_replase'", (1, 14), "did you mean 'regex_replace'?"),
        ("when", "No test named 'defind'", (2, 12), "did you mean 'defined'?"),
        ("block", "No filter named 'uper'", (5, 10), "did you mean 'upper'?"),
        ("full", "No filter named 'ansible.builtin.ternery'", (7, 15), "did you mean 'ansible.builtin.ternary'?"),
        ("test", "No filter named 'changed'", (8, 20), "it is a test: write 'is changed'"),
        ("filter", "No test named 'basename'", (9, 33), "it is a filter: write '| basename'"),
    ],
)
def test_syntax_error_names_the_place_and_the_likely_name(
    tmp_path: Path, key: str, what: str, place: tuple[int, int], hint: str
) -> None:
    path = tmp_path / "p.yml"
    path.write_text(TEXT, encoding="utf-8")
    error = TEMPLAR.syntax_error(load_file(path)[key], expression=key == "when")
    assert error is not None and error.at is not None
    assert what in error.what
    assert (error.at.path, error.at.line, error.at.column) == (str(path), *place)
    assert error.hint == hint


def test_a_name_in_a_branch_is_an_error_only_when_the_branch_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "p.yml"
    path.write_text(TEXT, encoding="utf-8")
    text = load_file(path)["branch"]
    assert TEMPLAR.syntax_error(text) is None
    with pytest.raises(TemplateError, match="No test named 'mappin'") as caught:
        TEMPLAR.render(text, Scope([{"n": 1}], TEMPLAR))
    assert caught.value.hint == "did you mean 'mapping'?"


def test_in_a_template_file(tmp_path: Path) -> None:
    path = tmp_path / "t.j2"
    with pytest.raises(TemplateError, match="No filter named 'uper'") as caught:
        TEMPLAR.render_text("a\n{{ 1 | uper }}\n", Scope([], TEMPLAR), name=str(path))
    assert caught.value.hint == "did you mean 'upper'?"
    assert caught.value.at is not None and caught.value.at.line == 2


def test_a_lookup_that_is_not_there_says_what_to_use_instead() -> None:
    with pytest.raises(TemplateError, match="'community.general.dig' was not found") as caught:
        TEMPLAR.lookup("community.general.dig", ["example.org"], Scope([], TEMPLAR))
    assert "dig +short" in str(caught.value.hint)
    with pytest.raises(TemplateError) as caught:
        TEMPLAR.lookup("first_fuond", [], Scope([], TEMPLAR))
    assert caught.value.hint == "did you mean 'first_found'?"
