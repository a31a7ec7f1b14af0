"""The task debugger: when it opens, what can be said to it, and what becomes of the task then. Pure.

Its user sits at the terminal and reads and changes what the task was bound from, in Python:
https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_debugger.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from pprint import pformat
from typing import TYPE_CHECKING, Any

from fleet.actions.base import Result
from fleet.engine.flight import Flight
from fleet.engine.instructions import Debug
from fleet.engine.results import censor, status_of
from fleet.errors import FleetError
from fleet.plan import tree
from fleet.plan.tree import TaskNode
from fleet.source.nodes import trust_all
from fleet.template.errors import Pending
from fleet.template.plain import plain
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.engine.host import HostRun

OPENS = {"on_failed": "failed", "on_unreachable": "unreachable", "on_skipped": "skipped"}
HELP = """\
p EXPRESSION               print a value: task, task.args, task_vars, host, result._result
task.args[NAME] = VALUE    change an argument
task_vars[NAME] = VALUE    change a variable; then u
u, update_task             take over changed variables
r, redo                    run the task again
c, continue                go on as if nobody had asked
q, quit                    end the run"""
DECISIONS = {"r": "redo", "redo": "redo", "c": "continue", "continue": "continue", "q": "quit", "quit": "quit"}
PRINT = ("p", "pp", "print")


class Debugger:
    """Opens sessions for the tasks of one host. Part of HostRun."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.open: tuple[Flight, Result, Session] | None = None

    def wants(self, flight: Flight, result: Result, ignored: bool) -> bool:
        """Whether the user is to be asked about a task that is done."""
        node, options = flight.node, self.run.play.world.options
        if node is None or node.implicit:
            return False
        status, word = status_of(result), node.kw.get("debugger")
        if status == "failed" and ignored and options.debugger_ignore_errors and word != "always":
            return False
        if word is not None:
            return word == "always" or OPENS.get(str(word)) == status
        return self.run.play.debugger and status in ("failed", "unreachable")

    def start(self, flight: Flight, result: Result) -> None:
        """Let the worker ask; ``decided`` goes on."""
        session = Session(self.run.state.name, flight, result)
        self.open = flight, result, session
        self.run.wait(Debug(session))

    def decided(self) -> None:
        """The session is over: go on with the result, or have the task run again."""
        assert self.open is not None
        flight, result, session = self.open
        self.open = None
        run = self.run
        if session.decision != "redo":
            run.conclude(flight, result)
            if session.decision == "quit":
                run.interrupt()
            return
        # The runner has dropped what belongs to the epoch of a failure.
        run.forget_ahead()
        frame = flight.cursor[-1]
        nodes = (*frame.nodes[: frame.place], session.node(), *frame.nodes[frame.place + 1 :])
        run.cursor = (*flight.cursor[:-1], frame._replace(nodes=nodes))


class Session:
    """One talk about one task. ``command`` answers a line; ``decision`` is set by the one that ends it."""

    def __init__(self, host: str, flight: Flight, result: Result) -> None:
        assert flight.node is not None and flight.ref is not None
        self.decision = ""
        self._node = flight.node
        self._shown = censor(result) if flight.no_log else result
        name = flight.ref.name
        self.prompt = f"[{host}] TASK: {name} (debug)> "
        scope = next((item.scope for item in flight.items), flight.scope)
        self.task = Task(name, flight.node)
        self.task_vars = TaskVars(scope)
        self._updates: dict[str, Any] = {}
        self._names = {
            "task": self.task, "task_vars": self.task_vars, "host": Host(host), "result": Shown(self._shown),
        }  # fmt: skip

    @property
    def intro(self) -> str:
        """What happened, in a line."""
        status = status_of(self._shown)
        said = self._shown.get("msg") or ""
        return f"{status}: {said}" if said else status

    def command(self, line: str) -> str:
        """Carry out one line; give what is to be printed. Never raises."""
        line = line.strip()
        word, _, rest = line.partition(" ")
        if line in DECISIONS:
            self.decision = DECISIONS[line]
            return ""
        if line in ("u", "update_task"):
            self._updates = dict(self.task_vars.changed)
            return ""
        if not line or line in ("h", "help", "?"):
            return HELP if line else ""
        # The user's own Python, typed at the user's own terminal.
        try:
            if word in PRINT and not rest.lstrip().startswith("="):
                return pformat(_plain(eval(rest.strip() or "task", self._names)))
            exec(compile(line, "(debug)", "exec"), self._names)
        except (Exception, Pending) as error:
            return f"***{type(error).__name__}: {error.what if isinstance(error, FleetError) else error}"
        return ""

    def node(self) -> TaskNode:
        """The task with what was changed."""
        node = self._node
        task = replace(node.task, args=trust_all(dict(self.task.args), node.task.at))
        changed = (trust_all(self._updates, node.task.at), *node.include_vars) if self._updates else node.include_vars
        return tree.again(node, task=task, include_vars=changed)


class Task:
    """``task``: its name, action, keywords, and arguments as written, which may be changed."""

    def __init__(self, name: str, node: TaskNode) -> None:
        self.name = name
        self.action = node.task.action
        self.args: dict[str, Any] = copy.deepcopy(_as_written(dict(node.task.args)))
        self.keywords = {key: _as_written(value) for key, value in node.task.keywords.items()}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["keywords"][name]
        except KeyError:
            raise AttributeError(f"the task has no {name!r}") from None

    def __repr__(self) -> str:
        return f"TASK: {self.name}"


class Host(str):
    """``host``: the name, and the name as ``host.name``."""

    @property
    def name(self) -> str:
        return str(self)


class Shown(dict[str, Any]):
    """``result``: the keys of the result, which is ``result._result`` as well."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        super().__init__({key: value for key, value in result.items() if not key.startswith("_ansible_")})
        self._result = dict(self)


class TaskVars(MutableMapping[str, Any]):
    """``task_vars``: the variables the task sees, rendered when they are read."""

    def __init__(self, scope: Scope | None) -> None:
        self._scope: Mapping[str, Any] = scope if scope is not None else {}
        self.changed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.changed[name] if name in self.changed else plain(self._scope[name])

    def __setitem__(self, name: str, value: Any) -> None:
        self.changed[name] = value

    def __delitem__(self, name: str) -> None:
        del self.changed[name]

    def __contains__(self, name: object) -> bool:
        return name in self.changed or name in self._scope

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys([*self.changed, *self._scope])

    def __len__(self) -> int:
        return len(list(iter(self)))


def _plain(value: Any) -> Any:
    """A value as it is printed; of variables that cannot be rendered the reason."""
    if not isinstance(value, TaskVars):
        return value
    found: dict[str, Any] = {}
    for name in value:
        try:
            found[name] = value[name]
        except FleetError as error:
            found[name] = f"<< {error.what} >>"
        except Pending:
            found[name] = "<< not read yet >>"
    return found


def _as_written(value: Any) -> Any:
    """Nodes of the user's files as plain values, templates unrendered."""
    if isinstance(value, dict):
        return {key: _as_written(item) for key, item in dict.items(value)}
    if isinstance(value, list):
        return [_as_written(item) for item in list.__iter__(value)]
    return str.__str__(value) if isinstance(value, str) else value
