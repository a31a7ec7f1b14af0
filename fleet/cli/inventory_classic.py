"""``fleet inventory --list``, ``--graph`` and ``--host``: the options of ansible-inventory, without a subcommand."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from fleet.cli import options as o
from fleet.errors import OptionsError

if TYPE_CHECKING:
    from fleet.inventory.model import Inventory
    from fleet.source.diagnostics import Diagnostics

NAME = "classic"
_ACTIONS = ("--list", "--graph", "--host")


class Either(TyperGroup):
    """A group of commands that also takes one of ansible-inventory's actions in place of a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Send a command line with such an action to the command for it."""
        if any(word.partition("=")[0] in _ACTIONS for word in args) and not (args and args[0] in self.commands):
            args = [NAME, *args]
        return super().parse_args(ctx, args)


def classic(
    group: Annotated[str, typer.Argument(help="Where --graph starts.")] = "all",
    inventory: Annotated[
        list[str] | None,
        typer.Option("-i", "--inventory", "--inventory-file", help="Inventory file, folder, script or 'host1,host2,'."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Print all hosts and groups.")] = False,
    graph: Annotated[bool, typer.Option("--graph", help="Print a tree of groups.")] = False,
    host: Annotated[str | None, typer.Option("--host", help="Print one host's variables.")] = None,
    as_yaml: Annotated[bool, typer.Option("-y", "--yaml", help="Print YAML.")] = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="Print TOML.")] = False,
    variables: Annotated[bool, typer.Option("--vars", help="With the variables.")] = False,
    export: Annotated[bool, typer.Option("--export", help="Leave variables where they are defined.")] = False,
    output: Annotated[str | None, typer.Option("--output", help="Write to this file.")] = None,
    limit: Annotated[list[str] | None, typer.Option("-l", "--limit", help="Only these hosts.")] = None,
    playbook_dir: Annotated[
        str, typer.Option("--playbook-dir", "--basedir", help="Folder whose group_vars and host_vars count too.")
    ] = ".",
    extra_vars: Annotated[list[str] | None, typer.Option("-e", "--extra-vars", help="Extra variables.")] = None,
    flush_cache: Annotated[bool, typer.Option("--flush-cache", help="Ask anew instead of what was kept.")] = False,
    vault_password_file: o.VaultPasswordFile = None,
    vault_id: o.VaultId = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="More detail.")] = 0,
) -> None:
    """Do what ansible-inventory does with these options."""
    from fleet.cli.given import extra_vars as read_extra
    from fleet.cli.inventory import chosen_hosts, only_these, print_inventory, yaml_text
    from fleet.cli.settings import read
    from fleet.cli.vaults import reader

    if list_ + graph + (host is not None) != 1:
        raise OptionsError("--list, --graph and --host exclude each other")
    if as_yaml and as_toml:
        raise OptionsError("--yaml and --toml exclude each other")
    vault = (vault_id, vault_password_file, ask_vault_pass)
    extra = read_extra(extra_vars or (), reader(read(os.environ), vault))

    def show(inv: Inventory, problems: Diagnostics) -> str:
        from fleet.inventory import export as shape

        limits = ",".join(limit) if limit else None
        only = None if limits is None else only_these(inv, chosen_hosts(inv, "all", limits, problems))
        if host is not None:
            values = {**inv.merged_vars(inv.host(host).name), **extra}
            return _written(shape.for_json(values), shape.plain(values), as_yaml, as_toml)
        if graph:
            _known(inv, group)
            return "".join(f"{line}\n" for line in shape.graph(inv, group, only, variables=variables))
        if as_yaml:
            return yaml_text(shape.tree(inv, only, export=export, extra=extra))
        if as_toml:
            return _toml(shape.flat_tree(inv, only, export=export, extra=extra))
        return _json(shape.listing(inv, only, export=export, extra=extra))

    print_inventory(
        inventory, playbook_dir, show, extra_vars=extra, lenient=True, output=output, vault=vault,
        flush_cache=flush_cache, verbosity=verbose,
    )  # fmt: skip


def _known(inv: Inventory, group: str) -> None:
    from fleet.source.diagnostics import suggest

    if group not in inv.groups:
        raise OptionsError(f"unknown group {group!r}", hint=suggest(group, inv.groups))


def _written(tagged: Any, plain: Any, as_yaml: bool, as_toml: bool) -> str:
    from fleet.cli.inventory import yaml_text

    if as_yaml:
        return yaml_text(plain)
    return _toml(plain) if as_toml else _json(tagged)


def _json(value: Any) -> str:
    from fleet.cli.inventory import json_text

    return json_text(value)


def _toml(value: Any) -> str:
    from fleet.cli.toml import toml_text

    return toml_text(value)


def written_to(output: str | None, text: str) -> None:
    """Write ``text`` to a file, or to standard output where none is named. Raises OptionsError."""
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with open(output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OptionsError(f"cannot write {output}: {error.strerror}") from None
