"""The inventory as plugins of Ansible's API know it: hosts and groups are objects, names lead to them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from fleet.inventory import model
from fleet.source.nodes import Encrypted, Map, Revealed, Seq, Trusted

T = TypeVar("T")


class Handle:
    """A host or group by its name. Two of one name are equal."""

    def __init__(self, data: Data, name: str) -> None:
        self.data = data
        self.name = name

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Handle) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__

    def get_name(self) -> str:
        """The name."""
        return self.name


class Host(Handle):
    """One host."""

    @property
    def model(self) -> model.Host:
        """The host itself."""
        return self.data.inventory.host(self.name)

    @property
    def vars(self) -> dict[str, Any]:
        """The host's own variables."""
        return self.model.vars

    @property
    def address(self) -> str:
        """Where the host is reached."""
        return str(self.vars.get("ansible_host", self.name))

    @property
    def implicit(self) -> bool:
        """True for a localhost that stands in no source."""
        return self.model.implicit

    @property
    def groups(self) -> list[Group]:
        """The groups that the host is in, ``all`` not counted."""
        return [Group(self.data, name) for name in self.data.inventory.groups_of(self.name)]

    def get_groups(self) -> list[Group]:
        """The groups that the host is in."""
        return self.groups

    def get_vars(self) -> dict[str, Any]:
        """The host's own variables and what follows from its name."""
        host, inventory = self.model, self.data.inventory
        place = {"inventory_file": host.source or None, "inventory_dir": host.folder}
        return {
            **{name: value for name, value in place.items() if value is not None},
            **host.vars,
            "inventory_hostname": self.name,
            "inventory_hostname_short": self.name.split(".")[0],
            "group_names": [name for name in inventory.groups_of(self.name) if name != model.UNGROUPED],
        }

    get_magic_vars = get_vars

    def set_variable(self, key: str, value: Any) -> None:
        """Set a variable."""
        self.data.set_variable(self.name, key, value)

    def add_group(self, group: Group) -> bool:
        """Put the host in a group."""
        return self.data.add_child(group.name, self.name)


class Group(Handle):
    """One group."""

    @property
    def model(self) -> model.Group:
        """The group itself."""
        return self.data.inventory.groups[self.name]

    @property
    def vars(self) -> dict[str, Any]:
        """The group's own variables."""
        return self.model.vars

    @property
    def priority(self) -> int:
        """Which of several groups wins."""
        return self.model.priority

    @property
    def hosts(self) -> list[Host]:
        """The hosts that are listed in the group itself."""
        return [Host(self.data, name) for name in self.model.hosts]

    @property
    def child_groups(self) -> list[Group]:
        """The groups right below."""
        return [Group(self.data, name) for name in self.model.children]

    @property
    def parent_groups(self) -> list[Group]:
        """The groups right above."""
        return [Group(self.data, name) for name in self.model.parents]

    def get_hosts(self) -> list[Host]:
        """The hosts of the group and of all groups below it."""
        return [Host(self.data, name) for name in self.data.inventory.members(self.name)]

    def get_vars(self) -> dict[str, Any]:
        """The group's own variables."""
        return dict(self.model.vars)

    def set_variable(self, key: str, value: Any) -> None:
        """Set a variable."""
        self.data.set_variable(self.name, key, value)

    def add_host(self, host: Host) -> bool:
        """Put a host in the group."""
        return self.data.add_child(self.name, host.name)

    def add_child_group(self, group: Group) -> bool:
        """Put a group below this one."""
        return self.data.add_child(self.name, group.name)


class Names(Mapping[str, T]):
    """Handles by name. Iterating takes the names there are now: a plugin may add to them meanwhile."""

    def __init__(self, known: Mapping[str, Any], handle: Callable[[str], T]) -> None:
        self.known = known
        self.handle = handle

    def __getitem__(self, name: str) -> T:
        if name not in self.known:
            raise KeyError(name)
        return self.handle(name)

    def __contains__(self, name: object) -> bool:
        return str(name) in self.known

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.known))

    def __len__(self) -> int:
        return len(self.known)


