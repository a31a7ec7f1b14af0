"""Mappings that are no dicts: the facts of a host, some of them not fetched yet."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.engine.state import Facts, Injected
from fleet.remote.facts import SUBJECT_OF
from fleet.source.nodes import trust
from fleet.template.errors import Pending, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
KNOWN = {"ansible_system": "Linux", "ansible_a": {"b": 1}, "ansible_mounts": []}
PLAIN = {"system": "Linux", "a": {"b": 1}, "mounts": []}


def scope(*, late: bool = False) -> Scope:
    facts = Facts()
    if late:
        facts.promise(set(SUBJECT_OF.values()))
    else:
        facts.add(KNOWN)
    return Scope([Injected(facts)], TEMPLAR)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("ansible_facts", PLAIN),
        ("ansible_facts | type_debug", "dict"),
        ("ansible_facts | to_nice_json | from_json", PLAIN),
        ("ansible_facts | to_nice_yaml | from_yaml", PLAIN),
        ("ansible_facts | string", str(PLAIN)),
        ("ansible_facts.keys() | list", list(PLAIN)),
        ("ansible_facts.items() | list | length", 3),
        ("ansible_facts | list", list(PLAIN)),
        ("ansible_facts | length", 3),
        ("ansible_facts | first", "system"),
        ("'x' in ansible_facts", False),
        ("'system' in ansible_facts", True),
        ("'system' in ansible_facts.keys()", True),
        ("ansible_facts | dict2items | map(attribute='key')", list(PLAIN)),
        ("(ansible_facts | items)[0]", ["system", "Linux"]),
        ("(ansible_facts | dictsort)[0]", ["a", {"b": 1}]),
        ("ansible_facts | combine({'a': {'c': 2}}, recursive=true)", {**PLAIN, "a": {"b": 1, "c": 2}}),
        ("ansible_facts == (ansible_facts | combine({}))", True),
        ("[ansible_facts] | map(attribute='system')", ["Linux"]),
        ("['system'] | map('extract', ansible_facts)", ["Linux"]),
        ("ansible_facts is mapping", True),
        ("ansible_facts.get('nono', 3)", 3),
        ("ansible_facts.nono | default(4)", 4),
        ("ansible_facts['a'].b", 1),
        ("{'all': ansible_facts}", {"all": PLAIN}),
        ("ansible_facts | flatten | length if ansible_facts is string else 1", 1),
        ("ansible_system", "Linux"),
        ("vars.ansible_system", "Linux"),
        ("vars | type_debug", "dict"),
    ],
)
def test_facts_look_like_a_dict(expression: str, value: Any) -> None:
    found = TEMPLAR.expression(trust(expression), scope())
    assert found == value
    assert type(found) is type(value)


def test_a_fact_that_does_not_exist_is_told_like_a_key_of_a_dict() -> None:
    with pytest.raises(UndefinedVariable, match="object of type 'dict' has no attribute 'nono'"):
        TEMPLAR.expression(trust("ansible_facts.nono"), scope())


@pytest.mark.parametrize(
    "expression",
    [
        "ansible_facts",
        "ansible_facts | to_nice_json",
        "ansible_facts.keys() | list",
        "'system' in ansible_facts",
        "ansible_facts | dict2items",
        "ansible_facts | combine({})",
        "ansible_facts | length",
        "ansible_facts | string",
        "ansible_facts.system | default('x')",
        "ansible_system is defined",
        "ansible_facts == {}",
        "[ansible_facts] | map(attribute='system') | list",
    ],
)
def test_facts_that_are_not_there_yet_are_awaited(expression: str) -> None:
    with pytest.raises(Pending):
        TEMPLAR.expression(trust(expression), scope(late=True))


def test_the_type_of_late_facts_is_known() -> None:
    assert TEMPLAR.expression(trust("ansible_facts | type_debug"), scope(late=True)) == "dict"
