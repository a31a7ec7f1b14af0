"""Executable inventories: run ``--list``, and ``--host NAME`` where ``_meta`` is missing.

ansible-core renders templates in a script's values, so with ``trusted`` they are the user's own text.
A script that passes on cloud tags or other foreign text should be run without.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from fleet.errors import InputError, Location
from fleet.inventory.model import ALL, Inventory
from fleet.inventory.varfiles import kind
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import trust_all


def parse(
    path: str, inventory: Inventory, problems: Diagnostics, *, trusted: bool = True, timeout: float = 120.0
) -> None:
    """Run the script at ``path`` and add what it says. ``timeout`` is in seconds, for each call."""
    at = Location(path)
    try:
        data = _run(path, ["--list"], timeout)
        meta = data.pop("_meta", None)
        hostvars = meta.get("hostvars") if isinstance(meta, dict) else None
        for name, body in data.items():
            _group(name, body, path, inventory, trusted)
        inventory_hosts = [
            name for name, host in inventory.hosts.items() if host.source == os.path.abspath(path)
        ]
        if isinstance(hostvars, dict):
            known = {name: hostvars[name] for name in hostvars if name in inventory.hosts}
        else:
            known = {name: _run(path, ["--host", name], timeout) for name in inventory_hosts}
        for name, values in known.items():
            _check(values, f"the variables of host {name!r}", at)
            inventory.add_host(name, (), _own(values, at, trusted))
    except InputError as error:
        problems.add(error)


def _group(name: str, body: Any, path: str, inventory: Inventory, trusted: bool) -> None:
    at = Location(path)
    if isinstance(body, dict) and not {"hosts", "children", "vars"} & body.keys():
        body = {"hosts": [name], "vars": body}
    if isinstance(body, list):
        body = {"hosts": body}
    _check(body, f"group {name!r}", at)
    group = inventory.add_group(name, at)
    for host in _names(body.get("hosts"), f"'hosts' of group {name!r}", at):
        inventory.add_host(host, (name,), source=os.path.abspath(path), at=at)
    values = body.get("vars") or {}
    _check(values, f"'vars' of group {name!r}", at)
    inventory.set_vars(group.vars, _own(values, at, trusted))
    for child in _names(body.get("children"), f"'children' of group {name!r}", at):
        inventory.add_group(child, at)
        if child != ALL:
            inventory.add_child(name, child, at)


def _own(values: dict[str, Any], at: Location, trusted: bool) -> dict[str, Any]:
    made: dict[str, Any] = trust_all(values, at) if trusted else values
    return made


def _check(value: Any, what: str, at: Location) -> None:
    if not isinstance(value, dict):
        raise InputError(f"inventory script: {what} must be a mapping, not {json.dumps(value)[:40]}", at=at)


def _names(value: Any, what: str, at: Location) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"inventory script: {what} must be a list of names", at=at)
    return value


def _run(path: str, arguments: list[str], timeout: float) -> dict[str, Any]:
    call = " ".join([path, *arguments])
    at = Location(path)
    try:
        done = subprocess.run(
            [os.path.abspath(path), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{call} took longer than {timeout:g} seconds", at=at) from None
    except OSError as error:
        raise InputError(f"cannot run {call}: {error.strerror}", at=at) from None
    said = " ".join(done.stderr.decode("utf-8", "replace").split())[-300:]
    if done.returncode:
        raise InputError(f"{call} ended with exit code {done.returncode}", at=at, hint=said)
    try:
        data = json.loads(done.stdout or b"{}")
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{call} printed no JSON: {error}", at=at, hint=said) from None
    if not isinstance(data, dict):
        raise InputError(f"{call} must print a JSON mapping, not {kind(data)}", at=at)
    return data
