"""Reading and writing YAML and JSON, to the byte as ansible-core writes it."""

from __future__ import annotations

from typing import Any

import pytest
from expressions import render
from jinja2.exceptions import TemplateRuntimeError

CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("['a','b'] | to_json", {}, '["a", "b"]'),
    (
        "v | to_json",
        {"v": {"b": 1, "a": [1, 2.5, None, True, 'é"\n']}},
        '{"b": 1, "a": [1, 2.5, null, true, "\\u00e9\\"\\n"]}',
    ),
    (
        "v | to_json(indent=2)",
        {"v": {"b": 1, "a": [1, 2.5, None, True, 'é"\n']}},
        '{\n  "b": 1,\n  "a": [\n    1,\n    2.5,\n    null,\n    true,\n    "\\u00e9\\"\\n"\n  ]\n}',
    ),
    (
        "v | to_json(sort_keys=true, ensure_ascii=false)",
        {"v": {"b": 1, "a": [1, 2.5, None, True, 'é"\n']}},
        '{"a": [1, 2.5, null, true, "é\\"\\n"], "b": 1}',
    ),
    ("v | to_json(separators=(',',':'))", {"v": {"b": 1, "a": [1, 2.5]}}, '{"b":1,"a":[1,2.5]}'),
    (
        "v | to_nice_json",
        {"v": {"b": 1, "a": [1, 2.5, None, True, 'é"\n'], "c": {}, "d": []}},
        '{\n    "a": [\n        1,\n        2.5,\n        null,\n        true,\n        "\\u00e9\\"\\n"\n    ],\n    "b": 1,\n    "c": {},\n    "d": []\n}',
    ),
    (
        "v | to_nice_json(indent=2)",
        {"v": {"b": 1, "a": [1, 2.5]}},
        '{\n  "a": [\n    1,\n    2.5\n  ],\n  "b": 1\n}',
    ),
    (
        "v | to_nice_json(sort_keys=false)",
        {"v": {"b": 1, "a": [1, 2.5]}},
        '{\n    "b": 1,\n    "a": [\n        1,\n        2.5\n    ]\n}',
    ),
    ("{1:2,'a':3} | to_nice_json", {}, '{\n    "1": 2,\n    "a": 3\n}'),
    ("{1:2,'a':3} | to_json", {}, '{"1": 2, "a": 3}'),
    ("{1:2,none:3,true:4} | to_json", {}, '{"1": 4, "null": 3}'),
    ("('2020-01-01' | to_datetime('%Y-%m-%d')) | to_json", {}, '"2020-01-01T00:00:00"'),
    ("('2020-01-01' | to_datetime('%Y-%m-%d')) | to_yaml", {}, "2020-01-01 00:00:00\n"),
    ("(1,2) | to_json", {}, "[1, 2]"),
    ("range(3) | to_json", {}, "[0, 1, 2]"),
    ("{'a':1}.items() | to_json", {}, '[["a", 1]]'),
    ("{'a':1}.keys() | to_json", {}, '["a"]'),
    ("{'a':1}.values() | list | to_json", {}, "[1]"),
    ("'x' | to_json", {}, '"x"'),
    ("none | to_json", {}, "null"),
    (
        "v | to_yaml",
        {
            "v": {
                "b": 1,
                "a": [1, 2.5, None, True, 'é"\n'],
                "c": {},
                "d": [],
                "e": "yes",
                "f": "1",
                "g": "a: b",
                "h": "multi\nline\n",
                "i": "",
            }
        },
        "a: [1, 2.5, null, true, 'é\"\n\n    ']\nb: 1\nc: {}\nd: []\ne: 'yes'\nf: '1'\ng: 'a: b'\nh: 'multi\n\n  line\n\n  '\ni: ''\n",
    ),
    (
        "v | to_nice_yaml",
        {
            "v": {
                "b": 1,
                "a": [1, 2.5, None, True, 'é"\n'],
                "c": {},
                "d": [],
                "e": "yes",
                "f": "1",
                "g": "a: b",
                "h": "multi\nline\n",
                "i": "",
                "j": {"k": [{"l": 1, "m": [1]}]},
            }
        },
        "a:\n- 1\n- 2.5\n- null\n- true\n- 'é\"\n\n    '\nb: 1\nc: {}\nd: []\ne: 'yes'\nf: '1'\ng: 'a: b'\nh: 'multi\n\n    line\n\n    '\ni: ''\nj:\n    k:\n    -   l: 1\n        m:\n        - 1\n",
    ),
    (
        "v | to_nice_yaml(indent=2)",
        {"v": {"b": 1, "a": [1, {"x": [1, 2]}]}},
        "a:\n- 1\n- x:\n  - 1\n  - 2\nb: 1\n",
    ),
    (
        "v | to_nice_yaml(indent=2, width=1337)",
        {
            "v": {
                "b": "word word word word word word word word word word word word word word word word word word word word word word word word word word"
            }
        },
        "b: word word word word word word word word word word word word word word word word word word word word word word word word word word\n",
    ),
    (
        "v | to_nice_yaml",
        {
            "v": {
                "b": "word word word word word word word word word word word word word word word word word word word word word word word word word word"
            }
        },
        "b: word word word word word word word word word word word word word word word word\n    word word word word word word word word word word\n",
    ),
    (
        "v | to_yaml",
        {
            "v": {
                "b": "word word word word word word word word word word word word word word word word word word word word word word word word word word"
            }
        },
        "{b: word word word word word word word word word word word word word word word word\n    word word word word word word word word word word}\n",
    ),
    (
        "v | to_yaml(default_flow_style=false)",
        {"v": {"b": [1, {"x": [1, 2]}]}},
        "b:\n- 1\n- x:\n  - 1\n  - 2\n",
    ),
    (
        "v | to_nice_yaml(default_flow_style=true)",
        {"v": {"b": [1, {"x": [1, 2]}]}},
        "{b: [1, {x: [1, 2]}]}\n",
    ),
    (
        "v | to_nice_yaml(sort_keys=false)",
        {"v": {"b": 1, "a": [1, {"x": [1, 2]}]}},
        "b: 1\na:\n- 1\n-   x:\n    - 1\n    - 2\n",
    ),
    (
        "v | to_yaml(sort_keys=false,indent=8)",
        {"v": {"b": 1, "a": [1, {"x": [1, 2]}]}},
        "b: 1\na:\n- 1\n-       x: [1, 2]\n",
    ),
    (
        "v | to_nice_yaml(explicit_start=true, default_style='\"')",
        {"v": {"b": 1, "a": [1, {"x": [1, 2]}]}},
        '---\n"a":\n- ! "1"\n-   "x":\n    - ! "1"\n    - ! "2"\n"b": ! "1"\n',
    ),
    ("'x' | to_yaml", {}, "x\n"),
    ("'x' | to_nice_yaml", {}, "x\n"),
    ("5 | to_nice_yaml", {}, "5\n"),
    ("none | to_yaml", {}, "null\n"),
    ("[] | to_nice_yaml", {}, "[]\n"),
    ("{} | to_nice_yaml", {}, "{}\n"),
    ("(1,2) | to_nice_yaml", {}, "- 1\n- 2\n"),
    ("{'a':1}.keys() | to_nice_yaml", {}, "- a\n"),
    (
        "v | to_nice_yaml",
        {
            "v": {
                "d": "2020-01-01",
                "t": "12:30:45",
                "n": "null",
                "o": "0o7",
                "x": "0x1f",
                "on": "on",
                "e": "1e3",
                "s": " lead",
                "tab": "a\tb",
                "u": "\x01",
                "q": "it's",
                "c": "a #b",
                "dash": "- x",
                "p": "%a",
                "at": "@b",
                "star": "*a",
                "amp": "&a",
                "ex": "!a",
                "em": "😀",
            }
        },
        "amp: '&a'\nat: '@b'\nc: 'a #b'\nd: '2020-01-01'\ndash: '- x'\ne: 1e3\nem: \"\\U0001F600\"\nex: '!a'\nn: 'null'\no: 0o7\n'on': 'on'\np: '%a'\nq: it's\ns: ' lead'\nstar: '*a'\nt: '12:30:45'\ntab: \"a\\tb\"\nu: \"\\x01\"\nx: '0x1f'\n",
    ),
    ("v | to_nice_yaml", {"v": "line one\n  indented\nlast"}, '"line one\\n  indented\\nlast"\n'),
    (
        "v | to_nice_yaml",
        {"v": {"a": "line one\n  indented\nlast\n\n"}},
        'a: "line one\\n  indented\\nlast\\n\\n"\n',
    ),
    ("[w, w] | to_nice_yaml", {"w": {"a": [1]}}, "- &id001\n    a:\n    - 1\n- *id001\n"),
    ("(1.0 | float) | to_yaml", {}, "1.0\n"),
    ("'{\"a\": [1, 2.0, null]}' | from_json", {}, {"a": [1, 2.0, None]}),
    ("'a: 1' | from_yaml", {}, {"a": 1}),
    ("5 | from_yaml", {}, 5),
    ("none | from_yaml", {}, None),
    ("'' | from_yaml", {}, None),
    ("v | from_yaml", {"v": {"a": 1}}, {"a": 1}),
    ("v | from_yaml_all", {"v": "---\na: 1\n---\nb: 2\n"}, [{"a": 1}, {"b": 2}]),
    ("v | from_yaml_all | list", {"v": "---\na: 1\n---\nb: 2\n"}, [{"a": 1}, {"b": 2}]),
    ("'' | from_yaml_all", {}, []),
    ("none | from_yaml_all", {}, []),
    ("v | from_yaml", {"v": "a: 1\na: 2\n"}, {"a": 2}),
    ("v | from_yaml", {"v": "a: &x [1]\nb: *x\n<<: {c: 1}\n"}, {"c": 1, "a": [1], "b": [1]}),
    ("{'b':1, 1:2, 'a':3} | to_nice_json", {}, '{\n    "1": 2,\n    "a": 3,\n    "b": 1\n}'),
    ("{'b':1, none:2, 'a':3} | to_nice_json", {}, '{\n    "a": 3,\n    "b": 1,\n    "null": 2\n}'),
    ("{'b':1, 1:2, 'a':3} | to_nice_yaml", {}, "b: 1\n1: 2\na: 3\n"),
    ("['a','b'] | to_json(indent=4)", {}, '[\n    "a",\n    "b"\n]'),
]

# What ansible-core refuses, too.
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("nope | to_json", {}),
    ("v | to_nice_yaml(allow_unicode=false)", {"v": "é"}),
    ("v | to_nice_yaml(bogus=1)", {"v": "é"}),
    ("'{\"a\": ' | from_json", {}),
    ("v | from_json", {"v": {"a": 1}}),
    ("5 | from_json", {}),
    ("none | from_json", {}),
    ("'a: [1' | from_yaml", {}),
    ("'a: !foo x' | from_yaml", {}),
    ("'{{ 1 }}' | from_yaml", {}),
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
