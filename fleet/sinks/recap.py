"""The recap lines of a run, as ansible-playbook prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet.events import HostStats
from fleet.sinks.stats import COUNTERS
from fleet.sinks.values import json_text, plain, safe

COLOURS = {
    "ok": "0;32",
    "changed": "0;33",
    "unreachable": "1;31",
    "failed": "0;31",
    "skipped": "0;36",
    "rescued": "0;32",
    "ignored": "1;35",
}
# The host under which custom statistics of the whole run are kept.
RUN = "_run"


def recap_lines(stats: Mapping[str, HostStats], color: bool = False) -> Iterator[str]:
    """A line for each host, sorted by name."""
    for host in sorted(stats):
        counts = [_count(name, getattr(stats[host], name), color) for name in COUNTERS]
        name = safe(host)
        if color:
            name = f"\x1b[{_host_colour(stats[host])}m{name}\x1b[0m".ljust(37)
        yield f"{name:<26} : {' '.join(counts)}"


def _count(name: str, value: int, color: bool) -> str:
    text = f"{name}={value:<4}"
    return f"\x1b[{COLOURS[name]}m{text}\x1b[0m" if color and value else text


def _host_colour(stats: HostStats) -> str:
    if stats.failed or stats.unreachable:
        return COLOURS["failed"]
    return COLOURS["changed" if stats.changed else "ok"]


def custom_lines(custom: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What ``set_stats`` collected: hosts first, then the run."""
    for host in sorted(name for name in custom if name != RUN):
        yield f"\t{host}: {_flat(custom[host])}"
    if RUN in custom:
        yield ""
        yield f"\tRUN: {_flat(custom[RUN])}"


def _flat(values: Mapping[str, Any]) -> str:
    return json_text(plain(values), indent=1).replace("\n", "")
