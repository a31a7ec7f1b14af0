"""One host's run of a play: a machine that turns results into instructions. Pure: no I/O, no threads, no clock.

``advance`` walks the tree as far ahead as it can: a task goes out as soon as its templates render without
touching a value that is still on its way (``Pending``). Tasks that only the controller can judge are a
fence: everything before is judged first, nothing behind is sent. Results come back in order; the first
failure drops what was sent ahead and the walk goes on from where the failed task stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from fleet.actions.base import Result
from fleet.engine import cursor as at
from fleet.engine import report
from fleet.engine.additions import Additions
from fleet.engine.debugger import Debugger
from fleet.engine.fences import Fences
from fleet.engine.flight import Flight
from fleet.engine.gathering import Gathering
from fleet.engine.handlers import Handlers
from fleet.engine.includes import Includes
from fleet.engine.instructions import Await, Debug, Drop, Emit, Finish, Instruction, Perform, Publish
from fleet.engine.issue import Issuer
from fleet.engine.meta import Metas
from fleet.engine.outcome import Outcome
from fleet.engine.results import status_of
from fleet.engine.special import Special
from fleet.engine.state import HostState
from fleet.engine.turns import Turns
from fleet.engine.variables import PlayContext, role_chain
from fleet.errors import EndsRun, FleetBug
from fleet.events import HostLeft, Key, Notified, Warned
from fleet.plan.compile import Compiler
from fleet.plan.tree import BlockNode, RoleUseNode, TaskNode
from fleet.template.errors import NeedsOrder, Pending

AHEAD = 2000
"""Steps that may be under way at once; more would only cost memory."""


class HostRun:
    """The run of one host through one batch of a play. ``advance`` first, then feed it what happens."""

    def __init__(self, play: PlayContext, state: HostState, compiler: Compiler, lockstep: bool = False) -> None:
        self.play = play
        self.state = state
        self.compiler = compiler
        self.lockstep = lockstep
        self.limit = AHEAD
        self.cursor: at.Cursor = at.start(play.plan.nodes)
        self.flights: deque[Flight] = deque()
        self.notified: dict[int, None] = {}
        self.epoch = 0
        self.fenced = False
        self.waiting: Await | Perform | Debug | None = None
        self.released: Key | None = None
        self.meets: tuple[Key, str] | None = None
        self.leads: Key | None = None
        self.slot: Key | None = None
        self.out: list[Instruction] = []
        self.steps: dict[int, tuple[Flight, int]] = {}
        self.finished = ""
        self.interrupted = False
        self.undone: Flight | None = None
        self.leaving = False
        self.aborting = False
        self.failure: dict[str, Any] = {}
        self.issuer = Issuer(self)
        self.turns = Turns(self)
        self.outcome = Outcome(self)
        self.fences = Fences(self)
        self.special = Special(self)
        self.metas = Metas(self)
        self.includes = Includes(self)
        self.gathering = Gathering(self)
        self.handlers = Handlers(self)
        self.additions = Additions(self)
        self.debugger = Debugger(self)

    # ---- what the worker calls

    def advance(self) -> list[Instruction]:
        """Go on as far as possible and give what is to be done for it."""
        while not self.finished and self.waiting is None:
            if self.judge_next() or self.drive():
                continue
            if self.interrupted and not self.flights:
                self.tell_undone()
                self.finish("interrupted")
                break
            if self.interrupted or not self.walk():
                break
        self.issuer.flush()
        self.issuer.announce()
        out, self.out = self.out, []
        return out

    def done(self, step: int, result: Result) -> None:
        """The result of a step that was sent."""
        if step not in self.steps:
            return
        flight, index = self.steps.pop(step)
        self.outcome.take(flight, index, result)

    def performed(self, result: Result) -> None:
        """The result of the order of the last Perform."""
        waiting, self.waiting = self.waiting, None
        if not isinstance(waiting, Perform):
            raise FleetBug("a result for an order that nobody gave")
        self.turns.performed(result)

    def release(self, *, leads: bool = False, shared: Any = None, abort: bool = False) -> None:
        """The wait of the last Await is over."""
        waiting, self.waiting = self.waiting, None
        if not isinstance(waiting, Await):
            raise FleetBug("a release nobody waits for")
        if abort:
            self.abort()
        elif waiting.kind == "shared":
            self.special.follow(shared)
        elif waiting.kind in ("order", "once"):
            self.released = waiting.key
            self.leads = waiting.key if leads else None
        elif waiting.kind in ("read", "passed"):
            self.meets = None
        elif waiting.kind == "refresh":
            self.metas.refreshed(shared)
        elif waiting.kind == "slot":
            self.slot = waiting.key
        elif waiting.kind == "fate":
            self.released = None
        elif waiting.kind == "step":
            self.special.answered(shared)

    def debugged(self) -> None:
        """The talk of the last Debug is over."""
        self.waiting = None
        self.debugger.decided()

    def lost(self, message: str, **more: Any) -> None:
        """The host could not be reached, or the connection broke: the tasks under way get that result."""
        self.waiting = None
        unreachable: Result = {"changed": False, "unreachable": True, "msg": message, **more}
        if not self.flights:
            self.special.placeholder()
        head = self.flights[0]
        if self.turns.talks(head):
            # An action that holds a dialogue (reboot) knows what a lost connection means to it.
            self.steps.clear()
            self.outcome.take(head, head.position, {**unreachable, "failed": True})
            return
        while len(self.flights) > 1:
            self.flights.pop()
        self.steps.clear()
        self.epoch += 1
        self.cursor = at.step(head.cursor) if not head.hidden else head.cursor
        self.outcome.forget(head, unreachable)

    def interrupt(self) -> None:
        """The user pressed Ctrl-C: let what runs end, start nothing new."""
        if not self.interrupted:
            self.interrupted = True
            self.out.append(Drop(self.epoch))
            self.epoch += 1

    def dropped(self, running: int | None) -> None:
        """The runner has dropped its queue; only step ``running`` will still have a result."""
        keep = self.steps.get(running) if running is not None else None
        while self.flights and (keep is None or self.flights[-1] is not keep[0]):
            self.undone = self.flights.pop()
        self.steps = {running: keep} if running is not None and keep else {}
        if keep:
            flight, index = keep
            del flight.items[index + 1 :]

    def tell_undone(self) -> None:
        """Say with which task the interrupted host would have gone on."""
        node = at.current(self.cursor) if self.cursor else None
        if self.undone is not None and self.undone.ref is not None:
            name = self.undone.ref.name
        elif isinstance(node, TaskNode):
            name = str(node.task.name) or node.task.action
        else:
            return
        self.out.append(
            Emit(Warned(f"interrupted: {self.state.name} did not do {name!r} and what follows", self.state.name))
        )

    # ---- judging what came back

    def judge_next(self) -> bool:
        """Judge the oldest task if all of it is known."""
        if not self.flights:
            self.fenced = False
            return False
        head = self.flights[0]
        self.outcome.report_items(head)
        if not head.complete or (head.sequential and head.position < len(head.items)):
            return False
        self.flights.popleft()
        if head.hidden:
            if head.effect:
                head.effect()
            return self.hidden_failed(head)
        self.settle(head)
        return True

    def hidden_failed(self, head: Flight) -> bool:
        result = head.items[0].result if head.items else None
        if result and result.get("unreachable"):
            self.emit_result(head, result, rescued=False)
            self.leave_unreachable()
        return True

    def settle(self, flight: Flight) -> None:
        """A task is known in full: ask the user where there is a debugger, else go on."""
        result = self.outcome.sum_up(flight)
        if self.debugger.wants(flight, result, flight.ignore_errors):
            self.debugger.start(flight, result)
        else:
            self.conclude(flight, result)

    def conclude(self, flight: Flight, result: Result) -> None:
        """Register, notify, report, and go on or fall."""
        self.slot = None
        assert flight.node is not None
        self.outcome.take_effects(flight, result)
        if flight.register:
            self.state.assigned[flight.register] = {k: v for k, v in result.items() if k not in report.UNREGISTERED}
        status = status_of(result)
        if status != "skipped" and status != "unreachable" and flight.node.role is not None:
            self.state.roles_at_work.add(flight.node.role.number)
        bad = status in ("failed", "unreachable")
        ignored = (status == "failed" and flight.ignore_errors) or (
            status == "unreachable" and flight.ignore_unreachable
        )
        rescued = status == "failed" and not ignored and at.will_rescue(flight.cursor)
        self.emit_result(flight, result, rescued=rescued, ignored=ignored)
        if result.get("changed") and not bad:
            self.notify(flight)
        if self.leads is not None and flight.ref is not None:
            self.out.append(Publish(flight.ref.key, (result, bad and not ignored)))
            self.leads = None
        self.special.after(flight, failed=bad and not ignored)
        if bad and not ignored:
            self.fall(flight, result, status)

    def fall(self, flight: Flight, result: Result, status: str) -> None:
        """A task failed: forget what was sent ahead and continue at a rescue or always section, or leave."""
        self.forget_ahead()
        if status == "unreachable":
            self.leave_unreachable()
            return
        self.aborting = False
        self.handlers.keep_rest(at.step(flight.cursor))
        self.failure = {
            "ansible_failed_task": report.failed_task(flight),
            "ansible_failed_result": result,
        }
        self.descend(flight.cursor)

    def descend(self, cursor: at.Cursor) -> None:
        fallen = at.fail(cursor)
        if fallen.cursor:
            if fallen.rescued:
                self.aborting = False
                self.state.assigned.update(self.failure)
            self.cursor = fallen.cursor
            return
        self.state.failed = self.state.failed or not self.aborting
        # A handler that was forced to run and fails is the end: the cursor may be far ahead of it.
        again, self.leaving = self.leaving, True
        if again or not self.handlers.forced_handlers():
            self.end()

    def forget_ahead(self) -> None:
        """Drop the tasks behind the one just judged; the runner drops them too when it was the one that failed."""
        if self.flights and self.steps:
            self.out.append(Drop(self.epoch))
        self.flights.clear()
        self.steps.clear()
        self.issuer.unsent.clear()
        self.epoch += 1
        self.fenced = False

    def leave_unreachable(self) -> None:
        self.forget_ahead()
        self.state.unreachable = True
        self.finish("unreachable")

    def abort(self) -> None:
        """Another host's failure ends the play for this one as well (any_errors_fatal, max_fail_percentage)."""
        self.forget_ahead()
        self.aborting = True
        self.handlers.keep_rest(self.cursor)
        self.failure = {"ansible_failed_task": {}, "ansible_failed_result": {}}
        self.descend(self.cursor)

    def emit_result(self, flight: Flight, result: Result, *, rescued: bool, ignored: bool = False) -> None:
        self.out.append(Emit(report.task_result(self.state.name, flight, result, rescued=rescued, ignored=ignored)))
        for warning in result.get("warnings") or ():
            self.out.append(Emit(report.warned(self.state.name, flight, str(warning))))

    def notify(self, flight: Flight) -> None:
        """Mark the handlers a changed task names."""
        names = self.outcome.notifications(flight)
        for name in names:
            numbers = self.handlers.handlers_called(name)
            if not numbers:
                self.handlers.missing_handler(name, flight)
            self.notified.update(dict.fromkeys(numbers))
        self.handlers.join()
        if names and flight.ref:
            self.out.append(Emit(Notified(self.state.name, flight.ref, tuple(names))))

    # ---- walking ahead

    def walk(self) -> bool:
        """Take one step along the tree. False when it has to wait for something."""
        if self.fenced or len(self.steps) >= self.limit:
            return False
        if self.meets is not None and (not self.cursor or at.key_of(self.cursor) != self.meets[0]):
            # What this host sets from here on is not for those who still read the task it comes from; and what others
            # set there for this host has to be set.
            self.wait(Await(*self.meets))
            return False
        if not self.cursor:
            return self.end()
        node = at.current(self.cursor)
        if node is None:
            return self.leave_list()
        if isinstance(node, BlockNode):
            return self.enter_block(node)
        try:
            return self.task(node)
        except EndsRun as error:
            return self.special.end_run(error)
        except NeedsOrder:
            return self.arrive("order")
        except Pending as pending:
            return self.issuer.await_value(pending.key)

    def task(self, node: TaskNode) -> bool:
        if self.flights and (self.fences.is_fence(node) or self.fences.at_home()):
            return False
        if self.fences.must_wait(node) and self.released != at.key_of(self.cursor):
            return self.arrive("once" if self.fences.runs_once(node) else "order")
        if kind := self.fences.meets_after(node):
            self.meets = at.key_of(self.cursor), kind
        if self.special.asks_first(node):
            return False
        slots = self.fences.slots(node)
        if slots > 0 and self.slot != at.key_of(self.cursor):
            self.wait(Await(at.key_of(self.cursor), "slot", limit=slots))
            return False
        handled = self.special.handle(node)
        if handled is not None:
            return handled
        return self.issuer.issue(node)

    def arrive(self, kind: str) -> bool:
        """Wait until the other hosts have come here, once everything before is judged."""
        if self.flights:
            return False
        key = at.key_of(self.cursor)
        if self.released == key:
            raise FleetBug(f"{self.state.name} waits twice at {key}")
        self.wait(Await(key, kind))
        return False

    def wait(self, instruction: Await | Perform | Debug) -> None:
        self.waiting = instruction
        self.issuer.flush()
        self.out.append(instruction)

    def enter_block(self, node: BlockNode) -> bool:
        if node.starts and not node.starts.allow_duplicates and self.role_under_way(node.starts.identity):
            return False
        if node.starts and not node.starts.allow_duplicates and node.starts.identity in self.state.roles_done:
            self.cursor = at.step(self.cursor)
        else:
            self.cursor = at.enter(self.cursor, node)
        return True

    def leave_list(self) -> bool:
        """The innermost list is at its end."""
        frame = self.cursor[-1]
        if frame.section == "handlers" and self.flights:
            return False
        if frame.failing and self.flights:
            return False
        if frame.section == "block" and frame.block is not None and self.fences.rescue_gives(frame.block):
            if self.flights:
                return False
            # Who fails here may set facts of this host on its way.
            self.meets = at.rescue_end(self.cursor), "passed"
        left = at.leave(self.cursor)
        if left.block is not None and left.block.starts is not None and not left.failing:
            use = left.block.starts
            self.errand(lambda: self.role_ended(use))
        if left.failing:
            self.descend(left.cursor)
            return not self.finished
        self.cursor = left.cursor
        return True

    def role_under_way(self, identity: str) -> bool:
        """True while it is open whether an earlier use of the same role has done anything."""
        uses = (use for flight in self.flights if flight.node for use in role_chain(flight.node.role))
        return any(use.identity == identity for use in uses)

    def role_ended(self, use: RoleUseNode) -> None:
        """A role counts as run once something in it was really done."""
        if use.number in self.state.roles_at_work:
            self.state.roles_done.add(use.identity)

    def errand(self, effect: Callable[[], None]) -> None:
        """Do something once all tasks before it are judged well."""
        if self.flights:
            self.flights.append(Flight(None, self.cursor, None, hidden=True, effect=effect))
        else:
            effect()

    def drive(self) -> bool:
        """Move the oldest task on if its items run one after the other."""
        return bool(self.flights) and self.flights[0].sequential and self.turns.drive(self.flights[0])

    def end(self) -> bool:
        if self.flights:
            return False
        self.finish(("aborted" if self.aborting else "failed") if self.leaving else "done")
        return False

    def finish(self, why: str) -> None:
        if not self.finished:
            self.finished = why
            self.out.append(Emit(HostLeft(self.state.name, self.play.number, why)))
            self.out.append(Finish(why))

    def ahead(self) -> list[Mapping[str, Any]]:
        """What the tasks under way will have set, nearest first. A value on its way raises Pending."""
        return [report.Underway(flight) for flight in reversed(self.flights) if flight.register or flight.sets]
