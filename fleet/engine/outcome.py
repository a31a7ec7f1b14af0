"""What comes of a task: results judged, summed up, and their effects on variables and handlers. Part of HostRun."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from fleet.actions.base import Done, Remote, Result
from fleet.engine import loops, report
from fleet.engine.bind import Item, flag
from fleet.engine.flight import Flight
from fleet.engine.instructions import Emit
from fleet.engine.results import finish, from_error, judge
from fleet.engine.state import ABSENT, HostState
from fleet.errors import FleetError
from fleet.inventory.model import combine
from fleet.plan.reserved import warn_of
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Outcome:
    """Takes results and what they carry: registered values, facts, notifications."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.templar = run.play.world.templar

    def take(self, flight: Flight, index: int, result: Result) -> None:
        """A step's result has come."""
        item = flight.items[index]
        if isinstance(item.order, Generator):
            self.run.turns.converse(flight, item, result)
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
            self.run.state.gathered = self.run.state.gathered or not flight.hidden
        if flight.hidden:
            item.result = result
            return
        node = flight.node
        assert node is not None
        made = finish(result)
        order, spoken = item.order, self.play.world.options.verbosity > 2
        # A module of somebody else tells it itself, masked.
        if spoken and isinstance(order, Remote) and order.module != "_foreign":
            made.setdefault("invocation", {"module_args": shown_args(order.args)})
        scope = item.scope
        if flight.sequential and node.kw.get("until", node.kw.get("retries")) is not None:
            made["attempts"] = abs(item.attempts) + 1
        if node.action in ("add_host", "group_by") and not (made.get("failed") or made.get("skipped")):
            self.run.additions.inventory_changes(made)
        made = judge(node, made, scope, self.templar, item.unbound)
        if item.label is loops.LATER:
            self.label(flight, item, made)
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
        if flight.sequential and self.run.turns.again(flight, item, made):
            return
        item.result = made
        if flight.sequential:
            self.run.turns.next_item(flight, index)

    def label(self, flight: Flight, item: Item, result: Result) -> None:
        """Name an item by its own result; a label that fails even so is a failure of the item."""
        layer = {flight.register: result} if flight.register else {}
        try:
            item.label = self.templar.render(flight.loop.label, item.scope.child(layer))
        except FleetError as error:
            item.label = item.layer.get(flight.loop.var)
            result.update(failed=True, msg=f"Failed to template loop_control.label: {error.what}")

    def forget(self, flight: Flight, result: Result) -> None:
        """The connection is gone: every item that has no result gets this one."""
        self.run.issuer.unsent = []
        self.run.turns.dialogue = None
        for item in flight.items:
            if isinstance(item.order, Generator):
                item.order.close()
            if item.result is None:
                item.result = dict(result)
        if not flight.items:
            flight.items = [Item(self.scope(flight), result=dict(result))]
        flight.position = len(flight.items)

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
        """Facts and variables that the results carry. A task that failed sets none, of whichever item."""
        node = flight.node
        if node is None:
            return
        if result.get("failed") or result.get("unreachable"):
            for receiver, name, value in reversed(flight.replaced):
                receiver.restore(name, value)
            return
        for item in flight.items:
            facts = (item.result or {}).get("ansible_facts")
            if item.result is None or not isinstance(facts, dict):
                continue
            if node.action == "debug":  # it shows a variable of this name and sets nothing
                continue
            warn = self.play.world.templar.warn
            if node.action == "set_fact":
                receiver = item.receiver or self.receiver(flight)
                warn_of(dict.fromkeys(facts, 0), warn, getattr(node.task.args, "at", None) or node.task.at)
                receiver.assigned.update(facts)
                if item.result.get("_ansible_facts_cacheable") or item.result.get("cacheable"):
                    receiver.facts.add(facts)
            elif node.action == "include_vars":
                warn_of(facts, warn, node.task.at)
                self.include_vars(flight, facts)
            else:
                receiver = item.receiver or self.receiver(flight)
                receiver.facts.add(facts)
                receiver.gathered = receiver.gathered or node.action in ("setup", "gather_facts")

    def pass_on(self, flight: Flight, item: Item) -> None:
        """An item that had its turn is done: note whose its facts are. The next one may build on what it set."""
        item.receiver = receiver = self.receiver(flight)
        facts = (item.result or {}).get("ansible_facts")
        if flight.node is not None and flight.node.action == "set_fact" and isinstance(facts, dict):
            flight.replaced += [(receiver, name, receiver.assigned.get(name, ABSENT)) for name in facts]
            receiver.assigned.update(facts)

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

    def receiver(self, flight: Flight) -> HostState:
        """Whose facts a result's facts are: the delegate's with ``delegate_facts``."""
        node = flight.node
        assert node is not None
        if flight.delegate and flag(node, "delegate_facts", self.scope(flight), self.play):
            return self.play.world.state(flight.delegate)
        return self.run.state

    def scope(self, flight: Flight) -> Scope:
        """The variables of a flight. Its truth would be whether it holds any, which asks for all facts."""
        return Scope((), self.templar) if flight.scope is None else flight.scope

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


def shown_args(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call as results show them; what only travels with a call is left out."""
    return {name: value for name, value in args.items() if not name.startswith("_") or name == "_raw_params"}
