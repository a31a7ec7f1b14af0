"""Results as people read them: the machine, the table, RESULTS.md."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from figures import Row

PACKAGES = ("fabric", "paramiko", "cryptography", "jinja2", "pyyaml", "typer", "rich")


def machine() -> dict[str, str]:
    """What the figures depend on: the machine and versions."""
    processor = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    facts = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processors": f"{os.cpu_count()} x {processor[1] if processor else platform.machine()}",
        "memory": f"{int(memory[1]) / 1e6:.0f} GB" if memory else "?",
        "kernel": platform.release(),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "hosts": "systemd-nspawn containers on the same machine, Debian bookworm",
        "fleet": _commit(),
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            facts[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            facts[package] = "?"
    return facts


def _commit() -> str:
    words = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        ran = subprocess.run(words, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "?"
    return ran.stdout.strip()


def table(rows: Sequence[Row]) -> str:
    """A Markdown table: figure, goal, reached, spread."""
    lines = ["| | figure | goal | reached | met | fastest-slowest |", "|---|---|---|---|---|---|"]
    for row in rows:
        met = {True: "yes", False: "**no**", None: "-"}[row.met]
        spread = "; ".join(f"{series.name} {series.spread}" for series in row.series)
        cells = (str(row.figure), row.what, row.goal, row.reached, met, spread or row.note)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def markdown(rows: Sequence[Row], facts: Mapping[str, str], command: str, repeat: int) -> str:
    """RESULTS.md."""
    measured = [row for row in rows if row.met is not None]
    met = sum(1 for row in measured if row.met)
    notes = [f"- {row.figure}, {row.what}: {row.note}" for row in rows if row.note and row.met is None]
    parts = [
        "# What fleet reaches",
        f"{met} of {len(measured)} goals are met. Made by `{command}`; every number is in results.json.",
        table(rows),
        f"Reached is the median of {repeat} runs; commands that are compared took turns. The floor is floor.py: one "
        "Fabric connection and one hand-written Python script a host. A run counts only if it ended without an "
        "error and its recap shows every host unchanged (in the first run: changed). ansible-core runs with "
        "pipelining and 50 forks (baseline/ansible.cfg), its SSH connections kept open between runs as it does by "
        "default. For first runs all hosts have the same package lists and the packages already downloaded.",
    ]
    if notes:
        parts.append("\n".join(["Not measured:", "", *notes]))
    parts.append("\n".join(["## Measured on", "", "| | |", "|---|---|",
                            *(f"| {name} | {value} |" for name, value in facts.items())]))  # fmt: skip
    return "\n\n".join(parts) + "\n"