class Data:
    """All hosts and groups, and the methods that add to them."""

    def __init__(self, inventory: model.Inventory, source: str) -> None:
        self.inventory = inventory
        self.current_source = source
        self.processed_sources: list[str] = []
        self.hosts: Names[Host] = Names(inventory.hosts, lambda name: Host(self, name))
        self.groups: Names[Group] = Names(inventory.groups, lambda name: Group(self, name))

    @property
    def localhost(self) -> Host | None:
        """The controller, where it is known."""
        return self.get_host("localhost")

    def get_host(self, hostname: str) -> Host | None:
        """The host of a name; None when there is none."""
        known = str(hostname) in self.inventory.hosts or self.inventory.localhost(str(hostname)) is not None
        return Host(self, str(hostname)) if known else None

    def get_groups_dict(self) -> dict[str, list[str]]:
        """The names of the hosts in every group."""
        return self.inventory.groups_map()

    def reconcile_inventory(self) -> None:
        """Hang loose groups under ``all``, and hosts without a group in ``ungrouped``."""
        self.inventory.settle()

    def add_group(self, group: str) -> str:
        """Make a group when it is new; gives the name it has."""
        if not group:
            raise _error(f"Invalid empty/false group name provided: {group}")
        if not isinstance(group, str):
            raise _error(f"Invalid group name supplied, expected a string but got {type(group)} for {group}")
        return self.inventory.add_group(str.__str__(group)).name

    def add_host(self, host: str, group: str | None = None, port: int | None = None) -> str:
        """Make a host when it is new, and put it in a group that exists; gives its name."""
        if not host:
            raise _error(f"Invalid empty host name provided: {host}")
        if not isinstance(host, str):
            raise _error(f"Invalid host name supplied, expected a string but got {type(host)} for {host}")
        name = str.__str__(host)
        groups = []
        if group:
            inner = self.inventory.group_name(str(group))
            if inner not in self.inventory.groups:
                raise _error(f"Could not find group {group} in inventory")
            groups.append(inner)
        values = {} if port is None else {"ansible_port": port}
        self.inventory.add_host(name, groups, values, source=self.current_source)
        return name

    def set_variable(self, entity: str, varname: str, value: Any) -> None:
        """Set a variable of a group or host. Text is data, unless it comes from the user's own file."""
        held: model.Group | model.Host
        if str(entity) in self.inventory.groups:
            held = self.inventory.groups[str(entity)]
        elif str(entity) in self.inventory.hosts:
            held = self.inventory.hosts[str(entity)]
        else:
            raise _error(f"Could not identify group or host named {entity}")
        self.inventory.set_vars(held.vars, {str(varname): kept(value)})

    def add_child(self, group: str, child: str) -> bool:
        """Put a host or group in a group."""
        parent = self.inventory.group_name(str(group))
        if parent not in self.inventory.groups:
            raise _error(f"{group} is not a known group")
        below = self.inventory.group_name(str(child))
        if below in self.inventory.groups:
            new = below not in self.inventory.groups[parent].children
            self.inventory.add_child(parent, below)
        elif str(child) in self.inventory.hosts:
            new = str(child) not in self.inventory.groups[parent].hosts
            self.inventory.add_to_group(str(child), parent)
        else:
            raise _error(f"{child} is not a known host nor group")
        return new

    def remove_host(self, host: Host) -> None:
        """Take a host out of everything."""
        self.inventory.remove_host(str(host))

    def remove_group(self, group: Group) -> None:
        """Take a group out of everything; its hosts stay."""
        self.inventory.remove_group(str(group))


def kept(value: Any) -> Any:
    """``value`` as the inventory keeps it: plain data, but for what the user wrote."""
    if isinstance(value, Trusted | Encrypted | Revealed) or value is None:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return Map({kept(key): kept(item) for key, item in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return Seq([kept(item) for item in value])
    return value


def _error(what: str) -> Exception:
    made: Exception = sys.modules["ansible.errors"].AnsibleError(what)
    return made
