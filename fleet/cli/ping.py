"""``fleet ping``: which hosts can be reached, logged in to, and have a usable Python."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from fleet.cli import options as o
from fleet.cli.apply import apply
from fleet.cli.compose import REACH, borrow, given_of

if TYPE_CHECKING:
    from fleet.cli.adhoc import Collector

EPILOG = """
Examples:

  fleet ping -i inventory/

  fleet ping -i inventory/ 'web:&prod' -b

The time is that from the first attempt to connect until Python on the host has answered. The exit code
is 0 when all hosts answer, 4 when one cannot be reached.
"""
SETTINGS = {"epilog": EPILOG}


@borrow(apply, only=REACH)
def ping(pattern: o.AnyPattern = "all", **given: Any) -> None:
    """Connect to hosts and tell which answer, how fast, and why the others do not."""
    from fleet.cli.adhoc import Collector, one_task
    from fleet.cli.session import execute, open_session
    from fleet.inventory.patterns import require

    session = open_session(given_of(given))
    hosts = one_task(session, pattern, "setup", {"gather_subset": ["!all", "!min", "python"]})
    require(hosts, session.options.limit)
    collector = Collector()
    code = execute(session, collector, alone=True)
    for line in lines(hosts, collector):
        sys.stdout.write(f"{line}\n")
    raise typer.Exit(code)


def lines(hosts: list[str], found: Collector) -> Iterator[str]:
    """A line a host, sorted; then one that counts them."""
    from fleet.cli.adhoc import natural
    from fleet.sinks.values import columns, one_line

    bad = found.failed()
    width = max(map(columns, hosts), default=0)
    for name in sorted(hosts, key=natural):
        pad = " " * (width - columns(name))
        if name in bad:
            yield f"{name}{pad}  {found.results[name].status}  {one_line(bad[name])}"
        elif name in found.results:
            yield f"{name}{pad}  ok  {_answer(found, name)}"
        else:
            yield f"{name}{pad}  not asked"
    good = sum(1 for name in hosts if name in found.results and name not in bad)
    yield f"{good} of {len(hosts)} host{'' if len(hosts) == 1 else 's'} ok"


def _answer(found: Collector, name: str) -> str:
    python = found.results[name].result.get("ansible_facts", {}).get("ansible_python", {})
    version = python.get("version", {})
    text = ".".join(str(version.get(part, "?")) for part in ("major", "minor", "micro"))
    spent = found.ended[name] - found.started.get(name, found.ended[name])
    return f"Python {text:<8} {spent * 1000:6.0f} ms"
