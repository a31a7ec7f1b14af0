"""Executable inventories: run ``--list``, and ``--host NAME`` where ``_meta`` is missing.

ansible-core renders templates in a script's values, so with ``trust_scripts`` they are the user's own text,
but for those wrapped in ``__ansible_unsafe``. A script that passes on foreign text should be run without.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from fleet.errors import InputError, Location
from fleet.inventory.model import ALL, Inventory
from fleet.inventory.options import InventoryOptions
from fleet.source.diagnostics import Diagnostics
from fleet.source.tagged import tagged

_GROUP_KEYS = ("hosts", "children", "vars")
_RESULT = "Unable to get JSON decoder for inventory script result."
PROFILE = "inventory_legacy"


def parse(path: str, inventory: Inventory, problems: Diagnostics, options: InventoryOptions) -> None:
    """Run the script at ``path`` and add what it says. Every mistake becomes an error in ``problems``."""
    try:
        _Script(path, inventory, problems, options).read()
    except InputError as error:
        problems.add(error)


@dataclass(slots=True)
class _Script:
    """One script. ``said`` is what it last wrote to standard error: the likely cause of what is wrong."""

    path: str
    inventory: Inventory
    problems: Diagnostics
    options: InventoryOptions
    said: str = ""

    @property
    def at(self) -> Location:
        return Location(self.path)

    def read(self) -> None:
        data = self.listing()
        meta = data.pop("_meta", {})
        hosts: dict[str, None] = {}
        for name, body in data.items():
            self.group(name, body, hosts)
        if "hostvars" in meta:
            known = {name: values for name, values in meta["hostvars"].items() if name in self.inventory.hosts}
        else:
            known = {name: self.ask_host(name) for name in hosts}
        for name, values in known.items():
            if not isinstance(values, dict):
                what = f"Invalid data from file, expected dictionary and got: {json.dumps(values)[:40]}"
                raise self.bad(f"{what} (host {name!r})")
            self.inventory.add_host(name, (), self.own(values))

    def listing(self) -> dict[str, Any]:
        output = self.run(["--list"])
        try:
            data = json.loads(output or "{}")
        except ValueError as error:
            raise self.bad(f"{_RESULT} Value could not be parsed as JSON: {error}") from None
        self.shape(data, dict, "Value")
        meta = data.get("_meta", {})
        self.shape(meta, dict, "Value contains '_meta' which")
        profile = meta.get("profile", PROFILE)
        self.shape(profile, str, "Value contains '_meta.profile' which")
        if profile != PROFILE:
            if profile.startswith("inventory_"):
                raise self.bad(f"{_RESULT} Unknown profile name {profile!r}")
            raise self.bad(f"{_RESULT} Non-inventory profile {profile!r} is not allowed.")
        self.shape(meta.get("hostvars", {}), dict, "Value contains '_meta.hostvars' which")
        self.check_marks(data, "Inventory script result")
        found: dict[str, Any] = data
        return found

    def shape(self, value: Any, wanted: type, what: str) -> None:
        if not isinstance(value, wanted):
            raise self.bad(f"{_RESULT} {what} is {type(value).__name__!r} instead of {wanted.__name__!r}")

    def bad(self, what: str) -> InputError:
        return InputError(what, at=self.at, hint=self.said)

    def group(self, written: str, body: Any, hosts: dict[str, None]) -> None:
        plain = False
        if isinstance(body, dict) and not any(key in body for key in _GROUP_KEYS):
            self.problems.warn(f"Treating malformed group {written!r} as the sole host of that group", self.at)
            body, plain = {"hosts": [written], "vars": body}, True
        elif not isinstance(body, dict):
            if not isinstance(body, list):
                what = f"Group {written!r} was converted to 'dict' from {type(body).__name__!r}"
                self.problems.warn(what, self.at, "a group is a mapping, or a list of hosts")
            body = {"hosts": body}
        group = self.inventory.add_group(written, self.at)
        for host in self.names(written, "hosts", body):
            self.inventory.add_host(host, (group.name,), source=os.path.abspath(self.path), at=self.at)
            hosts[host] = None
        values = body.get("vars", {})
        self.member_shape(written, "vars", values, dict)
        self.inventory.set_vars(group.vars, self.own(values, plain=plain))
        for child in self.names(written, "children", body):
            below = self.inventory.add_group(child, self.at)
            if below.name != ALL:
                self.inventory.add_child(group.name, below.name, self.at)

    def names(self, group: str, key: str, body: dict[str, Any]) -> list[str]:
        value = body.get(key, [])
        self.member_shape(group, key, value, list)
        if not all(isinstance(item, str) for item in value):
            raise self.bad(f"Value contains '{group}.{key}' which must be a list of names")
        found: list[str] = value
        return found

    def member_shape(self, group: str, key: str, value: Any, wanted: type) -> None:
        if not isinstance(value, wanted):
            what = f"which is {type(value).__name__!r} instead of {wanted.__name__!r}"
            raise self.bad(f"Value contains '{group}.{key}' {what}")

    def ask_host(self, name: str) -> Any:
        output = self.run(["--host", name])
        what = f"Inventory script result for host {name!r}"
        if not output.strip():
            return {}
        try:
            data = json.loads(output)
        except ValueError as error:
            raise self.bad(f"{what} could not be parsed as JSON: {error}") from None
        self.check_marks(data, what)
        return data

    def run(self, arguments: list[str]) -> str:
        """What the script prints. Raises ``InputError`` when it fails; then what it says on stderr is the hint."""
        call = " ".join([self.path, *arguments])
        timeout = self.options.script_timeout
        try:
            done = subprocess.run(
                [os.path.abspath(self.path), *arguments],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self.bad(f"{call} took longer than {timeout:g} seconds") from None
        except OSError as error:
            raise self.bad(f"Failed to execute inventory script command: {call}: {error.strerror}") from None
        said = done.stderr.decode("utf-8", "replace")
        if self.options.script_stderr and said:
            sys.stderr.write(said if said.endswith("\n") else said + "\n")
        self.said = " ".join(said.split())[-2000:]
        if done.returncode:
            raise self.bad(f"Inventory script returned non-zero exit code {done.returncode}")
        try:
            return done.stdout.decode()
        except UnicodeDecodeError:
            what = "Inventory script result contained characters that cannot be interpreted as UTF-8"
            raise self.bad(what) from None

    def own(self, values: dict[str, Any], *, plain: bool = False) -> dict[str, Any]:
        made: dict[str, Any] = tagged(values, self.at, trusted=self.options.trust_scripts and not plain)
        return made

    def check_marks(self, data: Any, what: str) -> None:
        try:
            tagged(data, self.at)
        except InputError as error:
            raise self.bad(f"{what} could not be parsed as JSON: {error.what}") from None
