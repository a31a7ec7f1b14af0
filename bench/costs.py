#!/usr/bin/env python3
"""Shows where a run of ``fleet apply`` spends its time: imports, the controller's functions, modules on the hosts.

usage: costs.py -i INVENTORY [PLAYBOOK] [--top N]     (PLAYBOOK: the baseline)

Every thread of the controller is profiled by its own clock of processor time, so waiting costs nothing. Profiling
slows Python code down about twice: read shares, not seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import io
import json
import os
import pstats
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)


def main(args: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Where a run spends its time.")
    parser.add_argument("-i", "--inventory", required=True)
    parser.add_argument("playbook", nargs="?", default=str(HERE / "baseline" / "site.yml"))
    parser.add_argument("--top", type=int, default=25, metavar="N", help="lines of each part (25)")
    given = parser.parse_args(args)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("ANSIBLE_CONFIG", str(HERE / "baseline" / "ansible.cfg"))
    words = ["apply", "-i", given.inventory, given.playbook, "--format", "jsonl"]
    imports(words, given.top)
    output = controller(words, given.top)
    modules(output, given.top)


def imports(words: Sequence[str], top: int) -> None:
    """What importing costs: time of each file alone, added up by package, and the costliest files."""
    env = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, "-X", "importtime", "-m", "fleet", *words]
    # The first run writes bytecode.
    for _ in range(2):
        ran = subprocess.run(command, env=env, capture_output=True, text=True)
    packages: dict[str, int] = defaultdict(int)
    files = []
    for line in ran.stderr.splitlines():
        head, _, rest = line.partition("import time:")
        columns = [column.strip() for column in rest.split("|")]
        if head or len(columns) != 3 or not columns[0].isdigit():
            continue
        alone, whole, name = int(columns[0]), int(columns[1]), columns[2]
        packages[name.partition(".")[0]] += alone
        files.append((whole, alone, name))
    print(f"== imports: {sum(packages.values()) / 1000:.0f} ms, {len(files)} files (measured with -X importtime)")
    for name, spent in sorted(packages.items(), key=lambda item: -item[1])[:top]:
        print(f"{spent / 1000:8.1f} ms  {name}")
    print("-- with what they import in turn")
    for whole, alone, name in sorted(files, reverse=True)[:top]:
        print(f"{whole / 1000:8.1f} ms  ({alone / 1000:.1f} alone)  {name}")


def controller(words: Sequence[str], top: int) -> str:
    """Run fleet in this process with a profiler a thread; print the sums and give its output."""
    from fleet.cli.main import main as fleet

    profiles: list[cProfile.Profile] = []
    shown = io.StringIO()
    started, used = time.perf_counter(), time.process_time()
    with _each_thread_profiled(profiles), contextlib.redirect_stdout(shown):
        try:
            fleet(list(words))
        except SystemExit as end:
            if end.code:
                sys.exit(f"the run ended with {end.code}:\n{shown.getvalue()[-2000:]}")
    wall, used = time.perf_counter() - started, time.process_time() - used
    print(f"\n== controller: {wall:.2f} s, {used:.2f} s of processor time, {len(profiles)} threads (profiled)")
    for order, title in (("tottime", "alone"), ("cumtime", "with what they call")):
        text = io.StringIO()
        stats = pstats.Stats(*profiles, stream=text)
        stats.strip_dirs().sort_stats(order).print_stats(top)
        print(f"-- {title}")
        print("\n".join(line for line in text.getvalue().splitlines()[6:] if line.strip()))
    return shown.getvalue()


@contextlib.contextmanager
def _each_thread_profiled(profiles: list[cProfile.Profile]) -> Iterator[None]:
    """Every thread started meanwhile, and this one, puts its profile into ``profiles``."""
    plain = threading.Thread.run

    def run(thread: threading.Thread) -> None:
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        profile.enable()
        try:
            plain(thread)
        finally:
            profile.disable()

    own = cProfile.Profile(time.thread_time)
    profiles.append(own)
    threading.Thread.run = run  # type: ignore[assignment,method-assign]
    own.enable()
    try:
        yield
    finally:
        own.disable()
        threading.Thread.run = plain  # type: ignore[method-assign]


def modules(output: str, top: int) -> None:
    """What modules cost on the hosts, from the results' own clocks."""
    spent: dict[str, list[float]] = defaultdict(list)
    hosts = set()
    for line in output.splitlines():
        event = json.loads(line)
        if event["event"] != "task_result":
            continue
        hosts.add(event["host"])
        if event["seconds"]:
            spent[event["task"]["action"]].append(event["seconds"])
    total = sum(sum(times) for times in spent.values())
    print(f"\n== modules on the hosts: {1000 * total / max(len(hosts), 1):.0f} ms a host")
    for action, times in sorted(spent.items(), key=lambda item: -sum(item[1]))[:top]:
        share, number = 1000 * sum(times) / len(hosts), len(times) / len(hosts)
        print(f"{share:8.1f} ms a host, {number:4.0f} tasks, longest {1000 * max(times):.1f} ms  {action}")


if __name__ == "__main__":
    main()
