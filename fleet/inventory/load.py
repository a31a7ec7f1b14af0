"""Inventory sources become one ``Inventory``: files, folders, scripts and ``host,lists``, merged in order."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from fleet.errors import FleetError, InputError, Location
from fleet.inventory.model import Inventory, combine
from fleet.inventory.names import GROUP_CHARS
from fleet.inventory.options import IGNORED, InventoryOptions
from fleet.inventory.sources import SOURCES, Job, is_list, kind_of, plugin_of
from fleet.inventory.varfiles import VarFolder
from fleet.source.diagnostics import Diagnostics, suggest

__all__ = ["IGNORED", "InventoryOptions", "is_list", "kind_of", "load"]
NONE_PARSED = "No inventory was parsed, only implicit localhost is available"


def load(
    sources: Sequence[str],
    *,
    playbook_dirs: Sequence[str] = (),
    options: InventoryOptions | None = None,
    problems: Diagnostics,
) -> Inventory:
    """Read all ``sources``, the later ones adding to and overriding the earlier ones.

    Mistakes become errors in ``problems``; the inventory then holds what could be read. No source at
    all gives an empty inventory, in which only the implicit localhost exists. Raises ``FleetError``
    when no source could be read and ``options`` do not bear that.
    """
    options = options or InventoryOptions()
    replace, said = GROUP_CHARS[options.group_chars]
    inventory = Inventory(merge_hashes=options.hash_behaviour == "merge", replace_chars=replace)
    loader = _Loader(inventory, problems, options)
    parsed = [loader.source(source) for source in sources]
    inventory.settle()
    inventory.inventory_folders = loader.folders()
    inventory.playbook_folders = _folders(playbook_dirs, options, problems)
    _same_names(inventory, problems)
    if inventory.odd_names and said:
        problems.warn(f"{said}: {', '.join(inventory.odd_names)}", None, "see TRANSFORM_INVALID_GROUP_CHARS")
    if sources and not any(parsed):
        _none_parsed(options, problems)
    return inventory


def _none_parsed(options: InventoryOptions, problems: Diagnostics) -> None:
    if options.none_parsed == "error":
        what = "No inventory was parsed, please check your configuration and options"
        raise FleetError("; ".join([what, *(item.what for item in problems.found)]))
    if options.none_parsed == "warn":
        problems.warn(NONE_PARSED)


def _folders(bases: Sequence[str], options: InventoryOptions, problems: Diagnostics) -> list[VarFolder]:
    merge = combine if options.hash_behaviour == "merge" else None
    return [VarFolder(base, options.decrypt, problems, merge) for base in dict.fromkeys(bases)]


def _same_names(inventory: Inventory, problems: Diagnostics) -> None:
    for name in inventory.groups.keys() & inventory.hosts.keys():
        what = f"{name!r} is both a group and a host: as a pattern it means the group"
        problems.warn(what, inventory.hosts[name].at, "rename one of them")


@dataclass(slots=True)
class _Loader:
    """Takes one source after the other; each method says whether there was an inventory to read."""

    inventory: Inventory
    problems: Diagnostics
    options: InventoryOptions
    bases: list[str] = field(default_factory=list)

    def folders(self) -> list[VarFolder]:
        return _folders(self.bases, self.options, self.problems)

    def source(self, source: str) -> bool:
        self.inventory.sources.append(source if is_list(source) else os.path.abspath(source))
        if is_list(source):
            return self.attempt(source)
        self.bases.append(source if os.path.isdir(source) else os.path.dirname(source) or ".")
        return self.path(source)

    def path(self, path: str) -> bool:
        if os.path.isdir(path):
            return self.folder(path)
        if os.path.exists(path):
            return self.attempt(path)
        return self.missing(path)

    def missing(self, source: str) -> bool:
        if self.by_others(source):
            return True
        hint = f"for a single host write '{source},'" if source and os.sep not in source else ""
        error = InputError(f"inventory {source!r} does not exist", hint=suggest(source, _beside(source)) or hint)
        if os.path.islink(source):
            error = InputError("the link points to nothing", at=Location(source), hint="remove it")
        found = Diagnostics()
        found.add(error)
        self.report(source, "", found, self.options.missing or self.options.unparsed)
        return False

    def folder(self, path: str) -> bool:
        try:
            found = sorted(os.listdir(path))
        except OSError as error:
            self.problems.error(f"cannot list the folder: {error.strerror}", Location(path))
            return False
        parsed = [self.path(os.path.join(path, name)) for name in found if self.counts(name)]
        if not any(parsed) and self.options.unparsed == "fail":
            self.problems.error("the folder holds no inventory", Location(path))
        return any(parsed)

    def counts(self, name: str) -> bool:
        if name in ("group_vars", "host_vars", "vars_plugins") or name.startswith("."):
            return False
        if name.endswith(self.options.ignored_extensions):
            return False
        return not any(re.search(pattern, name) for pattern in self.options.ignored_patterns)

    def attempt(self, source: str) -> bool:
        found, kind = Diagnostics(), ""
        try:
            kind = plugin_of(source, self.options)
            if self.by_others(source, ahead_of=kind):
                return True
            SOURCES[kind](self.job(source, found))
        except InputError as error:
            found.add(error)
        if not found.errors:
            self.problems.found += found.found
            return True
        if self.by_others(source):
            return True
        soft = self.options.missing if is_list(source) else None
        self.report(source, kind, found, soft or self.options.unparsed)
        return False

    def job(self, source: str, found: Diagnostics) -> Job:
        return Job(source, self.inventory, found, self.options, self.folders)

    def by_others(self, source: str, ahead_of: str = "") -> bool:
        """Let the enabled plugins of others read a source that they say is theirs."""
        enabled = self.options.others(ahead_of)
        if not enabled:
            return False
        from fleet.inventory import foreign  # brings the templates

        for name in enabled:
            job = self.job(source, Diagnostics())
            plugin = foreign.made(name, job)
            if plugin is not None and foreign.wants(plugin, source if is_list(source) else os.path.abspath(source)):
                foreign.parse(plugin, name, job)
                return True
        return False

    def report(self, source: str, kind: str, found: Diagnostics, how: str) -> None:
        if how != "warn":
            self.problems.found += found.found
            return
        for item in found.found:
            prefix = f"Failed to parse inventory with {kind!r} plugin: " if kind and not item.warning else ""
            self.problems.warn(prefix + item.what, item.at, item.hint)
        self.inventory.unparsed.append(source)
        shown = source if is_list(source) else os.path.abspath(source)
        self.problems.warn(f"Unable to parse {shown} as an inventory source")


def _beside(path: str) -> list[str]:
    folder = os.path.dirname(path)
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder or ".")]
    except OSError:
        return []
