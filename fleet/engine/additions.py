"""``add_host`` and ``group_by``: what they change in the inventory of the run. Part of HostRun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fleet.actions.base import Result
from fleet.inventory.model import Inventory

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Additions:
    """Makes one host's changes to the inventory, and tells whether they are any."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play

    def inventory_changes(self, result: Result) -> None:
        """What add_host and group_by ask for; ``changed`` says whether the inventory is another one now."""
        world, change = self.play.world, self.change(result)
        if change is None:
            return
        with world.lock:
            if "add_group" in result and self.run.state.name not in world.inventory.hosts:
                world.inventory.add_host(self.run.state.name)
            changed = change(world.inventory)
            world.changes.append(change)
            self.play.magic.clear()
        if "add_group" in result:
            result["changed"] = result.get("changed") or changed
        elif "changed" in result and not changed:
            result["changed"] = False

    def change(self, result: Result) -> Callable[[Inventory], bool] | None:
        """The change as something that can be done again to an inventory that was read again."""
        added, group = result.get("add_host"), result.get("add_group")
        if isinstance(added, dict):
            return partial(add_host, added)
        if isinstance(group, str):
            return partial(add_to_group, self.run.state.name, group, tuple(result.get("parent_groups") or ()))
        return None


def add_host(added: Mapping[str, Any], inventory: Inventory) -> bool:
    """Add a host, or variables and groups to a known one. True when that is anything new."""
    known = inventory.hosts.get(added["host_name"])
    before = dict(known.vars) if known else None
    groups = [name for name in added["groups"] if known is None or name not in known.groups]
    inventory.add_host(added["host_name"], added["groups"], added["host_vars"])
    inventory.settle([added["host_name"]])
    return known is None or bool(groups) or before != dict(known.vars)


def add_to_group(host: str, group: str, parents: Sequence[str], inventory: Inventory) -> bool:
    """Put a host into a group, and that under its parents. True when the host was not in it."""
    changed = group not in inventory.groups or host not in inventory.members(group)
    inventory.add_group(group)
    for parent in parents:
        inventory.add_group(parent)
        inventory.add_child(parent, group)
    if host in inventory.hosts:
        inventory.add_to_group(host, group)
    inventory.settle([host] if host in inventory.hosts else [])
    return changed
