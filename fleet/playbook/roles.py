"""Roles on disk: where they are looked for and what is in them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import FleetError, InputError, Location
from fleet.playbook.keywords import names
from fleet.playbook.model import Node, RoleUse
from fleet.playbook.tasks import check_keywords, load_tasks
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Map, Seq, location_of
from fleet.source.yaml import Read, load, read_text

EXTENSIONS = (".yml", ".yaml", ".json", "")


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """A role as it lies on disk. ``defaults`` and ``vars`` are raw."""

    name: str
    path: str
    tasks: tuple[Node, ...]
    handlers: tuple[Node, ...]
    defaults: Mapping[str, Any]
    vars: Mapping[str, Any]
    dependencies: tuple[RoleUse, ...] = ()
    allow_duplicates: bool = False
    argument_specs: Mapping[str, Any] = field(default_factory=dict)
    tasks_file: str = ""
    collections: tuple[str, ...] = ()

    @property
    def collection(self) -> str:
        """``namespace.name`` of the collection it belongs to, "" for none."""
        if "/ansible_collections/" not in self.path:
            return ""
        full = ".".join(self.path.rpartition("/ansible_collections/")[2].split("/")[:2])
        return full if self.name.startswith(full + ".") else ""

    @property
    def short_name(self) -> str:
        """Its name without that of its collection."""
        return self.name[len(self.collection) + 1 :] if self.collection else self.name


def find(name: str, folders: Sequence[str]) -> str | None:
    """The folder of the role called ``name`` (or of the path it is), None when there is none."""
    if "/" in name or name.startswith(("~", ".")):
        for base in ("", *folders):
            path = os.path.join(base, os.path.expanduser(name)) if base else os.path.expanduser(name)
            if os.path.isdir(path):
                return os.path.normpath(path)
        return None
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            return path
    return None


def search_folders(playbook_folder: str, settings: Sequence[str]) -> list[str]:
    """Where roles are looked for: beside the playbook, the configured paths, the playbook's own folder."""
    return [os.path.join(playbook_folder, "roles"), *map(os.path.expanduser, settings), playbook_folder]


def in_collection(name: str, folders: Sequence[str]) -> str | None:
    """The folder of ``namespace.collection.role``; ``folders`` are the ``ansible_collections`` that exist."""
    parts = name.split(".")
    if len(parts) < 3 or "/" in name:
        return None
    for folder in folders:
        path = os.path.join(folder, *parts[:2], "roles", *parts[2:])
        if os.path.isdir(path):
            return path
    return None


def main_file(folder: str, stem: str) -> str | None:
    """``folder/stem`` with one of the usual extensions, or as it is."""
    for extension in EXTENSIONS:
        path = os.path.join(folder, stem + extension)
        if os.path.isfile(path):
            return path
    return None


def load_role(
    name: str,
    path: str,
    problems: Diagnostics,
    *,
    parts: Mapping[str, str],
    at: Location | None = None,
    text: Read = read_text,
) -> Role:
    """Read a role. ``parts`` may name other files than main: tasks, handlers, vars, defaults.

    ``text`` gives the text of a file.
    """

    def read(kind: str) -> tuple[Any, str]:
        stem = parts.get(kind, "main")
        inside = os.path.join(path, kind)
        file = main_file(inside, stem)
        if kind in parts and not _below(os.path.join(inside, stem), inside):
            problems.error(
                f"Failed loading '{file or stem}' for role ({name}) as it is not inside "
                f"the expected role path: {inside!r}",
                at,
                "the file named by tasks_from and its like must be one of the role",
            )
            return None, ""
        if file is None and os.path.isdir(os.path.join(path, kind, stem)) and kind in ("vars", "defaults"):
            return _folder(os.path.join(path, kind, stem), problems, text), ""
        if file is None:
            if kind in parts:
                problems.error(f"Could not find specified file in role: {kind}/{stem}", at, f"the role is {path}")
            return None, ""
        return _load(file, problems, text), file

    tasks, tasks_file = read("tasks")
    handlers, _ = read("handlers")
    meta_file = main_file(os.path.join(path, "meta"), "main")
    meta = _load(meta_file, problems, text) if meta_file else None
    meta = _mapping(meta, "meta/main.yml", problems)
    specs_file = main_file(os.path.join(path, "meta"), "argument_specs")
    specs = _load(specs_file, problems, text) if specs_file else meta
    specs = _mapping(specs, "meta/argument_specs.yml", problems)
    return Role(
        name=name,
        path=path,
        tasks=load_tasks(tasks, problems),
        handlers=load_tasks(handlers, problems, handlers=True),
        defaults=_mapping(read("defaults")[0], "defaults", problems),
        vars=_mapping(read("vars")[0], "vars", problems),
        dependencies=load_uses(meta.get("dependencies"), problems),
        allow_duplicates=meta.get("allow_duplicates") in (True, "yes", "true"),
        argument_specs=specs.get("argument_specs") or {},
        tasks_file=tasks_file,
        collections=tuple(str(item) for item in meta.get("collections") or ()),
    )


def _below(path: str, folder: str) -> bool:
    outer = os.path.realpath(folder)
    return os.path.commonpath([outer, os.path.realpath(path)]) == outer


def _load(path: str, problems: Diagnostics, text: Read) -> Any:
    """What is in a file of the role; None when it cannot be read, so that the other files' mistakes show too."""
    try:
        return load(text(path), path, problems)
    except InputError as error:
        problems.add(error)
        return None


def _folder(folder: str, problems: Diagnostics, text: Read) -> Map:
    merged = Map()
    for base, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            if os.path.splitext(file)[1] in EXTENSIONS and not file.startswith("."):
                path = os.path.join(base, file)
                merged.update(_mapping(_load(path, problems, text), path, problems))
    return merged


def _mapping(value: Any, what: str, problems: Diagnostics) -> Map:
    if value is None:
        return Map()
    if isinstance(value, Map):
        return value
    problems.error(f"{what} of a role must hold a mapping", location_of(value))
    return Map()


def load_uses(value: Any, problems: Diagnostics, at: Location | None = None) -> tuple[RoleUse, ...]:
    """The entries under ``roles:`` or ``dependencies:``."""
    if value is None:
        return ()
    if not isinstance(value, list):
        problems.error(
            f"A malformed role declaration was encountered. A list of roles is needed here, not {value!r}",
            location_of(value) or at,
        )
        return ()
    found = []
    for index, entry in enumerate(value):
        at = value.item_at(index) if isinstance(value, Seq) else None
        if isinstance(entry, str) and "," in entry:
            problems.add(FleetError(f"Invalid old style role requirement: {entry}", at=at, hint="write: - role: NAME"))
        elif isinstance(entry, str):
            found.append(RoleUse(entry, {}, Map(at=at), at))
        elif isinstance(entry, Map):
            use = _use(entry, at, problems)
            if use:
                found.append(use)
        else:
            problems.error("a role must be a name or a mapping with 'role'", at)
    return tuple(found)


def _use(entry: Map, at: Location | None, problems: Diagnostics) -> RoleUse | None:
    name = entry.get("role", entry.get("name", entry.get("src")))
    if not isinstance(name, str):
        known = suggest(next(iter(map(str, entry)), ""), ["role"])
        problems.error("a role needs a name", at, known or "write: - role: NAME")
        return None
    allowed = set(names("r"))
    params = Map({key: value for key, value in entry.items() if key not in allowed}, at=entry.at)
    params.marks.update(entry.marks)
    keywords = check_keywords(
        Map({key: value for key, value in entry.items() if key in allowed}, at=entry.at), "r", "role", problems
    )
    return RoleUse(name, keywords, params, at)
