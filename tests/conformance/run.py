#!/usr/bin/env python3
"""Runs ansible-core's own integration targets with fleet, and where asked with Ansible too; writes what passed.

Each target runs in a private copy of the suite, with the inventory, variables and settings ansible-test gives it.
"Harmless" targets write below a temporary folder only; the others change users, packages and services, and are refused
unless --disposable says that this machine is there to be thrown away, or --lab gives each a fresh host of a lab.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lab import Bench
from outcome import Outcome, from_data, read, same_calls
from report import summary, write, write_system
from source import NotFetched, oracle, targets
from target import Target, aliases, catalogue, choose, reasons
from tree import Tool, Tree, ansible, checking, environment, fleet, lay

PATIENCE = 900.0
ALARMS = "alarms.jsonl"

Found = dict[str, dict[str, Outcome]]


class Runs(Protocol):
    """Runs targets with one tool."""

    tool: Tool

    def run(self, target: Target) -> Outcome: ...


class LabRunner:
    """Runs targets with one tool on one host of a lab, which is as new for each target."""

    def __init__(self, tool: Tool, bench: Bench, number: int, folder: Path) -> None:
        self.tool = tool
        self.bench = bench
        self.number = number
        self.logs = folder / tool.name / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)

    def run(self, target: Target) -> Outcome:
        """Run one target on the host made anew."""
        started = time.monotonic()
        host = self.bench.fresh(self.number)
        arguments = ["--ansible-only"] if self.tool.name == "ansible" else []
        out, log = self.bench.target(host, target.name, arguments, PATIENCE + 60)
        (self.logs / f"{target.name}.log").write_text(log)
        if not out:
            return Outcome(target.name, "timeout", round(time.monotonic() - started, 1))
        return from_data(json.loads(out)[self.tool.name][target.name])


class Runner:
    """Runs targets with one tool on this machine."""

    def __init__(self, tool: Tool, folder: Path, sources: Path, keep: bool = False) -> None:
        self.tool = tool
        self.folder = folder / tool.name
        self.sources = sources
        self.keep = keep
        self.logs = self.folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.done_once: set[str] = set()

    def run(self, target: Target) -> Outcome:
        """Run one target and what it needs before."""
        started = time.monotonic()
        said = aliases(self.sources / target.name)
        tree = lay(self.sources, target.name, self.tool, self.folder, said.plain_path)
        log = self.logs / f"{target.name}.log"
        before = [name for name in said.setup("once") if name not in self.done_once] + said.setup("always")
        status = ""
        log.write_bytes(b"")
        for name in before:
            if self.execute(tree, name, False, log) != 0:
                status = "setup failed"
        self.done_once.update(said.setup("once"))
        tree.calls.unlink(missing_ok=True)
        if not status:
            code = self.execute(tree, target.name, target.script, log)
            status = "timeout" if code is None else "fail" if code else "pass"
        outcome = read(target.name, status, time.monotonic() - started, log, tree.calls)
        if not self.keep:
            shutil.rmtree(tree.top, ignore_errors=True)
        return outcome

    def execute(self, tree: Tree, name: str, script: bool, log: Path) -> int | None:
        """The exit code of a target's script, or of a play with its role; None when it took too long."""
        shutil.rmtree(tree.output, ignore_errors=True)
        tree.output.mkdir()
        said = aliases(self.sources / name)
        if script:
            cwd = tree.work / "targets" / name
            (cwd / "runme.sh").chmod(0o755)
            words = ["./runme.sh"]
        else:
            cwd = tree.work
            words = self._play(tree, name, said.gathers)
        env = environment(tree, cwd, {**said.environment(), **({} if script else {"role": name})}, self.tool)
        with log.open("ab") as file:
            process = subprocess.Popen(words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
            try:
                return process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                return None
            finally:
                _end(process)

    def _play(self, tree: Tree, name: str, gathers: bool) -> list[str]:
        """The command that runs a role target."""
        play = {"hosts": "testhost", "gather_facts": gathers, "vars": {"output_dir": str(tree.output)}, "roles": [name]}
        (tree.work / f"{name}-play.yml").write_text(json.dumps([play], indent=4))
        return [str(tree.top / "bin" / "ansible-playbook"), "-i", "inventory", f"{name}-play.yml"]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what a target started and has left running in its process group."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    process.wait()


def options(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="@harmless", help="names, globs, @harmless, @system, -NAME; commas between")
    parser.add_argument("--oracle", action="store_true", help="run each with real Ansible as well, and compare times")
    parser.add_argument("--ansible-only", action="store_true", help="run real Ansible alone")
    parser.add_argument("--check", action="store_true", help="see that fleet check is content with plays that end well")
    parser.add_argument("--lab", action="store_true", help="a fresh host of a lab for each target; needs root")
    parser.add_argument("--disposable", action="store_true", help="this machine is there to be thrown away")
    parser.add_argument("--folder", type=Path, help="where private copies and logs go, and stay (a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="keep the private copies of the suite")
    parser.add_argument("--out", type=Path, help="write what was seen as JSON")
    parser.add_argument("--theirs", type=Path, help="a file of --out with what Ansible came to, instead of running it")
    parser.add_argument("--table", type=Path, help="write the table of results as Markdown")
    return parser.parse_args(args)


def main(args: Sequence[str] | None = None) -> int:
    """Run the chosen targets; 0 when none fails that has no reason on record."""
    given = options(args)
    if given.table and given.ansible_only:
        print("--table is about fleet: leave out --ansible-only", file=sys.stderr)
        return 5
    try:
        chosen = choose(given.only, catalogue())
    except KeyError as error:
        print(f"no target is called {error.args[0]}", file=sys.stderr)
        return 5
    harmful = [target.name for target in chosen if not target.harmless]
    if harmful and not (given.disposable or given.lab):
        print(f"these change the machine they run on: {' '.join(harmful)}\n"
              "--lab gives each a fresh host, --disposable says that this machine may be changed", file=sys.stderr)  # fmt: skip
        return 5
    folder = given.folder or Path(tempfile.mkdtemp(prefix="conformance-"))
    alarms: list[str] = []
    try:
        (folder / ALARMS).unlink(missing_ok=True)
        with _runners(given, folder) as runners:
            found = _run_all(runners, chosen, given.out, at_once=given.lab)
        alarms = _alarms(folder / ALARMS)
    except NotFetched as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    finally:
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)
    if given.theirs:
        theirs = json.loads(given.theirs.read_text())["ansible"]
        found["ansible"] = {target.name: from_data(theirs[target.name]) for target in chosen if target.name in theirs}
    print(summary(chosen, found))
    if given.table:
        (write_system if given.lab else write)(given.table, chosen, found, summary(chosen, found))
    missed = {name for name, outcome in found[runners[0].tool.name].items() if outcome.status != "pass"}
    unexplained = sorted(missed - reasons().keys())
    if unexplained:
        print(f"no reason on record for: {' '.join(unexplained)}")
    for line in alarms:
        print(f"false alarm: {line}")
    return int(bool(unexplained or alarms))


def _alarms(log: Path) -> list[str]:
    """What was noted against plays that ended well."""
    if not log.exists():
        return []
    lines = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return [f"{' '.join(line['call'])}: {alarm}" for line in lines for alarm in line["alarms"]]


@contextmanager
def _runners(given: argparse.Namespace, folder: Path) -> Iterator[Sequence[Runs]]:
    """What runs the targets, the first one's results being those that count. Raises NotFetched."""
    mine = checking(folder / ALARMS) if given.check and not given.lab else fleet()
    tools = [] if given.ansible_only else [mine]
    if not given.lab:
        if given.oracle or given.ansible_only:
            tools.append(ansible(oracle()))
        yield [Runner(tool, folder, targets(), given.keep) for tool in tools]
        return
    if given.oracle or given.ansible_only:
        tools.append(Tool("ansible", {}, ""))
    bench = Bench()
    try:
        bench.up(len(tools))
        yield [LabRunner(tool, bench, number, folder) for number, tool in enumerate(tools)]
    finally:
        if not given.keep:
            bench.down()


def _run_all(runners: Sequence[Runs], chosen: Sequence[Target], out: Path | None, at_once: bool) -> Found:
    """Run every target with every tool; on hosts of their own the tools work side by side."""
    found: Found = {runner.tool.name: {} for runner in runners}

    def run(runner: Runs) -> None:
        for target in chosen:
            outcome = found[runner.tool.name][target.name] = runner.run(target)
            told = f"{outcome.status.upper():12} {target.name:34} {runner.tool.name:8} {outcome.seconds:6.1f} s"
            same, all_ = same_calls(outcome, target)
            print(told + (f"  {same} of {all_} commands as expected" if all_ else f"  ok {outcome.ok}"), flush=True)
            _save(out, found)

    with ThreadPoolExecutor(max_workers=len(runners) if at_once else 1) as pool:
        for done in [pool.submit(run, runner) for runner in runners]:
            done.result()
    return found


def _save(path: Path | None, found: Found) -> None:
    if path:
        # A copy: the other tool's thread may add to it.
        data = {tool: {name: outcome.data() for name, outcome in dict(each).items()} for tool, each in found.items()}
        path.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
