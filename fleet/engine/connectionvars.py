"""What a task may read of its connection where nobody set it: ``ansible_connection``, ``ansible_user`` and the like.

Sources: ansible-core's documented connection variables
(https://docs.ansible.com/ansible/latest/inventory_guide/connection_details.html) and what its tasks see of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.engine.options import ConnectionOptions
from fleet.inventory.model import LOCALHOSTS
from fleet.plan.tree import TaskNode
from fleet.source.nodes import trust
from fleet.transport.base import Target

ALIASES = (
    ("ansible_user", "ansible_ssh_user"),
    ("ansible_port", "ansible_ssh_port"),
    ("ansible_ssh_private_key_file", "ansible_private_key_file"),
)
"""Names of one thing: whichever is set can be read by the other name as well."""


class ConnectionDefaults(dict[str, Any]):
    """The lowest layer of a task's variables. What is decided of the connection never comes from here."""


def connection_defaults(
    options: ConnectionOptions, node: TaskNode, host: str, known: bool, inventory: Mapping[str, Any]
) -> ConnectionDefaults:
    """The layer for a task. ``known``: the host stands in the inventory; ``inventory``: its variables, raw."""
    implicit = host in LOCALHOSTS and not known
    found = {
        "ansible_connection": node.kw.get("connection") or ("local" if implicit else options.kind),
        "ansible_host": "127.0.0.1" if implicit else host,
        "ansible_ssh_host": trust("{{ ansible_host }}"),
        "ansible_timeout": int(options.timeout),
        "ansible_ssh_timeout": trust("{{ ansible_timeout }}"),
        "ansible_shell_executable": "/bin/sh",
        "ansible_user": node.kw.get("remote_user") or options.user,
        "ansible_ssh_private_key_file": options.key_file,
    }
    for name, other in ALIASES:
        for here, there in ((name, other), (other, name)):
            if there in inventory or (found.get(here) is None and found.get(there) is not None):
                found[here] = trust(f"{{{{ {there} }}}}")
    return ConnectionDefaults({name: value for name, value in found.items() if value is not None})


def of_delegate(target: Target) -> ConnectionDefaults:
    """The layer for a delegated task: what nobody set for the task's own host is the delegate's."""
    found = {
        "ansible_connection": target.kind,
        "ansible_host": target.address,
        "ansible_timeout": int(target.connect_timeout),
        "ansible_shell_executable": "/bin/sh",
        "ansible_port": target.port,
        "ansible_user": target.user,
        "ansible_ssh_private_key_file": next(iter(target.key_files), None),
    }
    for name, other in (*ALIASES, ("ansible_host", "ansible_ssh_host"), ("ansible_timeout", "ansible_ssh_timeout")):
        found[other] = found[name]
    return ConnectionDefaults({name: value for name, value in found.items() if value is not None})
