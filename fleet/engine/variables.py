"""The variables of a host at a task: all layers of Ansible's documented precedence, as one Scope.

Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html#understanding-variable-precedence
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet.engine.connectionvars import connection_defaults
from fleet.engine.factcache import FactCache, cache_for
from fleet.engine.options import RunOptions
from fleet.engine.state import HostState
from fleet.inventory.model import Inventory, combine
from fleet.plan.tree import PlanNode, RoleUseNode, TaskNode
from fleet.source.nodes import Map
from fleet.template.errors import NeedsOrder
from fleet.template.plain import OMIT
from fleet.template.scope import Scope
from fleet.template.templar import Templar

Layer = Mapping[str, Any]
ANSIBLE_VERSION = {"full": "2.19.0", "major": 2, "minor": 19, "revision": 0, "string": "2.19.0"}
"""The language level: playbooks compare it before they use newer features."""


@dataclass(slots=True)
class World:
    """What all hosts of a run share: inventory, options, templar and every host's state."""

    inventory: Inventory
    options: RunOptions
    templar: Templar
    on_folder: Callable[[str], None] = lambda _folder: None
    """Told the folders of playbooks and roles: they may bring plugins."""
    states: dict[str, HostState] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    cache: FactCache | None = None
    reread: Callable[[], Inventory] | None = None
    """Reads the sources of the inventory again."""
    changes: list[Callable[[Inventory], bool]] = field(default_factory=list)
    """What add_host and group_by did, to be done again to an inventory that was read again."""
    refreshed: set[tuple[int, ...]] = field(default_factory=set)
    departed: dict[str, Layer] = field(default_factory=dict)
    """Variables of hosts that an inventory read again has no more, and that are still in the play."""

    def __post_init__(self) -> None:
        self.cache = cache_for(*self.options.fact_cache)

    def state(self, host: str) -> HostState:
        """The state of a host, made when it is first asked for."""
        found = self.states.get(host)
        if found is None:
            made = HostState(host, self.options.inject_facts)
            if self.cache is not None and not self.options.flush_cache:
                self.cache.load(made)
            found = self.states.setdefault(host, made)
        return found

    def refresh(self, moment: tuple[int, ...]) -> None:
        """Read the inventory again, once for all hosts that come to ``moment`` (meta: refresh_inventory)."""
        with self.lock:
            if self.reread is not None and moment not in self.refreshed:
                fresh = self.reread()
                for change in self.changes:
                    change(fresh)
                gone = [name for name in self.states if name in self.inventory.hosts and name not in fresh.hosts]
                self.departed.update({name: self.inventory.merged_vars(name) for name in gone})
                self.inventory.become(fresh)
            self.refreshed.add(moment)

    def inventory_vars(self, host: str) -> Layer:
        """Group and host variables, raw; those of all hosts for one the inventory does not have."""
        if host in self.departed and host not in self.inventory.hosts:
            return self.departed[host]
        return self.inventory.merged_vars(host) if self.inventory.knows(host) else self.inventory.common_vars()


