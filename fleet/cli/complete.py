"""Words for shell completion: hosts, modules, tasks, tags. Never raises, prints nothing, connects to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from fleet.plan.tree import PlanNode

SEPARATORS = ",:&!"
Complete = Callable[[typer.Context, str], list[str]]


def _silent(find: Callable[[typer.Context, str], Iterable[str]]) -> Complete:
    """``find`` with its words cut to those that go on from what was typed; [] when anything goes wrong."""

    @wraps(find)
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        import contextlib
        import io

        with contextlib.suppress(Exception, SystemExit), contextlib.redirect_stderr(io.StringIO()):
            return [word for word in dict.fromkeys(find(ctx, incomplete)) if word.startswith(incomplete)]
        return []

    return complete


def _joined(incomplete: str, words: Iterable[str], separators: str) -> list[str]:
    """``words`` behind what stands before the last separator of ``incomplete``."""
    end = max(incomplete.rfind(sign) for sign in separators) + 1
    return [incomplete[:end] + word for word in words]


@_silent
def hosts(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Groups and hosts of the inventory, also as the last term of a pattern."""
    import os

    from fleet.cli.session import default_inventory
    from fleet.cli.settings import read
    from fleet.inventory.load import InventoryOptions, load
    from fleet.source.diagnostics import Diagnostics

    sources = ctx.params.get("inventory") or default_inventory(read(os.environ))
    inventory = load(list(sources), options=InventoryOptions(script_timeout=3.0), problems=Diagnostics())
    return _joined(incomplete, [*inventory.groups, *inventory.hosts], SEPARATORS)


@_silent
def modules(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Names of modules, full ones once a dot was typed."""
    from fleet.playbook.registry import known

    return [module.full_name if "." in incomplete else module.name for module in known().values()]


@_silent
def tasks(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Names of the playbooks' tasks."""
    from fleet.plan.startat import names

    return names(_plans(ctx))


@_silent
def tags(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Tags of the playbooks' tasks, also behind a comma."""
    from fleet.plan.tree import tasks_of

    found = {"all", "tagged", "untagged", "always", "never"}
    for plan in _plans(ctx):
        for node in tasks_of(plan.nodes):
            found.update(map(str, node.kw.get("tags", ())))
    return _joined(incomplete, sorted(found), ",")


def _plans(ctx: typer.Context) -> list[PlanNode]:
    """The playbooks typed so far, compiled with templates left as they are."""
    import os

    from fleet.cli.settings import read
    from fleet.plan.compile import Compiler
    from fleet.plan.sources import Places, Sources
    from fleet.playbook.load import load_playbook
    from fleet.source.diagnostics import Diagnostics

    settings = read(os.environ)
    problems = Diagnostics()
    sources = Sources(Places(tuple(settings["ROLES_PATH"]), tuple(settings["COLLECTIONS_PATH"])))
    found = []
    # While completing, words that are no options wait in args.
    for path in ctx.params.get("playbooks") or [word for word in ctx.args if os.path.isfile(word)]:
        for play in load_playbook(path, problems, lambda value, _layers: value).plays:
            compiler = Compiler(play, sources, problems, lambda value, layers: value, frozenset({"all", "never"}))
            found.append(compiler.compile())
    return found
