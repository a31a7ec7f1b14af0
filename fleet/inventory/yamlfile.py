"""The YAML inventory: nested groups of ``hosts``, ``vars`` and ``children``. JSON and TOML of the same shape too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from fleet.errors import InputError, Location
from fleet.inventory import names
from fleet.inventory.model import Inventory
from fleet.inventory.varfiles import kind
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Map, location_of

_KEYS = ("hosts", "vars", "children")


def add(data: Any, path: str, inventory: Inventory, problems: Diagnostics) -> None:
    """Add what a parsed file says to ``inventory``. Every mistake becomes a diagnostic in ``problems``."""
    if data is None:
        return
    if not isinstance(data, dict):
        what = f"a YAML inventory must be a mapping of groups, not {kind(data)}"
        problems.error(what, location_of(data) or Location(path), "start with 'all:' and 'hosts:' below it")
        return
    reader = _Reader(path, inventory, problems)
    for name, body in data.items():
        reader.group(name, body, place(data, name, path))


def place(data: Mapping[Any, Any], key: Any, path: str) -> Location:
    """Where ``key`` of ``data`` stands, as far as that is known."""
    found = data.key_at(key) if isinstance(data, Map) else None
    return found or Location(path)


class _Reader:
    def __init__(self, path: str, inventory: Inventory, problems: Diagnostics) -> None:
        self.path = path
        self.source = os.path.abspath(path)
        self.inventory = inventory
        self.problems = problems

    def group(self, name: Any, body: Any, at: Location, parent: str | None = None) -> None:
        if not isinstance(name, str) or not name:
            self.problems.error(f"a group name must be text, not {name!r}", at, f'write "{name}"')
            return
        group = self.inventory.add_group(str(name), at)
        name = group.name
        if parent is not None:
            try:
                self.inventory.add_child(parent, name, at)
            except InputError as error:
                self.problems.add(error)
                return
        if body is None:
            return
        if not isinstance(body, dict):
            hint = "below a group go hosts:, vars: and children:"
            self.problems.error(f"group {name!r} must be a mapping", location_of(body) or at, hint)
            return
        for key in body:
            if key not in _KEYS:
                self.unknown(key, name, place(body, key, self.path))
        self.inventory.set_vars(group.vars, self.section(body, "vars", name))
        children = self.section(body, "children", name)
        for child, below in children.items():
            self.group(child, below, place(children, child, self.path), name)
        hosts = self.section(body, "hosts", name)
        for entry, values in hosts.items():
            self.host(entry, values, name, place(hosts, entry, self.path))

    def unknown(self, key: Any, group: str, at: Location) -> None:
        hint = suggest(key, _KEYS) or "below a group go hosts:, vars: and children:; variables go below vars:"
        self.problems.warn(f"unknown key {key!r} in group {group!r} is ignored", at, hint)

    def section(self, body: dict[Any, Any], key: str, group: str) -> dict[Any, Any]:
        value = body.get(key)
        if value is None:
            return {}
        if isinstance(value, str) and value and key != "vars":
            # "hosts: web1" is a host without variables.
            return Map({str(value): None}, at=location_of(value))
        if not isinstance(value, dict):
            at = location_of(value) or place(body, key, self.path)
            what = f"'{key}' of group {group!r} must be a mapping, not {kind(value)}"
            self.problems.error(what, at, f"write each of the {key} as 'name:' on its own line")
            return {}
        return value

    def host(self, entry: Any, values: Any, group: str, at: Location) -> None:
        if not isinstance(entry, str):
            what = f"a host name must be text, not {entry!r}: Host pattern {entry} must be a string"
            self.problems.error(what, at, f'write "{entry}"')
            return
        if values is not None and not isinstance(values, dict):
            hint = "write its variables below it as 'name: value'"
            self.problems.error(f"the variables of host {str(entry)!r} must be a mapping", at, hint)
            return
        try:
            found, port = names.expand(str(entry), at)
        except InputError as error:
            self.problems.add(error)
            return
        merged = dict(values or {}) if port is None else {"ansible_port": port, **(values or {})}
        for name in found:
            self.inventory.add_host(name, (group,), merged, source=self.source, at=at)
