"""Hosts, groups and their variables. Built by the parsers, read by everybody; ``add_*`` are its only mutations.

Nothing is rendered here: variables are the raw values of the files. Hosts and groups know each other
by name only. Variable files are read when a host's variables are first asked for, each once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import InputError, Location
from fleet.inventory.names import as_variable, is_variable
from fleet.inventory.varfiles import VarFolder
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import location_of, trust

ALL, UNGROUPED = "all", "ungrouped"
LOCALHOSTS = ("localhost", "127.0.0.1", "::1")
PRIORITY = "ansible_group_priority"
# One layer of variables and where it comes from: "file" is the inventory source itself.
Layer = tuple[str, Mapping[str, Any]]


@dataclass(slots=True)
class Host:
    """One host: its inline variables and the groups that list it directly, in order.

    ``source`` is the inventory source that named it first: an absolute path, a ``host,list`` or "".
    """

    name: str
    vars: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    source: str = ""
    at: Location | None = None
    implicit: bool = False

    @property
    def folder(self) -> str | None:
        """What ``inventory_dir`` is: None for a host that stands in no file."""
        return os.path.dirname(self.source) if os.path.isabs(self.source) else None


@dataclass(slots=True)
class Group:
    """One group: inline variables, direct hosts, direct children and parents, all in definition order."""

    name: str
    vars: dict[str, Any] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)
    at: Location | None = None

    @property
    def priority(self) -> int:
        """Which of several groups of equal depth wins: the higher. 1 unless the group says otherwise."""
        try:
            return int(self.vars.get(PRIORITY, 1))
        except (TypeError, ValueError):
            raise InputError(
                f"{PRIORITY} of group {self.name!r} must be a number, not {self.vars[PRIORITY]!r}",
                at=location_of(self.vars[PRIORITY]) or self.at,
            ) from None


class Inventory:
    """All hosts and groups. ``hosts`` and ``groups`` are in definition order; ``all`` and ``ungrouped`` exist."""

    def __init__(self, *, merge_hashes: bool = False, replace_chars: bool = False) -> None:
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, Group] = {ALL: Group(ALL), UNGROUPED: Group(UNGROUPED)}
        self.merge_hashes = merge_hashes
        self.replace_chars = replace_chars
        # Names of groups, as they were written, with signs that no variable's name can have.
        self.odd_names: dict[str, None] = {}
        # The sources that could not be read, as they were given.
        self.unparsed: list[str] = []
        self.sources: list[str] = []
        self.inventory_folders: list[VarFolder] = []
        self.playbook_folders: list[VarFolder] = []
        # The playbook's folder whose variables count; None: those of all.
        self.looks_from: str | None = None
        self._forget()
        self.add_child(ALL, UNGROUPED)

    # -- building and run-time changes -------------------------------------------------------------

    def group_name(self, name: str) -> str:
        """What a group written as ``name`` is called: the same, or with ``replace_chars`` a variable's name."""
        if name not in self.groups and not is_variable(name):
            self.odd_names[name] = None
            return as_variable(name) if self.replace_chars else name
        return name

    def add_group(self, name: str, at: Location | None = None) -> Group:
        """The group ``name``, made when it is new; its name is what ``group_name`` says."""
        name = self.group_name(name)
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = Group(name, at=at)
            self._forget()
        return group

    def add_child(self, parent: str, child: str, at: Location | None = None) -> None:
        """Put ``child`` under ``parent``; both exist. Raises ``InputError`` when that would be a loop."""
        parent, child = self.group_name(parent), self.group_name(child)
        if child in self.groups[parent].children:
            return
        if child == parent or child in self._ancestors((parent,)):
            why = "it already contains it" if child != parent else "that is the group itself"
            what = f"group {child!r} cannot be a child of {parent!r}: {why}"
            raise InputError(what, at=at, hint="remove this entry, or the one the other way round")
        self.groups[parent].children[child] = None
        self.groups[child].parents[parent] = None
        self._forget()

    def add_host(
        self,
        name: str,
        groups: Iterable[str] = (),
        variables: Mapping[str, Any] | None = None,
        *,
        source: str = "",
        at: Location | None = None,
    ) -> Host:
        """The host ``name`` with ``variables`` set and listed in ``groups``; host and groups are made when new.

        At run time (``add_host``, ``group_by``) follow it with ``settle([name])``.
        """
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = Host(name, source=source, at=at)
        for group in groups:
            self.add_to_group(name, group)
        if variables:
            self.set_vars(host.vars, variables)
        self._merged.pop(name, None)
        return host

    def add_to_group(self, host: str, group: str) -> None:
        """List the known host ``host`` in ``group``, which is made when it is new."""
        listed = self.add_group(group)
        listed.hosts[host] = None
        self.hosts[host].groups[listed.name] = None
        self._merged.pop(host, None)
        self._members.clear()

    def set_vars(self, held: dict[str, Any], new: Mapping[str, Any]) -> None:
        """Set the inline variables of a host or group, later values winning as hash_behaviour says."""
        if self.merge_hashes:
            new = combine(held, new)
        held.update(new)
        self._layers.clear()
        self._merged.clear()

    def settle(self, changed: Iterable[str] | None = None) -> None:
        """Hang loose groups under ``all`` and hosts without a group into ``ungrouped``.

        ``changed`` names the hosts to look at; None means all. Repeatable.
        """
        for group in self.groups.values():
            if not group.parents and group.name != ALL:
                self.add_child(ALL, group.name)
        ungrouped = self.groups[UNGROUPED].hosts
        for host in self.hosts.values() if changed is None else [self.hosts[name] for name in changed]:
            if any(name not in (ALL, UNGROUPED) for name in host.groups):
                ungrouped.pop(host.name, None)
                host.groups.pop(UNGROUPED, None)
            else:
                ungrouped[host.name] = None
                host.groups[UNGROUPED] = None
        self._forget()

    def remove_host(self, name: str) -> None:
        """Forget a host and its place in groups."""
        self.hosts.pop(name, None)
        for group in self.groups.values():
            group.hosts.pop(name, None)
        self._forget()

    def remove_group(self, name: str) -> None:
        """Forget a group; what was below it is no longer. ``settle`` finds a place for that."""
        if name in (ALL, UNGROUPED) or name not in self.groups:
            return
        del self.groups[name]
        for group in self.groups.values():
            group.children.pop(name, None)
            group.parents.pop(name, None)
        for host in self.hosts.values():
            host.groups.pop(name, None)
        self._forget()

    def become(self, other: Inventory) -> None:
        """Turn into ``other``, for all who hold this one (meta: refresh_inventory)."""
        looks_from, folders = self.looks_from, [folder.base for folder in self.playbook_folders]
        self.__dict__.update(other.__dict__)
        for base in folders:
            self.add_playbook_folder(base)
        self.looks_from = looks_from

    def add_playbook_folder(self, base: str) -> None:
        """Know of the variables beside a playbook in ``base`` as well: one that another playbook imports."""
        if self.playbook_folders and all(not folder.is_at(base) for folder in self.playbook_folders):
            first = self.playbook_folders[0]
            self.playbook_folders.append(VarFolder(base, first.decrypt, first.problems, first.merge))
            self._forget()

    def look_from(self, base: str) -> None:
        """From now on a play's own folder counts of all playbooks' folders, as with ansible-core, where each play
        sees the variables beside the file it stands in."""
        self.add_playbook_folder(base)
        if len(self.playbook_folders) > 1 and self.looks_from != base:
            self.looks_from = base
            self._forget()

    def _beside(self) -> list[VarFolder]:
        if self.looks_from is None:
            return self.playbook_folders
        return [folder for folder in self.playbook_folders if folder.is_at(self.looks_from)]

    def _forget(self) -> None:
        self._members: dict[str, dict[str, None]] = {}
        self._depths: dict[str, int] = {}
        self._chains: dict[tuple[str, ...], tuple[Group, ...]] = {}
        self._layers: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._merged: dict[str, Mapping[str, Any]] = {}

    # -- reading -------------------------------------------------------------------------------------

    def host(self, name: str) -> Host:
        """The host ``name``; an implicit one for ``localhost``. Raises ``InputError`` for an unknown name."""
        found = self.hosts.get(name) or self.localhost(name)
        if found is None:
            raise InputError(f"unknown host {name!r}", hint=suggest(name, self.hosts))
        return found

    def localhost(self, name: str) -> Host | None:
        """What a name for this machine means: a host listed under any such name, or an implicit one."""
        if name not in LOCALHOSTS:
            return None
        for listed in LOCALHOSTS:
            if listed in self.hosts:
                return self.hosts[listed]
        local = {"ansible_connection": trust("local"), "ansible_python_interpreter": trust(sys.executable)}
        return Host(name, vars=local, implicit=True)

    def members(self, group: str) -> dict[str, None]:
        """The hosts of a group and all groups below it, level by level, each once, as an ordered set."""
        if group not in self._members:
            found: dict[str, None] = {}
            for each in self._levels(group):
                found.update(each.hosts)
            self._members[group] = found
        return self._members[group]

    def groups_of(self, host: str) -> tuple[str, ...]:
        """The names of all groups the host is in, sorted, without ``all``: Ansible's ``group_names``."""
        return tuple(sorted(group.name for group in self._chain(self.host(host)) if group.name != ALL))

    def groups_map(self) -> dict[str, list[str]]:
        """Every group with its hosts: Ansible's ``groups``."""
        return {name: list(self.members(name)) for name in self.groups}

    def merged_vars(self, host: str) -> Mapping[str, Any]:
        """The host's group and host variables in Ansible's order of precedence. Treat it as read-only.

        Raises ``InputError`` when the host is unknown or one of its variable files is bad.
        """
        merged = self._merged.get(host)
        if merged is None:
            found = self.host(host)
            merged = self._group_vars(self._chain(found))
            for _, layer in self.host_layers(found):
                merged = self._over(merged, layer)
            self._merged[host] = merged
        return merged

    def knows(self, name: str) -> bool:
        """True for a listed host and for names of this machine."""
        return name in self.hosts or name in LOCALHOSTS

    def common_vars(self) -> Mapping[str, Any]:
        """The variables of the group of all, which a host has that is delegated to and not listed."""
        return self._group_vars((self.groups[ALL],))

    def group_layers(self, group: Group) -> Iterator[Layer]:
        """A group's own variables: inline, beside the inventory, beside the playbook. Lowest first."""
        yield "file", group.vars
        yield from ((folder.name, folder.group(group.name)) for folder in self.inventory_folders)
        yield from ((folder.name, folder.group(group.name)) for folder in self._beside())

    def host_layers(self, host: Host) -> Iterator[Layer]:
        """A host's own variables, in the same order as ``group_layers``."""
        yield "file", host.vars
        yield from ((folder.name, folder.host(host.name)) for folder in self.inventory_folders)
        yield from ((folder.name, folder.host(host.name)) for folder in self._beside())

    def flat(self, layers: Iterable[Layer]) -> Mapping[str, Any]:
        """``layers`` as one mapping, the later ones winning."""
        merged: Mapping[str, Any] = {}
        for _, layer in layers:
            merged = self._over(merged, layer)
        return merged

    def read_all(self, problems: Diagnostics) -> None:
        """Read every variable file a host or group has, so that all their mistakes show at once."""
        for folder in (*self.inventory_folders, *self.playbook_folders):
            folder.read_all(self.groups, self.hosts, problems)
        for group in self.groups.values():
            try:
                _ = group.priority
            except InputError as error:
                problems.add(error)

    # -- how variables and depths come about ---------------------------------------------------------

    def _over(self, below: Mapping[str, Any], above: Mapping[str, Any]) -> Mapping[str, Any]:
        if not above or not below:
            return above or below
        return combine(below, above) if self.merge_hashes else {**below, **above}

    def _group_vars(self, chain: tuple[Group, ...]) -> Mapping[str, Any]:
        key = tuple(group.name for group in chain)
        merged = self._layers.get(key)
        if merged is None:
            merged = {}
            for layer in self._group_sequence(chain):
                merged = self._over(merged, layer)
            self._layers[key] = merged
        return merged

    def _group_sequence(self, chain: tuple[Group, ...]) -> Iterator[Mapping[str, Any]]:
        # The documented order: inline; group_vars/all of inventory, of playbook; the other group_vars likewise.
        # A priority set inline steers the merge and is no variable of the host.
        for group in chain:
            yield ({k: v for k, v in group.vars.items() if k != PRIORITY} if PRIORITY in group.vars else group.vars)
        sides = (self.inventory_folders, self._beside())
        for side in sides:
            yield from (folder.group(ALL) for folder in side)
        for side in sides:
            for folder in side:
                yield from (folder.group(group.name) for group in chain if group.name != ALL)

    def _chain(self, host: Host) -> tuple[Group, ...]:
        """All groups of a host, the weakest first: by depth, then priority, then name."""
        key = tuple(host.groups)
        if key not in self._chains:
            names = self._ancestors(key) | {ALL}
            self._chains[key] = tuple(sorted((self.groups[name] for name in names), key=self._rank))
        return self._chains[key]

    def _rank(self, group: Group) -> tuple[int, int, str]:
        return self._depth(group.name), group.priority, group.name

    def _depth(self, name: str) -> int:
        if name not in self._depths:
            parents = self.groups[name].parents
            self._depths[name] = 1 + max((self._depth(parent) for parent in parents), default=-1)
        return self._depths[name]

    def _ancestors(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.groups[name].parents)
        return found

    def _levels(self, group: str) -> Iterator[Group]:
        level, seen = [group], {group}
        while level:
            yield from (self.groups[name] for name in level)
            below = dict.fromkeys(child for name in level for child in self.groups[name].children)
            level = [name for name in below if name not in seen]
            seen.update(level)


def combine(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``hash_behaviour = merge``: mappings are merged deeply, everything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        both = isinstance(held, Mapping) and isinstance(value, Mapping)
        merged[key] = combine(held, value) if both else value  # type: ignore[arg-type]
    return merged
