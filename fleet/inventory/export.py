"""An inventory as ansible-inventory shows it: the ``--list`` mapping, the YAML tree, the graph. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date, time
from typing import Any

from fleet.inventory.model import ALL, UNGROUPED, Group, Inventory
from fleet.source.nodes import Encrypted, Trusted

Tree = dict[str, Any]


def listing(
    inventory: Inventory,
    only: Container[str] | None = None,
    *,
    export: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> Tree:
    """The mapping of ``--list``. ``only`` keeps these hosts; ``export`` keeps variables where they are defined.

    ``extra`` are variables that every host has on top of its own.
    """
    shown: Tree = {}
    _list_group(inventory, ALL, only, export, shown)
    hostvars: Tree = {}
    for name in inventory.members(ALL):
        if _kept(name, only):
            values = for_json(_host_vars(inventory, name, export, extra))
            if values:
                hostvars[name] = values
    return {"_meta": {"hostvars": hostvars, "profile": "inventory_legacy"}, **shown}


def _list_group(inventory: Inventory, name: str, only: Container[str] | None, export: bool, shown: Tree) -> None:
    if name in shown:
        return
    group = inventory.groups[name]
    body: Tree = {}
    hosts = [host for host in group.hosts if _kept(host, only)]
    # Direct hosts of "all" are in "ungrouped" too, and shown there.
    if hosts and name != ALL:
        body["hosts"] = hosts
    if group.children:
        body["children"] = list(group.children)
    if export and (values := for_json(inventory.flat(inventory.group_layers(group)))):
        body["vars"] = values
    if body:
        shown[name] = body
    for child in group.children:
        _list_group(inventory, child, only, export, shown)


def tree(
    inventory: Inventory,
    only: Container[str] | None = None,
    *,
    export: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> Tree:
    """The nested YAML inventory: hosts and groups in full where they come first; groups without hosts are left out."""

    def values_of(name: str) -> Tree:
        made: Tree = plain(_host_vars(inventory, name, export, extra))
        return made

    return {ALL: _branch(inventory, inventory.groups[ALL], only, export, set(), values_of)}


def _branch(
    inventory: Inventory,
    group: Group,
    only: Container[str] | None,
    export: bool,
    seen: set[str],
    values_of: Callable[[str], Tree],
) -> Tree:
    body: Tree = {}
    children: Tree = {}
    for child in group.children:
        if "@" + child in seen:
            children[child] = {}
        elif branch := _branch(inventory, inventory.groups[child], only, export, seen, values_of):
            children[child] = branch
            seen.add("@" + child)
    if children:
        body["children"] = children
    hosts: Tree = {}
    for name in group.hosts if group.name != ALL else ():
        if _kept(name, only):
            hosts[name] = {} if name in seen else values_of(name)
            seen.add(name)
    if hosts:
        body["hosts"] = hosts
    if export and (values := plain(inventory.flat(inventory.group_layers(group)))):
        body["vars"] = values
    return body


def flat_tree(
    inventory: Inventory,
    only: Container[str] | None = None,
    *,
    export: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> Tree:
    """The TOML inventory: every group with its children by name; hosts in full where they come first."""
    shown: Tree = {}
    seen: set[str] = set()
    for group in inventory.groups.values():
        body: Tree = {}
        if children := [name for name in group.children if name != UNGROUPED]:
            body["children"] = children
        hosts: Tree = {}
        for name in group.hosts if group.name != ALL else ():
            if _kept(name, only):
                hosts[name] = {} if name in seen else plain(_host_vars(inventory, name, export, extra))
                seen.add(name)
        if hosts:
            body["hosts"] = hosts
        if export and (values := plain(inventory.flat(inventory.group_layers(group)))):
            body["vars"] = values
        if body:
            shown[group.name] = body
    return shown


def graph(
    inventory: Inventory, top: str = ALL, only: Container[str] | None = None, *, variables: bool = False
) -> Iterator[str]:
    """The lines of the graph below group ``top``, which must exist."""
    yield f"@{top}:"
    yield from _graph(inventory, inventory.groups[top], only, variables, 1)


def _graph(
    inventory: Inventory, group: Group, only: Container[str] | None, variables: bool, depth: int
) -> Iterator[str]:
    indent = "  |" * depth + "--"
    for child in group.children:
        yield f"{indent}@{child}:"
        yield from _graph(inventory, inventory.groups[child], only, variables, depth + 1)
    for name in group.hosts if group.name != ALL else ():
        if _kept(name, only):
            yield indent + name
            if variables:
                yield from _graph_vars(inventory.merged_vars(name), depth + 1)
    if variables:
        yield from _graph_vars(inventory.flat(inventory.group_layers(group)), depth)


def _graph_vars(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  |" * depth + "--"
    for name, value in sorted(plain(values).items(), key=lambda item: str(item[0])):
        yield f"{indent}{{{name} = {value}}}"


def _kept(host: str, only: Container[str] | None) -> bool:
    return only is None or host in only


def _host_vars(
    inventory: Inventory, name: str, export: bool, extra: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    if export:
        return inventory.flat(inventory.host_layers(inventory.host(name)))
    values = inventory.merged_vars(name)
    return {**values, **extra} if extra else values


def plain(value: Any) -> Any:
    """``value`` as plain dicts, lists, strings and dates, fit for YAML. Vault values stay encrypted."""
    if isinstance(value, Encrypted):
        return {"__ansible_vault": str(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value if isinstance(value, bool | int | float | date | time | None) else str(value)


def for_json(value: Any) -> Any:
    """``value`` as ansible-inventory writes it: like ``plain``, but text that is never rendered is marked as such."""
    if isinstance(value, str) and not isinstance(value, Trusted | Encrypted):
        return {"__ansible_unsafe": value}
    if isinstance(value, Mapping):
        return {str(key): for_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [for_json(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else plain(value)
