"""The filters of community.general, with results the collection gives."""

from __future__ import annotations

from typing import Any

import pytest
from expressions import render
from jinja2.exceptions import TemplateRuntimeError

CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("'x' | community.general.dict_kv('k')", {}, {"k": "x"}),
    ("[['a',1],['b',2]] | community.general.dict", {}, {"a": 1, "b": 2}),
    (
        "[{'n':'a','v':1},{'n':'b','v':2}] | community.general.groupby_as_dict('n')",
        {},
        {"a": {"n": "a", "v": 1}, "b": {"n": "b", "v": 2}},
    ),
    (
        "[{'n':'a','v':1},{'n':'b'}] | community.general.lists_mergeby([{'n':'a','w':2},{'n':'c'}], 'n')",
        {},
        [{"n": "a", "v": 1, "w": 2}, {"n": "b"}, {"n": "c"}],
    ),
    (
        "[[{'n':'b','v':[1]}],[{'n':'b','v':[2]},{'n':'a'}]] | community.general.lists_mergeby('n', recursive=true, list_merge='append')",
        {},
        [{"n": "a"}, {"n": "b", "v": [1, 2]}],
    ),
    (
        "[{'n':'a'},{'x':'b'}] | community.general.lists_mergeby([{'n':'a','w':2}], 'n')",
        {},
        [{"n": "a", "w": 2}],
    ),
    ("['1.10','1.9','1.2'] | community.general.version_sort", {}, ["1.2", "1.9", "1.10"]),
    ("['1.10','1.9','1.2'] | community.general.version_sort(reverse=true)", {}, ["1.10", "1.9", "1.2"]),
    ("['foo-1.10','foo-1.9'] | community.general.version_sort", {}, ["foo-1.9", "foo-1.10"]),
    ("[1,1,2] | community.general.counter", {}, {1: 2, 2: 1}),
    ("'aab' | community.general.counter", {}, {"a": 2, "b": 1}),
    ("'x' | community.general.crc32", {}, "8cdc1683"),
    ("'1w 2d' | community.general.to_seconds", {}, 777600.0),
    ("'1h 30m' | community.general.to_minutes", {}, 90.0),
    ("'30m 500ms' | community.general.to_seconds", {}, 1800.5),
    ("'1y' | community.general.to_days", {}, 365.0),
    ("'1y' | community.general.to_days(year=365)", {}, 365.0),
    ("'1mo' | community.general.to_hours", {}, 720.0),
    ("'-5m' | community.general.to_seconds", {}, -300.0),
    ("'1h' | community.general.to_milliseconds", {}, 3600000.0),
    ("'90d' | community.general.to_months", {}, 3.0),
    ("'14d' | community.general.to_weeks", {}, 2.0),
    ("'730d' | community.general.to_years", {}, 2.0),
    ("[1,2,3] | community.general.lists_union([3,4])", {}, [1, 2, 3, 4]),
    ("[1,2,2,3] | community.general.lists_intersect([3,2])", {}, [2, 3]),
    ("[1,2,3] | community.general.lists_difference([3])", {}, [1, 2]),
    ("[1,2,3] | community.general.lists_symmetric_difference([3,4])", {}, [1, 2, 4]),
    ("[[1,2],[2,3]] | community.general.lists_union(flatten=true)", {}, [1, 2, 3]),
    ("[1,2,3] | community.general.accumulate", {}, [1, 3, 6]),
    ("'abc' | community.general.accumulate", {}, ["a", "ab", "abc"]),
    ("[{'a':1,'b':2,'c':3}] | community.general.keep_keys(target=['a','b'])", {}, [{"a": 1, "b": 2}]),
    (
        "[{'aa':1,'ab':2,'c':3}] | community.general.keep_keys(target='a', matching_parameter='starts_with')",
        {},
        [{"aa": 1, "ab": 2}],
    ),
    ("[{'a':1,'b':2,'c':3}] | community.general.remove_keys(target=['a'])", {}, [{"b": 2, "c": 3}]),
    (
        "[{'a':1,'b':2,'c':3}] | community.general.replace_keys(target=[{'before':'a','after':'z'}])",
        {},
        [{"z": 1, "b": 2, "c": 3}],
    ),
    (
        "v | community.general.from_csv",
        {"v": "a,b\n1,2\n3,4\n"},
        [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}],
    ),
    (
        "v | community.general.from_csv(fieldnames=['x','y'],delimiter=';')",
        {"v": "1;2\n3;4\n"},
        [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}],
    ),
    ("v | community.general.from_ini", {"v": "[s]\na=1\nB = x\n"}, {"s": {"a": "1", "B": "x"}}),
    ("v | community.general.unicode_normalize", {"v": "é"}, "é"),
    ("v | community.general.unicode_normalize('NFKD')", {"v": "é"}, "é"),
]

# What ansible-core refuses, too.
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("'ab' | community.general.dict", {}),
    ("[1] | community.general.dict", {}),
    ("[{'n':'a','v':1},{'n':'a','v':2}] | community.general.groupby_as_dict('n')", {}),
    ("[{'v':1}] | community.general.groupby_as_dict('n')", {}),
    ("5 | community.general.groupby_as_dict('n')", {}),
    ("[[1]] | community.general.counter", {}),
    ("'2 days' | community.general.to_time_unit('h')", {}),
    ("'1x' | community.general.to_seconds", {}),
    ("v | community.general.from_ini", {"v": "a=1\n"}),
]


@pytest.mark.parametrize(("expression", "variables", "expected"), CASES, ids=[case[0] for case in CASES])
def test_result(expression: str, variables: dict[str, Any], expected: Any) -> None:
    result = render(expression, **variables)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("expression", "variables"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(expression: str, variables: dict[str, Any]) -> None:
    with pytest.raises(TemplateRuntimeError):
        render(expression, **variables)
