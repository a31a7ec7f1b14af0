"""Where plugins are looked for, and what they bring: beside playbooks, in roles, paths, collections."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fleet.plugins import routing
from fleet.plugins.aliases import another_name
from fleet.plugins.load import PluginError, Surroundings, by_name, by_path, provide
from fleet.plugins.modules import Modules
from fleet.plugins.wrap import function_of, lookup_of
from fleet.template.errors import TemplateError
from fleet.template.lookups.call import Lookup
from fleet.template.templar import Templar

KINDS = ("filter", "test", "lookup", "inventory", "cache")
CLASSES = {
    "filter": "FilterModule",
    "test": "TestModule",
    "lookup": "LookupModule",
    "inventory": "InventoryModule",
    "cache": "CacheModule",
}
FOREIGN = ("callback", "vars")
"""Kinds of Ansible's own API that a run can do without."""
WANTED = ("action", "strategy", "connection", "become")
"""Kinds of it that something asks for by name, and then cannot have."""


class Plugins:
    """The plugins of a run; ``templar`` gets what they bring. Thread-safe.

    A file is imported when its folder is known (filters and tests: their names stand inside) or when
    it is first called (lookups, everything in collections).
    """

    def __init__(
        self,
        templar: Templar,
        collections: Sequence[str] = (),
        paths: Mapping[str, Sequence[str]] | None = None,
        core: str | None = None,
        *,
        ini: Any = None,
        verbosity: int = 0,
    ) -> None:
        self.templar = templar
        self.places = routing.roots(collections)
        self.ini = ini
        self.verbosity = verbosity
        own = (paths or {}).get("module", ()), (paths or {}).get("module_utils", ())
        self.modules = templar.modules = Modules(*own, core)
        self.modules.at(self.places)
        self._lock = threading.RLock()
        self._seen: set[str] = set()
        self._provided: tuple[str, ...] | None = None
        self._files: dict[tuple[str, str], str] = {}
        self._fragments: list[str] = []
        self._broken: dict[tuple[str, str], list[str]] = {}
        self._collected: dict[tuple[str, str], dict[str, Callable[..., Any]]] = {}
        templar.extend(
            lambda name: self.find("filter", name),
            lambda name: self.find("test", name),
            lambda name: self.find("lookup", name),
        )
        self._fragments += map(os.path.expanduser, (paths or {}).get("doc_fragment", ()))
        for kind in KINDS:
            for folder in (paths or {}).get(kind, ()):
                self.folder(kind, os.path.expanduser(folder))

    def beside(self, folder: str) -> None:
        """Take the plugins in the folders ``filter_plugins`` and so on of a playbook or role."""
        inner = routing.roots([os.path.join(folder, "collections")])
        self.places = (*(place for place in inner if place not in self.places), *self.places)
        self.modules.at(self.places)
        self.modules.beside(folder)
        self._fragments.append(os.path.join(folder, "doc_fragments"))
        for kind in KINDS:
            self.folder(kind, os.path.join(folder, f"{kind}_plugins"))
        for kind in WANTED:
            for path in _files(os.path.join(folder, f"{kind}_plugins")):
                name = os.path.basename(path)[:-3]
                if kind == "action" and (meant := another_name(path)):
                    self.templar.aliases.setdefault(name, meant)
                else:
                    self.templar.foreign.setdefault((kind, name), path)
        for kind in FOREIGN:
            for path in _files(os.path.join(folder, f"{kind}_plugins")):
                if path not in self._seen:
                    self._seen.add(path)
                    self.templar.warn(f"{path} is a {kind} plugin of Ansible's Python API: it is not run")

    def folder(self, kind: str, folder: str) -> None:
        """Take the plugins of one kind in a folder."""
        with self._lock:
            for path in _files(folder):
                if path in self._seen:
                    continue
                self._seen.add(path)
                if kind not in ("filter", "test"):
                    name = os.path.basename(path)[:-3]
                    self._files.setdefault((kind, name), path)
                if kind == "lookup":
                    # The user's own wins over a built-in one of its name.
                    self.templar.lookups.pop(name, None)
                elif kind in ("filter", "test"):
                    self.templar.add(kind, self._functions(kind, path))

    def _functions(self, kind: str, path: str) -> dict[str, Callable[..., Any]]:
        try:
            self._provide()
            return _named(kind, by_path(path, kind, len(self._seen)), lambda name: (name,))
        except Exception as error:
            self.templar.warn(f"Skipping plugin ({path}), cannot load: {_what(error)}")
            return {}

    def find(self, kind: str, name: str) -> Any:
        """The filter, test or lookup called ``name``, None when no plugin has it. Raises FleetError."""
        with self._lock:
            short = name.removeprefix("ansible.legacy.")
            if kind == "lookup" and (path := self._files.get((kind, short))):
                return self._lookup(short, path)
            if name.count(".") < 2:
                return None
            return self._of_collection(kind, name)

    def named(self, kind: str, name: str, depth: int = 0) -> Any:
        """The class of an inventory or cache plugin, None where nobody brings it. Raises FleetError."""
        with self._lock:
            short = name.removeprefix("ansible.legacy.")
            if path := self._files.get((kind, short)):
                self._provide()
                return self._class(kind, by_path(path, kind, len(self._seen)))
            namespace, _, rest = name.partition(".")
            collection, _, inner = rest.partition(".")
            full = f"{namespace}.{collection}"
            home = routing.folder(full, self.places) if inner else None
            if home is None:
                return None
            led = routing.route(home, kind, inner, name)
            if led.warning:
                self.templar.warn(led.warning)
            if led.name != name and depth < 10:
                return self.named(kind, led.name, depth + 1)
            if not os.path.isfile(os.path.join(home, "plugins", kind, *inner.split(".")) + ".py"):
                return None
            self._provide()
            return self._class(kind, by_name(full, kind, inner.split(".")))

    def _class(self, kind: str, module: Any) -> Any:
        made = getattr(module, CLASSES[kind], None)
        if made is None:
            raise PluginError(f"it has no class {CLASSES[kind]}")
        return made

    def _lookup(self, name: str, path: str) -> Lookup:
        self._provide()
        try:
            made = by_path(path, "lookup", len(self._seen)).LookupModule
        except (PluginError, AttributeError) as error:
            return _failing(f"the lookup plugin '{name}' ({path}) cannot be used: {_what(error)}")
        found = lookup_of(name, made)
        self.templar.lookups[name] = found
        return found

    def _of_collection(self, kind: str, name: str, depth: int = 0) -> Any:
        namespace, collection, *parts = name.split(".")
        full = f"{namespace}.{collection}"
        path = routing.folder(full, self.places)
        if path is None:
            return None
        try:
            led = routing.route(path, kind, ".".join(parts), name)
        except routing.Gone as error:
            return _failing(f"The {kind} plugin {name!r} failed to load: {error.what}")
        if led.warning:
            self.templar.warn(led.warning)
        if led.name != name and depth < 10:
            return self._elsewhere(kind, led.name, depth)
        if not os.path.isdir(os.path.join(path, "plugins", kind)):
            return None
        self._provide()
        if kind == "lookup":
            return self._collected_lookup(path, full, parts, name)
        found = self._all(kind, path, full).get(name)
        if found is None:
            # One of the files that cannot be loaded may have it.
            for line in self._broken.get((kind, full), ()):
                self.templar.warn(line)
        return found

    def _elsewhere(self, kind: str, name: str, depth: int) -> Any:
        table: Any = self.templar.environment.filters if kind == "filter" else self.templar.environment.tests
        if kind == "lookup":
            table = self.templar.lookups
        found = dict.get(table, name) or dict.get(table, name.removeprefix("ansible.builtin."))
        return found or self._of_collection(kind, name, depth + 1)

    def _collected_lookup(self, path: str, full: str, parts: list[str], name: str) -> Any:
        if not os.path.isfile(os.path.join(path, "plugins", "lookup", *parts) + ".py"):
            return None
        try:
            found = lookup_of(name, by_name(full, "lookup", parts).LookupModule)
        except (PluginError, AttributeError) as error:
            return _failing(f"the lookup plugin '{name}' cannot be used: {_what(error)}")
        self.templar.lookups[name] = found
        return found

    def _all(self, kind: str, path: str, full: str) -> dict[str, Callable[..., Any]]:
        key = (kind, full)
        if key not in self._collected:
            made: dict[str, Callable[..., Any]] = {}
            base = os.path.join(path, "plugins", kind)
            for file in _files(base, deep=True):
                parts = os.path.relpath(file, base)[:-3].split(os.sep)
                prefix = ".".join([full, *parts[:-1]])
                try:
                    made.update(_named(kind, by_name(full, kind, parts), lambda name, p=prefix: (f"{p}.{name}",)))  # type: ignore[misc]
                except Exception as error:
                    line = f"Skipping plugin ({file}), cannot load: {_what(error)}"
                    self._broken.setdefault(key, []).append(line)
            self._collected[key] = made
        return self._collected[key]

    def _provide(self) -> None:
        if self._provided == self.places:
            return
        around = Surroundings(
            warn=self.templar.warn,
            setting=self._setting,
            lookup=self._instance,
            verbosity=self.verbosity,
            collections=self.places,
            ini=self.ini,
            cache=lambda name: self.named("cache", name),
            fragments=tuple(self._fragments),
        )
        provide(around)
        self._provided = self.places

    def _setting(self, name: str) -> Any:
        if self.templar.setting is None:
            raise KeyError(name)
        return self.templar.setting(name)

    def _instance(self, name: str, _loader: Any, templar: Any) -> Any:
        """A lookup as an object with ``run``, for plugins that call it."""
        found = self.templar.lookups.get(name) or self.find("lookup", name)
        if found is None or templar is None:
            return None
        return _Callable(self.templar, name, templar.scope)


