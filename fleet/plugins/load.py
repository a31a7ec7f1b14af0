"""Imports a plugin's file, with the part of Ansible's Python API that fleet provides within reach."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from fleet.compat import finder
from fleet.errors import FleetError
from fleet.record import record
from fleet.source.nodes import trust_all
from fleet.template.filters import FILTERS
from fleet.template.tests import TESTS


class PluginError(FleetError):
    """A plugin's file cannot be used."""


@record
class Surroundings:
    """What plugins find behind Ansible's names: where warnings and lines go, settings, other lookups."""

    warn: Callable[[str], None]
    setting: Callable[[str], Any]
    lookup: Callable[[str, Any, Any], Any]
    verbosity: int = 0
    collections: tuple[str, ...] = ()
    ini: Any = None
    cache: Callable[[str], Any] = lambda _name: None
    fragments: tuple[str, ...] = ()


def provide(around: Surroundings) -> None:
    """Make ``import ansible...`` work from now on. The run's own parts go behind the names."""
    finder.install(around.collections)
    display = importlib.import_module("ansible.utils.display").Display
    display.warn = staticmethod(around.warn)
    display.show = staticmethod(lambda text: print(text, file=sys.stderr))
    display.verbosity = around.verbosity
    importlib.import_module("ansible.constants").SETTING = around.setting  # type: ignore[attr-defined]
    options: Any = importlib.import_module("ansible.plugins.options")
    options.INI, options.FOLDERS = around.ini, list(around.fragments)
    loader: Any = importlib.import_module("ansible.plugins.loader")
    loader.GET, loader.CACHE = around.lookup, around.cache
    importlib.import_module("ansible.template").TRUST = trust_all  # type: ignore[attr-defined]
    importlib.import_module("ansible.plugins.filter.core").TABLE = FILTERS  # type: ignore[attr-defined]
    importlib.import_module("ansible.plugins.test.core").TABLE = TESTS  # type: ignore[attr-defined]


def by_path(path: str, kind: str, number: int) -> ModuleType:
    """The module in the file ``path``. Raises PluginError."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    name = f"fleet_plugins.{kind}{number}.{stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PluginError(_why(error), at=None) from error
    return module


def by_name(collection: str, kind: str, parts: Sequence[str]) -> ModuleType:
    """The plugin's module of a collection. Raises PluginError."""
    try:
        return importlib.import_module(".".join(["ansible_collections", collection, "plugins", kind, *parts]))
    except Exception as error:
        raise PluginError(_why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "ansible":
        return f"it needs a part of Ansible's Python API that is not provided here: {error}"
    return str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
