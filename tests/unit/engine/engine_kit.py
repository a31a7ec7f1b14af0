"""A HostRun without a network: plays from YAML text, and a host that answers steps from a script.

``Game`` holds the run, the fake host and everything that was seen. ``Queue`` follows the rules of
``fleet.remote.loop``: steps run in order, the first failure drops what is queued behind it, but not
further items of the same task and steps of a later epoch.
"""

from __future__ import annotations

import textwrap
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fleet.engine.host import HostRun
from fleet.engine.instructions import Await, Drop, Emit, Finish, Perform, Publish, Reset, Send, Stop
from fleet.engine.options import RunOptions
from fleet.engine.prepare import Prepared, prepare
from fleet.engine.variables import PlayContext, World
from fleet.events import HostLeft, Included, ItemResult, Notified, Retrying, TaskResult
from fleet.inventory.load import load
from fleet.sinks.stats import Stats
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import trust_all
from fleet.template.templar import Templar

FAILED = {"failed": True, "changed": False, "rc": 1, "stdout": "", "stderr": "", "msg": "non-zero return code"}
OK = {"changed": False, "rc": 0, "stdout": "", "stderr": ""}
CHANGED = {**OK, "changed": True}


def prepared(folder: Path, text: str, hosts: str = "h1", **options: Any) -> tuple[World, list[Prepared]]:
    """Write and compile a playbook for an inventory of ``hosts`` (comma separated, or the text of an INI file)."""
    playbook = folder / "play.yml"
    playbook.write_text(textwrap.dedent(text))
    problems = Diagnostics()
    source = hosts if "\n" not in hosts else str(folder / "hosts.ini")
    if "\n" in hosts:
        Path(source).write_text(textwrap.dedent(hosts))
    elif "," not in source:
        source += ","
    inventory = load([source], playbook_dirs=[str(folder)], problems=problems)
    options = {"gathering": "explicit", "playbook_dir": str(folder), **options}
    options["extra_vars"] = trust_all(options.get("extra_vars", {}))
    world = World(inventory, RunOptions(playbooks=(str(playbook),), **options), Templar())
    plays = prepare(world.options, world, problems)
    problems.stop()
    return world, plays


def context(world: World, plan: Prepared, batch: tuple[str, ...] = (), number: int = 1) -> PlayContext:
    """The context of a play for a batch of hosts, all the play has by default."""
    given = plan.play.keywords.get("vars")
    everyone = tuple(plan.hosts)
    return PlayContext(
        world, plan.plan, everyone, batch or everyone, given if isinstance(given, dict) else {}, {}, number=number
    )


def body(text: str) -> str:
    """A play around the text of its sections; a bare list of tasks is its ``tasks``."""
    text = textwrap.dedent(text).strip("\n")
    if text.startswith("- hosts"):
        return text
    if text.startswith("-"):
        text = "tasks:\n" + textwrap.indent(text, "  ")
    return "- hosts: all\n" + textwrap.indent(text, "  ")


def title(step: Mapping[str, Any]) -> str:
    """What a step is called in assertions: the command line, or the module's name."""
    return str(step["args"].get("_raw_params") or step["args"].get("cmd") or step["module"])