@dataclass(slots=True)
class PlayContext:
    """A batch of a play: its hosts, and the variables that are the same for all of them.

    ``everyone``: all hosts the play matched; ``batch``: those of this batch; ``left``: hosts that
    failed or were lost since. ``files``: vars_files as read for each host.
    """

    world: World
    plan: PlanNode
    everyone: tuple[str, ...]
    batch: tuple[str, ...]
    play_vars: Layer
    prompts: Layer
    files: dict[str, tuple[Layer, ...]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    unasked: bool = False
    debugger: bool = False
    number: int = 1
    nodes: dict[int, tuple[tuple[Layer, ...], ...]] = field(default_factory=dict)
    magic: dict[str, dict[str, Any]] = field(default_factory=dict)
    across: dict[int, bool] = field(default_factory=dict)
    telling: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def live(self) -> list[str]:
        """The hosts of the batch that are still in the play."""
        return [name for name in self.batch if name not in self.left]


class HostVars(Mapping[str, Any]):
    """``hostvars``: every host's variables without those of tasks. Reading what another host may still
    change raises NeedsOrder, unless the reader stands where linear order holds (``ordered``)."""

    def __init__(self, play: PlayContext, reader: str, ordered: bool) -> None:
        self._play = play
        self._reader = reader
        self._ordered = ordered
        self._scopes: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._scopes:
            inventory = self._play.world.inventory
            if name not in inventory.hosts and name not in self._play.world.states and name != "localhost":
                raise KeyError(name)
            scope = scope_of_host(self._play, name)
            own = name == self._reader or self._ordered or name not in self._play.batch
            self._scopes[name] = scope if own else _Guarded(scope, self._play.world.inventory_vars(name))
        return self._scopes[name]

    def __contains__(self, name: object) -> bool:
        return name in self._play.world.inventory.hosts or name in self._play.world.states

    def __iter__(self) -> Iterator[str]:
        return iter(self._play.world.inventory.hosts)

    def __len__(self) -> int:
        return len(self._play.world.inventory.hosts)


class _Guarded(Mapping[str, Any]):
    """Another host's variables, read before the order of the play says what they are."""

    def __init__(self, scope: Scope, fixed: Layer) -> None:
        self._scope = scope
        self._fixed = fixed

    def __getitem__(self, name: str) -> Any:
        if name in _FIXED or (name in self._fixed and name.startswith("ansible_")):
            return self._scope[name]
        raise NeedsOrder(("hostvars", name))

    def __contains__(self, name: object) -> bool:
        if name in _FIXED or name in self._fixed:
            return True
        raise NeedsOrder(("hostvars", name))

    def __iter__(self) -> Iterator[str]:
        raise NeedsOrder(("hostvars", "*"))

    def __len__(self) -> int:
        raise NeedsOrder(("hostvars", "*"))


_FIXED = frozenset({"inventory_hostname", "inventory_hostname_short", "group_names", "groups", "inventory_dir"})


class Merged(Mapping[str, Any]):
    """Layers whose mappings of one name are combined (``hash_behaviour = merge``), highest precedence first."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> Any:
        found = [layer[name] for layer in self._layers if name in layer]
        if not found:
            raise KeyError(name)
        if len(found) == 1 or not isinstance(found[0], dict):
            return found[0]
        merged: dict[Any, Any] = {}
        for value in reversed(list(itertools.takewhile(lambda value: isinstance(value, dict), found))):
            merged = combine(merged, value)
        return Map(merged)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        seen: dict[str, None] = {}
        for layer in self._layers:
            seen.update(dict.fromkeys(layer))
        return iter(seen)

    def __len__(self) -> int:
        return len(list(iter(self)))


def scope_of_host(play: PlayContext, host: str, *, ordered: bool = True) -> Scope:
    """A host's variables outside of any task: what ``hostvars`` shows."""
    state = play.world.state(host)
    layers: list[Layer] = [host_magic(play, host), play.world.options.extra_vars, state.assigned, state.included]
    layers += [*play.files.get(host, ()), play.prompts, play.play_vars]
    layers += [use.role.vars for use in reversed(play.plan.roles) if use.public]
    layers += [state.injected, play.world.inventory_vars(host)]
    layers += [use.role.defaults for use in reversed(play.plan.roles) if use.public]
    return Scope([layer for layer in layers if layer is state.injected or layer], play.world.templar)


def task_scope(
    play: PlayContext,
    state: HostState,
    node: TaskNode,
    ahead: Sequence[Layer] = (),
    *,
    ordered: bool = False,
) -> Scope:
    """The variables of a host at a task. ``ahead`` lies over what the host has set so far."""
    above, middle, low = node_layers(play, node)
    names = {"hostvars": HostVars(play, state.name, ordered), **node_magic(play, node)}
    layers: list[Layer] = [names, host_magic(play, state.name), play.world.options.extra_vars, *above]
    layers += [*ahead, state.assigned, state.included, *middle]
    layers += [*play.files.get(state.name, ()), play.prompts, play.play_vars]
    inventory, known = play.world.inventory_vars(state.name), state.name in play.world.inventory.hosts
    layers += [state.injected, inventory, *low]
    kept = [layer for layer in layers if layer is state.injected or layer is state.assigned or layer]
    if play.world.options.merge_hashes:
        kept = [*kept[:2], Merged(kept[2:])]
    kept.append(connection_defaults(play.world.options.connection, node, state.name, known, inventory))
    return Scope(kept, play.world.templar, tuple(names["ansible_search_path"]))


def node_layers(play: PlayContext, node: TaskNode) -> tuple[tuple[Layer, ...], ...]:
    """The layers that come from a task's place: above set variables, below them, and role defaults."""
    found = play.nodes.get(node.number)
    if found is None:
        chain = role_chain(node.role)
        others = [use for use in reversed(play.plan.roles) if use not in chain]
        above = (*node.include_vars, *(use.params for use in chain))
        middle = (
            *reversed([layer for layer in node.kw.get("vars", ()) if isinstance(layer, dict)]),
            *(use.role.vars for use in chain[:1]),
            # What a role depends on counts more than what brought the role in.
            *(use.role.vars for use in others if chain and chain[0] in use.parents),
            *(use.role.vars for use in chain[1:]),
            *(use.role.vars for use in others if use.public),
        )
        low = (*(use.role.defaults for use in chain), *(use.role.defaults for use in others if use.public))
        found = tuple(tuple(layer for layer in layers if layer) for layers in (above, middle, low))
        play.nodes[node.number] = found
    return found


def role_chain(use: RoleUseNode | None) -> list[RoleUseNode]:
    """A role use and those it came in through, nearest first."""
    return [use, *use.parents] if use else []


def node_magic(play: PlayContext, node: TaskNode) -> dict[str, Any]:
    """Magic variables that depend on where a task stands."""
    path = search_path(play, node)
    made: dict[str, Any] = {
        "ansible_search_path": list(path),
        "environment": list(node.kw.get("environment", ())),
    }
    if node.role is not None:
        role = node.role.role
        made["role_path"] = role.path
        made["role_name"], made["ansible_role_name"] = role.short_name, role.name
        called = next((use for use in role_chain(node.role) if use.called), None)
        if called is not None and called.parents:
            made["ansible_parent_role_names"] = [use.role.name for use in called.parents]
            made["ansible_parent_role_paths"] = [use.role.path for use in called.parents]
        if role.collection:
            made["ansible_collection_name"] = role.collection
    return made


def search_path(play: PlayContext, node: TaskNode) -> tuple[str, ...]:
    """Folders in which relative files are looked for: role, roles that use it, the task's file, the play."""
    found: list[str] = []
    for use in role_chain(node.role):
        found.append(use.role.path)
    if node.task.folder:
        found.append(node.task.folder)
    found.append(play.plan.play.folder)
    return tuple(dict.fromkeys(os.path.abspath(folder) for folder in found))


def host_magic(play: PlayContext, host: str) -> Layer:
    """Magic variables of a host in this play batch."""
    made = play.magic.get(host)
    if made is None:
        # Another thread may empty the dict meanwhile (add_host).
        shared = play.magic.get("")
        if shared is None:
            shared = play.magic[""] = _play_magic(play)
        made = {**shared, **_host_magic(play, host)}
        play.magic[host] = made
    if play.left:
        live = play.live
        return {**made, "ansible_play_hosts": live, "play_hosts": live, "ansible_play_batch": live}
    return made


def _host_magic(play: PlayContext, host: str) -> dict[str, Any]:
    inventory = play.world.inventory
    found = inventory.hosts.get(host)
    source = found.source if found else ""
    in_file = bool(source) and "," not in source
    return {
        "inventory_hostname": host,
        "inventory_hostname_short": host if _is_address(host) else host.partition(".")[0],
        "group_names": list(inventory.groups_of(host)) if found else [],
        "inventory_dir": os.path.dirname(os.path.abspath(source)) if in_file else None,
        "inventory_file": os.path.abspath(source) if in_file else None,
    }


def _is_address(name: str) -> bool:
    return name.replace(".", "").isdigit() or ":" in name


def _play_magic(play: PlayContext) -> dict[str, Any]:
    options = play.world.options
    own = list(dict.fromkeys(use.role.name for use in play.plan.roles if not use.parents))
    others = list(dict.fromkeys(use.role.name for use in play.plan.roles if use.parents))
    batch = list(play.batch)
    return {
        "omit": OMIT,
        "groups": play.world.inventory.groups_map(),
        "playbook_dir": options.playbook_dir or os.path.abspath(play.plan.play.folder),
        "ansible_playbook_python": sys.executable,
        "ansible_version": ANSIBLE_VERSION,
        "ansible_check_mode": options.check,
        "ansible_diff_mode": options.diff,
        "ansible_verbosity": options.verbosity,
        "ansible_forks": options.forks,
        "ansible_limit": options.limit or "all",
        "ansible_run_tags": sorted(options.tags) or ["all"],
        "ansible_skip_tags": sorted(options.skip_tags),
        "ansible_inventory_sources": list(options.inventory_sources),
        "ansible_config_file": None,
        "ansible_play_name": str(play.plan.play.name),
        "ansible_play_hosts_all": list(play.everyone),
        "ansible_play_hosts": batch,
        "ansible_play_batch": batch,
        "play_hosts": batch,
        "role_names": own,
        "ansible_role_names": list(dict.fromkeys([*own, *others])),
        "ansible_play_role_names": own,
        "ansible_dependent_role_names": others,
    }
