"""One host's thread: carries out what its HostRun asks for, over connections and runners of its own."""

from __future__ import annotations

import contextlib
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from fleet.actions.base import Ask, Connect, Disconnect, Raw, Result, Sleep, Source
from fleet.bundle import Bundles
from fleet.engine import link as links
from fleet.engine import pickup
from fleet.engine.control import Control
from fleet.engine.host import HostRun
from fleet.engine.instructions import (
    Await,
    Debug,
    Drop,
    Emit,
    Finish,
    Hide,
    Instruction,
    Perform,
    Publish,
    Reach,
    Reset,
    Send,
    Stop,
)
from fleet.engine.order import Order, Release
from fleet.errors import FleetBug, FleetError, Unreachable
from fleet.events import Event, HostActivity, Noted, TaskResult
from fleet.template.errors import Pending
from fleet.transport.answered import answered
from fleet.transport.base import Connection, Target
from fleet.transport.become import Refused, become
from fleet.transport.local import LocalConnection

RECEIVE = 1.0
RAW_LIMIT = 3600.0
GOODBYE = 1.0
"""Seconds a runner has to leave. A connection closed before it heard its goodbye looks like a lost one to it."""


class Worker:
    """Runs one host through one play batch. ``connect`` opens a connection to a target."""

    def __init__(
        self,
        run: HostRun,
        emit: Callable[[Event], None],
        control: Control,
        order: Order,
        bundles: Bundles,
        parts: frozenset[str],
        connect: Callable[[Target], Connection],
        kept: dict[Target, Connection],
    ) -> None:
        self.run = run
        self.emit = emit
        self.control = control
        self.order = order
        self.bundles = bundles
        self.parts = parts
        self.connect = connect
        self.connections = kept
        self.links: dict[Reach, links.Link] = {}
        self.active: links.Link | None = None
        self.sent: dict[int, dict[str, Any]] = {}
        self.lost: pickup.Loss | None = None
        self.todo: deque[Instruction] = deque()
        self.offers: dict[int, tuple[Source, ...]] = {}
        self.sinks: dict[int, Callable[[str, bytes], None]] = {}
        self.trips = 0
        self.finished = False
        self.told = False
        self.host = run.state.name

    def work(self) -> None:
        """Until the host has nothing more to do. Never raises."""
        self.control.enter()
        try:
            while not self.finished:
                self.round()
        except (Exception, Pending) as error:  # a bug of ours must not take the other hosts down
            self.crashed(error)
        finally:
            self.control.leave()
            self.close_links()
            self.order.leave(self.host)
            self.emit(Noted(f"{self.trips} round trips after the bootstrap", 3, self.host))

    def round(self) -> None:
        """Carry out what the host run asks for; then wait for news, if it waits for some."""
        try:
            moved = False
            self.todo.extend(self.run.advance())
            while self.todo:
                instruction = self.todo.popleft()
                self.carry_out(instruction)
                moved = moved or isinstance(instruction, Perform | Await | Debug)
            if moved:
                return
            if not self.finished and self.run.waiting is None and self.run.steps:
                self.receive()
        except Unreachable as error:
            if not self.take_up(error):
                if self.lost is not None:
                    # The runner that knows nothing of the lost one would wait for one after it.
                    self.close_links()
                self.drop_connections()
                self.lost = None
                # What was to be sent or waited for is void now; what happened is still told.
                self.todo = deque(item for item in self.todo if isinstance(item, Emit | Publish))
                self.run.lost(error.what + (f" ({error.hint})" if error.hint else ""))

    def take_up(self, error: Unreachable) -> bool:
        """Connect once more after a lost connection and ask for what went on meanwhile. False: that is no use."""
        reach = next((reach for reach, link in self.links.items() if link is self.active), None)
        lost = pickup.loss(error, self.sent, self.run.steps)
        if reach is None or lost is None or self.lost is not None or self.control.interrupted:
            return False
        token = self.links[reach].token
        self.drop_connections()
        try:
            link = self.link(reach)
            link.resume(token)
        except Unreachable:
            return False
        self.active, self.lost = link, lost
        self.emit(Noted(f"{error.what}; connected again, asking what became of the running step", 1, self.host))
        return True

    def resumed(self, answer: dict[str, Any]) -> None:
        """The new runner has told what the lost one did. Raises Unreachable when that is not enough."""
        assert self.lost is not None and self.active is not None
        done, rest = pickup.rest(self.lost, answer, self.sinks)
        self.lost = None
        for frame in done:
            self.settle(frame)
        if rest:
            self.active.send(rest)

    def crashed(self, error: BaseException) -> None:
        text = traceback.format_exc()
        self.emit(Noted(text, 0, self.host))
        self.run.state.failed = True
        ref = next((flight.ref for flight in self.run.flights if flight.ref), None)
        if ref is not None:
            msg = f"fleet itself failed: {type(error).__name__}: {error}"
            result = {"changed": False, "failed": True, "msg": msg, "exception": text}
            self.emit(TaskResult(self.host, ref, "failed", result))
        self.run.finish("failed")
        for instruction in self.run.out:
            if isinstance(instruction, Emit):
                self.emit(instruction.event)
        self.control.bugs.append(text)

    def carry_out(self, instruction: Instruction) -> None:
        match instruction:
            case Emit(event):
                self.publish(event)
            case Hide(texts):
                for text in texts:
                    self.control.hide(text)
            case Send():
                self.send(instruction)
            case Perform():
                self.run.performed(self.perform(instruction))
            case Await():
                self.wait(instruction)
            case Debug(session):
                self.control.converse(session)
                if session.decision == "quit":
                    self.control.interrupt()
                self.run.debugged()
            case Publish(key, outcome):
                self.order.publish(key, outcome)
            case Drop(epoch):
                for link in self.links.values():
                    link.tell({"t": "drop", "epoch": epoch})
            case Reset():
                self.leave()
            case Stop(error):
                self.control.stop(error)
            case Finish():
                self.finished = True
            case _:
                raise FleetBug(f"an instruction nobody knows: {instruction!r}")

    def publish(self, event: Event) -> None:
        if isinstance(event, HostActivity):
            event = replace(event, clock=self.control.clock())
        elif isinstance(event, TaskResult):
            self.order.passed(self.host, event.task.key)
            event = replace(event, clock=self.control.clock())
        self.emit(event)

    # ---- runners

    def send(self, send: Send) -> None:
        self.sent.update((step["id"], step) for step in send.steps)
        self.offers.update(send.offers)
        self.sinks.update(send.sinks)
        if self.lost is not None:
            self.lost = replace(self.lost, steps=(*self.lost.steps, *send.steps))
            return
        # Should the new runner not start, there is no lost one whose steps could be taken up.
        self.active = None
        if leaving := removed_users(send.steps) - {send.reach.identity.user}:
            # An account is not removed while a runner of it is there.
            self.close_links(leaving)
        link = self.active = self.link(send.reach)
        self.trips += 1
        link.send(send.steps)

    def link(self, reach: Reach) -> links.Link:
        """The runner at ``reach``, started when first needed."""
        found = self.links.get(reach)
        if found is None:
            connection = self.connection(reach.target)
            target = reach.target
            found = links.start(
                connection, reach.identity, reach.interpreter, self.bundles, self.parts,
                target.auth_timeout, target.idle_timeout, self.told_command,
            )  # fmt: skip
            self.links[reach] = found
            self.control.kill.append(lambda: _kill(found))
        return found

    def told_command(self, line: str) -> None:
        """What is run on the host, on one line."""
        self.emit(Noted("EXEC " + line.replace("\n", "\\n"), 3, self.host))

    def connection(self, target: Target) -> Connection:
        found = self.connections.get(target)
        if found is None:
            if target.kind == "local":
                found = LocalConnection()
            else:
                self.emit(HostActivity(self.host, "connecting", self.control.clock(), detail=target.address))
                found = self.connect(target)
            self.connections[target] = found
        return found

    def receive(self) -> None:
        """Wait for frames of the runner at work and hand them on."""
        assert self.active is not None
        if self.control.interrupted and not self.told:
            self.told = True
            self.run.interrupt()
            return
        for frame in self.active.receive(RECEIVE):
            if isinstance(frame, tuple):
                self.data(*frame)
            elif frame["t"] == "done":
                self.settle(frame)
            elif frame["t"] == "resumed":
                self.resumed(frame)
            elif frame["t"] == "need":
                self.active.stream(frame["name"], self.content(frame["name"]))
            elif frame["t"] == "dropped" and self.told:
                self.run.dropped(frame["running"])

    def settle(self, frame: dict[str, Any]) -> None:
        """A step's result is here."""
        for table in (self.sent, self.offers, self.sinks):
            table.pop(frame["id"], None)
        self.run.done(frame["id"], frame["result"])

    def data(self, name: str, chunk: bytes) -> None:
        for sink in self.sinks.values():
            sink(name, chunk)
            return

    def content(self, sha1: str) -> Iterator[bytes]:
        """The chunks of an offered file."""
        for sources in self.offers.values():
            for source in sources:
                if source.sha1 == sha1:
                    yield from chunks(source)
                    return

    # ---- orders and waits

    def perform(self, perform: Perform) -> Result:
        order = perform.order
        if isinstance(order, Sleep):
            return {"interrupted": self.control.sleep(order.seconds)}
        if isinstance(order, Ask):
            return self.control.question(order, self.emit)
        if isinstance(order, Disconnect):
            self.leave()
            return {}
        if isinstance(order, Connect):
            return self.reconnect(perform.reach, order.timeout)
        if isinstance(order, Raw):
            return self.raw(perform, order)
        raise FleetBug(f"an order nobody knows: {order!r}")

    def reconnect(self, reach: Reach, timeout: float) -> Result:
        self.drop_connections()
        target = replace(reach.target, connect_timeout=timeout, auth_timeout=max(timeout, 5.0))
        try:
            connection = self.connection(target)
            self.connections[reach.target] = self.connections.pop(target, connection)
            self.link(reach)
        except FleetError as error:
            self.drop_connections()
            return {"failed": True, "msg": error.what}
        return {}

    def raw(self, perform: Perform, order: Raw) -> Result:
        exports = "".join(f"export {name}={_quote(value)}; " for name, value in perform.environment.items())
        identity = perform.reach.identity
        connection = self.connection(perform.reach.target)
        try:
            if identity.password is not None:
                ran = answered(connection, identity, exports + order.command, order.stdin, RAW_LIMIT)
            else:
                script = exports + order.command
                ran = connection.execute(
                    become(identity, script, "raw") if identity.method else script, order.stdin, RAW_LIMIT
                )
        except TimeoutError as error:
            return {"failed": True, "msg": str(error), "rc": 124}
        except Refused as error:
            return {"failed": True, "msg": error.what, "rc": 1}
        return {
            "rc": ran.code,
            "stdout": ran.out.decode("utf-8", "surrogateescape"),
            "stderr": ran.err.decode("utf-8", "surrogateescape"),
        }

    def confirm(self, wish: Await) -> str:
        """Ask whether a task is to run; no answer means no."""
        prompt = f"Perform task: {wish.text} (N)o/(y)es/(c)ontinue: "
        try:
            return self.control.ask((self.run.play.number, wish.key), prompt, True)
        except (EOFError, KeyboardInterrupt):
            return "n"

    def refresh(self, wish: Await) -> str | None:
        """Have the inventory read again; why that failed."""
        try:
            self.run.play.world.refresh((self.run.play.number, *wish.key))
        except FleetError as error:
            return error.what
        return None

    def wait(self, wish: Await) -> None:
        """Wait for other hosts; the slot is free meanwhile."""
        if wish.kind == "fate" and wish.failed:
            self.order.doom(self.host, wish.key)
            return
        if wish.kind == "refresh":
            self.run.release(shared=self.refresh(wish))
            return
        if wish.kind == "step":
            self.run.release(shared=self.confirm(wish))
            return
        self.control.leave()
        try:
            release: Release = self.order.wait(self.host, wish)
        finally:
            self.control.enter()
        if self.control.interrupted and release.abort:
            self.told = True
            self.run.waiting = None
            self.run.interrupt()
            return
        self.run.release(leads=release.leads, shared=release.shared, abort=release.abort)

    # ---- letting go

    def close_links(self, users: Set[str] | None = None) -> None:
        """End the runners, or those of ``users`` alone; connections stay for the next play."""
        ending = {at: link for at, link in self.links.items() if users is None or at.identity.user in users}
        for link in ending.values():
            with contextlib.suppress(Unreachable):
                link.tell({"t": "bye"})
        for at, link in ending.items():
            link.gone(GOODBYE)
            link.channel.close()
            del self.links[at]
        if users is None or self.active in ending.values():
            self.active = None

    def leave(self) -> None:
        """Let the runners go in good order, then close everything."""
        self.close_links()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Close everything; what comes next connects anew."""
        for link in self.links.values():
            link.channel.close()
        self.links.clear()
        self.active = None
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()


def removed_users(steps: Sequence[Mapping[str, Any]]) -> set[str]:
    """The accounts that ``steps`` remove."""
    found = (step["args"] for step in steps if step["module"] == "user")
    return {str(args.get("name")) for args in found if args.get("state") == "absent"}


def chunks(source: Source) -> Iterator[bytes]:
    """The content of a source in pieces of a frame's size."""
    if not source.path:
        yield source.data
        return
    with open(source.path, "rb") as file:
        while piece := file.read(1 << 17):
            yield piece


def _kill(link: links.Link) -> None:
    with contextlib.suppress(FleetError, OSError):
        link.tell({"t": "kill"})


def _quote(text: str) -> str:
    import shlex

    return shlex.quote(text)
