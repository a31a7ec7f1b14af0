"""Issuing a task: bound for the host, placed, sent. Part of HostRun, and as pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleet.actions.base import Done, Remote
from fleet.engine import bind, loops, report
from fleet.engine import cursor as at
from fleet.engine.bind import Item, flag
from fleet.engine.connectionvars import of_delegate
from fleet.engine.flight import Flight
from fleet.engine.instructions import Emit, Hide, Reach, Send
from fleet.engine.reach import KEYWORDS, reach
from fleet.engine.results import from_error, is_failed
from fleet.engine.state import EVERYTHING
from fleet.engine.variables import scope_of_host, task_scope
from fleet.errors import FleetError
from fleet.events import HostActivity
from fleet.inventory.model import LOCALHOSTS
from fleet.plan.tree import TaskNode
from fleet.playbook import registry
from fleet.source.nodes import Trusted
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.plain import OMIT
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Issuer:
    """Binds tasks for one host and sends their steps."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.templar = run.play.world.templar
        self.number = 0
        self.reach: Reach | None = None
        self.unsent: list[tuple[dict[str, Any], Remote]] = []
        self.announced: Flight | None = None
        self.hidden: set[Reach] = set()
        self.reaches: dict[tuple[str, ...], Reach] = {}
        self.templates: set[str] = set()

    # ---- from a task to a flight

    def issue(self, node: TaskNode) -> bool:
        """Bind the task at the cursor and send what can be sent. Raises Pending when it must wait."""
        flight = self.bind(node)
        if flight.reach != self.reach and self.run.flights and any(item.result is None for item in flight.items):
            return False
        self.run.cursor = at.step(self.run.cursor)
        self.run.flights.append(flight)
        if flight.sequential:
            self.run.fenced = True
            return True
        # Where every result is known already (skipped), there is nothing to be judged first.
        self.run.fenced = not flight.complete and self.run.fences.is_fence(node)
        for index in range(len(flight.items)):
            self.launch(flight, index)
        self.stop_behind(flight)
        return True

    def stop_behind(self, flight: Flight) -> None:
        """Send nothing behind a task that is known to fail: the host does not know and would run it."""
        if not flight.ignore_errors and any(
            item.result is not None and is_failed(item.result) for item in flight.items
        ):
            self.run.fenced = True

    def bind(self, node: TaskNode) -> Flight:
        run = self.run
        key = at.key_of(run.cursor)
        ordered = run.released == key
        scope = task_scope(self.play, run.state, node, run.ahead(), ordered=ordered)
        flight = Flight(node, run.cursor, None, scope, check=self.play.world.options.check)
        try:
            self.fill(flight, node, scope)
        except FleetError as error:
            flight.items = [Item(scope, result=from_error(error))]
            flight.sequential = False
        flight.ref = report.task_ref(node, key, self.play.number, scope, self.templar, flight.no_log, flight.check)
        return flight

    def fill(self, flight: Flight, node: TaskNode, scope: Scope) -> None:
        """Everything of ``flight`` that the task's keywords decide."""
        play, host = self.play, self.run.state.name
        options = play.world.options
        flight.no_log = flag(node, "no_log", scope, play, play.world.options.no_log)
        flight.register = str(node.kw["register"]) if node.kw.get("register") else ""
        flight.check = flag(node, "check_mode", scope, play, options.check)
        flight.ignore_errors = flag(node, "ignore_errors", scope, play)
        flight.ignore_unreachable = flag(node, "ignore_unreachable", scope, play)
        diff = flag(node, "diff", scope, play, options.diff)
        flight.items = self.items(flight, node, scope)
        late = any(item.label is loops.LATER for item in flight.items)
        flight.sequential = late or self.run.fences.is_sequential(node)
        self.connect(flight, node, scope)
        for index, item in enumerate(flight.items):
            if item.result is None and not flight.sequential:
                bind.fill(item, node, play, host, flight.check, diff, flight.delegate)
                if isinstance(item.order, Remote | Done) or item.result is not None:
                    continue
                flight.sequential = True
                for later in flight.items[index:]:
                    later.order = None if later is not item else item.order
        self.run.gathering.foresee(flight, node)

    def items(self, flight: Flight, node: TaskNode, scope: Scope) -> list[Item]:
        """The calls a task comes to; a loop that fails to evaluate counts only if the task is to run."""
        try:
            flight.loop = loops.loop_of(node, scope, self.play)
        except UndefinedVariable:
            try:
                skipped = bind.condition(node, scope, self.play)
            except UndefinedVariable:
                skipped = None
            if skipped is None:
                raise
            return [Item(scope, result=skipped)]
        if flight.loop.items is None:
            return [Item(scope)]
        found = []
        for index, value in enumerate(flight.loop.items):
            inner, layer = loops.item_scope(flight.loop, index, scope)
            found.append(Item(inner, layer, loops.label_of(flight.loop, inner, self.play, value)))
        return found

    def connect(self, flight: Flight, node: TaskNode, scope: Scope, item: Item | None = None) -> None:
        """Decide where and as whom the task (or one item of it) runs."""
        host = self.run.state.name
        items = [item] if item else flight.items
        inner = items[0].scope if items else scope
        written = node.kw.get("delegate_to")
        if written is not None and items:
            try:
                delegate = self.templar.render(written, inner)
            except UndefinedVariable:
                if bind.condition(node, inner, self.play) is None:
                    raise
                delegate = OMIT
            if delegate in (None, "") and written != "":
                what = f'Empty hostname produced from delegate_to: "{written}"'
                raise TemplateError(what, at=getattr(written, "at", None))
            flight.delegate = delegate if isinstance(delegate, str) and delegate else ""
            if flight.delegate in LOCALHOSTS and host not in LOCALHOSTS and registry.works_from_controller(node.action):
                # Delegated to where its one side is anyway; the host of its other side stays the task's.
                flight.delegate, written = "", None
        if flight.delegate and flight.delegate != host:
            target = scope_of_host(self.play, flight.delegate)
            flight.reach = reach(node, flight.delegate, target, inner, self.play)
            self.hide_passwords(flight.reach)
            theirs, names = of_delegate(flight.reach.target), {"ansible_delegated_vars": {flight.delegate: target}}
            for each in items:
                each.scope = each.scope.swap(theirs).child(names)
            return
        flight.delegate = flight.delegate if written is not None else ""
        try:
            flight.reach = self.own_reach(node, inner)
        except UndefinedVariable:
            # Whom to become may be known only where the task is to run.
            for each in items:
                each.result = bind.condition(node, each.scope, self.play)
                if each.result is None:
                    raise
            return
        self.hide_passwords(flight.reach)

    def hide_passwords(self, found: Reach) -> None:
        """What logs in and what becomes somebody is shown nowhere from now on."""
        if found in self.hidden:
            return
        self.hidden.add(found)
        texts = (found.identity.password, found.target.password, found.target.passphrase)
        self.run.out.append(Hide(tuple(text for text in texts if text)))

    def own_reach(self, node: TaskNode, scope: Scope) -> Reach:
        written = [node.kw.get(name) for name in KEYWORDS]
        # Rendered, since the same text may mean another user for the next task.
        values = [self.templar.render(value, scope) if isinstance(value, Trusted) else value for value in written]
        own_vars = any(
            str(name).startswith("ansible_")
            for layer in node.kw.get("vars", ())
            if isinstance(layer, dict)
            for name in layer
        )
        state = self.run.state
        assigned = any(name.startswith("ansible_") for layer in (state.assigned, state.included) for name in layer)
        if own_vars or assigned or node.include_vars:
            return reach(node, state.name, scope, scope, self.play)
        key = self.reach_key(values, scope)
        if key not in self.reaches:
            made = reach(node, state.name, scope, scope, self.play, self.templates)
            key = self.reach_key(values, scope)
            self.reaches[key] = made
        return self.reaches[key]

    def reach_key(self, keywords: list[Any], scope: Scope) -> tuple[str, ...]:
        """What the reach of a task depends on: its keywords, and the variables that are templates."""
        variables = [scope.get(name) for name in sorted(self.templates)]
        return tuple(map(repr, [*keywords, *variables]))

    # ---- sending

    def launch(self, flight: Flight, index: int) -> None:
        """Send one item's module; it has an order that is Remote, or a result already."""
        item = flight.items[index]
        if item.result is not None or item.sent:
            if item.result is not None:
                self.run.outcome.know(flight, index, item.result)
            return
        item.sent = True
        assert isinstance(item.order, Remote)
        self.send(flight, index, item.order)

    def send(self, flight: Flight, index: int, order: Remote) -> None:
        item = flight.items[index]
        self.number += 1
        item.step = self.number
        run = self.run
        if item.secrets:
            run.out.append(Hide(item.secrets))
        run.steps[self.number] = (flight, index)
        step: dict[str, Any] = {
            "id": self.number, "epoch": run.epoch, "task": flight.node.number if flight.node else 0,
            "module": order.module, "args": order.args,
        }  # fmt: skip
        if flight.check and order.check is not False:
            step["check"] = True
            if not self.play.world.options.check:
                # It asks about the host as it is; what such tasks pretend is not made later in the run either.
                step["alone"] = True
        if flight.node is not None:
            diff = flag(flight.node, "diff", item.scope, self.play, self.play.world.options.diff)
            limit = bind.time_limit(flight.node, item.scope, self.play)
            step.update({name: value for name, value in (("diff", diff), ("timeout", limit)) if value})
        if order.job:
            step["job"] = dict(order.job)
        if item.environment:
            step["env"] = dict(item.environment)
        if flight.ignore_errors or flight.hidden or flight.sequential:
            step["go_on"] = True
        if flight.node is not None and flight.node.kw.get("failed_when") is not None:
            step["go_on"] = True
        if flight.reach != self.reach:
            self.flush()
            self.reach = flight.reach
        self.unsent.append((step, order))

    def flush(self) -> None:
        """Hand the steps that are ready to the worker."""
        if not self.unsent or self.reach is None:
            return
        send = Send(self.reach, [step for step, _ in self.unsent])
        for step, order in self.unsent:
            if order.contents:
                send.offers[step["id"]] = order.contents
            if order.receive:
                send.sinks[step["id"]] = order.receive
        self.unsent = []
        self.run.out.append(send)

    def announce(self) -> None:
        """Tell which task the host is at, once it is the oldest one under way."""
        head = self.run.flights[0] if self.run.flights else None
        if head is not None and head is not self.announced and head.ref is not None and not head.complete:
            self.announced = head
            self.run.out.append(Emit(HostActivity(self.run.state.name, "running", 0.0, head.ref)))

    def await_value(self, key: Any) -> bool:
        """A template needs something that is on its way; facts are asked for now. Always False: wait."""
        if not (isinstance(key, tuple) and key[0] == "facts"):
            return False
        state = self.run.state
        wanted = frozenset(state.facts.open) if key[1] == EVERYTHING else frozenset({key[1]})
        for flight in self.run.flights:
            if wanted <= flight.wants:
                return False
        node = self.run.gathering.fact_reader()
        scope = task_scope(self.play, state, node)
        order = Remote("setup", {"_subjects": sorted(wanted)})
        item = Item(scope, order=order, sent=True)
        flight = Flight(None, self.run.cursor, None, scope, items=[item], hidden=True, wants=wanted)
        flight.reach = self.reach or self.own_reach(node, scope)
        self.run.flights.append(flight)
        self.send(flight, 0, order)
        return False
