"""The names of all variables that anything in a run could define; ``open`` where that cannot be told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import InputError
from fleet.inventory.model import Inventory
from fleet.plan.check.spot import Spot
from fleet.plan.check.walk import Walk
from fleet.playbook import registry
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Trusted, has_template
from fleet.source.yaml import load, read_text
from fleet.vault.crypt import VaultError

MAGIC = frozenset(
    (
        "groups group_names hostvars inventory_hostname inventory_hostname_short inventory_dir "
        "inventory_file omit vars environment playbook_dir role_path role_name role_names role_uuid "
        "play_hosts parent_role_names module_setup gather_subset template_host template_uid template_path "
        "template_fullpath template_destpath template_run_date discovered_interpreter_python true false "
        "none True False None"
    ).split()
)
PREFIXES = ("ansible_", "facter_", "ohai_", "getent_")
FACTS = {
    "package_facts": ("packages",),
    "service_facts": ("services",),
    "mount_facts": ("mount_points", "aggregate_mounts"),
}
"""Variables that modules set besides those that start with ``ansible_``."""
VAULT = "$ANSIBLE_VAULT;"
_TASK_ARGS = frozenset({"cacheable"})


@dataclass(slots=True)
class Known:
    """``names`` may be defined; ``registered`` are those of them that hold results of tasks."""

    names: set[str] = field(default_factory=set)
    registered: set[str] = field(default_factory=set)
    open: bool = False

    def has(self, name: str) -> bool:
        """True when ``name`` could be defined."""
        return name in self.names or name in MAGIC or name.startswith(PREFIXES)

    def add(self, layer: Any) -> None:
        """The keys of a mapping of variables; a key that is a template may be anything."""
        if isinstance(layer, list | tuple):
            for item in layer:
                self.add(item)
        if isinstance(layer, str):
            self.open = True
        if not isinstance(layer, Mapping):
            return
        for key in layer:
            if isinstance(key, Trusted) and key.is_template:
                self.open = True
            else:
                self.names.add(str(key))


def known(walks: Iterable[Walk], inventory: Inventory, extra: Mapping[str, Any], problems: Diagnostics) -> Known:
    """Everything that the inventory, the command line and the plays of ``walks`` could define."""
    found = Known()
    found.add(extra)
    _inventory(inventory, found, problems)
    for walk in walks:
        found.open = found.open or walk.open_tasks
        _play(walk, found, problems)
        if walk.loops:
            found.names.add("item")
        for use in walk.roles.values():
            found.add((use.params, use.role.vars, use.role.defaults))
        for spot in walk.spots:
            _task(spot, walk, found)
    return found


def _inventory(inventory: Inventory, found: Known, problems: Diagnostics) -> None:
    for group in inventory.groups.values():
        try:
            for _, layer in inventory.group_layers(group):
                found.add(layer)
        except VaultError:
            # Perhaps no play needs it; a host that does tells.
            found.open = True
        except InputError as error:
            problems.add(error)
            found.open = True
    for host in inventory.hosts.values():
        try:
            for _, layer in inventory.host_layers(host):
                if layer:
                    found.names.update(layer)
        except VaultError:
            found.open = True
        except InputError as error:
            problems.add(error)
            found.open = True


def _play(walk: Walk, found: Known, problems: Diagnostics) -> None:
    keywords = walk.plan.play.keywords
    found.add(keywords.get("vars"))
    for prompt in keywords.get("vars_prompt") or ():
        if isinstance(prompt, Mapping):
            found.names.add(str(prompt.get("name")))
    entries = keywords.get("vars_files")
    for entry in entries if isinstance(entries, list) else [entries]:
        for name in entry if isinstance(entry, list) else [entry]:
            if name is not None:
                _file(name, [os.path.join(walk.plan.play.folder, "vars"), walk.plan.play.folder], found, problems)


def _file(name: Any, folders: Iterable[str], found: Known, problems: Diagnostics | None = None) -> None:
    """The variables in a file of variables named by plain text."""
    if not isinstance(name, str) or has_template(name):
        found.open = True
        return
    for folder in folders:
        path = os.path.normpath(os.path.join(folder, os.path.expanduser(name)))
        if not os.path.isfile(path):
            continue
        try:
            text = read_text(path)
            value = None if text.startswith(VAULT) else load(text, path, problems)
            found.open = found.open or text.startswith(VAULT)
        except InputError as error:
            found.open = True
            if problems is not None:
                problems.add(error)
            return
        listed = isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
        if not (value is None or listed or isinstance(value, Mapping)) and problems is not None:
            problems.error("a file of variables must hold a mapping", getattr(value, "at", None))
        found.add(value)
        return
    found.open = True


def _task(spot: Spot, walk: Walk, found: Known) -> None:
    node = spot.node
    found.add(node.kw.get("vars"))
    found.add(node.include_vars)
    if node.role is not None:
        for use in (node.role, *node.role.parents):
            found.add(use.params)
    register = node.kw.get("register")
    if isinstance(register, str):
        found.names.add(register)
        found.registered.add(register)
    control = node.kw.get("loop_control")
    if isinstance(control, Mapping):
        found.names.update(str(control[name]) for name in ("loop_var", "index_var") if control.get(name))
    _by_module(spot, walk, found)


def _by_module(spot: Spot, walk: Walk, found: Known) -> None:
    node, args = spot.node, spot.args
    if node.action in ("set_fact", "add_host"):
        found.add({key: 0 for key in args if key not in _TASK_ARGS})
        found.open = found.open or "_variable_params" in args
    elif node.action == "group_by":
        found.open = True
    elif node.action == "include_vars":
        _include_vars(spot, walk, found)
    elif node.action in FACTS:
        found.names.update(FACTS[node.action])
    elif registry.resolve(node.action) is None and not suggest(node.action, registry.known()):
        # A module of somebody else may return facts under any name.
        found.open = True


def _include_vars(spot: Spot, walk: Walk, found: Known) -> None:
    args = spot.args
    if args.get("name") is not None:
        found.add({args["name"]: 0})
        return
    name = args.get("_raw_params", args.get("file"))
    if args.get("dir") is not None or spot.node.task.loop is not None:
        found.open = True
        return
    folders = search_folders(spot, walk.plan.play.folder)
    _file(name, [os.path.join(folder, kind) for folder in folders for kind in ("vars", "")], found)


def search_folders(spot: Spot, play_folder: str) -> tuple[str, ...]:
    """Folders in which relative files of a task are looked for: its roles, its own file's, the play's."""
    node = spot.node
    uses = (node.role, *node.role.parents) if node.role else ()
    found = [use.role.path for use in uses]
    if node.task.folder:
        found.append(node.task.folder)
    return tuple(dict.fromkeys(os.path.abspath(folder) for folder in (*found, play_folder)))
