"""Diffs as ansible-core 2.19.14 printed them for the same values."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.sinks.diffs import MOST_LINES, render

HEAD = ["--- before", "+++ after"]


@pytest.mark.parametrize(
    ("diff", "lines"),
    [
        (
            {
                "before": {"a": 1, "b": {"z": 2}},
                "after": {"a": 1, "b": {"z": 3}},
                "before_header": "BH",
                "after_header": "AH",
            },
            ["--- before: BH", "+++ after: AH", "@@ -1,6 +1,6 @@"]
            + [" {", '     "a": 1,', '     "b": {', '-        "z": 2', '+        "z": 3', "     }", " }", ""],
        ),
        ({"before": "x\n", "after": "x\n"}, []),
        (
            {"before": "q", "after": "q\n"},
            [*HEAD, "@@ -1 +1 @@", "-q", "\\ No newline at end of file", "+q", ""],
        ),
        ({"prepared": "no newline"}, ["no newline"]),
        ({"prepared": "line a\nline b\n"}, ["line a", "line b"]),
        ({}, []),
        ({"before": "", "after": "new\n"}, [*HEAD, "@@ -0,0 +1 @@", "+new", ""]),
        ({"before": None, "after": "new\n"}, [*HEAD, "@@ -0,0 +1 @@", "+new", ""]),
        ({"before": "a\nb\n", "after": ""}, [*HEAD, "@@ -1,2 +0,0 @@", "-a", "-b", ""]),
        ({"dst_binary": 1}, ["diff skipped: destination file appears to be binary"]),
        (
            {"src_binary": 1, "before": "a\n", "after": "b\n"},
            ["diff skipped: source file appears to be binary", *HEAD, "@@ -1 +1 @@", "-a", "+b", ""],
        ),
        ({"dst_larger": 104448}, ["diff skipped: destination file size is greater than 104448"]),
        (
            {"before": "a\nb", "after": "a\nb\nc"},
            [*HEAD, "@@ -1,2 +1,3 @@", " a", "-b", "\\ No newline at end of file", "+b", "+c"]
            + ["\\ No newline at end of file", ""],
        ),
        (
            {"before": "a\n", "after": "b\n", "prepared": "both\n"},
            [*HEAD, "@@ -1 +1 @@", "-a", "+b", "", "both"],
        ),
        ({"before": {}, "after": {"a": 1}}, [*HEAD, "@@ -1 +1,3 @@", "-{}", "+{", '+    "a": 1', "+}", ""]),
        ([{}, {"before": "same", "after": "same"}], []),
        ({"before": [1], "after": [1]}, []),
        ("text", ["text"]),
        (None, []),
        ({"before": "only before"}, []),
    ],
)
def test_render(diff: Any, lines: list[str]) -> None:
    assert render({"diff": diff}) == lines


def test_several_diffs_follow_each_other() -> None:
    diff = [{"before": "a\n", "after": "b\n"}, {"before": {"m": 1}, "after": {"m": 2}}]
    assert render({"diff": diff}).count("--- before") == 2


def test_a_diff_that_is_too_long_is_not_computed() -> None:
    lines = render({"diff": {"before": "x\n" * (MOST_LINES + 1), "after": ""}})
    assert lines[2] == f"diff skipped: {MOST_LINES + 1} and 0 lines are too many to compare"
