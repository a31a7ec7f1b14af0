"""``add_host`` and ``group_by``: what they change in the inventory of the run. Part of HostRun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet.actions.base import Result

if TYPE_CHECKING:
    from fleet.engine.host import HostRun


class Additions:
    """Makes one host's changes to the inventory, and tells whether they are any."""

    def __init__(self, run: HostRun) -> None:
        self.run = run
        self.play = run.play

    def inventory_changes(self, result: Result) -> None:
        """What add_host and group_by ask for. ``changed`` says whether the inventory is another one now."""
        with self.play.world.lock:
            self.change_inventory(result)
            self.play.magic.clear()

    def change_inventory(self, result: Result) -> None:
        inventory, host = self.play.world.inventory, self.run.state.name
        added, group = result.get("add_host"), result.get("add_group")
        if isinstance(added, dict):
            known = inventory.hosts.get(added["host_name"])
            before = dict(known.vars) if known else None
            groups = [name for name in added["groups"] if known is None or name not in known.groups]
            inventory.add_host(added["host_name"], added["groups"], added["host_vars"])
            inventory.settle([added["host_name"]])
            if "changed" in result and not (known is None or groups or before != dict(known.vars)):
                result["changed"] = False
        elif isinstance(group, str):
            changed = group not in inventory.groups or host not in inventory.members(group)
            inventory.add_group(group)
            for parent in result.get("parent_groups") or []:
                inventory.add_group(parent)
                inventory.add_child(parent, group)
            if host not in inventory.hosts:
                inventory.add_host(host)
            inventory.add_to_group(host, group)
            inventory.settle([host])
            if changed:
                result["changed"] = True
