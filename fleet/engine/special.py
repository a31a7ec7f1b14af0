"""Tasks that steer the run itself: meta, includes, gathering facts, handlers, run_once. Part of HostRun."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from fleet.actions.base import ActionFailed, Remote, Result
from fleet.engine import bind, report
from fleet.engine import cursor as at
from fleet.engine.bind import Item, flag
from fleet.engine.flight import Flight
from fleet.engine.instructions import Await, Emit, Reset
from fleet.engine.results import failure, from_error
from fleet.engine.variables import task_scope
from fleet.errors import FleetError, InputError
from fleet.events import Included, Noted
from fleet.plan.compile import FLUSH
from fleet.plan.sources import find_tasks
from fleet.plan.tree import Node, TaskNode
from fleet.playbook import registry
from fleet.playbook.model import Task
from fleet.remote import facts as remote_facts
from fleet.source.nodes import Map

if TYPE_CHECKING:
    from fleet.engine.host import HostRun

STREAMED = frozenset(["template", "copy", "debug", "set_fact", "assert", "fail", "script", "package", "service"])
"""Actions whose order depends on nothing but variables, and that touch nothing on the controller."""
GIVE_FACTS = frozenset(["setup", "getent", "hostname"])
"""Modules besides ``*_facts`` whose results hold facts, which any task behind them may read."""
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
ACROSS = frozenset({"end_play", "end_batch", "refresh_inventory", "clear_host_errors"})
"""What meta does for all hosts: they must all have come as far."""
ONCE = ("pause", "add_host")
"""Actions that are done once for all hosts whatever the task says."""
_OTHERS = re.compile(r"\b(hostvars|ansible_play_hosts|ansible_play_batch|play_hosts)\b")


class IncludeFailed(ActionFailed):
    """The file of an include is not there; ignore_errors does not help."""


class Special:
    """Handles the tasks of one host that are not simply sent."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.stepped: tuple[int, ...] | None = None

    # ---- what kind of task it is

    def is_fence(self, node: TaskNode) -> bool:
        """True when nothing behind the task may be sent before it is judged."""
        kw = node.kw
        if any(kw.get(name) is not None for name in ("failed_when", "until", "retries", "delegate_to", "async")):
            return True
        if kw.get("changed_when") not in (None, True, False, "true", "false"):
            # An expression may fail to evaluate, and then the task has failed.
            return True
        if any(kw.get(name) for name in ("run_once", "any_errors_fatal", "debugger", "throttle")):
            return True
        if node.action in ("include_tasks", "include_role", "meta", "gather_facts"):
            return False
        if "{{" in node.action:
            return True
        if registry.resolve(node.action) is None:
            # It is skipped or fails; either is known as soon as it is bound.
            return False
        if node.action.endswith("_facts") or node.action in GIVE_FACTS:
            return True
        module = registry.resolve(node.action)
        return bool(module and module.action and module.name not in STREAMED) or self.is_sequential(node)

    def is_sequential(self, node: TaskNode) -> bool:
        """True when the task's items must run one after the other, each judged before the next."""
        kw = node.kw
        if kw.get("until") is not None or kw.get("retries") is not None:
            return True
        if node.task.loop is None:
            return False
        control = kw.get("loop_control")
        if isinstance(control, dict) and ("pause" in control or "break_when" in control):
            return True
        return node.action in ("set_fact", "include_vars") or kw.get("delegate_to") is not None

    def runs_once(self, node: TaskNode) -> bool:
        return len(self.play.batch) > 1 and (bool(node.kw.get("run_once")) or node.action in ONCE)

    def must_wait(self, node: TaskNode) -> bool:
        """True when all hosts must have come here before the task may be looked at."""
        if len(self.play.batch) < 2:
            return False
        if self.run.lockstep and not node.implicit:
            return True
        if self.runs_once(node) or node.action in ("add_host", "group_by"):
            return True
        if node.action == "meta" and node.task.args.get("_raw_params") in ACROSS:
            return True
        return self.looks_across(node)

    def looks_across(self, node: TaskNode) -> bool:
        """True when the task's own text names other hosts' variables."""
        parts = [*node.task.args.values(), node.task.loop, node.kw.get("when"), node.kw.get("delegate_to")]
        parts.append(node.task.keywords.get("vars"))
        return any(part is not None and _OTHERS.search(str(part)) for part in parts)

    # ---- dispatch

    def handle(self, node: TaskNode) -> bool | None:
        """Deal with a task that steers the run; None when it is an ordinary one. Raises Pending."""
        if self.runs_once(node) and self.run.leads != at.key_of(self.run.cursor):
            return self.wait_for_leader()
        if node.action == "meta":
            return self.meta(node)
        if node.action in ("include_tasks", "include_role"):
            return self.include(node)
        if node.action == "gather_facts" and not node.kw.get("register"):
            return self.gather(node)
        return None

    def scope(self, node: TaskNode) -> Any:
        run = self.run
        return task_scope(self.play, run.state, node, run.ahead(), ordered=run.released == at.key_of(run.cursor))

    # ---- --step

    def asks_first(self, node: TaskNode) -> bool:
        """With ``--step``: ask the user before the task, once for all hosts. True while waiting for that."""
        run = self.run
        key = at.key_of(run.cursor)
        if not self.play.world.options.step or self.play.unasked or node.implicit or self.stepped == key:
            return False
        if not run.flights:
            ref = report.task_ref(node, key, self.play.number, self.scope(node), self.play.world.templar)
            run.wait(Await(key, "step", text=ref.name))
        return True

    def answered(self, answer: str) -> None:
        """What the user said about the task at the cursor: yes, no, or continue without asking."""
        if answer.lower().startswith("c"):
            self.play.unasked = True
        elif not answer.lower().startswith("y"):
            self.run.cursor = at.step(self.run.cursor)
            return
        self.stepped = at.key_of(self.run.cursor)

    # ---- meta

    def meta(self, node: TaskNode) -> bool:
        run = self.run
        action = str(node.task.args.get("_raw_params", "noop"))
        if action == FLUSH and not run.notified and not any(self.notifies(flight) for flight in run.flights):
            run.cursor = at.step(run.cursor)
            return True
        if run.flights:
            return False
        try:
            if bind.condition(node, self.scope(node), self.play) is not None:
                self.say_skipped(node, action)
                run.cursor = at.step(run.cursor)
                return True
        except FleetError as error:
            return self.fail_here(node, from_error(error))
        return self.perform_meta(node, action)

    def perform_meta(self, node: TaskNode, action: str) -> bool:
        run = self.run
        here = run.cursor
        run.cursor = at.step(here)
        self.say(node, action)
        if action == FLUSH:
            due = self.due()
            if due:
                run.cursor = at.push(here, due, "handlers")
        elif action in ("end_host", "end_play", "end_batch"):
            run.finish({"end_host": "ended", "end_play": "play ended", "end_batch": "ended"}[action])
        elif action == "end_role":
            self.end_role(node)
        elif action == "clear_facts":
            run.state.facts.clear()
        elif action == "clear_host_errors":
            run.cursor = tuple(frame._replace(failing=False) for frame in run.cursor)
            run.failed = False
            for state in self.play.world.states.values():
                state.failed = state.unreachable = False
        elif action == "reset_connection":
            run.out.append(Reset())
            run.issuer.reach = None
        elif action not in ("noop", "refresh_inventory", "role_complete"):
            return self.fail_here(node, failure(f"invalid meta action requested: {action}"))
        return not run.finished

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

    def fail_here(self, node: TaskNode, result: Result, final: bool = False) -> bool:
        """Report a failure of a task that steers; a ``final`` one cannot be ignored."""
        self.known(node, [Item(self.scope(node), result=result)], final)
        return True

    def known(self, node: TaskNode, items: list[Item], final: bool = False, loop: bind.Loop | None = None) -> None:
        """Put a task whose results are known into the line."""
        run = self.run
        scope = self.scope(node)
        flight = Flight(node, run.cursor, None, scope, loop or bind.Loop(None), items)
        flight.register = str(node.kw.get("register") or "")
        flight.ignore_errors = not final and flag(node, "ignore_errors", scope, self.play)
        flight.ref = report.task_ref(node, at.key_of(run.cursor), self.play.number, scope, self.play.world.templar)
        for index, item in enumerate(flight.items):
            if item.result is not None:
                run.issuer.know(flight, index, item.result)
        run.cursor = at.step(run.cursor)
        run.flights.append(flight)
        run.issuer.stop_behind(flight)

    # ---- includes

    def include(self, node: TaskNode) -> bool:
        """Include a file of tasks or a role: its nodes go where the include stands."""
        run = self.run
        scope = self.scope(node)
        try:
            loop = bind.loop_of(node, scope, self.play)
            nodes: list[Node] = []
            skipped: list[Item] = []
            layers: list[tuple[Any, dict[str, Any]]] = [(scope, {})]
            if loop.items is not None:
                layers = [bind.item_scope(loop, index, scope) for index in range(len(loop.items))]
            for index, (inner, layer) in enumerate(layers):
                result = bind.condition(node, inner, self.play)
                label = bind.label_of(loop, inner, self.play, loop.items[index]) if loop.items else None
                if result is not None:
                    skipped.append(Item(inner, layer, label, result=result))
                    continue
                nodes += self.included(node, inner, layer, label)
        except IncludeFailed as error:
            return self.fail_here(node, {"changed": False, "failed": True, **error.result}, final=True)
        except FleetError as error:
            return self.fail_here(node, from_error(error))
        if not nodes and skipped:
            self.known(node, skipped, loop=loop)
            return True
        if node.kw.get("register"):
            name = str(node.kw["register"])
            run.errand(lambda: run.state.assigned.update({name: {"changed": False, "include": True, "failed": False}}))
        run.cursor = at.push(run.cursor, tuple(nodes), "include") if nodes else at.step(run.cursor)
        return True

    def included(self, node: TaskNode, scope: Any, layer: dict[str, Any], label: Any) -> tuple[Node, ...]:
        compiler, templar = self.run.compiler, self.play.world.templar
        if node.action == "include_role":
            args = {name: value for name, value in node.task.args.items() if name != "apply"}
            rendered = templar.render(args, scope)
            normal = registry.spec("include_role").normalize(rendered, "include_role")
            nodes = compiler.include_role(node, normal, layer)
            path = str(normal["name"])
        else:
            written = node.task.args.get("_raw_params", node.task.args.get("file"))
            name = templar.render(written, scope)
            if not isinstance(name, str) or not name:
                raise InputError("include_tasks needs the name of a file", at=node.task.at)
            found = find_tasks(name, compiler.task_folders(node.task, node.role))
            if found is None:
                wanted = os.path.normpath(os.path.join(node.task.folder, name))
                reason = f"Could not find or access '{wanted}' on the Ansible Controller."
                raise IncludeFailed(reason, include=name, reason=reason)
            path = found
            nodes = compiler.include_tasks(node, path, layer)
        ref = report.task_ref(node, at.key_of(self.run.cursor), self.play.number, scope, templar)
        event = Emit(Included(self.run.state.name, ref, path, label))
        self.run.errand(lambda: self.run.out.append(event))
        return nodes

    # ---- facts

    def gather(self, node: TaskNode) -> bool:
        """The implicit gathering: ask for the facts the play reads, promise the rest."""
        run = self.run
        scope = self.scope(node)
        args = self.play.world.templar.render(dict(node.task.args), scope)
        read: frozenset[str] = args.pop("_read", frozenset())
        try:
            subjects = set(remote_facts.subjects_for(args.get("gather_subset") or ["all"], args.get("filter") or ()))
        except Exception as error:
            return self.fail_here(node, failure(str(error)))
        wanted = frozenset(subjects & set(read))
        run.state.facts.promise(subjects)
        args["_subjects"] = sorted(wanted)
        order = Remote("setup", args)
        item = Item(scope, order=order)
        try:
            item.environment = bind.environment(node, scope, self.play, lenient=True)
        except FleetError as error:
            return self.fail_here(node, from_error(error))
        flight = Flight(node, run.cursor, None, scope, items=[item], wants=wanted)
        flight.ignore_errors = flag(node, "ignore_errors", scope, self.play)
        flight.ignore_unreachable = flag(node, "ignore_unreachable", scope, self.play)
        try:
            run.issuer.connect(flight, node, scope)
        except FleetError as error:
            return self.fail_here(node, from_error(error))
        flight.ref = report.task_ref(node, at.key_of(run.cursor), self.play.number, scope, self.play.world.templar)
        run.cursor = at.step(run.cursor)
        run.flights.append(flight)
        run.issuer.launch(flight, 0)
        return True

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

    # ---- handlers

    def handlers_called(self, name: str) -> list[int]:
        """The numbers of the handlers that ``name`` notifies: by name the last one, by listen all."""
        named: dict[str, int] = {}
        listening: list[int] = []
        for node in self.run.compiler.handlers:
            title = str(node.task.name)
            if "{{" in title:
                try:
                    title = str(
                        self.play.world.templar.render(node.task.name, task_scope(self.play, self.run.state, node))
                    )
                except FleetError:
                    continue
            role = node.role.role.name if node.role else ""
            if name in (title, f"{role} : {title}" if role else title):
                # The first of that name in each role or play; of these the last one counts.
                named.setdefault(node.role.role.path if node.role else "", node.number)
            topics = node.kw.get("listen")
            wanted = {name, name.removeprefix(f"{role} : ")} if role else {name}
            if topics is not None and wanted & set(topics if isinstance(topics, list) else [topics]):
                listening.append(node.number)
        chosen = list(named.values())[-1:]
        return chosen + [number for number in listening if number not in chosen]

    def missing_handler(self, name: str, flight: Flight) -> None:
        text = (
            f"The requested handler '{name}' was not found in either the main handlers list nor in the "
            "listening handlers list"
        )
        if self.play.world.options.missing_handler_fatal:
            self.run.out.append(Emit(report.warned(self.run.state.name, flight, text)))
            item = Item(flight.scope, result=failure(text))  # type: ignore[arg-type]
            lost = Flight(flight.node, flight.cursor, flight.ref, flight.scope, items=[item])
            self.run.forget_ahead()
            self.run.cursor = at.step(flight.cursor)
            self.run.flights.append(lost)
        else:
            self.run.out.append(Emit(report.warned(self.run.state.name, flight, text)))

    def due(self) -> tuple[Node, ...]:
        """The notified handlers in the order they are defined; they count as run."""
        notified, self.run.notified = self.run.notified, {}
        return tuple(node for node in self.run.compiler.handlers if node.number in notified)

    def forced_handlers(self) -> bool:
        """Run notified handlers although the host failed, where that was asked for."""
        run = self.run
        force = run.play.plan.kw.get("force_handlers")
        wanted = self.play.world.options.force_handlers if force is None else bool(force)
        if not wanted or not run.notified or (run.cursor and run.cursor[-1].section == "forced"):
            return False
        nodes = self.play.plan.nodes
        run.cursor = (at.Frame(nodes, len(nodes), "play"), at.Frame(self.due(), 0, "forced"))
        return True

    # ---- the inventory

    def inventory_changes(self, result: Result) -> None:
        """What add_host and group_by ask for. ``changed`` says whether the inventory is another one now."""
        with self.play.world.lock:
            self.change_inventory(result)
            self.play.magic.clear()

    def change_inventory(self, result: Result) -> None:
        inventory, host = self.play.world.inventory, self.run.state.name
        added, group = result.get("add_host"), result.get("add_group")
        if isinstance(added, dict):
            known = inventory.hosts.get(added["host_name"])
            before = dict(known.vars) if known else None
            groups = [name for name in added["groups"] if known is None or name not in known.groups]
            inventory.add_host(added["host_name"], added["groups"], added["host_vars"])
            inventory.settle([added["host_name"]])
            if "changed" in result and not (known is None or groups or before != dict(known.vars)):
                result["changed"] = False
        elif isinstance(group, str):
            changed = group not in inventory.groups or host not in inventory.members(group)
            inventory.add_group(group)
            for parent in result.get("parent_groups") or []:
                inventory.add_group(parent)
                inventory.add_child(parent, group)
            if host not in inventory.hosts:
                inventory.add_host(host)
            inventory.add_to_group(host, group)
            inventory.settle([host])
            if changed:
                result["changed"] = True

    # ---- other hosts

    def wait_for_leader(self) -> bool:
        """Another host runs this run_once task; take over what it comes to."""
        self.run.wait(Await(at.key_of(self.run.cursor), "shared"))
        return False

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
        node = flight.node
        if node is None or flight.ref is None or len(self.play.batch) < 2:
            return
        fatal = node.kw.get("any_errors_fatal")
        wanted = self.play.world.options.any_errors_fatal if fatal is None else bool(fatal)
        if not wanted and self.play.plan.kw.get("max_fail_percentage") is None:
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
            node = self.fact_reader()
        scope = task_scope(self.play, self.run.state, node)
        flight = Flight(node, self.run.cursor, None, scope, items=[Item(scope)])
        flight.ref = report.task_ref(node, at.key_of(self.run.cursor), self.play.number, scope, self.play.world.templar)
        flight.ignore_unreachable = flag(node, "ignore_unreachable", scope, self.play)
        self.run.flights.append(flight)
