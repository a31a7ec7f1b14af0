"""Turns of one task: items one after the other, dialogues with an action, ``until`` and pauses. Part of HostRun."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from fleet.actions.base import Done, Order, Polls, Remote, Result, Sleep
from fleet.engine import bind, report
from fleet.engine.bind import Item, flag, number
from fleet.engine.flight import Flight
from fleet.engine.instructions import Emit, Perform
from fleet.engine.results import failure, from_error
from fleet.errors import FleetError
from fleet.source.nodes import Trusted
from fleet.template.errors import Pending

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Turns:
    """Moves the oldest task on where its items cannot all be sent at once."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.templar = run.play.world.templar
        self.dialogue: tuple[Flight, Item] | None = None

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
            if flight.looped and flight.register and flight.position:
                item.scope = item.scope.child({flight.register: flight.items[flight.position - 1].result})
            try:
                if flight.looped and node.kw.get("delegate_to") is not None:
                    self.run.issuer.connect(flight, node, item.scope, item)
                diff = flag(node, "diff", item.scope, self.play, self.play.world.options.diff)
                bind.fill(item, node, self.play, self.run.state.name, flight.check, diff, flight.delegate)
            except Pending as pending:
                # What it waits for may be facts that are fetched on demand.
                self.run.issuer.await_value(pending.key)
                return False
        item.sent = True
        if item.result is not None:
            self.run.outcome.know(flight, flight.position, item.result)
        elif isinstance(item.order, Remote):
            self.run.issuer.send(flight, flight.position, item.order)
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
            self.run.outcome.know(flight, flight.position, value.result if isinstance(value, Done) else value or {})
            return
        except FleetError as error:
            self.run.outcome.know(flight, flight.position, from_error(error))
            return
        self.dialogue = (flight, item)
        if isinstance(order, Remote):
            self.run.issuer.send(flight, flight.position, order)
        elif isinstance(order, Done):
            dialogue.close()
            self.run.outcome.know(flight, flight.position, order.result)
        elif isinstance(order, Polls):
            self.run.issuer.announce()
            self.run.out.append(Emit(report.polled(self.run.state.name, flight, order.job)))
            self.converse(flight, item, {})
        else:
            self.perform(flight, item, order)

    def perform(self, flight: Flight, item: Item, order: Order) -> None:
        assert flight.reach is not None
        self.dialogue = (flight, item)
        # A question comes below the name of its task.
        self.run.issuer.announce()
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
            self.run.outcome.know(flight, flight.position, result)

    def resend(self, flight: Flight, item: Item) -> None:
        if item.sent:
            item.order = None
            item.sent = False
        self.run.fenced = True

    def next_item(self, flight: Flight, index: int) -> None:
        flight.position = index + 1
        item = flight.items[index]
        self.run.outcome.pass_on(flight, item)
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
