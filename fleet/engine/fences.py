"""What kind of task it is: a fence nothing is sent behind, one whose items take turns, one that all hosts meet at."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fleet.engine.bind import flag
from fleet.engine.variables import node_layers
from fleet.errors import EndsRun, FleetError
from fleet.plan.tree import BlockNode, TaskNode, tasks_of
from fleet.playbook import registry
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.engine.host import HostRun

STREAMED = frozenset(
    ["template", "copy", "debug", "set_fact", "assert", "fail", "script", "package", "service", "uri", "unarchive"]
)
"""Actions whose order depends on nothing but variables, and that touch nothing on the controller."""
GIVE_FACTS = frozenset(["setup", "getent", "hostname"])
"""Modules besides ``*_facts`` whose results hold facts, which any task behind them may read."""
ACROSS = frozenset({"end_play", "end_batch", "refresh_inventory", "clear_host_errors"})
"""What meta does for all hosts: they must all have come as far."""
ONCE = ("pause", "add_host")
"""Actions that are done once for all hosts whatever the task says."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_OTHERS = re.compile(r"\b(hostvars|ansible_play_hosts|ansible_play_batch|play_hosts)\b")


class Fences:
    """Tells by a task's text what must be known before it and before what follows it."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play

    def is_fence(self, node: TaskNode) -> bool:
        """True when nothing behind the task may be sent before it is judged."""
        kw = node.kw
        if any(kw.get(name) is not None for name in ("failed_when", "until", "retries", "delegate_to", "async")):
            return True
        if kw.get("changed_when") not in (None, True, False, "true", "false"):
            # An expression may fail to evaluate, and then the task has failed.
            return True
        if self.play.debugger or any(kw.get(name) for name in ("run_once", "any_errors_fatal", "debugger", "throttle")):
            return True
        if self.ends_all(node):
            # The end finds each host at the task, not in a block behind it.
            return True
        if node.task.handler and kw.get("notify"):
            # It may put others between itself and what comes next.
            return True
        if kw.get("notify") and self.run.handlers.unsure(node):
            return True
        if node.action in ("include_tasks", "include_role", "meta", "gather_facts"):
            return False
        if "{{" in node.action:
            return True
        module = registry.resolve(node.action)
        if module is None:
            # It is skipped or fails; either is known as soon as it is bound. What somebody else wrote may give facts.
            return bool(self.play.world.templar.foreign_module(node.task.action))
        if node.action.endswith("_facts") or node.action in GIVE_FACTS:
            return True
        return (module.action and module.name not in STREAMED) or self.is_sequential(node)

    def ends_all(self, node: TaskNode) -> bool:
        """True when a failure at the task may end the play for all its hosts."""
        fatal = node.kw.get("any_errors_fatal")
        wanted = self.play.world.options.any_errors_fatal if fatal is None else bool(fatal)
        return len(self.play.batch) > 1 and (wanted or self.play.plan.kw.get("max_fail_percentage") is not None)

    def is_sequential(self, node: TaskNode) -> bool:
        """True when the task's items must run one after the other, each judged before the next."""
        kw = node.kw
        if kw.get("until") is not None or kw.get("retries") is not None:
            return True
        if node.task.loop is None:
            return False
        control = kw.get("loop_control")
        if isinstance(control, dict) and ("pause" in control or "break_when" in control):
            return True
        if kw.get("register") and re.search(rf"\b{re.escape(str(kw['register']))}\b", self.text(node)):
            # An item sees what the one before it came to.
            return True
        return node.action in ("set_fact", "include_vars") or kw.get("delegate_to") is not None

    @staticmethod
    def text(node: TaskNode) -> str:
        """What of a task is rendered for each item before it runs."""
        parts = (dict(node.task.args), node.kw.get("when"), node.kw.get("vars"), node.kw.get("environment"))
        return " ".join(map(repr, parts))

    def runs_once(self, node: TaskNode) -> bool:
        if node.action == "meta":
            # A result that the others could wait for never comes; each host does it for itself.
            return False
        if len(self.play.batch) < 2:
            return False
        written = node.kw.get("run_once")
        if isinstance(written, str):
            with contextlib.suppress(FleetError):
                written = flag(node, "run_once", self.run.special.scope(node), self.play)
        return bool(written) or node.action in ONCE

    def must_wait(self, node: TaskNode) -> bool:
        """True when all hosts must have come here before the task may be looked at."""
        if len(self.play.batch) < 2:
            return False
        if self.run.lockstep and not node.implicit:
            return True
        if self.runs_once(node) or node.action in ("add_host", "group_by"):
            return True
        if node.action == "meta" and node.task.args.get("_raw_params") in ACROSS:
            return True
        return self.gives_facts(node) or self.looks_across(node)

    def meets_after(self, node: TaskNode) -> str:
        """What the host waits for before it goes on: "passed", all others have a result of the task, which may set
        this host's facts; "read", they have read at it what they read there; ""."""
        if len(self.play.batch) < 2 or self.run.lockstep or self.runs_once(node):
            return ""
        return "passed" if self.gives_facts(node) else "read" if self.looks_across(node) else ""

    def rescue_gives(self, block: BlockNode) -> bool:
        """True when hosts that fail in the block may set facts of those that do not."""
        return len(self.play.batch) > 1 and not self.run.lockstep and any(map(self.gives_facts, tasks_of(block.rescue)))

    @staticmethod
    def gives_facts(node: TaskNode) -> bool:
        """True when the task may set facts of another host."""
        return node.kw.get("delegate_to") is not None and bool(node.kw.get("delegate_facts"))

    def looks_across(self, node: TaskNode) -> bool:
        """True when the task's text names other hosts' variables, or a variable of the play, a block, an include or
        a role that does."""
        found = self.play.across.get(node.number)
        if found is None:
            found = self.play.across[node.number] = self._across(node)
        return found

    def _across(self, node: TaskNode) -> bool:
        parts = [*node.task.args.values(), node.task.loop, node.kw.get("when"), node.kw.get("delegate_to")]
        parts.append(node.task.keywords.get("vars"))
        text = " ".join(str(part) for part in parts if part is not None)
        if _OTHERS.search(text):
            return True
        layers = [layer for kind in node_layers(self.play, node) for layer in kind] + [self.play.play_vars]
        telling = set().union(*(self._telling(layer) for layer in layers))
        return bool(telling) and self._reads(text, telling, layers)

    def _telling(self, layer: Mapping[str, Any]) -> frozenset[str]:
        """The variables of a layer whose own text names other hosts' variables."""
        found = self.play.telling.get(id(layer))
        if found is None:
            found = frozenset(name for name, value in layer.items() if _OTHERS.search(str(value)))
            self.play.telling[id(layer)] = found
        return found

    @staticmethod
    def _reads(text: str, telling: set[str], layers: Sequence[Mapping[str, Any]]) -> bool:
        """True when a text reads one of the variables, be it through others."""
        seen: set[str] = set()
        todo = [text]
        while todo:
            words = set(_WORD.findall(todo.pop())) - seen
            if words & telling:
                return True
            seen |= words
            todo += [str(layer[name]) for name in words for layer in layers if name in layer]
        return False

    def slots(self, node: TaskNode) -> int:
        """How many hosts may be at the task at once (``throttle``); 0: any number. Raises EndsRun."""
        if node.kw.get("throttle") is None:
            return 0
        limit = self.throttle(node, self.run.special.scope(node))
        return 0 if len(self.play.batch) < 2 or self.runs_once(node) else limit

    def throttle(self, node: TaskNode, scope: Scope) -> int:
        """The task's ``throttle``, rendered. Raises EndsRun when it is no whole number."""
        written = node.kw.get("throttle")
        if written is None:
            return 0
        try:
            return int(self.play.world.templar.render(written, scope))
        except (FleetError, TypeError, ValueError) as error:
            why = error.what if isinstance(error, FleetError) else str(error)
            raise EndsRun(f"Failed to convert the throttle value to an integer: {why}", at=node.task.at) from None

    def at_home(self) -> bool:
        """True when a task under way runs on the controller: what is rendered next may read the files it makes."""
        flights = self.run.flights
        return any(flight.reach is not None and flight.reach.target.kind == "local" for flight in flights)
