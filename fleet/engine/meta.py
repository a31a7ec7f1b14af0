"""``meta``: what each of its actions does, and how that is told. Part of HostRun."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fleet.engine import bind
from fleet.engine import cursor as at
from fleet.engine.flight import Flight
from fleet.engine.instructions import Await, Emit, Reset
from fleet.engine.results import failure, from_error
from fleet.errors import EndsRun, FleetError
from fleet.events import HostActivity, Noted
from fleet.plan.compile import FLUSH
from fleet.plan.tree import TaskNode

if TYPE_CHECKING:
    from fleet.engine.host import HostRun

META_SAYS = {
    "end_host": "ending play for {host}",
    "end_play": "ending play",
    "end_batch": "ending batch",
    "noop": "noop",
    "clear_facts": "facts cleared",
    "clear_host_errors": "cleared host errors",
    "refresh_inventory": "inventory successfully refreshed",
    "reset_connection": "reset connection",
    "flush_handlers": "triggered running handlers for {host}",
}
META_SKIPPED = {
    "end_host": "continuing execution for {host}",
    "end_role": "continuing role for {host}",
    "end_batch": "continuing current batch",
    "flush_handlers": "not running handlers for {host}",
}


class Metas:
    """Carries out one host's meta tasks."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play

    def meta(self, node: TaskNode) -> bool:
        run = self.run
        action = str(node.task.args.get("_raw_params", "noop"))
        if action == FLUSH and not node.task.handler and not self.may_be_due():
            self.announce(node)
            run.cursor = at.step(run.cursor)
            return True
        if run.flights:
            return False
        if action == FLUSH and node.task.handler:
            raise EndsRun("flush_handlers cannot be used as a handler", at=node.task.at)
        try:
            if bind.condition(node, self.run.special.scope(node), self.play) is not None:
                self.announce(node)
                self.say_skipped(node, action)
                run.cursor = at.step(run.cursor)
                return True
        except FleetError as error:
            return self.run.special.fail_here(node, from_error(error))
        return self.perform_meta(node, action)

    def may_be_due(self) -> bool:
        """Whether a handler is notified, or a task under way may notify one."""
        return bool(self.run.notified) or any(self.notifies(flight) for flight in self.run.flights)

    def perform_meta(self, node: TaskNode, action: str) -> bool:
        run = self.run
        here = run.cursor
        if action == "refresh_inventory":
            run.wait(Await(at.key_of(here), "refresh"))
            return False
        self.announce(node)
        run.cursor = at.step(here)
        self.say(node, action)
        if action == FLUSH:
            due = self.run.handlers.due()
            if due:
                if node.implicit:
                    run.out.append(Emit(Noted(f"META: {META_SAYS[FLUSH]}".format(host=run.state.name), 5)))
                run.cursor = at.push(here, due, "handlers")
        elif action in ("end_host", "end_play", "end_batch"):
            run.finish({"end_host": "ended", "end_play": "play ended", "end_batch": "ended"}[action])
        elif action == "end_role":
            self.end_role(node)
        elif action == "clear_facts":
            run.state.facts.clear()
            run.state.gathered = False
        elif action == "clear_host_errors":
            run.cursor = tuple(frame._replace(failing=False) for frame in run.cursor)
            run.leaving = run.aborting = False
            for state in self.play.world.states.values():
                state.failed = state.unreachable = False
        elif action == "reset_connection":
            run.out.append(Reset())
            run.issuer.reach = None
        elif action not in ("noop", "role_complete"):
            return self.run.special.fail_here(node, failure(f"invalid meta action requested: {action}"))
        return not run.finished

    def refreshed(self, reason: str | None) -> None:
        """The inventory has been read again, or could not be for a ``reason``."""
        node = at.current(self.run.cursor)
        assert isinstance(node, TaskNode)
        if reason is not None:
            self.run.special.fail_here(node, failure(reason))
            return
        with self.play.world.lock:
            self.play.magic.clear()
        self.announce(node)
        self.run.cursor = at.step(self.run.cursor)
        self.say(node, "refresh_inventory")

    def announce(self, node: TaskNode) -> None:
        """Give the task its banner; it comes to no result that would."""
        if not node.implicit:
            ref = self.run.special.ref(node, self.run.special.scope(node))
            event = Emit(HostActivity(self.run.state.name, "running", 0.0, ref))
            self.run.errand(lambda: self.run.out.append(event))

    def say(self, node: TaskNode, action: str) -> None:
        """Tell at -vv what a meta task does, as Ansible words it."""
        host = self.run.state.name
        text = META_SAYS.get(action, "").format(host=host)
        # What concerns all hosts is said by one of them.
        once = action in ("end_play", "end_batch", "refresh_inventory") and host != self.play.live[0]
        if text and not node.implicit and not once:
            self.run.out.append(Emit(Noted(f"META: {text}", 2)))

    def say_skipped(self, node: TaskNode, action: str) -> None:
        host = self.run.state.name
        reason = f"{action} conditional evaluated to False, " + META_SKIPPED.get(action, "continuing play").format(
            host=host
        )
        self.run.out.append(Emit(Noted(f"META: {reason}", 2)))
        shown = json.dumps({"msg": action, "skip_reason": reason})
        self.run.out.append(Emit(Noted(f"skipping: [{host}] => {shown}", 2)))

    def end_role(self, node: TaskNode) -> None:
        """Leave the innermost role."""
        cursor = self.run.cursor
        for depth in range(len(cursor) - 1, 0, -1):
            block = cursor[depth].block
            if block is not None and block.starts is not None:
                self.run.cursor = at.step(cursor[:depth])
                self.run.state.roles_done.add(block.starts.identity)
                return

    def notifies(self, flight: Flight) -> bool:
        return flight.node is not None and bool(flight.node.kw.get("notify"))
