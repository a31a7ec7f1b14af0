"""Ansible's filters, tests and lookups as functions of this template layer.

Plugins get plain values: ordinary dicts, lists and text without any right to be templates. What they
give back is data.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import FleetError
from fleet.plugins.views import Loader, Templates, Variables
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.lookups.call import Lookup, LookupCall
from fleet.template.plain import plain


def function_of(kind: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A plugin's filter or test (``kind``) as one that can stand beside the built-in ones."""
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    def call(*args: Any, **kwargs: Any) -> Any:
        handed = [*args[:first], *map(handed_in, args[first:])]
        try:
            return function(*handed, **{key: handed_in(value) for key, value in kwargs.items()})
        except FleetError:
            raise
        except Exception as error:
            raise failure(kind, name, error) from error

    for mark in ("jinja_pass_arg", "fleet_takes_undefined"):
        if hasattr(function, mark):
            setattr(call, mark, getattr(function, mark))
    return call


def handed_in(value: Any) -> Any:
    """``value`` as a plugin sees it. Mappings of everything (hostvars) are not read through."""
    if isinstance(value, str | dict | list | tuple | set) or not isinstance(value, Mapping):
        try:
            return plain(value)
        except UndefinedVariable:
            raise
        except TemplateError:
            return value
    return value


def failure(kind: str, name: str, error: Exception) -> FleetError:
    """The error of a plugin as one of a template."""
    errors = sys.modules.get("ansible.errors")
    undefined = getattr(errors, "AnsibleUndefinedVariable", ())
    what = str(error) or type(error).__name__
    if isinstance(error, undefined):
        return UndefinedVariable(what)
    return TemplateError(f"The {kind} plugin '{name}' failed: {what}")


def lookup_of(name: str, made: Callable[..., Any]) -> Lookup:
    """A plugin's ``LookupModule`` as a lookup."""

    def run(call: LookupCall) -> list[Any]:
        variables = Variables(call.scope)
        plugin = made(loader=Loader(call.scope), templar=Templates(call.scope))
        try:
            found = plugin.run(call.terms, variables=variables, **call.options)
        except FleetError:
            raise
        except Exception as error:
            reason = failure("lookup", name, error)
            # run_lookup puts the name in front.
            reason.what = reason.what.removeprefix(f"The lookup plugin '{name}' failed: ")
            raise reason from error
        if isinstance(found, str) or not hasattr(found, "__iter__"):
            raise TemplateError(f"it returned {type(found).__name__}, not a list")
        return [plain(item) for item in found]

    return run
