"""``include_tasks`` and ``include_role``: nodes that come to be while the play runs. Part of HostRun."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from fleet.actions.base import ActionFailed
from fleet.engine import bind, loops
from fleet.engine import cursor as at
from fleet.engine.bind import Item
from fleet.engine.instructions import Emit
from fleet.engine.results import from_error
from fleet.errors import FleetError, InputError, Location
from fleet.events import Included, ItemResult
from fleet.plan.compile import NoTasks
from fleet.plan.sources import MissingRole, find_tasks
from fleet.plan.tree import Node, TaskNode
from fleet.playbook import registry
from fleet.source.diagnostics import Rejected
from fleet.source.nodes import location_of
from fleet.template.errors import UndefinedVariable

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class IncludeFailed(ActionFailed):
    """The file or role of an include is not there; ignore_errors does not help. ``at``: where it is named."""

    def __init__(self, reason: str, at: Location | None, **more: Any) -> None:
        super().__init__(reason)
        cause = {"_ansible_cause_at": [at.path, at.line, at.column]} if at else {}
        self.result = {"changed": False, "failed": True, "reason": reason, **more, **cause}


def not_found(path: str) -> str:
    return f"Could not find or access '{path}' on the Ansible Controller."


class Includes:
    """Puts what one host includes where the include stands."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play

    def include(self, node: TaskNode, quiet: bool = False) -> bool:
        """Include a file of tasks or a role: its nodes go where the include stands."""
        run = self.run
        scope = self.run.special.scope(node)
        try:
            loop = self.loop(node, scope)
            if loop is None:
                return True
            nodes: list[Node] = []
            skipped: list[Item] = []
            layers: list[tuple[Any, dict[str, Any]]] = [(scope, {})]
            if loop.items is not None:
                layers = [loops.item_scope(loop, index, scope) for index in range(len(loop.items))]
            for index, (inner, layer) in enumerate(layers):
                result = bind.condition(node, inner, self.play)
                label = loops.label_of(loop, inner, self.play, loop.items[index]) if loop.items else None
                if label is loops.LATER and loop.items:
                    label = loop.items[index]
                if result is not None:
                    skipped.append(Item(inner, layer, label, result=result))
                    continue
                nodes += self.included(node, inner, layer, label, quiet)
        except NoTasks as error:
            failed = {"changed": False, "failed": True, "include": error.name, "reason": not_found(error.wanted)}
            return self.run.special.fail_here(node, failed, final=True)
        except IncludeFailed as error:
            return self.run.special.fail_here(node, error.result, final=True)
        except Rejected as error:
            # What is in a file that cannot be read as tasks is no host's failure, and no rescue catches it.
            return False if run.flights else run.special.end_run(error)
        except FleetError as error:
            return self.run.special.fail_here(node, from_error(error))
        if not nodes and skipped:
            self.run.special.known(node, skipped, loop=loop)
            return True
        for item in skipped if not quiet else ():
            told = {**(item.result or {}), "ansible_loop_var": loop.var, loop.var: item.layer.get(loop.var)}
            event = ItemResult(run.state.name, run.special.ref(node, scope), "skipped", told, item.label)
            run.errand(partial(run.out.append, Emit(event)))
        if node.kw.get("register"):
            name = str(node.kw["register"])
            run.errand(lambda: run.state.assigned.update({name: {"changed": False, "include": True, "failed": False}}))
        run.cursor = at.push(run.cursor, tuple(nodes), "include") if nodes else at.step(run.cursor)
        return True

    def loop(self, node: TaskNode, scope: Any) -> loops.Loop | None:
        """The include's loop. None where it cannot be evaluated and need not be: the include is skipped."""
        try:
            return loops.loop_of(node, scope, self.play)
        except UndefinedVariable:
            skipped = bind.condition(node, scope, self.play)
            if skipped is None:
                raise
            self.run.special.known(node, [Item(scope, result=skipped)])
            return None

    def included(self, node: TaskNode, scope: Any, layer: dict[str, Any], label: Any, quiet: bool) -> tuple[Node, ...]:
        compiler, templar = self.run.compiler, self.play.world.templar
        if node.action == "include_role":
            args = {name: value for name, value in node.task.args.items() if name != "apply"}
            rendered = templar.render(args, scope)
            normal = registry.spec("include_role").normalize(rendered, "include_role")
            try:
                found = compiler.include_role(node, normal, layer)
            except MissingRole as error:
                raise IncludeFailed(error.what, location_of(args.get("name", args.get("role")))) from error
            path = str(normal["name"])
        else:
            written = node.task.args.get("_raw_params", node.task.args.get("file"))
            name = templar.render(written, scope)
            if not isinstance(name, str) or not name:
                raise InputError("include_tasks needs the name of a file", at=node.task.at)
            place = find_tasks(name, compiler.task_folders(node.task, node.role))
            if place is None:
                reason = not_found(os.path.normpath(os.path.join(node.task.folder, name)))
                raise IncludeFailed(reason, None, include=name)
            path = place
            found = compiler.include_tasks(node, path, layer)
        ref = self.run.special.ref(node, scope)
        event = Emit(Included(self.run.state.name, ref, path, label))
        if not quiet:
            self.run.errand(lambda: self.run.out.append(event))
        if found.handlers:
            self.run.errand(lambda: self.run.handlers.bring(found.handlers))
        return found.nodes
