"""One run on one screen: for each play its batches, for each batch a worker a host; events to the sinks."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

from fleet.bundle import Bundles, parts_of
from fleet.engine.control import Control
from fleet.engine.customstats import CustomStats
from fleet.engine.host import HostRun
from fleet.engine.order import Order
from fleet.engine.prepare import Prepared, play_hosts, static
from fleet.engine.prompts import ask_all
from fleet.engine.variables import PlayContext, World, scope_of_host
from fleet.engine.varsfiles import VarsFiles
from fleet.engine.waves import batches, ordered
from fleet.engine.worker import Worker
from fleet.errors import FleetError
from fleet.events import (
    Event,
    HostLeft,
    NoHosts,
    Noted,
    PlaybookStarted,
    PlayEnded,
    PlayStarted,
    RunEnded,
    RunStarted,
    Warned,
)
from fleet.plan.tree import tasks_of
from fleet.playbook import registry
from fleet.remote.convert import to_bool
from fleet.sinks.base import Sink
from fleet.sinks.secrets import Secrets
from fleet.sinks.stats import Stats
from fleet.source.diagnostics import Diagnostics
from fleet.transport.base import Connection, Target
from fleet.transport.ssh import Ssh

TICK = 0.12
STACK = 1 << 19


class Run:
    """Runs prepared plays. ``run`` is called from the main thread, which alone feeds the sink."""

    def __init__(self, world: World, plays: Sequence[Prepared], sink: Sink, control: Control, secrets: Secrets) -> None:
        self.world = world
        self.plays = plays
        self.sink = sink
        self.control = control
        self.secrets = secrets
        control.hide, control.mask = secrets.add, secrets.mask
        self.events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self.stats = Stats()
        self.custom = CustomStats()
        self.bundles = Bundles()
        self.files = VarsFiles(world.templar.vault.text)
        self.kept: dict[str, dict[Target, Connection]] = {}
        self.number = 0
        self.prompts: dict[str, Any] = {}
        self.error: FleetError | None = None
        self.stopped = False
        self._ssh: Ssh | None = None
        self._told: set[Warned] = set()

    def run(self) -> int:
        """Run everything; give the exit code."""
        options = self.world.options
        threading.stack_size(STACK)
        self.open_cache()
        self.publish(RunStarted(options.playbooks, options.check, options.diff, options.forks, options.verbosity))
        director = threading.Thread(target=self.direct, name="director", daemon=True)
        director.start()
        while True:
            try:
                if not self.pump():
                    break
            except KeyboardInterrupt:
                if self.control.interrupt() > 2:
                    break
        code = self.code()
        ended = RunEnded(self.stats.result(), code, self.control.clock(), self.control.level > 0, self.custom.values)
        self.sink.feed(ended)
        self.sink.close()
        if self.error is not None:
            raise self.error
        return code

    def open_cache(self) -> None:
        """Make ready what keeps facts; empty it where that was asked for."""
        cache, plugin = self.world.cache, self.world.options.fact_cache[0]
        if cache is None and plugin.rpartition(".")[2] != "memory":
            self.emit(Warned(f"facts are not kept: fleet has no cache plugin {plugin!r}, only memory and jsonfile"))
        if cache is not None:
            cache.prepare()
            for host in self.world.inventory.hosts if self.world.options.flush_cache else ():
                cache.forget(host)

    def pump(self) -> bool:
        """Feed the sink one event, or let it know that time passes. False at the end."""
        try:
            event = self.events.get(timeout=TICK)
        except queue.Empty:
            self.sink.tick(self.control.clock())
            return True
        if event is None:
            return False
        self.publish(event)
        return True

    def publish(self, event: Event) -> None:
        self.stats.feed(event)
        self.custom.feed(event)
        self.sink.feed(event)

    def emit(self, event: Event) -> None:
        """Called from any thread."""
        self.events.put(event)

    def tell(self, event: Warned) -> None:
        """A warning that many hosts and items may come to, once. Called from any thread."""
        if event not in self._told:
            self._told.add(event)
            self.emit(event)

    def code(self) -> int:
        """The exit code: what hosts came to in the end, errors that were cleared (meta) not counted."""
        if self.control.level:
            return 99
        if self.control.bugs:
            return 250
        if self.error is not None:
            return self.error.code
        states = self.world.states.values()
        if any(state.unreachable for state in states):
            return 4
        return 2 if any(state.failed for state in states) else 0

    # ---- the director's thread

    def direct(self) -> None:
        try:
            last = ""
            for prepared in self.plays:
                if prepared.playbook != last:
                    last = prepared.playbook
                    count = sum(other.playbook == last for other in self.plays)
                    self.emit(PlaybookStarted(last, count))
                if self.stopped or self.control.interrupted:
                    break
                self.play(prepared)
            self.error = self.control.error
        except FleetError as error:
            self.error = error
        except Exception:
            import traceback

            self.control.bugs.append(traceback.format_exc())
            self.emit(Noted(self.control.bugs[-1], 0))
        finally:
            for connections in self.kept.values():
                for connection in connections.values():
                    connection.close()
            self.events.put(None)

    def play(self, prepared: Prepared) -> None:
        """One play, batch after batch."""
        world, play, kw = self.world, prepared.play, prepared.plan.kw
        if world.options.playbooks:
            world.inventory.look_from(os.path.abspath(play.folder))
        problems = Diagnostics()
        extra = world.options.extra_vars
        own = play.keywords.get("vars") or {}
        self.prompts = ask_all(
            kw.get("vars_prompt"),
            extra,
            lambda value: static(world, value, [own]),
            lambda text: self.emit(Warned(text)),
        )
        matched = play_hosts(play, world, problems, self.prompts)
        for warning in problems.warnings:
            self.emit(Warned(warning.what))
        problems.stop()
        name = str(self.render(play.name))
        if not matched:
            self.emit(NoHosts(name))
            return
        hosts = [host for host in ordered(matched, self.render(kw.get("order"))) if world.state(host).usable]
        if not hosts:
            self.number += 1
            self.emit(PlayStarted(self.number, name, ()))
            self.emit(PlayEnded(self.number))
            return
        waves = batches(hosts, self.render(kw.get("serial")))
        for index, batch in enumerate(waves):
            if self.control.interrupted:
                return
            if not self.batch(prepared, name, tuple(hosts), batch, index, len(waves)):
                return

    def render(self, value: Any) -> Any:
        return static(self.world, value, [])

    def batch(
        self, prepared: Prepared, name: str, everyone: tuple[str, ...], hosts: tuple[str, ...], index: int, count: int
    ) -> bool:
        """One batch of hosts. False when the play must not go on to the next."""
        self.number += 1
        play = prepared.play
        play_vars = play.keywords.get("vars")
        strategy = str(self.render(prepared.plan.kw.get("strategy")) or self.world.options.strategy or "")
        strategy = strategy.rpartition(".")[2]
        context = PlayContext(
            world=self.world,
            plan=prepared.plan,
            everyone=everyone,
            batch=hosts,
            play_vars=play_vars if isinstance(play_vars, dict) else {},
            prompts=self.prompts,
            number=self.number,
            debugger=self.world.options.debugger or strategy == "debug",
        )
        fatal = prepared.plan.kw.get("max_fail_percentage")
        percentage = float(self.render(fatal)) if fatal is not None else None
        lockstep = (strategy in ("linear", "debug") and len(hosts) > 1) or percentage is not None
        free, check = strategy in ("free", "host_pinned"), self.checked(prepared)
        self.emit(PlayStarted(self.number, name, hosts, index + 1, count, play.at, lockstep, free, check))
        order = self.control.order = Order(hosts, percentage)
        self.spawn(prepared, context, order, lockstep)
        self.keep_facts(hosts)
        self.emit(PlayEnded(self.number))
        return self.goes_on(prepared, context, order, name, index + 1 < count)

    def checked(self, prepared: Prepared) -> bool:
        """Whether a play says of itself that it runs in check mode, or the run does."""
        own = prepared.plan.kw.get("check_mode")
        try:
            return self.world.options.check if own is None else bool(to_bool(self.render(own)))
        except (TypeError, FleetError):
            return self.world.options.check

    def keep_facts(self, hosts: tuple[str, ...]) -> None:
        """Write what is known of hosts where facts are cached; a full disk ends no run."""
        cache = self.world.cache
        for host in hosts if cache is not None else ():
            assert cache is not None
            try:
                cache.save(self.world.state(host))
            except OSError as error:
                self.emit(Warned(f"the facts of {host} could not be cached in {cache.folder}: {error.strerror}"))

    def goes_on(self, prepared: Prepared, context: PlayContext, order: Order, name: str, more: bool) -> bool:
        failed = [host for host in context.batch if not self.world.state(host).usable]
        # A failure for all that every host was rescued from ends nothing.
        if "aborted" in context.ends or len(failed) == len(context.batch):
            # Ansible ends the whole run when a batch has nobody left.
            self.stopped = True
            self.emit(NoHosts(name, remaining=True, limit=order.over_limit(len(failed))))
            return False
        return "play ended" not in context.ends

    def spawn(self, prepared: Prepared, context: PlayContext, order: Order, lockstep: bool) -> None:
        """A thread a host, until all are done."""
        parts = parts_for(prepared)
        threads = []
        for host in context.batch:
            state = self.world.state(host)
            state.roles_done.clear()
            try:
                context.files[host] = self.files.of(
                    prepared.play, scope_of_host(context, host), self.world.templar.render
                )
            except FleetError:
                order.leave(host)
                raise
            run = HostRun(context, state, prepared.compiler, lockstep)
            kept = self.kept.setdefault(host, {})
            emit = self.watch(context)
            worker = Worker(run, emit, self.control, order, self.bundles, parts, self.connect, kept)
            threads.append(threading.Thread(target=worker.work, name=host, daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def watch(self, context: PlayContext) -> Callable[[Event], None]:
        """``emit`` that also keeps the play's list of live hosts."""

        def emit(event: Event) -> None:
            if isinstance(event, HostLeft):
                context.ends.add(event.why)
                if event.why in ("failed", "unreachable", "ended"):
                    context.left.add(event.host)
            self.events.put(event)

        return emit

    def connect(self, target: Target) -> Connection:
        if self._ssh is None:
            self._ssh = Ssh()
        return self._ssh.connect(target)


def parts_for(prepared: Prepared) -> frozenset[str]:
    """The parts of fleet that a play's hosts are known to need."""
    found: set[str] = set()
    for node in [*tasks_of(prepared.plan.nodes), *prepared.plan.handlers]:
        if node.action == "gather_facts":
            found |= parts_of("setup", {"_subjects": node.task.args.get("_read", ())})
        module = registry.resolve(node.action)
        if module is not None and module.remote:
            found |= parts_of(module.name, {})
        elif module is not None and module.name == "template":
            found |= parts_of("copy", {})
    return frozenset(found)
