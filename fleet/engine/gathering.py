"""Facts: gathered at the head of a play as far as it reads them, the rest promised. Part of HostRun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet.actions.base import Remote
from fleet.engine import bind
from fleet.engine import cursor as at
from fleet.engine.bind import Item, flag
from fleet.engine.flight import Flight
from fleet.engine.results import failure, from_error
from fleet.errors import FleetError
from fleet.plan.tree import TaskNode
from fleet.playbook.model import Task
from fleet.remote import facts as remote_facts
from fleet.source.nodes import Map

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Gathering:
    """Asks one host for facts, and foresees those that set_fact will have set."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play

    def gather(self, node: TaskNode) -> bool:
        """The implicit gathering: ask for the facts the play reads, promise the rest."""
        run = self.run
        if self.known_already(node):
            run.cursor = at.step(run.cursor)
            return True
        scope = self.run.special.scope(node)
        args = self.play.world.templar.render(dict(node.task.args), scope)
        read: frozenset[str] = args.pop("_read", frozenset())
        if isinstance(args.get("gather_subset"), str):
            args["gather_subset"] = [word.strip() for word in args["gather_subset"].split(",")]
        try:
            subjects = set(remote_facts.subjects_for(args.get("gather_subset") or ["all"], args.get("filter") or ()))
        except Exception as error:
            return self.run.special.fail_here(node, failure(str(error)))
        # What is kept for other runs is kept whole.
        wanted = frozenset(subjects if self.play.world.cache else subjects & set(read))
        run.state.facts.promise(subjects)
        args["_subjects"] = sorted(wanted)
        order = Remote("setup", args)
        item = Item(scope, order=order)
        try:
            item.environment = bind.environment(node, scope, self.play, lenient=True)
        except FleetError as error:
            return self.run.special.fail_here(node, from_error(error))
        flight = Flight(node, run.cursor, None, scope, items=[item], wants=wanted)
        flight.ignore_errors = flag(node, "ignore_errors", scope, self.play)
        flight.ignore_unreachable = flag(node, "ignore_unreachable", scope, self.play)
        try:
            run.issuer.connect(flight, node, scope)
        except FleetError as error:
            return self.run.special.fail_here(node, from_error(error))
        flight.ref = run.special.ref(node, scope)
        run.cursor = at.step(run.cursor)
        run.flights.append(flight)
        run.issuer.launch(flight, 0)
        return True

    def known_already(self, node: TaskNode) -> bool:
        """With ``gathering = smart``: facts are there, and the play does not ask for them again."""
        smart = node.implicit and self.play.world.options.gathering == "smart"
        return smart and self.play.plan.kw.get("gather_facts") is None and self.run.state.gathered

    def fact_reader(self) -> TaskNode:
        """A task to fetch facts with on the engine's own account."""
        for node in self.play.plan.nodes:
            if isinstance(node, TaskNode):
                return node
        return TaskNode(Task("", "gather_facts", Map(), {}, self.play.plan.play.at), "gather_facts", {})

    def foresee(self, flight: Flight, node: TaskNode) -> None:
        """What the task will have set, where that is already known."""
        if node.action == "set_fact" and not flight.sequential and len(flight.items) == 1:
            result = flight.items[0].result
            if result and not result.get("failed") and not result.get("skipped"):
                flight.sets = dict(result.get("ansible_facts") or {})
