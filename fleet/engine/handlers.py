"""Handlers: which ones a name notifies, which are due, which run although the host failed. Part of HostRun."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby
from typing import TYPE_CHECKING

from fleet.engine import cursor as at
from fleet.engine import report
from fleet.engine.flight import Flight
from fleet.engine.instructions import Emit
from fleet.engine.variables import task_scope
from fleet.errors import EndsRun, FleetError
from fleet.plan.tree import Node, TaskNode
from fleet.template.errors import Pending

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


def plain_names(name: str, handler: TaskNode) -> set[str]:
    """What a handler may be called to answer to ``name``, which may have its role in front: "role : name".

    A role of a collection is named in full or by its last part.
    """
    return {name, *(name.removeprefix(f"{each} : ") for each in role_names(handler))}


def role_names(handler: TaskNode) -> set[str]:
    role = handler.role.role.name if handler.role else ""
    return {role, role.rpartition(".")[2]} - {""}


def place_of(handler: TaskNode) -> tuple[str, object]:
    """Where a handler is written: equal for what Ansible counts as the same one, however often its role is used."""
    return handler.role.role.path if handler.role else "", handler.task.at


class Handlers:
    """Knows the handlers of one host's play and roles."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play
        self.plain: set[str] = set()
        self.counted = 0
        # Those of the roles that this host has included, in order: what the others include, and when, is
        # a matter of speed.
        self.own: list[TaskNode] = []

    def bring(self, handlers: Sequence[TaskNode]) -> None:
        """Take the handlers of what was included. They take the place of those that the same role brought before."""
        if not handlers:
            return
        new = {place_of(node): node.number for node in handlers}
        for node in self.all():
            number = new.get(place_of(node))
            if number is not None and node.number in self.run.notified:
                del self.run.notified[node.number]
                self.run.notified[number] = None
        self.own = [*(node for node in self.own if place_of(node) not in new), *handlers]

    def all(self) -> list[TaskNode]:
        """The host's handlers in the order they run."""
        return [*self.run.compiler.handlers, *self.own]

    def handlers_called(self, name: str) -> list[int]:
        """The numbers of the handlers that ``name`` notifies: by name the last one, by listen all."""
        numbers = self.matching(name, self.all())
        if not numbers and (numbers := self.matching(name, self.run.compiler.brought)):
            # Only others have included their role.
            self.bring([node for node in self.run.compiler.brought if node.number in numbers])
        return numbers

    def matching(self, name: str, handlers: Sequence[TaskNode]) -> list[int]:
        """Of the handlers of each use of a role, the last use first: the first by name, all that listen."""
        uses = [list(nodes) for _, nodes in groupby(handlers, key=lambda node: id(node.role))]
        chosen: list[int] = []
        listening: list[int] = []
        seen: set[str] = set()
        for node in chain.from_iterable(reversed(uses)):
            title, meant = self.title(node), plain_names(name, node)
            if not chosen and title in meant:
                chosen.append(node.number)
            topics = node.kw.get("listen")
            if topics is None or not meant & set(topics if isinstance(topics, list) else [topics]):
                continue
            if not title or title not in seen:
                seen.add(title)
                listening.append(node.number)
        return chosen + [number for number in listening if number not in chosen]

    def title(self, node: TaskNode) -> str:
        """A handler's name, rendered; empty where it cannot be, which is told if nothing else can call it."""
        written = node.task.name
        if "{{" not in written:
            return str(written)
        try:
            return str(self.play.world.templar.render(written, task_scope(self.play, self.run.state, node)))
        except FleetError as error:
            if not node.kw.get("listen"):
                self.play.world.templar.warn(
                    f"Handler '{written}' is unusable: it listens to nothing, and its name cannot be templated: {error}"
                )
            return ""

    def unsure(self, node: TaskNode) -> bool:
        """True when a task may notify what no handler answers to. That ends the run: nothing is sent behind it."""
        if not self.play.world.options.missing_handler_fatal:
            return False
        known = self.plainly_known()
        doubtful = [topic for topic in node.kw.get("notify") or () if topic not in known]
        if not doubtful:
            return False
        try:
            names = self.play.world.templar.render(doubtful, self.run.special.scope(node))
        except (FleetError, Pending):
            return True
        flat = [name for each in names for name in (each if isinstance(each, list) else [each])]
        return not all(self.handlers_called(str(name)) for name in flat)

    def plainly_known(self) -> set[str]:
        """What handlers can be called without anything being rendered."""
        handlers = [*self.run.compiler.handlers, *self.run.compiler.brought]
        if len(handlers) != self.counted:
            self.counted = len(handlers)
            for node in handlers:
                topics = node.kw.get("listen") or ()
                for name in (node.task.name, *(topics if isinstance(topics, list) else [topics])):
                    if name and "{{" not in str(name):
                        self.plain |= {str(name), *(f"{role} : {name}" for role in role_names(node))}
        return self.plain

    def missing_handler(self, name: str, flight: Flight) -> None:
        text = (
            f"The requested handler '{name}' was not found in either the main handlers list nor in the "
            "listening handlers list"
        )
        if self.play.world.options.missing_handler_fatal:
            assert flight.node is not None
            task = flight.node.task
            self.run.special.end_run(EndsRun(text, at=task.source.key_at("notify") or task.at))
        else:
            self.run.out.append(Emit(report.warned(self.run.state.name, flight, text)))

    def due(self) -> tuple[Node, ...]:
        """The notified handlers in the order they are defined; they count as run."""
        notified, self.run.notified = self.run.notified, {}
        return tuple(node for node in self.all() if node.number in notified)

    def keep_rest(self, here: at.Cursor) -> None:
        """A flush ends early, and ``here`` is what would have come next: the handlers left over stay notified, for
        the next flush or where the play forces handlers. Where a section of the play ends, they are given up, as
        in ansible-core."""
        for depth, frame in enumerate(here):
            if frame.section == "handlers" and not getattr(at.current(here[:depth]), "implicit", False):
                # A handler that is an include, and is being carried out, is not left over.
                rest = self.run.cursor[depth].nodes[frame.place + (depth < len(here) - 1) :]
                self.run.notified.update({node.number: None for node in rest if isinstance(node, TaskNode)})

    def join(self) -> None:
        """Handlers notified by one that runs: those defined behind it run now, the others at the next flush."""
        run = self.run
        depth = next((i for i, frame in enumerate(run.cursor) if frame.section in ("handlers", "forced")), None)
        if depth is None or not run.notified:
            return
        frame = run.cursor[depth]
        place = {node.number: index for index, node in enumerate(self.all())}
        numbers = [node.number for node in frame.nodes if isinstance(node, TaskNode)]
        # A handler that is an include, and is being carried out, has its place already.
        split = frame.place + (depth < len(run.cursor) - 1)
        here = max((place.get(number, -1) for number in numbers[:split]), default=-1)
        late = [number for number in run.notified if place[number] > here]
        for number in late:
            del run.notified[number]
        wanted = {*late, *numbers[split:]}
        rest = tuple(node for node in self.all() if node.number in wanted)
        nodes = frame.nodes[:split] + rest
        run.cursor = (*run.cursor[:depth], frame._replace(nodes=nodes), *run.cursor[depth + 1 :])

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