class _Callable:
    def __init__(self, templar: Templar, name: str, scope: Any) -> None:
        self.templar, self.name, self.scope = templar, name, scope

    def run(self, terms: Any, variables: Any = None, **options: Any) -> list[Any]:
        """The results of the lookup."""
        return self.templar.lookup(self.name, terms if isinstance(terms, list) else [terms], self.scope, **options)


def _failing(what: str) -> Callable[..., Any]:
    """A function for a name that exists and does not work: it says so when a task comes to it."""

    def fail(*_args: Any, **_options: Any) -> Any:
        raise TemplateError(what)

    return fail


def _named(kind: str, module: Any, names: Callable[[str], Iterable[str]]) -> dict[str, Callable[..., Any]]:
    holder = getattr(module, CLASSES[kind], None)
    if holder is None:
        raise PluginError(f"it has no class {CLASSES[kind]}")
    table = getattr(holder(), f"{kind}s")()
    return {full: function_of(kind, full, function) for name, function in table.items() for full in names(name)}


def _files(folder: str, deep: bool = False) -> list[str]:
    found: list[str] = []
    if not os.path.isdir(folder):
        return found
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.endswith(".py") and not entry.name.startswith(("_", ".")) and entry.is_file():
            found.append(os.path.abspath(entry.path))
        elif deep and entry.is_dir() and not entry.name.startswith(("_", ".")):
            found += _files(entry.path, deep=True)
    return found


def _what(error: Exception) -> str:
    return getattr(error, "what", "") or str(error)
