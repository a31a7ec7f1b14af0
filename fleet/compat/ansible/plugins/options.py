"""Options of a plugin out of its documentation."""

from __future__ import annotations

import configparser
import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from typing import Any

import yaml

from ..errors import AnsibleError, AnsibleOptionsError
from ..module_utils.parsing.convert_bool import boolean
from ..template import trust_as_template
from .fragments import BUILTIN

INI: configparser.RawConfigParser | None = None
"""The settings file of the run; the loader of plugins sets it."""
FOLDERS: list[str] = []
"""Folders with fragments of documentation; the loader of plugins sets it."""


def documented(module: str) -> dict[str, Any]:
    """The options in the documentation of a plugin's file and of the fragments that it names."""
    text = getattr(sys.modules.get(module), "DOCUMENTATION", None)
    document = _parsed(text)
    options: dict[str, Any] = {}
    fragments = document.get("extends_documentation_fragment") or []
    for fragment in [fragments] if isinstance(fragments, str) else fragments:
        options.update(_fragment(str(fragment)))
    options.update(document.get("options") or {})
    return {str(name): entry for name, entry in options.items() if isinstance(entry, dict)}


def _fragment(name: str) -> dict[str, Any]:
    short = name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    parts = short.split(".")
    if len(parts) < 3:
        return dict(BUILTIN[short]) if short in BUILTIN else _options(_beside(parts[0]), parts[1:])
    try:
        module = importlib.import_module(f"ansible_collections.{parts[0]}.{parts[1]}.plugins.doc_fragments.{parts[2]}")
    except ImportError:
        return {}
    return _options(module, parts[3:])


def _options(module: Any, rest: list[str]) -> dict[str, Any]:
    holder = getattr(module, "ModuleDocFragment", None)
    text = getattr(holder, rest[0].upper() if rest else "DOCUMENTATION", None)
    return dict(_parsed(text).get("options") or {})


def _beside(name: str) -> Any:
    """The fragment's module in one of the folders, None where there is none."""
    for folder in FOLDERS:
        path = os.path.join(folder, f"{name}.py")
        if os.path.isfile(path):
            spec = importlib.util.spec_from_file_location(f"fleet_plugins.fragments.{name}", path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return None


def _parsed(text: Any) -> dict[str, Any]:
    if not isinstance(text, str):
        return {}
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AnsibleError(f"the documentation of the plugin cannot be parsed: {error}") from None
    return found if isinstance(found, dict) else {}


def option_value(
    name: str, entry: Mapping[str, Any], given: Mapping[str, Any], variables: Mapping[str, Any]
) -> tuple[Any, str]:
    """The value of an option and where it came from."""
    for key in (name, *entry.get("aliases", ())):
        if key in given:
            return checked(name, entry, given[key], "Direct"), "Direct"
    for place in reversed(entry.get("vars") or ()):
        if place.get("name") in variables:
            return checked(name, entry, variables[place["name"]]), f"var: {place['name']}"
    for place in reversed(entry.get("env") or ()):
        if place.get("name") in os.environ:
            return checked(name, entry, os.environ[place["name"]]), f"env: {place['name']}"
    for place in reversed(entry.get("ini") or ()):
        if INI is not None and INI.has_option(place.get("section", ""), place.get("key", "")):
            return checked(name, entry, INI.get(place["section"], place["key"])), "ini"
    # A default is the plugin's own text, which it may want to render.
    return trust_as_template(checked(name, entry, entry.get("default"))), "default"


def checked(name: str, entry: Mapping[str, Any], value: Any, where: str = "default") -> Any:
    """``value`` as the type that is documented; ``AnsibleOptionsError`` when it is none, or no choice."""
    if value is None:
        return None
    kind = str(entry.get("type", "")).lower()
    try:
        made = _converted(kind, value)
    except (TypeError, ValueError):
        raise AnsibleOptionsError(
            f"Config {name!r} from {where!r} has an invalid value: Invalid value provided for {kind!r}: {value!r}"
        ) from None
    choices: Any = entry.get("choices")
    for item in (made if isinstance(made, list) else [made]) if choices else ():
        if item not in choices:
            shown = ", ".join(map(str, choices))
            raise AnsibleOptionsError(
                f"Invalid value {item!r} for configuration option {name!r}, valid values are: {shown}"
            )
    return made


def _listed(value: Any) -> list[Any]:
    # A list of the user's keeps what it knows about itself: its texts may be templates.
    return value if isinstance(value, list) else list(value)


def _converted(kind: str, value: Any) -> Any:
    if kind in ("bool", "boolean"):
        return boolean(value, strict=False)
    if kind in ("int", "integer"):
        return int(value)
    if kind == "float":
        return float(value)
    if kind == "list":
        return [item.strip() for item in value.split(",")] if isinstance(value, str) else _listed(value)
    if kind in ("pathlist", "pathspec"):
        parts = value.split("," if kind == "pathlist" else os.pathsep) if isinstance(value, str) else list(value)
        return [os.path.expanduser(os.path.expandvars(part.strip())) for part in parts]
    if kind in ("path", "tmp", "tmppath"):
        return os.path.expanduser(os.path.expandvars(str(value)))
    if kind in ("str", "string") and not isinstance(value, str | bytes):
        if isinstance(value, dict | list):
            raise TypeError
        return str(value)
    if kind in ("dict", "dictionary") and not isinstance(value, Mapping):
        raise TypeError
    return value
