"""Inventory plugins of others: Python classes of Ansible's API, which fill the inventory through views of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fleet.errors import FleetError, InputError, Location
from fleet.inventory.handles import Data
from fleet.plugins.views import Loader
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.inventory.sources import Job


class _Loader(Loader):
    """The loader that inventory plugins are handed."""

    def __init__(self, job: Job) -> None:
        folder = os.path.dirname(os.path.abspath(job.path))
        super().__init__(Scope((), job.options.templar(), (folder,)))
        self.extra = job.options.extra_vars

    def extra_vars(self) -> dict[str, Any]:
        """The variables of the command line."""
        return dict(self.extra)

    def get_basedir(self) -> str:
        """Where relative files of plugins are looked for: the working directory."""
        return os.getcwd()


def made(name: str, job: Job) -> Any:
    """The plugin ``name``, new; None where nobody brings one of that name. Raises InputError."""
    if job.options.plugins is None:
        return None
    try:
        found = job.options.plugins().named("inventory", name)
        if found is None:
            return None
        plugin = found()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the inventory plugin {name!r} cannot be used: {_what(error)}") from error
    plugin.ansible_name = name
    return plugin


def wants(plugin: Any, path: str) -> bool:
    """True when the plugin says that the source is for it."""
    try:
        return bool(plugin.verify_file(path))
    except Exception:
        # What it stumbles over is a source of some other kind.
        return False


def parse(plugin: Any, name: str, job: Job, at: Location | None = None) -> None:
    """Let the plugin read the source. Raises InputError."""
    inventory = job.inventory
    inventory.settle()
    data = Data(inventory, os.path.abspath(job.path) if os.path.exists(job.path) else job.path)
    at = at or Location(job.path)
    try:
        plugin.parse(data, _Loader(job), data.current_source, cache=not job.options.flush_cache)
        if hasattr(plugin, "update_cache_if_changed"):
            plugin.update_cache_if_changed()
    except FleetError as error:
        raise InputError(f"inventory plugin {name!r}: {error.what}", at=error.at or at, hint=error.hint) from error
    except Exception as error:
        raise InputError(f"inventory plugin {name!r}: {_what(error)}", at=at) from error
    finally:
        inventory.settle()


def configured(data: Mapping[str, Any], name: str, job: Job, at: Location | None) -> bool:
    """Let the plugin that a YAML file names read it; False where there is none. Raises InputError."""
    plugin = made(name, job)
    if plugin is None:
        return False
    if not plugin.verify_file(os.path.abspath(job.path)):
        what = f"inventory source {job.path!r} could not be verified by inventory plugin {name!r}"
        raise InputError(what, at=at, hint="the name of the file must end as the plugin's documentation says")
    parse(plugin, name, job, at)
    return True


def _what(error: BaseException) -> str:
    """What went wrong, with what was behind it."""
    said = str(getattr(error, "what", "") or error)
    if not hasattr(error, "what") and not hasattr(error, "message"):
        said = f"{type(error).__name__}: {said}"  # a mistake in the plugin: its text alone says little
    cause = error.__cause__
    if cause is not None and str(cause) and str(cause) not in said:
        return f"{said.rstrip('.')}: {_what(cause)}"
    return said
