"""Tasks that are not simply sent: who deals with them, --step, what other hosts do for all. Part of HostRun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleet.actions.base import Result
from fleet.engine import bind, loops, report
from fleet.engine import cursor as at
from fleet.engine.bind import Item, flag
from fleet.engine.flight import Flight
from fleet.engine.instructions import Await, Stop
from fleet.engine.results import failure
from fleet.engine.variables import task_scope
from fleet.errors import FleetError
from fleet.events import TaskRef
from fleet.plan.tree import TaskNode
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.engine.host import HostRun

INCLUDES = ("include_tasks", "include_role")


class Special:
    """Handles the tasks of one host that are not simply sent."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.stepped: tuple[int, ...] | None = None

    def handle(self, node: TaskNode) -> bool | None:
        """Deal with a task that steers the run; None when it is an ordinary one. Raises Pending."""
        if self.run.fences.runs_once(node) and self.run.leads != at.key_of(self.run.cursor):
            if node.action in INCLUDES:
                return self.include_of_leader(node)
            return self.wait_for_leader()
        if node.action == "meta":
            return self.run.metas.meta(node)
        if node.action in INCLUDES:
            return self.run.includes.include(node)
        if node.action == "gather_facts" and not node.kw.get("register"):
            return self.run.gathering.gather(node)
        return None

    def scope(self, node: TaskNode) -> Any:
        run = self.run
        return task_scope(self.play, run.state, node, run.ahead(), ordered=run.released == at.key_of(run.cursor))

    def ref(self, node: TaskNode, scope: Scope) -> TaskRef:
        """How sinks see the task at the cursor."""
        play, check = self.play, bind.checked(node, scope, self.play)
        return report.task_ref(node, at.key_of(self.run.cursor), play.number, scope, play.world.templar, check=check)

    def asks_first(self, node: TaskNode) -> bool:
        """With ``--step``: ask the user before the task, once for all hosts. True while waiting for that."""
        run = self.run
        key = at.key_of(run.cursor)
        if not self.play.world.options.step or self.play.unasked or node.implicit or self.stepped == key:
            return False
        if not run.flights:
            run.wait(Await(key, "step", text=self.ref(node, self.scope(node)).name))
        return True

    def answered(self, answer: str) -> None:
        """What the user said about the task at the cursor: yes, no, or continue without asking."""
        if answer.lower().startswith("c"):
            self.play.unasked = True
        elif not answer.lower().startswith("y"):
            self.run.cursor = at.step(self.run.cursor)
            return
        self.stepped = at.key_of(self.run.cursor)

    def fail_here(self, node: TaskNode, result: Result, final: bool = False) -> bool:
        """Report a failure of a task that steers; a ``final`` one cannot be ignored."""
        self.known(node, [Item(self.scope(node), result=result)], final)
        return True

    def known(self, node: TaskNode, items: list[Item], final: bool = False, loop: loops.Loop | None = None) -> None:
        """Put a task whose results are known into the line."""
        run = self.run
        scope = self.scope(node)
        flight = Flight(node, run.cursor, None, scope, loop or loops.Loop(None), items)
        flight.register = str(node.kw.get("register") or "")
        flight.ignore_errors = not final and flag(node, "ignore_errors", scope, self.play)
        flight.ref = self.ref(node, scope)
        for index, item in enumerate(flight.items):
            if item.result is not None:
                run.outcome.know(flight, index, item.result)
        run.cursor = at.step(run.cursor)
        run.flights.append(flight)
        run.issuer.stop_behind(flight)

    def end_run(self, error: FleetError) -> bool:
        """End the run for all hosts, as Ansible does where what is wrong is no host's; nothing rescues it."""
        run = self.run
        run.forget_ahead()
        run.out.append(Stop(error))
        run.finish("interrupted")
        return False

    def wait_for_leader(self) -> bool:
        """Another host runs this run_once task; take over what it comes to."""
        self.run.wait(Await(at.key_of(self.run.cursor), "shared"))
        return False

    def include_of_leader(self, node: TaskNode) -> bool:
        """Another host does this include, and so the tasks it brings. Where all of those are run_once in turn,
        this one comes to know what they set."""
        apply = node.task.args.get("apply")
        if isinstance(apply, dict) and apply.get("run_once"):
            return self.run.includes.include(node, quiet=True)
        self.run.cursor = at.step(self.run.cursor)
        return True

    def follow(self, shared: Any) -> None:
        """The leader's result is ours: registered, and a failure of it ends our play too."""
        run = self.run
        result, bad = shared if shared is not None else (failure("the host that ran this task was lost"), True)
        node = at.current(run.cursor)
        if isinstance(node, TaskNode):
            if node.kw.get("register"):
                run.state.assigned[str(node.kw["register"])] = result
            facts = result.get("ansible_facts")
            if isinstance(facts, dict) and not bad:
                run.state.assigned.update(facts)
        if bad:
            run.abort()
        else:
            run.cursor = at.step(run.cursor)

    def after(self, flight: Flight, failed: bool) -> None:
        """Where one failure ends the play for all, find out whether there was one."""
        if flight.node is None or flight.ref is None or not self.run.fences.ends_all(flight.node):
            return
        order = Await(flight.ref.key, "fate", failed)
        if failed:
            self.run.out.append(order)
        else:
            self.run.wait(order)

    def placeholder(self) -> None:
        """Something to hang an unreachable result on when no task was under way."""
        node = at.current(self.run.cursor) if self.run.cursor else None
        if not isinstance(node, TaskNode):
            node = self.run.gathering.fact_reader()
        scope = task_scope(self.play, self.run.state, node)
        flight = Flight(node, self.run.cursor, None, scope, items=[Item(scope)])
        flight.ref = self.ref(node, scope)
        flight.ignore_unreachable = flag(node, "ignore_unreachable", scope, self.play)
        self.run.flights.append(flight)
