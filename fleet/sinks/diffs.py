"""Turns the ``diff`` of a result into lines of a unified diff, as Ansible shows them. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet.sinks.values import json_text, plain

# Beyond this a diff is no reading matter, and difflib's time grows with the square of the lines.
MOST_LINES = 20_000

SKIPPED = {
    "dst_binary": "diff skipped: destination file appears to be binary",
    "src_binary": "diff skipped: source file appears to be binary",
    "dst_larger": "diff skipped: destination file size is greater than {}",
    "src_larger": "diff skipped: source file size is greater than {}",
}
NO_NEWLINE = "\\ No newline at end of file"


def diffs_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The diffs that a result carries: none, one or several."""
    found = result.get("diff")
    if isinstance(found, Mapping):
        return [found]
    if isinstance(found, (list, tuple)):
        return [item for item in found if isinstance(item, Mapping)]
    return [{"prepared": found}] if isinstance(found, str) else []


def render(result: Mapping[str, Any], yaml: bool = False) -> list[str]:
    """The lines to show for a result's diffs; empty when nothing differs.

    ``yaml`` shows structured values as YAML instead of JSON. Every diff that was computed ends with an
    empty line.
    """
    return [line for diff in diffs_of(result) for line in _one(diff, yaml)]


def _one(diff: Mapping[str, Any], yaml: bool) -> Iterator[str]:
    for key, text in SKIPPED.items():
        if diff.get(key):
            yield text.format(diff[key])
    if "before" in diff and "after" in diff:
        before, after = _text(diff["before"], yaml), _text(diff["after"], yaml)
        if before != after:
            yield from _unified(before, after, diff)
    if diff.get("prepared"):
        yield from _text(diff["prepared"], yaml).removesuffix("\n").split("\n")


def _text(value: Any, yaml: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if yaml:
        from fleet.sinks.pretty import yaml_lines

        return "\n".join(yaml_lines(value)) + "\n\n"
    return json_text(plain(value), indent=4) + "\n"


def _unified(before: str, after: str, diff: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    yield _header("--- before", diff.get("before_header"))
    yield _header("+++ after", diff.get("after_header"))
    if max(len(old), len(new)) > MOST_LINES:
        yield f"diff skipped: {len(old)} and {len(new)} lines are too many to compare"
    else:
        yield from _hunks(old, new)
    yield ""


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    lines = difflib.unified_diff(old, new, n=3)
    for number, line in enumerate(lines):
        # The first two are difflib's own headers.
        if number < 2:
            continue
        if line.startswith("@@"):
            yield line.rstrip("\n")
            continue
        bare = line.rstrip("\r\n")
        yield bare
        if bare == line:
            yield NO_NEWLINE


def _header(text: str, name: Any) -> str:
    return f"{text}: {name}" if name else text
