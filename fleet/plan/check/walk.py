"""Every task of a play that can be seen before it runs, files and roles included by their plain names among them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from fleet.errors import FleetError, InputError
from fleet.plan.check.spot import Spot, always, soft
from fleet.plan.compile import Compiler, NoTasks
from fleet.plan.sources import MissingRole, find_tasks
from fleet.plan.tree import BlockNode, Node, PlanNode, RoleUseNode, TaskNode
from fleet.record import record
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Map, Trusted, has_template, location_of

ENDS = frozenset({"end_play", "end_host", "end_batch", "end_role"})
DEEPEST = 30


@record
class _Place:
    """What the tasks of a stretch share."""

    runs: bool = True
    fatal: bool = True
    handler: bool = False
    depth: int = 0


class Walk:
    """The walk over one play.

    ``open_tasks``/``open_roles``: tasks or roles are included whose names only the run will tell.
    ``roles``: the uses of roles met on the way. ``loops``: an include stands in a loop.
    ``dynamic_roles``: a role of include_role may still be laid by the run, which says itself that it is missing.
    """

    def __init__(
        self,
        plan: PlanNode,
        compiler: Compiler,
        problems: Diagnostics,
        hosts: bool = True,
        *,
        dynamic_roles: bool = False,
    ) -> None:
        """``hosts``: some are known now that the play is for."""
        self.plan = plan
        self._dynamic_roles = dynamic_roles
        self.problems = problems
        self.spots: list[Spot] = []
        self.roles: dict[int, RoleUseNode] = {use.number: use for use in plan.roles}
        self.open_tasks = self.open_roles = self.loops = False
        self._hosts = hosts
        self._reached = True
        self._seen: dict[tuple[str, str], bool] = {}
        # A compiler of its own: what is looked into here must not count as included in the run.
        self._compiler = Compiler(
            plan.play, compiler.sources, problems, compiler.render, compiler.only, compiler.skip, compiler.private
        )
        self._tasks(plan.nodes, _Place())
        self.handlers: list[TaskNode] = []
        self._handlers(plan.handlers)
        self._handlers(self._compiler.handlers)

    def _handlers(self, nodes: list[TaskNode]) -> None:
        for node in list(nodes):
            self.handlers.append(node)
            self._tasks((node,), _Place(handler=True))

    def _tasks(self, nodes: tuple[Node, ...], place: _Place) -> None:
        for node in nodes:
            if isinstance(node, BlockNode):
                body = replace(place, fatal=place.fatal and not node.rescue)
                self._tasks(node.block, body)
                self._tasks(node.rescue, replace(place, runs=False))
                self._tasks(node.always, place)
            else:
                self._task(node, place)

    def _task(self, node: TaskNode, place: _Place) -> None:
        runs = place.runs and always(node.kw.get("when"))
        fatal, reached = place.fatal and not soft(node.kw), self._hosts and self._reached
        spot = Spot(node, runs, fatal, reached, place.handler, place.runs)
        if node.role is not None:
            self.roles.setdefault(node.role.number, node.role)
        if not node.implicit:
            self.spots.append(spot)
        ends = node.action == "meta" and str(node.task.args.get("_raw_params")) in ENDS
        if ends or (node.action == "fail" and runs):
            self._reached = False
        elif node.action in ("include_tasks", "include_role"):
            self.loops = self.loops or node.task.loop is not None
            # What a dynamic include brings is not even read unless the include is come to.
            comes = runs and self._reached and node.task.loop is None and not place.handler
            inner = replace(place, runs=comes, depth=place.depth + 1)
            self._include(spot, replace(inner, fatal=spot.fatal))

    # ---- includes

    def _include(self, spot: Spot, place: _Place) -> None:
        if place.depth > DEEPEST:
            return
        found, self._compiler.problems, self._compiler.included = self._compiler.problems, Diagnostics(), True
        missing = False
        try:
            how: Callable[[Spot, _Place], tuple[Node, ...]]
            how = self._file if spot.node.action == "include_tasks" else self._role
            nodes = how(spot, place)
        except NoTasks as error:
            # It fails the host that comes to it, as Ansible has it, and a rescue catches it.
            self._compiler.problems.late(error.what, error.at, error.hint)
            nodes = ()
        except InputError as error:
            self._compiler.problems.add(error)
            missing = isinstance(error, MissingRole)
            nodes = ()
        inner, self._compiler.problems, self._compiler.included = self._compiler.problems, found, False
        for item in inner.found:
            sure, late = place.runs and place.fatal, item.late or not self._hosts
            sure = sure and not (missing and self._dynamic_roles)
            self.problems.found.append(replace(item, warning=item.warning or not sure, late=late))
        self._tasks(nodes, place)

    def _name(self, spot: Spot, *names: str) -> str | None:
        """The plain name an include gives, rendered where that needs no host; None when only the run can tell."""
        value = next((spot.args[name] for name in names if spot.args.get(name) is not None), None)
        if not isinstance(value, str):
            return None
        if not (isinstance(value, Trusted) and value.is_template):
            return value
        if spot.node.task.loop is not None:
            return None
        try:
            rendered = self._compiler.render(value, list(self._layers(spot.node)))
        except FleetError:
            return None
        return rendered if isinstance(rendered, str) else None

    @staticmethod
    def _layers(node: TaskNode) -> Iterator[Any]:
        yield from (layer for layer in reversed(node.kw.get("vars", ())) if isinstance(layer, dict))
        if node.role is not None:
            yield {"role_path": node.role.role.path}

    def _file(self, spot: Spot, place: _Place) -> tuple[Node, ...]:
        node = spot.node
        name = self._name(spot, "_raw_params", "file")
        if name is None:
            self.open_tasks = True
            return ()
        folders = self._compiler.task_folders(node.task, node.role)
        path = find_tasks(name, folders)
        written = node.task.args.get("_raw_params", node.task.args.get("file"))
        at = location_of(written) or node.task.at
        if path is None:
            spot.say(
                self._compiler.problems, f"Could not find or access the task file {name}", at, _near(name, folders)
            )
            return ()
        if path in node.stack:
            if place.runs:
                raise InputError(f"recursive include of {path}", at=at, hint="give the include a 'when' that ends it")
            return ()
        if self._again(path, node.role, place):
            return ()
        context = self._compiler.include_context(node, {}, path)
        tasks = self._compiler.sources.tasks(path, self._compiler.problems, handlers=node.task.handler)
        return tuple(self._compiler.nodes(tasks, context))

    def _role(self, spot: Spot, place: _Place) -> tuple[Node, ...]:
        node = spot.node
        name = self._name(spot, "name", "role")
        args = {key: value for key, value in spot.args.items() if key != "apply"}
        if name is None or any(has_template(value) for key, value in args.items() if key.endswith("_from")):
            self.open_roles = self.open_tasks = True
            return ()
        context = self._compiler.include_context(node, {}, "")
        use = self._compiler.role_node(name, Map(), context, {**args, "name": name}, node.task.at)
        self.roles.setdefault(use.number, use)
        parents = [parent.role for parent in use.parents]
        if use.role in parents or self._again(f"{use.role.path}:{use.role.tasks_file}", node.role, place):
            return ()
        return tuple(self._compiler.role_body(use, context, tuple(self._compiler.dependencies(use, context))))

    def _again(self, what: str, role: RoleUseNode | None, place: _Place) -> bool:
        """True when this was walked through before, with as much certainty."""
        key = (what, role.role.path if role else "")
        sure = place.runs and place.fatal
        before = self._seen.get(key)
        if before is not None and (before or not sure):
            return True
        self._seen[key] = sure
        return False


def _near(name: str, folders: list[str]) -> str:
    """A file of a similar name in the folders that were searched."""
    base, _, short = name.rpartition("/")
    for folder in folders:
        path = os.path.join(folder, base)
        if os.path.isdir(path) and (hint := suggest(short, os.listdir(path))):
            return hint
    return f"looked in {', '.join(dict.fromkeys(folder or '.' for folder in folders))}"
