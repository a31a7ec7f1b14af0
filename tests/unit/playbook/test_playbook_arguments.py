"""One-line arguments: what ansible-core 2.19 makes of the same text (checked against it, frozen here)."""

from __future__ import annotations

import pytest

from fleet.errors import InputError, Location
from fleet.playbook import arguments
from fleet.playbook.arguments import merge, split_words
from fleet.source.nodes import Map, Trusted

PAIRS = [
    ("a=b c=d", {"a": "b", "c": "d"}),
    ("  a=b  c=d ", {"a": "b", "c": "d"}),
    ('a="b c" d=e', {"a": "b c", "d": "e"}),
    ("a='b c'", {"a": "b c"}),
    ('a="b \\"c\\" d"', {"a": 'b "c" d'}),
    ("a=\"x 'y' z\"", {"a": "x 'y' z"}),
    ("a=b=c", {"a": "b=c"}),
    ("a= b=c", {"a": "", "b": "c"}),
    ("a=\"\" b=''", {"a": "", "b": ""}),
    ("a={{ x }}", {"a": "{{ x }}"}),
    ("a={{ x y }} b=c", {"a": "{{ x y }}", "b": "c"}),
    ("a={{ x['y z'] }}", {"a": "{{ x['y z'] }}"}),
    ("a={% if x %}1{% else %}2{% endif %} b=2", {"a": "{% if x %}1{% else %}2{% endif %}", "b": "2"}),
    ("x={{ a }}{{ b }}", {"x": "{{ a }}{{ b }}"}),
    ("x={{ a }} {{ b }}", {"x": "{{ a }}", "_raw_params": "{{ b }}"}),
    ("{{ name }}=1", {"{{ name }}": "1"}),
    ("{{ 'x' + item }}=set b=c", {"{{ 'x' + item }}": "set", "b": "c"}),
    ("a=b\nc=d", {"a": "b", "c": "d"}),
    ("a=b\\nc", {"a": "b\nc"}),
    ('a="x\\\\y"', {"a": "x\\y"}),
    ("a=\\=b", {"a": "\\=b"}),
    ("a\\=b", {"_raw_params": "a=b"}),
    ("a=é b=日本", {"a": "é", "b": "日本"}),
    ('a=["x","y"]', {"a": '["x","y"]'}),
    ("a.b=c a-b=d", {"a.b": "c", "a-b": "d"}),
    ("mode=0644", {"mode": "0644"}),
    ('a="b" c', {"a": "b", "_raw_params": "c"}),
    ("foo bar", {"_raw_params": "foo bar"}),
]
COMMANDS = [
    ("ls -l", {"_raw_params": "ls -l"}),
    ("echo a=b", {"_raw_params": "echo a=b"}),
    ("creates=/x echo hi", {"creates": "/x", "_raw_params": "echo hi"}),
    ("echo hi creates=/x", {"creates": "/x", "_raw_params": "echo hi"}),
    ("chdir=/tmp ls  -l   x", {"chdir": "/tmp", "_raw_params": "ls  -l   x"}),
    ('echo "a=b"  chdir=/tmp  "c  d"', {"chdir": "/tmp", "_raw_params": 'echo "a=b"  "c  d"'}),
    ('echo "chdir=/x"', {"_raw_params": 'echo "chdir=/x"'}),
    ("FOO=bar cmd chdir=/x", {"chdir": "/x", "_raw_params": "FOO=bar cmd"}),
    ("echo a\\=b chdir=/x", {"chdir": "/x", "_raw_params": "echo a=b"}),
    ("echo {{ x }} chdir={{ y }}", {"chdir": "{{ y }}", "_raw_params": "echo {{ x }}"}),
    ('executable=/bin/bash set -e; echo "x  y"', {"executable": "/bin/bash", "_raw_params": 'set -e; echo "x  y"'}),
]


@pytest.mark.parametrize(("text", "expected"), PAIRS, ids=[text for text, _ in PAIRS])
def test_pairs(text, expected):
    assert merge(Trusted(text), None, "copy", None) == expected


@pytest.mark.parametrize(("text", "expected"), COMMANDS, ids=[text for text, _ in COMMANDS])
def test_command_lines(text, expected):
    assert merge(Trusted(text), None, "ansible.builtin.command", None) == expected


@pytest.mark.parametrize(
    ("action", "text", "expected"),
    [
        ("include_vars", "v.yml name=q", {"_raw_params": "v.yml", "name": "q"}),
        ("include_vars", "file=v.yml", {"file": "v.yml"}),
        ("include_tasks", "my file.yml", {"_raw_params": "my file.yml"}),
        ("include_tasks", "{{ a == b }}.yml", {"_raw_params": "{{ a == b }}.yml"}),
        ("meta", "flush_handlers", {"_raw_params": "flush_handlers"}),
        ("debug", "{{ all_of_it }}", {"_variable_params": "{{ all_of_it }}"}),
    ],
)
def test_free_text_of_other_modules(action, text, expected):
    assert merge(Trusted(text), None, action, None) == expected


def test_what_was_written_can_be_rendered_and_knows_its_place():
    at = Location("x.yml", 3, 5)
    made = merge(Trusted("a={{ b }}", at), None, "copy", None)
    assert isinstance(made["a"], Trusted)
    assert made["a"].is_template
    assert made["a"].at == at
    assert isinstance(next(iter(merge(Trusted("{{ k }}=1", at), None, "set_fact", None))), Trusted)


def test_the_modules_own_value_wins_over_args():
    assert merge(Trusted("a=1"), Map({"a": 2, "b": 3}), "copy", None) == {"a": "1", "b": 3}
    assert merge(None, Map({"b": 3}), "copy", None) == {"b": 3}
    assert merge(None, Trusted("{{ x }}"), "copy", None) == {"_variable_params": "{{ x }}"}


@pytest.mark.parametrize("text", ['a="b', "a={{ b", "a='b c=d", "a={% if x"])
def test_what_is_left_open_is_a_mistake(text):
    with pytest.raises(InputError, match="unbalanced jinja2 block or quotes"):
        merge(Trusted(text), None, "copy", None)


@pytest.mark.parametrize("value", [5, True, 1.5, ["a"]])
def test_arguments_must_be_text_or_a_mapping(value):
    with pytest.raises(InputError, match="must be a mapping or text"):
        merge(value, None, "copy", None)


def test_args_must_be_a_mapping():
    with pytest.raises(InputError, match="'args' must be a mapping"):
        merge(None, Trusted("a=b"), "copy", None)


def test_words():
    assert split_words("a 'b c'\nd") == ["a", "'b c'", "\n", "d"]
    assert split_words("") == []


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("echo a \\\nb", "echo a b"),
        ("echo 'a \\\n b' \\\nc\n", "echo 'a \\\n b' c\n"),
        ("echo a\\\nb", "echo a\\\nb"),
        ("echo 'open \\\n", "echo 'open \\\n"),
    ],
)
def test_lines_that_go_on(text: str, joined: str) -> None:
    assert arguments.joined_lines(text) == joined


def test_escapes_in_one_line_values() -> None:
    parsed = arguments.parse(r"path=a regexp='\bx\\b' replace='\1\x41'", "replace", None)
    assert (parsed["regexp"], parsed["replace"]) == ("\bx\\b", r"\1A")


def test_a_command_keeps_the_line_break_at_its_end() -> None:
    assert arguments.parse("creates=/x\necho hi\n", "shell", None)["_raw_params"] == "echo hi\n"
