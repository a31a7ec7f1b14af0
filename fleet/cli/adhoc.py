"""One task on the hosts of a pattern, without a playbook: what run, ping and facts have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fleet.errors import InputError, Location, OptionsError

if TYPE_CHECKING:
    from fleet.cli.session import Session
    from fleet.events import Event, TaskResult

TYPED = Location("-a")


def one_task(session: Session, pattern: str, module: str, args: str | Mapping[str, Any], **keywords: Any) -> list[str]:
    """Make ``session.plays`` a play of one task and check it; give its hosts.

    Raises OptionsError for an unknown module or arguments that make no sense, Rejected for mistakes
    in the inventory and for a task that can be in no such play.
    """
    import os

    from fleet.cli.outputs import show_warnings
    from fleet.engine.prepare import prepare_play
    from fleet.plan.check import check
    from fleet.plan.sources import Sources
    from fleet.playbook.load import load_play
    from fleet.source.diagnostics import Diagnostics
    from fleet.source.nodes import Map, trust_all

    session.problems.stop()
    module = _rendered(module, session)
    problems = Diagnostics()
    entry = {"name": "Ad hoc", "hosts": pattern, "gather_facts": False}
    path = os.path.join(session.given.playbook_dir or ".", "-a")
    task = _task(module, args, keywords, session.world.templar.foreign_module(module))
    play = load_play(Map({**trust_all(entry), "tasks": [task]}), path, problems)
    if play is not None:
        sources = Sources(session.options.places, session.world.templar.vault.text)
        made = prepare_play(path, play, session.world, sources, problems)
        problems.stop()
        check([made], session.world.templar, problems, session.world.inventory, session.options.extra_vars)
        session.plays = [made]
    if problems.errors:
        first = problems.errors[0]
        raise OptionsError("; ".join(item.what for item in problems.errors), at=first.at, hint=first.hint)
    session.problems.found += problems.found
    show_warnings(session.problems.warnings)
    return session.plays[0].hosts


def _rendered(module: str, session: Session) -> str:
    """The module's name, which may be a template of extra variables."""
    if "{{" not in module:
        return module
    from fleet.source.nodes import trust
    from fleet.template.scope import Scope

    templar = session.world.templar
    return str(templar.render(trust(module, TYPED), Scope((session.options.extra_vars,), templar)))


def _task(module: str, args: str | Mapping[str, Any], keywords: Mapping[str, Any], foreign: str = "") -> Any:
    """The task as a playbook would have it. ``foreign``: the file of a module that is not fleet's."""
    from fleet.playbook import registry
    from fleet.source.diagnostics import suggest
    from fleet.source.nodes import Map, trust_all

    if registry.resolve(module) is None and not foreign:
        raise OptionsError(
            f"there is no module {module!r}", hint=suggest(module, registry.known()) or "see fleet modules"
        )
    return Map({module: trust_all(_arguments(module, args), TYPED), **keywords}, at=TYPED)


def _arguments(module: str, args: str | Mapping[str, Any]) -> Any:
    from fleet.playbook.arguments import FREE_FORM, parse
    from fleet.source.yaml import load

    if not isinstance(args, str):
        return dict(args)
    if args.lstrip().startswith("{") and not args.lstrip().startswith(("{{", "{%", "{#")):
        try:
            value = load(args, TYPED.path)
        except InputError as error:
            raise OptionsError(error.what, at=error.at, hint=error.hint) from None
        return value
    try:
        found = parse(args, module, TYPED)
    except InputError as error:
        raise OptionsError(error.what, at=error.at, hint=error.hint) from None
    short = module.rpartition(".")[2]
    if short in FREE_FORM and short not in ("script", "meta") and not found:
        raise OptionsError(f"the module {module} needs arguments", hint="give them with -a, such as -a 'uptime'")
    return found or None


class Collector:
    """A sink that keeps each host's result, when it came, and when the host was first heard of.

    Clocks are in seconds of the run.
    """

    def __init__(self) -> None:
        self.results: dict[str, TaskResult] = {}
        self.started: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.warnings: dict[str, None] = {}

    def feed(self, event: Event) -> None:
        """Take one event."""
        from fleet.events import HostActivity, TaskResult, Warned

        match event:
            case TaskResult():
                self.results[event.host] = event
                self.ended[event.host] = event.clock
            case HostActivity():
                self.started.setdefault(event.host, event.clock)
            case Warned():
                self.warnings[event.message] = None

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Nothing to let go of."""

    def failed(self) -> dict[str, str]:
        """Host -> why it has no good result."""
        bad = {name: event for name, event in self.results.items() if event.status in ("failed", "unreachable")}
        return {name: str(event.result.get("msg") or "failed without a message") for name, event in bad.items()}


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key under which web2 comes before web10."""
    import re

    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
