"""Lookups of what the controller knows: variables, environment, settings, hosts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.lookups.call import LookupCall, flat
from fleet.template.plain import plain
from fleet.template.undefined import Missing


def env(call: LookupCall) -> list[Any]:
    """Environment variables of the controller; ``default`` (else "") where one is not set."""
    default = call.option("default", "")
    made = []
    for name in call.texts():
        value = os.environ.get(name, default)
        if isinstance(value, Missing):
            raise UndefinedVariable(f"The environment variable '{name}' is not set.")
        made.append(value)
    return made


env.takes_missing = ("default",)  # type: ignore[attr-defined]


def variables(call: LookupCall) -> list[Any]:
    """Variables by name; ``default`` where there is none."""
    made = []
    for name in flat(call.terms):
        if not isinstance(name, str):
            raise TemplateError(f"Variable name must be 'str' not '{type(name).__name__}'.")
        if name in call.scope:
            made.append(plain(call.scope[name]))
        elif "default" in call.options:
            made.append(call.options["default"])
        else:
            raise UndefinedVariable(f"No variable named '{name}' was found.")
    return made


def varnames(call: LookupCall) -> list[Any]:
    """The names of the variables that match the given regular expressions."""
    made: list[Any] = []
    for pattern in flat(call.terms):
        if not isinstance(pattern, str):
            raise TemplateError(
                f"Invalid setting identifier, '{pattern}' is not a string, it is a {type(pattern).__name__}"
            )
        try:
            found = re.compile(pattern)
        except re.error as error:
            raise TemplateError(f"Unable to use '{pattern}' as a search parameter: {error}") from None
        made.extend(name for name in call.scope if found.search(name))
    return made


def config(call: LookupCall) -> list[Any]:
    """Settings of Ansible by name; ``on_missing``: error, warn or skip."""
    made: list[Any] = []
    for name in call.texts():
        setting = call.scope.templar.setting
        try:
            if setting is None:
                raise KeyError(name)
            kind = (str(call.option("plugin_type", "")), str(call.option("plugin_name", "")))
            made.append(_of_plugin(*kind, name, setting) if all(kind) else setting(name))
        except KeyError:
            what = f"No config definition exists for '{name}'."
            missing = call.option("on_missing", "error")
            if missing == "error":
                raise TemplateError(what) from None
            if missing == "warn":
                call.scope.templar.warn(what)
    return made


PLUGIN_OPTIONS: dict[tuple[str, str, str], tuple[tuple[str, ...], str]] = {
    ("become", "sudo", "become_flags"): (("ANSIBLE_BECOME_FLAGS", "ANSIBLE_SUDO_FLAGS"), "-H -S -n"),
    ("become", "sudo", "become_exe"): (("ANSIBLE_BECOME_EXE", "ANSIBLE_SUDO_EXE"), "sudo"),
    ("become", "su", "become_flags"): (("ANSIBLE_BECOME_FLAGS", "ANSIBLE_SU_FLAGS"), ""),
    ("become", "su", "become_exe"): (("ANSIBLE_BECOME_EXE", "ANSIBLE_SU_EXE"), "su"),
    ("connection", "ssh", "ssh_transfer_method"): (("ANSIBLE_SSH_TRANSFER_METHOD",), "smart"),
}
"""Options of Ansible's own plugins that playbooks ask for: variables of the environment, the default."""


def _of_plugin(kind: str, plugin: str, name: str, setting: Callable[[str], Any]) -> Any:
    """An option of a plugin; one that is unknown may be a setting of all. Raises KeyError."""
    found = PLUGIN_OPTIONS.get((kind, plugin.rpartition(".")[2], name))
    if found is None:
        return setting(name)
    variables, default = found
    return next((os.environ[each] for each in variables if each in os.environ), default)


def inventory_hostnames(call: LookupCall) -> list[Any]:
    """The hosts of the inventory that match the patterns."""
    match = call.scope.templar.match_hosts
    if match is None:
        raise TemplateError("there is no inventory here to match hosts in")
    return list(match(",".join(call.texts())))


def collection_version(call: LookupCall) -> list[Any]:
    """``result_not_found`` (``None``) for each collection: what collections hold is built in here."""
    return [call.option("result_not_found") for _ in call.texts()]
