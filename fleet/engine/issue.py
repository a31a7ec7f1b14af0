"""Issuing a task: bound for the host, sent, retried, summed up. Part of HostRun, and as pure."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from fleet.actions.base import Done, Order, Remote, Result, Sleep
from fleet.engine import bind, report
from fleet.engine import cursor as at
from fleet.engine.bind import Item, flag, number
from fleet.engine.flight import Flight
from fleet.engine.instructions import Emit, Hide, Perform, Reach, Send
from fleet.engine.reach import KEYWORDS, reach
from fleet.engine.results import failure, finish, from_error, is_failed, judge
from fleet.engine.state import EVERYTHING
from fleet.engine.variables import scope_of_host, task_scope
from fleet.errors import FleetError
from fleet.events import HostActivity
from fleet.inventory.model import combine
from fleet.plan.reserved import warn_of
from fleet.plan.tree import TaskNode
from fleet.source.nodes import Trusted
from fleet.template.errors import Pending, UndefinedVariable
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Issuer:
    """Binds tasks for one host and follows their steps until they are known."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.templar = run.play.world.templar
        self.number = 0
        self.reach: Reach | None = None
        self.unsent: list[tuple[dict[str, Any], Remote]] = []
        self.dialogue: tuple[Flight, Item] | None = None
        self.announced: Flight | None = None
        self.hidden: set[Reach] = set()
        self.reaches: dict[tuple[Any, ...], Reach] = {}

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
        self.run.fenced = not flight.complete and self.run.special.is_fence(node)
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
        flight = Flight(node, run.cursor, None, scope)
        try:
            self.fill(flight, node, scope)
        except FleetError as error:
            flight.items = [Item(scope, result=from_error(error))]
            flight.sequential = False
        flight.ref = report.task_ref(node, key, self.play.number, scope, self.templar, flight.no_log)
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
        flight.sequential = self.run.special.is_sequential(node)
        self.connect(flight, node, scope)
        if flight.reach is not None and flight.reach.target.kind == "local" and "ansible_connection" not in scope:
            for item in flight.items:
                item.scope = item.scope.child({"ansible_connection": "local"})
        for index, item in enumerate(flight.items):
            if item.result is None and not flight.sequential:
                bind.fill(item, node, play, host, flight.check, diff, bool(flight.delegate))
                if isinstance(item.order, Remote | Done) or item.result is not None:
                    continue
                flight.sequential = True
                for later in flight.items[index:]:
                    later.order = None if later is not item else item.order
        self.run.special.foresee(flight, node)

    def items(self, flight: Flight, node: TaskNode, scope: Scope) -> list[Item]:
        """The calls a task comes to; a loop that fails to evaluate counts only if the task is to run."""
        try:
            flight.loop = bind.loop_of(node, scope, self.play)
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
            inner, layer = bind.item_scope(flight.loop, index, scope)
            found.append(Item(inner, layer, bind.label_of(flight.loop, inner, self.play, value)))
        return found

    def connect(self, flight: Flight, node: TaskNode, scope: Scope, item: Item | None = None) -> None:
        """Decide where and as whom the task (or one item of it) runs."""
        host = self.run.state.name
        item = item or (flight.items[0] if flight.items else None)
        inner = item.scope if item else scope
        written = node.kw.get("delegate_to")
        if written is not None and flight.items:
            try:
                delegate = self.templar.render(written, inner)
            except UndefinedVariable:
                if bind.condition(node, inner, self.play) is None:
                    raise
                delegate = None
            flight.delegate = delegate if isinstance(delegate, str) and delegate else ""
        if flight.delegate and flight.delegate != host:
            target = scope_of_host(self.play, flight.delegate)
            flight.reach = reach(node, flight.delegate, target, inner, self.play)
            self.hide_passwords(flight.reach)
            return
        flight.delegate = flight.delegate if written is not None else ""
        flight.reach = self.own_reach(node, inner)
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
        key = tuple(map(repr, values))
        own_vars = any(
            str(name).startswith("ansible_")
            for layer in node.kw.get("vars", ())
            if isinstance(layer, dict)
            for name in layer
        )
        assigned = any(name.startswith("ansible_") for name in self.run.state.assigned)
        if own_vars or assigned or node.include_vars:
            return reach(node, self.run.state.name, scope, scope, self.play)
        if key not in self.reaches:
            self.reaches[key] = reach(node, self.run.state.name, scope, scope, self.play)
        return self.reaches[key]

    # ---- sending

    def launch(self, flight: Flight, index: int) -> None:
        """Send one item's module; it has an order that is Remote, or a result already."""
        item = flight.items[index]
        if item.result is not None or item.sent:
            if item.result is not None:
                self.know(flight, index, item.result)
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
        if flight.node is not None:
            diff = flag(flight.node, "diff", item.scope, self.play, self.play.world.options.diff)
            limit = number(flight.node, "timeout", item.scope, self.play, self.play.world.options.task_timeout)
            step.update({name: value for name, value in (("diff", diff), ("timeout", limit)) if value})
            self.detach(flight, item, step)
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

    def detach(self, flight: Flight, item: Item, step: dict[str, Any]) -> None:
        """``async``: a job of its own without ``poll``, else a step with a time limit."""
        assert flight.node is not None
        seconds = number(flight.node, "async", item.scope, self.play, 0)
        if not seconds:
            return
        name = f"j{secrets.randbelow(10**12)}.{self.number}"
        if number(flight.node, "poll", item.scope, self.play, 15):
            step["timeout"] = seconds
            item.job = name
        else:
            step["job"] = {"id": name, "seconds": seconds}

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

    # ---- items that run one after the other

    def drive(self, flight: Flight) -> bool:
        """Start the next item of a sequential task. False while one is under way."""
        if flight.position >= len(flight.items):
            return False
        item = flight.items[flight.position]
        if item.sent:
            return False
        node = flight.node
        assert node is not None
        if item.order is None and item.result is None:
            try:
                if flight.looped and node.kw.get("delegate_to") is not None:
                    self.connect(flight, node, item.scope, item)
                diff = flag(node, "diff", item.scope, self.play, self.play.world.options.diff)
                bind.fill(item, node, self.play, self.run.state.name, flight.check, diff, bool(flight.delegate))
            except Pending as pending:
                # What it waits for may be facts that are fetched on demand.
                self.await_value(pending.key)
                return False
        item.sent = True
        if item.result is not None:
            self.know(flight, flight.position, item.result)
        elif isinstance(item.order, Remote):
            self.send(flight, flight.position, item.order)
        elif isinstance(item.order, Generator):
            self.converse(flight, item, None)
        elif item.order is not None:
            self.perform(flight, item, item.order)
        return True

    @staticmethod
    def talks(flight: Flight) -> bool:
        """True when the task is in the middle of a dialogue."""
        return flight.position < len(flight.items) and isinstance(flight.items[flight.position].order, Generator)

    def converse(self, flight: Flight, item: Item, answer: Result | None) -> None:
        """Go on with a dialogue: give it the last result, take its next order."""
        dialogue = item.order
        assert isinstance(dialogue, Generator)
        try:
            order = next(dialogue) if answer is None else dialogue.send(answer)
        except StopIteration as stop:
            value = stop.value
            self.know(flight, flight.position, value.result if isinstance(value, Done) else value or {})
            return
        except FleetError as error:
            self.know(flight, flight.position, from_error(error))
            return
        self.dialogue = (flight, item)
        if isinstance(order, Remote):
            self.send(flight, flight.position, order)
        elif isinstance(order, Done):
            dialogue.close()
            self.know(flight, flight.position, order.result)
        else:
            self.perform(flight, item, order)

    def perform(self, flight: Flight, item: Item, order: Order) -> None:
        assert flight.reach is not None
        self.dialogue = (flight, item)
        self.run.wait(Perform(flight.reach, order, dict(item.environment)))

    def performed(self, result: Result) -> None:
        """The worker has carried out an order."""
        assert self.dialogue is not None
        flight, item = self.dialogue
        if isinstance(item.order, Generator):
            self.converse(flight, item, result)
        elif item.attempts < 0:
            # A pause before the next try or the next item is over.
            item.attempts = -item.attempts
            self.resend(flight, item)
        else:
            self.know(flight, flight.position, result)

    def resend(self, flight: Flight, item: Item) -> None:
        if item.sent:
            item.order = None
            item.sent = False
        self.run.fenced = True

    # ---- what comes back

    def take(self, flight: Flight, index: int, result: Result) -> None:
        """A step's result has come."""
        item = flight.items[index]
        if isinstance(item.order, Generator):
            self.converse(flight, item, result)
            return
        if isinstance(item.order, Remote) and item.order.finish and not result.get("failed"):
            try:
                result = item.order.finish(result)
            except FleetError as error:
                result = from_error(error)
        self.know(flight, index, result)

    def know(self, flight: Flight, index: int, result: Result) -> None:
        """An item's result is final unless ``until`` asks for another try."""
        item = flight.items[index]
        seconds = result.get("_ansible_seconds", 0)
        if flight.wants and not result.get("failed"):
            self.run.state.facts.add(result.get("ansible_facts") or {}, set(flight.wants))
        if flight.hidden:
            item.result = result
            return
        node = flight.node
        assert node is not None
        made = finish(result)
        if isinstance(item.order, Remote) and self.play.world.options.verbosity > 2:
            made.setdefault("invocation", {"module_args": shown_args(item.order.args)})
        scope = item.scope
        if item.job:
            polled(made, item.job)
        if flight.sequential and node.kw.get("until", node.kw.get("retries")) is not None:
            made["attempts"] = abs(item.attempts) + 1
        if node.action in ("add_host", "group_by") and not (made.get("failed") or made.get("skipped")):
            self.run.special.inventory_changes(made)
        made = judge(node, made, scope, self.templar)
        if item.environment is not None and flight.looped:
            made[flight.loop.var] = item.layer.get(flight.loop.var)
            made["ansible_loop_var"] = flight.loop.var
            if flight.loop.index_var:
                made["ansible_index_var"] = flight.loop.index_var
                made[flight.loop.index_var] = index
            if flight.loop.extended:
                made["ansible_loop"] = item.layer.get("ansible_loop")
            if item.label != item.layer.get(flight.loop.var) or flight.loop.label is not None:
                made["_ansible_item_label"] = item.label
        if seconds:
            made["_ansible_seconds"] = seconds
        if flight.sequential and self.again(flight, item, made):
            return
        item.result = made
        if flight.sequential:
            self.next_item(flight, index)

    def next_item(self, flight: Flight, index: int) -> None:
        flight.position = index + 1
        item = flight.items[index]
        if flight.node is not None and flight.node.action == "set_fact" and item.result is not None:
            # The next item may build on what this one set.
            self.receiver(flight).assigned.update(item.result.get("ansible_facts") or {})
        if flight.loop.break_when is not None and item.result is not None:
            layer = {flight.register: item.result} if flight.register else {}
            parts = flight.loop.break_when if isinstance(flight.loop.break_when, list) else [flight.loop.break_when]
            try:
                if all(self.templar.condition(part, item.scope.child(layer)) for part in parts):
                    del flight.items[index + 1 :]
            except FleetError as error:
                item.result = failure(error.what)
        if flight.loop.pause and flight.position < len(flight.items):
            following = flight.items[flight.position]
            following.attempts = -1
            self.pause(flight, following, flight.loop.pause)

    def again(self, flight: Flight, item: Item, result: Result) -> bool:
        """True when ``until`` (or ``retries``) wants another try, which is then on its way."""
        node = flight.node
        assert node is not None
        if result.get("skipped") or (node.kw.get("until") is None and node.kw.get("retries") is None):
            return False
        retries = int(number(node, "retries", item.scope, self.play, 3))
        delay = max(number(node, "delay", item.scope, self.play, 5), 0)
        item.attempts = abs(item.attempts) + 1
        result["attempts"] = item.attempts
        layer = {flight.register: result} if flight.register else {}
        try:
            until = node.kw.get("until")
            parts = (
                until if isinstance(until, list) else ["not (_fleet_result is failed)"] if until is None else [until]
            )
            inner = item.scope.child({**layer, "_fleet_result": result})
            parts = [Trusted(part) if until is None else part for part in parts]
            if all(self.templar.condition(part, inner) for part in parts):
                return False
        except FleetError as error:
            result.update(failed=True, msg=f"The conditional check of until failed: {error.what}")
            return False
        if item.attempts > retries:
            result["failed"] = True
            result["attempts"] = item.attempts - 1
            result.setdefault("msg", "")
            return False
        left = retries - item.attempts + 1
        self.run.out.append(Emit(report.retrying(self.run.state.name, flight, left, result)))
        item.attempts = -item.attempts
        self.pause(flight, item, delay)
        return True

    def pause(self, flight: Flight, item: Item, seconds: float) -> None:
        assert flight.reach is not None
        self.dialogue = (flight, item)
        self.run.wait(Perform(flight.reach, Sleep(seconds)))

    def forget(self, flight: Flight, result: Result) -> None:
        """The connection is gone: every item that has no result gets this one."""
        self.unsent = []
        self.dialogue = None
        for item in flight.items:
            if isinstance(item.order, Generator):
                item.order.close()
            if item.result is None:
                item.result = dict(result)
        if not flight.items:
            flight.items = [Item(flight.scope or Scope((), self.templar), result=dict(result))]
        flight.position = len(flight.items)

    # ---- summing up

    def report_items(self, flight: Flight) -> None:
        """Publish the items of the oldest task as they become known."""
        if flight.hidden or not flight.looped:
            return
        while flight.reported < len(flight.items) and flight.items[flight.reported].result is not None:
            self.run.out.append(Emit(report.item_result(self.run.state.name, flight, flight.reported)))
            flight.reported += 1

    def sum_up(self, flight: Flight) -> Result:
        """The task's result: of its loop, or of its only item."""
        return report.outcome(flight)

    def take_effects(self, flight: Flight, result: Result) -> None:
        """Facts and variables that the results carry."""
        for item in flight.results():
            facts = item.get("ansible_facts")
            node = flight.node
            if not isinstance(facts, dict) or node is None or item.get("failed"):
                continue
            warn = self.play.world.templar.warn
            if node.action == "set_fact":
                receiver = self.receiver(flight)
                warn_of(dict.fromkeys(facts, 0), warn, getattr(node.task.args, "at", None) or node.task.at)
                receiver.assigned.update(facts)
                if item.get("_ansible_facts_cacheable") or item.get("cacheable"):
                    receiver.facts.add(facts)
            elif node.action == "include_vars":
                warn_of(facts, warn, node.task.at)
                self.include_vars(flight, facts)
            else:
                self.receiver(flight).facts.add(facts)

    def include_vars(self, flight: Flight, facts: Any) -> None:
        included = self.run.state.included
        merge = self.play.world.options.merge_hashes or any(
            isinstance(item.order, Done) and flight.node and flight.node.task.args.get("hash_behaviour") == "merge"
            for item in flight.items
        )
        for name, value in facts.items():
            old = included.get(name)
            included[name] = (
                combine(old, value) if merge and isinstance(old, dict) and isinstance(value, dict) else value
            )

    def receiver(self, flight: Flight) -> Any:
        """Whose facts a result's facts are: the delegate's with ``delegate_facts``."""
        node = flight.node
        assert node is not None
        if flight.delegate and flag(node, "delegate_facts", flight.scope or Scope((), self.templar), self.play):
            return self.play.world.state(flight.delegate)
        return self.run.state

    def notifications(self, flight: Flight) -> list[str]:
        """The names of the handlers a changed task notifies, rendered."""
        node = flight.node
        if node is None or not node.kw.get("notify") or flight.scope is None:
            return []
        names: list[str] = []
        for item in flight.items:
            # One changed item notifies in the name of all that ran.
            if (item.result or {}).get("skipped"):
                continue
            for name in node.kw["notify"]:
                try:
                    rendered = self.templar.render(name, item.scope)
                except FleetError:
                    continue
                names += rendered if isinstance(rendered, list) else [rendered]
        return list(dict.fromkeys(map(str, names)))

    # ---- facts that are read before they are here

    def await_value(self, key: Any) -> bool:
        """A template needs something that is on its way; facts are asked for now. Always False: wait."""
        if not (isinstance(key, tuple) and key[0] == "facts"):
            return False
        state = self.run.state
        wanted = frozenset(state.facts.open) if key[1] == EVERYTHING else frozenset({key[1]})
        for flight in self.run.flights:
            if wanted <= flight.wants:
                return False
        node = self.run.special.fact_reader()
        scope = task_scope(self.play, state, node)
        order = Remote("setup", {"_subjects": sorted(wanted)})
        item = Item(scope, order=order, sent=True)
        flight = Flight(None, self.run.cursor, None, scope, items=[item], hidden=True, wants=wanted)
        flight.reach = self.reach or self.own_reach(node, scope)
        self.run.flights.append(flight)
        self.send(flight, 0, order)
        return False


def shown_args(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call as results show them; what only travels with a call is left out."""
    return {name: value for name, value in args.items() if not name.startswith("_") or name == "_raw_params"}


def polled(result: Result, job: str) -> None:
    """What a task with ``async`` that was waited for adds to its result."""
    result.update(ansible_job_id=job, started=1, finished=1)
    if result.pop("timedout", None):
        result["msg"] = "async task did not complete within the requested time"
        result["finished"] = 0
