"""``fleet facts``: what hosts tell about themselves, as JSON or as a table."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from fleet.cli import options as o
from fleet.cli.apply import apply
from fleet.cli.compose import REACH, borrow, given_of

EPILOG = """
Examples:

  fleet facts -i inventory/ web1                             everything about web1, as JSON

  fleet facts -i inventory/ --filter 'distribution*'         a table: one line a host

  fleet facts -i inventory/ --subset network --json | jq '.web1.default_ipv4.address'

Names are those of ansible_facts: ansible_facts.default_ipv4, or ansible_default_ipv4.
"""
SETTINGS = {"epilog": EPILOG}
WIDEST = 8
"""Columns of facts beyond which a table is no help."""
Filter = Annotated[
    list[str] | None,
    typer.Option(
        "--filter", metavar="PATTERN", help="Only facts whose names fit, such as 'distribution*'. Repeatable."
    ),
]
Subset = Annotated[
    list[str] | None,
    typer.Option("--subset", metavar="NAME", help="Only these subsets, such as network or '!hardware'. Repeatable."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON also with --filter.")]


@borrow(apply, only=REACH)
def facts(
    pattern: o.AnyPattern = "all",
    filter_: Filter = None,
    subset: Subset = None,
    as_json: AsJson = False,
    **given: Any,
) -> None:
    """Gather facts and print them: a JSON object of hosts, or with --filter a table."""
    from fleet.cli.adhoc import Collector, one_task
    from fleet.cli.session import execute, open_session
    from fleet.inventory.patterns import require

    session = open_session(given_of(given))
    args = {"filter": list(filter_ or ()), "gather_subset": _words(subset) or ["all"]}
    hosts = one_task(session, pattern, "setup", args)
    require(hosts, session.options.limit)
    collector = Collector()
    code = execute(session, collector, alone=True)
    found = {name: _named(event.result) for name, event in collector.results.items() if event.status == "ok"}
    sys.stdout.write(as_table(found) if filter_ and not as_json else as_text(found))
    for warning in collector.warnings:
        sys.stderr.write(f"[WARNING]: {warning}\n")
    for name, why in sorted(collector.failed().items()):
        sys.stderr.write(f"{name}: {collector.results[name].status}: {why}\n")
    raise typer.Exit(code)


def _words(given: list[str] | None) -> list[str]:
    return [word.strip() for text in given or () for word in text.split(",") if word.strip()]


def _named(result: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without the prefix, and without what setup says about itself."""
    told = result.get("ansible_facts", {})
    return {name.removeprefix("ansible_"): told[name] for name in told if name.startswith("ansible_")}


def as_text(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A JSON object: host -> fact -> value."""
    from fleet.cli.adhoc import natural
    from fleet.sinks.values import json_text, plain

    shown = {name: dict(sorted(plain(found[name]).items())) for name in sorted(found, key=natural)}
    return json_text(shown, indent=4, sort=False) + "\n"


def as_table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A line a host with a column a fact; where that does not fit, a line a fact."""
    from fleet.cli.adhoc import natural
    from fleet.sinks.values import json_text

    def text(value: Any) -> str:
        return value if isinstance(value, str) and value and "\n" not in value else json_text(value)

    hosts = sorted(found, key=natural)
    names = sorted({name for host in hosts for name in found[host]})
    flat = all(not isinstance(value, dict | list) for host in hosts for value in found[host].values())
    if flat and len(names) <= WIDEST:
        rows = [["host", *names]]
        rows += [[host, *(text(found[host][name]) if name in found[host] else "-" for name in names)] for host in hosts]
    else:
        rows = [[host, name, text(found[host][name])] for host in hosts for name in names if name in found[host]]
    return _aligned(rows)


def _aligned(rows: list[list[str]]) -> str:
    from fleet.sinks.values import columns, safe

    rows = [[safe(cell) for cell in row] for row in rows]
    widths = [max(columns(row[index]) for row in rows) for index in range(len(rows[0]) if rows else 0)]
    text = ""
    for row in rows:
        cells = (cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True))
        text += "  ".join(cells).rstrip() + "\n"
    return text
