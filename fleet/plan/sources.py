"""Files that plays bring in: task files and roles, each read once for all hosts. Thread-safe."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence

from fleet.errors import Location, NotThere
from fleet.playbook import roles
from fleet.playbook.model import Node
from fleet.playbook.required import missing_hint
from fleet.playbook.roles import Role
from fleet.playbook.tasks import load_tasks
from fleet.plugins import routing
from fleet.record import record
from fleet.source.diagnostics import Diagnostic, Diagnostics, suggest
from fleet.source.yaml import Read, load, read_text


@record
class Places:
    """Where roles and collections are looked for beyond the playbook's own folder."""

    roles: tuple[str, ...] = ("~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles")
    collections: tuple[str, ...] = ("~/.ansible/collections", "/usr/share/ansible/collections")


class Sources:
    """Reads task files and roles, each once. Their mistakes go to the Diagnostics of every call."""

    def __init__(
        self,
        places: Places,
        read: Read = read_text,
        on_folder: Callable[[str], None] = lambda _folder: None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """``on_folder`` is told the folder of every role: it may bring plugins, and so ``aliases`` of actions."""
        self.aliases = {} if aliases is None else aliases
        self.places = places
        self.on_folder = on_folder
        self.read = read
        self._beside: dict[str, None] = {}
        self._lock = threading.RLock()
        self._tasks: dict[tuple[str, bool], tuple[tuple[Node, ...], list[Diagnostic]]] = {}
        self._roles: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[Role, list[Diagnostic]]] = {}

    def tasks(self, path: str, problems: Diagnostics, *, handlers: bool = False) -> tuple[Node, ...]:
        """The tasks in the file ``path``. Raises InputError when it cannot be read or parsed."""
        key = (os.path.realpath(path), handlers)
        with self._lock:
            if key not in self._tasks:
                own = Diagnostics()
                value = load(self.read(path), path, own)
                self._tasks[key] = load_tasks(value, own, handlers=handlers, at=Location(path, 1)), own.found
            nodes, found = self._tasks[key]
            problems.found += found
            return nodes

    def role(
        self,
        name: str,
        playbook_folder: str,
        problems: Diagnostics,
        *,
        parts: Mapping[str, str] | None = None,
        at: Location | None = None,
        beside: str = "",
        collections: Sequence[str] = (),
    ) -> Role:
        """The role called ``name``. ``beside`` is the folder of a role that uses it. Raises InputError."""
        path, full = self._find(name, playbook_folder, beside, collections)
        if path is None:
            folders = roles.search_folders(playbook_folder, self.places.roles)
            raise MissingRole(
                f"the role '{name}' was not found in {':'.join(folders)}",
                at=at,
                hint=missing_hint(name, playbook_folder, self.collection_roots(playbook_folder))
                or _close_role(name, folders),
            )
        key = (path, tuple(sorted((parts or {}).items())))
        with self._lock:
            if key not in self._roles:
                short = os.path.basename(path) if "/" in name else full
                self.on_folder(path)
                own = Diagnostics()
                made = roles.load_role(short, path, own, parts=parts or {}, at=at, text=self.read)
                self._roles[key] = made, own.found
            role, found = self._roles[key]
            problems.found += found
            return role

    def _find(self, name: str, playbook_folder: str, beside: str, collections: Sequence[str]) -> tuple[str | None, str]:
        """The folder of a role and its full name."""
        places = self.collection_roots(playbook_folder)
        if found := roles.in_collection(name, places):
            return found, name
        # As ansible-core: collections before the folders of roles.
        for collection in collections if "." not in name else ():
            if found := roles.in_collection(f"{collection}.{name}", places):
                return found, f"{collection}.{name}"
        folders = roles.search_folders(playbook_folder, self.places.roles)
        if beside:
            folders.insert(1, beside)
        return roles.find(name, folders), name

    def collection_roots(self, playbook_folder: str) -> tuple[str, ...]:
        """The folders ``ansible_collections`` that exist: of the playbooks so far, and of the settings."""
        # A playbook of a collection is imported by one that lies beside the collections.
        self._beside.setdefault(os.path.join(os.path.abspath(playbook_folder), "collections"))
        return routing.roots((*self._beside, *self.places.collections))


def _close_role(name: str, folders: Sequence[str]) -> str:
    names: list[str] = []
    for folder in folders[:-1]:
        if os.path.isdir(folder):
            names += os.listdir(folder)
    return suggest(name, names)


class MissingRole(NotThere):
    """No folder of roles holds the role."""


def find_tasks(name: str, folders: Sequence[str]) -> str | None:
    """The file of tasks called ``name``: absolute, or in the first of ``folders`` (or its tasks/) that has it."""
    name = os.path.expanduser(name)
    if os.path.isabs(name):
        return name if os.path.isfile(name) else None
    for folder in folders:
        path = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(path):
            return path
    return None
