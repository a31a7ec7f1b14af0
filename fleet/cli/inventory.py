"""``fleet inventory``: show hosts, groups and variables as ansible-inventory does. Values are shown unrendered."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.cli import options as o
from fleet.cli.inventory_classic import NAME, Either, classic, written_to
from fleet.errors import FleetError, OptionsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fleet.cli.vaults import VaultOptions
    from fleet.inventory.model import Inventory
    from fleet.source.diagnostics import Diagnostics

app = typer.Typer(
    help="Show the hosts, groups and variables of an inventory. "
    "Also takes ansible-inventory's --list, --graph and --host in place of a command.",
    no_args_is_help=True,
    cls=Either,
)
app.command(NAME, hidden=True)(classic)

Sources = Annotated[
    list[str] | None,
    typer.Option("--inventory", "-i", help="Inventory file, folder, script or 'host1,host2,'. Repeatable."),
]
Limit = Annotated[str | None, typer.Option("--limit", "-l", help="Only these hosts: a pattern or @file.")]
PlaybookDir = Annotated[str, typer.Option("--playbook-dir", help="Folder whose group_vars and host_vars count too.")]
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
    vault_password_file: o.VaultPasswordFile = None,
    vault_id: o.VaultId = None,
    ask_vault_pass: o.AskVaultPass = False,
    variables: Annotated[bool, typer.Option("--vars", help="Print each host's variables.")] = False,
    export: Annotated[bool, typer.Option("--export", help="Leave variables where they are defined.")] = False,
) -> None:
    """List the hosts a pattern chooses. ``--json`` prints what ``ansible-inventory --list`` prints."""

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape

        chosen = chosen_hosts(inv, pattern, limit, problems)
        if as_yaml:
            return yaml_text(shape.tree(inv, only_these(inv, chosen), export=export))
        if as_json or export:
            return json_text(shape.listing(inv, only_these(inv, chosen), export=export))
        if variables:
            return yaml_text({name: shape.plain(inv.merged_vars(name)) for name in chosen})
        return "".join(f"{name}\n" for name in chosen)

    print_inventory(inventory, playbook_dir, show, vault=(vault_id, vault_password_file, ask_vault_pass))


@app.command()
def graph(
    group: Annotated[str, typer.Argument(help="The group to start from.")] = "all",
    inventory: Sources = None,
    limit: Limit = None,
    playbook_dir: PlaybookDir = ".",
    variables: Annotated[bool, typer.Option("--vars", help="Show variables too.")] = False,
    vault_password_file: o.VaultPasswordFile = None,
    vault_id: o.VaultId = None,
    ask_vault_pass: o.AskVaultPass = False,
) -> None:
    """Draw the groups and their hosts as a tree."""

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape
        from fleet.source.diagnostics import suggest

        if group not in inv.groups:
            raise OptionsError(f"unknown group {group!r}", hint=suggest(group, inv.groups))
        only = None if limit is None else only_these(inv, chosen_hosts(inv, "all", limit, problems))
        return "".join(f"{line}\n" for line in shape.graph(inv, group, only, variables=variables))

    print_inventory(inventory, playbook_dir, show, vault=(vault_id, vault_password_file, ask_vault_pass))


@app.command()
def host(
    name: Annotated[str, typer.Argument(help="The host.")],
    inventory: Sources = None,
    limit: Limit = None,
    playbook_dir: PlaybookDir = ".",
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    vault_password_file: o.VaultPasswordFile = None,
    vault_id: o.VaultId = None,
    ask_vault_pass: o.AskVaultPass = False,
) -> None:
    """Print one host's variables; JSON unless ``--yaml`` is given."""

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape

        found = inv.host(name)
        if limit is not None:
            chosen_hosts(inv, found.name, limit, problems)
        values = inv.merged_vars(found.name)
        return yaml_text(shape.plain(values)) if as_yaml and not as_json else json_text(shape.for_json(values))

    print_inventory(inventory, playbook_dir, show, vault=(vault_id, vault_password_file, ask_vault_pass))


def default_sources() -> list[str]:
    """The inventory when none is named: what is configured, ``/etc/ansible/hosts``, ``./inventory``."""
    from fleet.cli.session import default_inventory
    from fleet.cli.settings import read

    return default_inventory(read(os.environ))


def print_inventory(
    sources: list[str] | None,
    playbook_dir: str,
    show: Callable[[Inventory, Diagnostics], str],
    *,
    extra_vars: Mapping[str, Any] | None = None,
    lenient: bool = False,
    output: str | None = None,
    vault: VaultOptions = (None, None, False),
    flush_cache: bool = False,
    verbosity: int = 0,
) -> None:
    """Load, let ``show`` make the text, print it; mistakes go to standard error and decide the exit code.

    With ``lenient`` a source that cannot be read only gives a warning, as for ansible-inventory.
    """
    from fleet.cli.reading import inventory_options, inventory_plugins
    from fleet.cli.settings import read
    from fleet.cli.vaults import lazily
    from fleet.inventory.load import load
    from fleet.source.diagnostics import Diagnostics
    from fleet.source.diagnostics import show as say

    problems = Diagnostics()
    text, code = "", 0
    try:
        settings = read(os.environ)
        opened = lazily(settings, vault)
        options = inventory_options(
            settings, extra_vars or {}, lenient=lenient, flush_cache=flush_cache,
            decrypt=lambda data, path: opened().open(data, path),
            plugins=inventory_plugins(settings, opened, playbook_dir, verbosity),
        )  # fmt: skip
        inv = load(sources or default_sources(), playbook_dirs=[playbook_dir], options=options, problems=problems)
        problems.stop()
        text = show(inv, problems)
        problems.stop()
    except FleetError as error:
        from fleet.cli.complain import complain

        complain(error)
        code = error.code
    for warning in problems.warnings:
        typer.echo(f"[WARNING]: {say(replace(warning, warning=False))}", err=True)
    if code:
        raise typer.Exit(code)
    written_to(output, text)


def chosen_hosts(inv: Inventory, pattern: str, limit: str | None, problems: Diagnostics) -> list[str]:
    """The hosts of ``pattern`` that ``limit`` leaves. Raises OptionsError for none where something was asked for."""
    from fleet.inventory import patterns

    chosen = patterns.select(inv, pattern, limit, policy=patterns.Policy(problems=problems))
    # An empty inventory is a fact to be shown; a pattern or limit that leaves nothing is a mistake.
    if pattern != "all" or limit is not None:
        patterns.require(chosen, limit)
    return chosen


def only_these(inv: Inventory, chosen: list[str]) -> set[str] | None:
    """``chosen`` as a set, or None when that is all hosts."""
    return None if len(chosen) == len(inv.hosts) else set(chosen)


def json_text(value: Any) -> str:
    """As ansible-inventory writes JSON."""
    import json

    return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def yaml_text(value: Any) -> str:
    """As ansible-inventory writes YAML."""
    import yaml

    return str(yaml.safe_dump(value, default_flow_style=False, allow_unicode=True, sort_keys=True))