class Queue:
    """The queue of a runner; ``script`` says what a step's result is."""

    def __init__(self, script: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.script = script
        self.steps: deque[dict[str, Any]] = deque()
        self.dropped = -1
        self.failed_task: int | None = None
        self.ran: list[str] = []

    def drop(self, epoch: int) -> None:
        self.dropped, self.failed_task = max(self.dropped, epoch), None

    def next(self) -> tuple[int, dict[str, Any]] | None:
        """Run the next step that is still wanted; its number and result, None when there is none."""
        while self.steps:
            step = self.steps.popleft()
            if step["epoch"] <= self.dropped and step["task"] != self.failed_task:
                continue
            result = dict(self.script(step))
            self.ran.append(title(step))
            if result.get("failed") and not step.get("go_on"):
                self.dropped, self.failed_task = max(self.dropped, step["epoch"]), step["task"]
            return step["id"], result
        return None


class Game:
    """One host's run of the first play of a text.

    ``script``: results by command line (a list: one after the other); what is not named is changed, with
    the command line as stdout; one that begins with "fail" fails.
    """

    def __init__(
        self, folder: Path, text: str, *, script: Mapping[str, Any] | None = None, hosts: str = "h1", host: str = "h1",
        limit: int | None = None, lockstep: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        self.world, plays = prepared(folder, body(text), hosts, **options)
        self.play = context(self.world, plays[0])
        self.state = self.world.state(host)
        self.run = HostRun(self.play, self.state, plays[0].compiler, lockstep)
        if limit is not None:
            self.run.limit = limit
        self.script = {name: list(v) if isinstance(v, list) else v for name, v in (script or {}).items()}
        self.queue = Queue(self.answer)
        self.sends: list[Send] = []
        self.events: list[Any] = []
        self.performed: list[Perform] = []
        self.awaited: list[Await] = []
        self.drops: list[int] = []
        self.published: list[Publish] = []
        self.resets = 0
        self.stops: list[Any] = []
        self.ended = ""
        self.answers: list[dict[str, Any]] = []

    def answer(self, step: Mapping[str, Any]) -> dict[str, Any]:
        name = title(step)
        if step["module"] == "setup":
            return {"changed": False, "ansible_facts": self.script.get("setup", {})}
        given = self.script.get(name)
        if isinstance(given, list):
            given = given.pop(0)
        if callable(given):
            given = given(step)
        if given is not None:
            return dict(given)
        return dict(FAILED) if name.startswith("fail") else {**CHANGED, "stdout": name}

    # ---- step by step

    def advance(self) -> Game:
        """Let the run go on once, and carry out what it asks for as far as that needs no result."""
        for instruction in self.run.advance():
            match instruction:
                case Send():
                    self.sends.append(instruction)
                    self.queue.steps.extend(instruction.steps)
                case Emit(event):
                    self.events.append(event)
                case Perform():
                    self.performed.append(instruction)
                case Await():
                    self.awaited.append(instruction)
                case Publish():
                    self.published.append(instruction)
                case Drop(epoch):
                    self.drops.append(epoch)
                    self.queue.drop(epoch)
                case Reset():
                    self.resets += 1
                case Stop(error):
                    self.stops.append(error)
                case Finish(why):
                    self.ended = why
        return self

    def feed(self, count: int = 1) -> Game:
        """Let the host run ``count`` steps, and tell the run."""
        for _ in range(count):
            found = self.queue.next()
            assert found is not None, "the host has nothing to do"
            self.run.done(*found)
        return self

    def finish(self) -> Game:
        """To the end; orders of the controller get ``answers``, else {}."""
        self.advance()
        while not self.ended:
            if isinstance(self.run.waiting, Perform):
                self.run.performed(self.answers.pop(0) if self.answers else {})
            else:
                found = self.queue.next()
                assert found is not None, f"stuck at {self.run.cursor[-1].place}, waiting for {self.run.waiting}"
                self.run.done(*found)
            self.advance()
        return self

    # ---- what was seen

    @property
    def sent(self) -> list[list[str]]:
        """The command lines of every Send."""
        return [[title(step) for step in send.steps] for send in self.sends]

    @property
    def ran(self) -> list[str]:
        """The command lines the host really ran."""
        return self.queue.ran

    @property
    def results(self) -> list[TaskResult]:
        return [event for event in self.events if isinstance(event, TaskResult)]

    def result(self, name: str) -> TaskResult:
        """The result of the task of that name; there is one."""
        (found,) = [event for event in self.results if event.task.name == name]
        return found

    @property
    def story(self) -> list[str]:
        """``name: status`` of every task, in order."""
        return [f"{event.task.name}: {word(event)}" for event in self.results]

    @property
    def items(self) -> list[tuple[Any, str]]:
        return [(event.label, event.status) for event in self.events if isinstance(event, ItemResult)]

    @property
    def notified(self) -> list[tuple[str, ...]]:
        return [event.handlers for event in self.events if isinstance(event, Notified)]

    @property
    def included(self) -> list[tuple[str, Any]]:
        return [(Path(event.path).name, event.label) for event in self.events if isinstance(event, Included)]

    @property
    def retries(self) -> list[int]:
        return [event.left for event in self.events if isinstance(event, Retrying)]

    @property
    def left(self) -> list[str]:
        return [event.why for event in self.events if isinstance(event, HostLeft)]

    @property
    def recap(self) -> dict[str, int]:
        """The counters of the recap that are not 0."""
        stats = Stats()
        for event in self.events:
            stats.feed(event)
        line = stats.of(self.state.name)
        return {name: getattr(line, name) for name in line.__slots__ if getattr(line, name)}


def word(event: TaskResult) -> str:
    """The status of a result, with what became of a failure."""
    return event.status + (" ignored" if event.ignored else " rescued" if event.rescued else "")


def without_clock(event: Any) -> Any:
    """An event as it would be at time 0, for comparisons."""
    return replace(event, **{name: 0.0 for name in ("clock", "seconds") if hasattr(event, name)})
