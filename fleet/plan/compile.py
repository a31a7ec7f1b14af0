"""A play -> PlanNode: roles and static imports expanded, keywords inherited, tags applied, handlers gathered.

``Compiler`` also expands what is included while hosts run, so that both ways share every rule.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fleet.errors import FleetError, InputError, Location, NotThere
from fleet.plan.inherit import inherit, parts
from fleet.plan.sources import Sources, find_tasks
from fleet.plan.tags import selected
from fleet.plan.tree import BlockNode, Node, PlanNode, RoleUseNode, TaskNode
from fleet.playbook import registry
from fleet.playbook.model import Block, Play, RoleUse, Task
from fleet.playbook.model import Node as Written
from fleet.record import record
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import Map, Trusted

FLUSH = "flush_handlers"
DEEPEST = 100
"""How deep includes may nest before it is called a circle."""
StaticRender = Callable[[Any, Sequence[Mapping[str, Any]]], Any]
"""Renders a value with what is known before the run; the mappings are added variables, nearest first."""


class NoTasks(NotThere):
    """An imported file is not there. Where the import stands in an included file, that fails who includes it."""

    def __init__(self, name: str, wanted: str, at: Location | None) -> None:
        super().__init__(f"Could not find or access the task file {name}", at=at)
        self.name = name
        self.wanted = wanted


@record
class Context:
    """Where a piece of the tree stands: what it inherits, its role, and what came with dynamic includes."""

    kw: Mapping[str, Any]
    role: RoleUseNode | None = None
    include_vars: tuple[Mapping[str, Any], ...] = ()
    stack: tuple[str, ...] = ()


@record
class Included:
    """What an include brings: nodes in its place, and handlers of roles."""

    nodes: tuple[Node, ...]
    handlers: tuple[TaskNode, ...]


class Compiler:
    """Compiles one play. ``used`` collects the roles in order; ``handlers`` the handlers of play and roles."""

    def __init__(
        self,
        play: Play,
        sources: Sources,
        problems: Diagnostics,
        render: StaticRender,
        only: frozenset[str] = frozenset(),
        skip: frozenset[str] = frozenset(),
        private: bool | None = None,
    ) -> None:
        """``private``: whether only roles see their variables; None: those of include_role are private."""
        self.private = private
        self.play = play
        self.sources = sources
        self.problems = problems
        self.render = render
        self.only = only
        self.skip = skip
        self.used: list[RoleUseNode] = []
        self._lock = threading.RLock()
        self._included: dict[tuple[Any, ...], Included] = {}
        self.handlers: list[TaskNode] = []
        self.included = False
        """Whether what is compiled now came by a dynamic include."""
        # Those that came with what any host included while it ran.
        self.brought: list[TaskNode] = []
        self._came: list[TaskNode] | None = None

    def compile(self) -> PlanNode:
        """The whole play. Mistakes go to ``problems``."""
        play = self.play
        # Play variables rank below those of roles, those of blocks above: they are a layer of their own.
        kw = inherit({}, {name: value for name, value in play.keywords.items() if name not in ("name", "vars")})
        kw.update({name: value for name, value in play.keywords.items() if value is not None and name not in kw})
        context = Context(inherit({name: value for name, value in kw.items() if name != "vars"}, {}))
        nodes: list[Node] = []
        nodes += self.nodes(play.pre_tasks, context)
        if nodes:
            nodes += self.flush(context)
        imported, self.handlers = self.handlers, []
        roles = [node for use in play.roles for node in self.role_use(use, context)]
        of_roles, self.handlers = self.handlers, imported
        tasks = self.nodes(play.tasks, context)
        nodes += [*roles, *tasks]
        if roles or tasks:
            nodes += self.flush(context)
        post = self.nodes(play.post_tasks, context)
        nodes += post
        if nodes:
            # Even without post_tasks: what a handler notifies that stands before it runs here.
            nodes += self.flush(context)
        # They run in this order, and of one name the last counts: roles', the play's own, those of imported roles.
        self.handlers = [*of_roles, *self.handler_nodes(play.handlers, context), *self.handlers]
        return PlanNode(play, tuple(nodes), self.handlers, self.used, kw)

    def flush(self, context: Context) -> list[TaskNode]:
        """The point after a section where notified handlers run; it counts as tagged ``always``."""
        if not selected(("always",), self.only, self.skip):
            return []
        task = Task("", "meta", Map({"_raw_params": FLUSH}), {}, self.play.at)
        return [TaskNode(task, "meta", context.kw, implicit=True)]

    def nodes(self, written: Sequence[Written], context: Context) -> list[Node]:
        """Compile a list of tasks and blocks; what the tags leave out is gone."""
        made: list[Node] = []
        for node in written:
            if isinstance(node, Block):
                made += self.block(node, context)
            else:
                made += self.task(node, context)
        return made

    def block(self, block: Block, context: Context, starts: RoleUseNode | None = None) -> list[Node]:
        inner = replace(context, kw=inherit(context.kw, block.keywords))
        body = tuple(self.nodes(block.block, inner))
        rescue = tuple(self.nodes(block.rescue, inner))
        always = tuple(self.nodes(block.always, inner))
        if not (body or rescue or always):
            return []
        return [BlockNode(inner.kw, body, rescue, always, starts, block.name)]

    def task(self, task: Task, context: Context) -> list[Node]:
        module = registry.resolve(task.action) or registry.resolve(self.sources.aliases.get(task.action, ""))
        action = module.name if module else task.action
        if action in ("import_tasks", "import_role"):
            return self.import_(task, action, context)
        if action == "meta" and task.args.get("_raw_params") == "end_role" and (task.handler or context.role is None):
            where = "from a handler" if task.handler else "from outside of a role"
            # Begins as people's scripts look for it; the place comes behind.
            self.problems.error(f"Cannot execute 'end_role' {where}", hint=f"it stands at {task.at}" if task.at else "")
        kw = inherit(context.kw, task.keywords)
        own = {name: value for name, value in task.keywords.items() if value is not None and name != "name"}
        kw.update({name: value for name, value in own.items() if name not in kw})
        if not task.handler and not self.tagged(kw, context):
            return []
        return [TaskNode(task, action, kw, context.role, context.include_vars, context.kw, context.stack)]

    def tagged(self, kw: Mapping[str, Any], context: Context) -> bool:
        if not self.only and not self.skip and not kw.get("tags"):
            return True
        return selected(self.tags(kw, context), self.only, self.skip)

    def tags(self, kw: Mapping[str, Any], context: Context) -> list[str]:
        """The tags in force, rendered."""
        found: list[str] = []
        for tag in kw.get("tags", ()):
            if isinstance(tag, Trusted) and tag.is_template:
                tag = self.try_render(tag, context)
            found += [str(part) for part in parts("tags", tag)]
        return found

    def try_render(self, value: Any, context: Context) -> Any:
        """``value`` rendered with static variables; a mistake is recorded and the value left as it is."""
        layers = [*context.kw.get("vars", ())[::-1], *context.include_vars]
        layers.append({"playbook_dir": os.path.abspath(self.play.folder)})
        if context.role:
            layers.append({"role_path": context.role.role.path, "role_name": context.role.role.name})
            layers += [context.role.params, context.role.role.vars, context.role.role.defaults]
        try:
            return self.render(value, layers)
        except FleetError as error:
            self.problems.error(error.what, getattr(value, "at", None) or error.at, error.hint)
            return value

    def import_(self, task: Task, action: str, context: Context) -> list[Node]:
        own = {name: value for name, value in task.keywords.items() if name not in ("name", "register")}
        if task.loop is not None:
            self.problems.error(
                f"you cannot use loops on '{action}' statements", task.at, f"use {action.replace('import', 'include')}"
            )
            return []
        inner = replace(context, kw=inherit(context.kw, own))
        try:
            if action == "import_role":
                return self.import_role(task, inner)
            return self.import_tasks(task, inner)
        except NoTasks as error:
            if self.included:
                raise
            self.problems.add(error)
            return []
        except InputError as error:
            self.problems.add(error)
            return []

    def import_tasks(self, task: Task, context: Context) -> list[Node]:
        name = task.args.get("_raw_params", task.args.get("file"))
        if not isinstance(name, str):
            raise InputError("import_tasks needs the name of a file", at=task.at)
        rendered = str(self.try_render(name, context))
        path = find_tasks(rendered, self.task_folders(task, context.role))
        if path is None:
            wanted = os.path.normpath(os.path.join(task.folder, rendered))
            raise NoTasks(rendered, wanted, getattr(name, "at", None) or task.at)
        if path in context.stack:
            raise InputError(f"recursive import of {path}", at=getattr(name, "at", task.at))
        written = self.sources.tasks(path, self.problems, handlers=task.handler)
        nodes = self.nodes(written, replace(context, stack=(*context.stack, path)))
        return [BlockNode(context.kw, tuple(nodes))] if nodes else []

    def task_folders(self, task: Task, role: RoleUseNode | None) -> list[str]:
        """Where an included file of tasks is looked for: beside the file that includes it, role, playbook."""
        folders = [task.folder]
        while role is not None:
            folders += [os.path.join(role.role.path, "tasks"), role.role.path]
            if task.handler:
                folders.append(os.path.join(role.role.path, "handlers"))
            role = role.parents[0] if role.parents else None
        return [*folders, self.play.folder, os.path.join(self.play.folder, "tasks")]

    def import_role(self, task: Task, context: Context) -> list[Node]:
        args = {key: self.try_render(value, context) for key, value in task.args.items()}
        name = args.get("name", args.get("role"))
        if not isinstance(name, str):
            raise InputError("import_role needs 'name'", at=task.at)
        use = self.role_node(name, Map(), context, args, task.at)
        use = replace(
            use,
            allow_duplicates=str(args.get("allow_duplicates", True)).lower() not in ("false", "no"),
            public=self.public(args, otherwise=True),
        )
        self.used.append(use)
        return self.role_body(use, context, tuple(self.dependencies(use, context)))

    def public(self, args: Mapping[str, Any], *, otherwise: bool) -> bool:
        """Whether the play sees a role's variables: as its use says, the settings, or ``otherwise``."""
        if args.get("public") is not None:
            return str(args["public"]).lower() not in ("false", "no", "0", "off")
        return otherwise if self.private is None else not self.private

    def role_node(
        self, name: str, params: Mapping[str, Any], context: Context, args: Mapping[str, Any], at: Location | None
    ) -> RoleUseNode:
        """Load a role with ``tasks_from`` and friends out of ``args``."""
        chosen = {kind: os.path.splitext(str(args[f"{kind}_from"]))[0] if str(args[f"{kind}_from"]).endswith(
            (".yml", ".yaml", ".json")) else str(args[f"{kind}_from"])
            for kind in ("tasks", "vars", "defaults", "handlers") if args.get(f"{kind}_from")}  # fmt: skip
        parents = (context.role, *context.role.parents) if context.role else ()
        names = [str(item) for item in context.kw.get("collections", ())]
        beside = os.path.dirname(context.role.role.path) if context.role else ""
        role = self.sources.role(
            name, self.play.folder, self.problems, parts=chosen, at=at, beside=beside, collections=names
        )
        if (
            any(parent.role.path == role.path and not chosen for parent in parents)
            and context.stack.count(role.path) > 3
        ):
            raise InputError(f"the role '{name}' uses itself", at=at)
        entry = chosen.get("tasks", "main") if args.get("rolespec_validate", True) not in (False, "no", "false") else ""
        return RoleUseNode(
            role, params, parents, allow_duplicates=bool(role.allow_duplicates), entry=entry, called=bool(args)
        )

    def role_use(self, use: RoleUse, context: Context) -> list[Node]:
        """An entry of ``roles:`` or a dependency."""
        inner = replace(context, kw=inherit(context.kw, use.keywords))
        name = str(self.try_render(use.name, inner))
        try:
            # Before its dependencies, which know it as their parent.
            node = replace(self.role_node(name, use.params, inner, {}, use.at), public=self.public({}, otherwise=True))
            if node.role.path in context.stack:
                raise InputError(f"the role '{name}' depends on itself", at=use.at)
            inner = replace(inner, stack=(*context.stack, node.role.path))
            dependencies = self.dependencies(node, inner)
        except InputError as error:
            self.problems.add(error)
            return []
        self.used.append(node)
        return [*self.role_body(node, inner, tuple(dependencies))]

    def dependencies(self, use: RoleUseNode, context: Context) -> list[Node]:
        inner = replace(context, role=use)
        return [node for dependency in use.role.dependencies for node in self.role_use(dependency, inner)]

    def role_body(self, use: RoleUseNode, context: Context, before: tuple[Node, ...] = ()) -> list[Node]:
        """The role's tasks as one block, its handlers added to the play's."""
        inner = replace(context, role=use)
        own = tuple(dict.fromkeys(name for name in (use.role.collection, *use.role.collections) if name))
        if own:
            # A role that belongs to a collection, or names some, sees none of the play's.
            inner = replace(inner, kw={**context.kw, "collections": own})
        # Each use brings its own: they inherit its keywords and variables.
        came = self.handler_nodes(use.role.handlers, replace(inner, kw=inherit(inner.kw, {})))
        if self._came is None:
            self.handlers += came
        else:
            self._came += came
        body = self.nodes(use.role.tasks, inner)
        spec = use.role.argument_specs.get(use.entry)
        if spec is not None:
            body.insert(0, self.argument_check(use, inner, spec))
        made: list[Node] = list(before)
        if body:
            made.append(BlockNode(inner.kw, tuple(body), starts=use))
        return made

    def argument_check(self, use: RoleUseNode, context: Context, spec: Any) -> TaskNode:
        """The implicit task that checks a role's arguments."""
        options = spec.get("options") or {} if isinstance(spec, dict) else {}
        title = f" - {spec['short_description']}" if isinstance(spec, dict) and spec.get("short_description") else ""
        where = {
            "type": "role",
            "name": os.path.basename(use.role.path),
            "argument_spec_name": use.entry,
            "path": use.role.path,
        }
        args = Map({"argument_spec": options, "validate_args_context": where})
        name = f"Validating arguments against arg spec '{use.entry}'{title}"
        task = Task(name, "validate_argument_spec", args, {}, self.play.at)
        kw = inherit(context.kw, {"tags": ["always"]})
        return TaskNode(task, "validate_argument_spec", kw, use, context.include_vars, implicit=True)

    # ---- what hosts include while they run

    def include_tasks(self, node: TaskNode, path: str, layer: Mapping[str, Any]) -> Included:
        """The nodes of a file of tasks included at ``node``; ``layer`` holds the loop's variables.

        Raises InputError with the first mistake in the file.
        """
        key = (node.number, os.path.realpath(path), repr(layer))
        with self._lock:
            if key not in self._included:
                with self.apart() as handlers:
                    context = self.include_context(node, layer, path)
                    written = self.sources.tasks(path, self.problems, handlers=node.task.handler)
                    nodes = self.nodes(written, context)
                    self.problems.stop()
                self._included[key] = Included(tuple(nodes), tuple(handlers))
            return self._included[key]

    def include_role(self, node: TaskNode, args: Mapping[str, Any], layer: Mapping[str, Any]) -> Included:
        """The nodes of a role included at ``node``. Raises InputError."""
        key = (node.number, repr(sorted(args.items(), key=str)), repr(layer))
        with self._lock:
            if key not in self._included:
                with self.apart() as handlers:
                    context = self.include_context(node, layer, "")
                    use = self.role_node(str(args["name"]), Map(), context, args, node.task.at)
                    once = args.get("allow_duplicates") is False
                    use = replace(use, allow_duplicates=not once, public=self.public(args, otherwise=False))
                    if use.public:
                        self.used.append(use)
                    nodes = self.role_body(use, context, tuple(self.dependencies(use, context)))
                    self.problems.stop()
                self._included[key] = Included(tuple(nodes), tuple(handlers))
            return self._included[key]

    @contextlib.contextmanager
    def apart(self) -> Iterator[list[TaskNode]]:
        """Mistakes and handlers that come up inside are for themselves; gives the handlers."""
        problems, self.problems, self.included = self.problems, Diagnostics(), True
        # ``handlers`` stays as it is: other hosts' threads are reading it.
        found = self._came = list[TaskNode]()
        try:
            yield found
        finally:
            self.problems, self._came, self.included = problems, None, False
        self.brought += found

    def include_context(self, node: TaskNode, layer: Mapping[str, Any], path: str) -> Context:
        """What included tasks inherit: the place of the include, its ``apply`` and its variables."""
        if len(node.stack) > DEEPEST:
            raise InputError(f"recursive include of {path or node.task.name}", at=node.task.at)
        kw = inherit(node.outer, {})
        apply = node.task.args.get("apply")
        if isinstance(apply, dict):
            kw = inherit(kw, apply)
        own = node.task.keywords.get("vars")
        layers = tuple(item for item in (layer, own) if isinstance(item, dict) and item)
        stack = (*node.stack, path)
        return Context(kw, node.role, (*layers, *node.include_vars), stack)

    def handler_nodes(self, written: Sequence[Written], context: Context) -> list[TaskNode]:
        """Handlers, flat: a block of handlers gives its keywords to each."""
        found: list[TaskNode] = []
        for node in self.nodes(written, context):
            found += _flat(node)
        return found


def _flat(node: Node) -> list[TaskNode]:
    if isinstance(node, TaskNode):
        return [node]
    return [task for child in node.block for task in _flat(child)]
