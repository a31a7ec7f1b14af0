"""The inventory plugin ``constructed``: variables and groups that follow from what the earlier sources said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fleet.compat.ansible.inventory.keyed import bare_names, truthy
from fleet.errors import InputError, Location
from fleet.inventory.model import UNGROUPED, Host
from fleet.inventory.names import as_variable
from fleet.inventory.varfiles import kind
from fleet.inventory.yamlfile import place
from fleet.record import record
from fleet.source.nodes import location_of, trust_all
from fleet.template.errors import TemplateError
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.inventory.sources import Job
    from fleet.template.templar import Templar

_SHAPES: tuple[tuple[str, type, Any], ...] = (("compose", dict, {}), ("groups", dict, {}), ("keyed_groups", list, []))


def construct(data: Mapping[str, Any], job: Job) -> None:
    """Add to every known host what the file ``data`` says. Raises ``InputError`` when the file is wrong.

    An expression that fails counts as nothing said, or, with ``strict``, raises.
    """
    inventory = job.inventory
    wish = _read(data, job)
    # Variable files count only where they are asked for: those that lie beside the sources read so far.
    if truthy(data.get("use_vars_plugins", False)):
        inventory.inventory_folders = job.folders()
    try:
        inventory.settle()
        for name in list(inventory.hosts):
            _Constructor(wish, job, inventory.hosts[name]).run()
    finally:
        inventory.inventory_folders = []
        inventory.settle()


@record
class _Wish:
    """What a file asks for."""

    compose: Mapping[str, Any]
    groups: Mapping[str, Any]
    keyed: list[Mapping[str, Any]]
    strict: bool
    leading: bool
    extra: Mapping[str, Any]
    templar: Templar


def _read(data: Mapping[str, Any], job: Job) -> _Wish:
    found: dict[str, Any] = {}
    for key, shape, empty in _SHAPES:
        value = data.get(key)
        if value is not None and not isinstance(value, shape):
            wanted = "a list" if shape is list else "a mapping"
            raise InputError(f"{key!r} must be {wanted}, not {kind(value)}", at=place(data, key, job.path))
        found[key] = value or empty
    for entry in found["keyed_groups"]:
        _check_entry(entry, job.path)
    extra = truthy(data.get("use_extra_vars", job.options.use_extra_vars))
    return _Wish(
        found["compose"],
        found["groups"],
        found["keyed_groups"],
        truthy(data.get("strict", False)),
        truthy(data.get("leading_separator", True)),
        job.options.extra_vars if extra else {},
        job.options.templar(),
    )


def _check_entry(entry: Any, path: str) -> None:
    at = location_of(entry) or Location(path)
    if not isinstance(entry, dict):
        raise InputError(f"an entry of 'keyed_groups' must be a mapping, not {kind(entry)}", at=at)
    if entry.get("default_value") is not None and entry.get("trailing_separator") is not None:
        what = "parameters are mutually exclusive for keyed groups: default_value|trailing_separator"
        raise InputError(what, at=at, hint="remove one of them")


class _Constructor:
    """One host's share."""

    def __init__(self, wish: _Wish, job: Job, host: Host) -> None:
        self.wish = wish
        self.job = job
        self.host = host

    def run(self) -> None:
        inventory, name = self.job.inventory, self.host.name
        for key, text in self.wish.compose.items():
            known, value = self.value(text, f"Could not set {key} for host {name}")
            if known:
                inventory.set_vars(self.host.vars, {str(key): value})
        for group, condition in self.wish.groups.items():
            if self.holds(condition, str(group)):
                self.join(as_variable(str(group)))
        for entry in self.wish.keyed:
            self.keyed(entry)

    def scope(self) -> Scope:
        inventory, host = self.job.inventory, self.host
        special = {
            "inventory_hostname": host.name,
            "inventory_hostname_short": host.name.split(".", 1)[0],
            "group_names": [name for name in inventory.groups_of(host.name) if name != UNGROUPED],
            "inventory_file": host.source or None,
            "inventory_dir": host.folder,
        }
        layers = (self.wish.extra, special, inventory.merged_vars(host.name))
        return Scope(layers, self.wish.templar, (os.path.dirname(os.path.abspath(self.job.path)),))

    def value(self, text: Any, failure: str) -> tuple[bool, Any]:
        """Whether the expression ``text`` has a value, and which. Raises ``InputError`` where that matters."""
        try:
            if not isinstance(text, str):
                raise InputError(f"an expression must be text, not {kind(text)}", at=location_of(text))
            return True, self.wish.templar.expression(text, self.scope())
        except (TemplateError, InputError) as error:
            self.fail(failure, error)
        return False, None

    def holds(self, condition: Any, group: str) -> bool:
        try:
            return self.wish.templar.condition(condition, self.scope())
        except TemplateError as error:
            self.fail(f"Could not add host {self.host.name} to group {group}", error)
        return False

    def fail(self, failure: str, error: TemplateError | InputError) -> None:
        if self.wish.strict:
            raise InputError(f"{failure}: {error.what}", at=error.at or Location(self.job.path), hint=error.hint)

    def join(self, group: str) -> None:
        self.job.inventory.add_to_group(self.host.name, group)

    def keyed(self, entry: Mapping[str, Any]) -> None:
        key, name = entry.get("key"), self.host.name
        known, value = self.value(key, f"Could not generate group for host {name} from {key} entry")
        if not known:
            return
        default = entry.get("default_value")
        if value is None or value == "":
            value = default
        elif isinstance(value, bool | int | float):
            what = f"Invalid group name format, expected a string or a list of them or dictionary, got: {kind(value)}"
            raise InputError(what, at=location_of(key), hint=f"write {key} | string")
        if not value:
            if default is None and self.wish.strict:
                what = f"No key or key resulted empty for {key} in host {name}, invalid entry"
                raise InputError(what, at=location_of(key))
            if value is None or value == [] or value == {}:
                return
        self.groups(entry, value)

    def groups(self, entry: Mapping[str, Any], value: Any) -> None:
        inventory = self.job.inventory
        prefix, separator = str(entry.get("prefix") or ""), str(entry.get("separator", "_"))
        parent = entry.get("parent_group")
        if parent:
            parent = as_variable(str(self.wish.templar.render(trust_all(parent), self.scope())))
            inventory.add_group(parent)
        lead = prefix + separator if prefix or self.wish.leading else ""
        for bare in bare_names(value, entry, separator):
            group = as_variable(lead + bare)
            self.join(group)
            if parent and parent != group:
                inventory.add_child(parent, group)
