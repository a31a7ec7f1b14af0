"""``fleet inventory``: show hosts, groups and variables as ansible-inventory does. Values are shown unrendered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.errors import FleetError, OptionsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fleet.inventory.model import Inventory
    from fleet.source.diagnostics import Diagnostics

app = typer.Typer(help="Show the hosts, groups and variables of an inventory.", no_args_is_help=True)

Sources = Annotated[
    list[str] | None,
    typer.Option("--inventory", "-i", help="Inventory file, folder, script or 'host1,host2,'. Repeatable."),
]
Limit = Annotated[str | None, typer.Option("--limit", "-l", help="Only these hosts: a pattern or @file.")]
PlaybookDir = Annotated[
    str, typer.Option("--playbook-dir", help="Folder whose group_vars and host_vars count too.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsYaml = Annotated[bool, typer.Option("--yaml", "-y", help="Print YAML.")]


@app.command("list")
def list_(
    pattern: Annotated[str, typer.Argument(help="Which hosts, like 'web:&prod'.")] = "all",
    inventory: Sources = None,
    limit: Limit = None,
    playbook_dir: PlaybookDir = ".",
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    variables: Annotated[bool, typer.Option("--vars", help="Print each host's variables.")] = False,
    export: Annotated[bool, typer.Option("--export", help="Leave variables where they are defined.")] = False,
) -> None:
    """List the hosts a pattern chooses. ``--json`` prints what ``ansible-inventory --list`` prints."""

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape

        chosen = _chosen(inv, pattern, limit, problems)
        if as_yaml:
            return _yaml(shape.tree(inv, _only(inv, chosen), export=export))
        if as_json or export:
            return _json(shape.listing(inv, _only(inv, chosen), export=export))
        if variables:
            return _yaml({name: shape.plain(inv.merged_vars(name)) for name in chosen})
        return "".join(f"{name}\n" for name in chosen)

    _run(inventory, playbook_dir, show)


@app.command()
def graph(
    group: Annotated[str, typer.Argument(help="The group to start from.")] = "all",
    inventory: Sources = None,
    limit: Limit = None,
    playbook_dir: PlaybookDir = ".",
    variables: Annotated[bool, typer.Option("--vars", help="Show variables too.")] = False,
) -> None:
    """Draw the groups and their hosts as a tree."""

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape
        from fleet.source.diagnostics import suggest

        if group not in inv.groups:
            raise OptionsError(f"unknown group {group!r}", hint=suggest(group, inv.groups))
        only = None if limit is None else _only(inv, _chosen(inv, "all", limit, problems))
        return "".join(f"{line}\n" for line in shape.graph(inv, group, only, variables=variables))

    _run(inventory, playbook_dir, show)


@app.command()
def host(
    name: Annotated[str, typer.Argument(help="The host.")],
    inventory: Sources = None,
    limit: Limit = None,
    playbook_dir: PlaybookDir = ".",
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
) -> None:
    """Print one host's variables; JSON unless ``--yaml`` is given."""

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape

        found = inv.host(name)
        if limit is not None:
            _chosen(inv, found.name, limit, problems)
        values = inv.merged_vars(found.name)
        return _yaml(shape.plain(values)) if as_yaml and not as_json else _json(shape.for_json(values))

    _run(inventory, playbook_dir, show)


def default_sources() -> list[str]:
    """The inventory when none is named: what is configured, ``/etc/ansible/hosts``, ``./inventory``."""
    from fleet.cli.session import default_inventory
    from fleet.cli.settings import read

    return default_inventory(read(os.environ))


def _run(sources: list[str] | None, playbook_dir: str, show: Callable[[Inventory, Diagnostics], str]) -> None:
    """Load, let ``show`` make the text, print it; mistakes go to standard error and decide the exit code."""
    from fleet.inventory.load import load
    from fleet.source.diagnostics import Diagnostics
    from fleet.source.diagnostics import show as say

    problems = Diagnostics()
    text, code = "", 0
    try:
        inv = load(sources or default_sources(), playbook_dirs=[playbook_dir], problems=problems)
        problems.stop()
        text = show(inv, problems)
        problems.stop()
    except FleetError as error:
        from fleet.cli.complain import complain

        complain(error)
        code = error.code
    for warning in problems.warnings:
        typer.echo(say(warning), err=True)
    if code:
        raise typer.Exit(code)
    typer.echo(text, nl=False)


def _chosen(inv: Inventory, pattern: str, limit: str | None, problems: Diagnostics) -> list[str]:
    from fleet.inventory import patterns

    chosen = patterns.select(inv, pattern, limit, policy=patterns.Policy(problems=problems))
    # An empty inventory is a fact to be shown; a pattern or limit that leaves nothing is a mistake.
    if pattern != "all" or limit is not None:
        patterns.require(chosen, limit)
    return chosen


def _only(inv: Inventory, chosen: list[str]) -> set[str] | None:
    return None if len(chosen) == len(inv.hosts) else set(chosen)


def _json(value: Any) -> str:
    import json

    return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def _yaml(value: Any) -> str:
    import yaml

    return str(yaml.safe_dump(value, default_flow_style=False, allow_unicode=True, sort_keys=True))
