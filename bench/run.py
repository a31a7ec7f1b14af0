#!/usr/bin/env python3
"""Measures fleet against its floor, its peers and its goals, on hosts of its own; writes RESULTS.md and results.json.

Needs root (for the hosts) and a Python that has fleet's dependencies: ``make bench``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent))

from benchlab import BRIDGE, NETWORK, own_lab  # noqa: E402
from figures import FIGURES as ENGINE  # noqa: E402
from figures import Bench, Row, raw  # noqa: E402
from measure import WrongRun  # noqa: E402
from modules import module_costs  # noqa: E402
from report import machine, markdown, table  # noqa: E402

from fleet.errors import FleetError  # noqa: E402

FIGURES = {**ENGINE, 9: module_costs}


def options(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure fleet against its floor, its peers and its goals.")
    topics = "; ".join(f"{number} {topic(number)}" for number in FIGURES)
    parser.add_argument("--only", metavar="N,N", help=f"only these figures: {topics}")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs of each command (5)")
    parser.add_argument("--hosts", type=int, default=10, metavar="N", help="hosts of most figures (10)")
    parser.add_argument("--many", type=int, default=40, metavar="N", help="hosts of the figures with many (40)")
    parser.add_argument("--no-peers", action="store_true", help="fleet and the floor alone")
    where = "where results go (beside this program; those of a partial run nowhere)"
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=where)
    parser.add_argument("--bridge", default=BRIDGE, help=f"name of the lab's bridge ({BRIDGE})")
    parser.add_argument("--network", default=NETWORK, help=f"the lab's network ({NETWORK})")
    given = parser.parse_args(args)
    try:
        given.figures = [int(word) for word in given.only.split(",")] if given.only else list(FIGURES)
    except ValueError:
        parser.error(f"--only {given.only}: numbers and commas")
    unknown = [number for number in given.figures if number not in FIGURES]
    if unknown or given.repeat < 1 or not 1 <= given.hosts <= given.many:
        parser.error(f"no figure {unknown[0]}" if unknown else "--repeat >= 1 and 1 <= --hosts <= --many")
    if given.out is None and not partial(given):
        given.out = HERE
    return given


def topic(number: int) -> str:
    """What a figure is about, from its docstring."""
    return (FIGURES[number].__doc__ or "").partition(": ")[2].rstrip(".")


def partial(given: argparse.Namespace) -> bool:
    """True for a run whose results say less than a whole one's."""
    usual = (given.hosts, given.many) == (10, 40) and given.repeat >= 5
    return bool(given.only or given.no_peers or not usual)


def measure(bench: Bench, figures: Sequence[int]) -> list[Row]:
    """All rows of the figures; one that goes wrong is a row that says so."""
    rows = []
    # Hosts must be fresh for 4 anyway, and many hosts that idle would be in the way of the others.
    for number in sorted(figures, key=[4, 1, 3, 5, 6, 8, 9, 2, 7].index):
        figure = FIGURES[number]
        bench.say(f"figure {figure.__doc__}")
        try:
            rows += list(figure(bench))
        except WrongRun as error:
            bench.say(f"wrong run: {error}")
            rows.append(Row(number, topic(number), "", "wrong run", False, str(error).partition("\n")[0].rstrip(":")))
    return sorted(rows, key=lambda row: row.figure)


def main(args: Sequence[str] | None = None) -> int:
    """Measure; 0 when every goal that was measured is met, 1 when one is not or nothing could be measured."""
    given = options(args)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    # Sockets of SSH connections live there, whose paths may not be long.
    work = Path(tempfile.mkdtemp(prefix="flbench-", dir="/tmp"))
    try:
        facts = machine()
        with own_lab(work, given.bridge, given.network, say) as lab:
            bench = Bench(lab, work, given.repeat, given.hosts, given.many, not given.no_peers, say)
            rows = measure(bench, given.figures)
    except BlockingIOError:
        say(f"another benchmark runs on {given.bridge}")
        return 1
    except FleetError as error:
        say(f"ERROR: {error}")
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for name, peer in bench.installed.items():
        facts |= {f"{package} ({name})" if package == "python" else package: version
                  for package, version in peer.versions.items()}  # fmt: skip
    print(table(rows))
    if given.out:
        command = "make bench" if not partial(given) else "bench/run.py " + " ".join(args or sys.argv[1:])
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "RESULTS.md").write_text(markdown(rows, facts, command, given.repeat))
        (given.out / "results.json").write_text(raw(rows, facts))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
