"""A play's ``vars_files`` for a host: names may hold variables, a list of names means the first that exists."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import InputError, Location
from fleet.playbook.model import Play
from fleet.source.nodes import Map
from fleet.source.yaml import Read, load, read_text
from fleet.template.errors import UndefinedVariable
from fleet.template.scope import Scope


class VarsFiles:
    """Reads files of variables with ``read``, each once for all hosts. Thread-safe."""

    def __init__(self, read: Read = read_text) -> None:
        self._text = read
        self._lock = threading.Lock()
        self._read: dict[str, Mapping[str, Any]] = {}

    def of(self, play: Play, scope: Scope, render: Callable[[Any, Scope], Any]) -> tuple[Mapping[str, Any], ...]:
        """The layers of a play's files, the last file first. Raises InputError for a missing or bad file."""
        written = play.keywords.get("vars_files")
        if written is None:
            return ()
        entries = written if isinstance(written, list) else [written]
        layers = [self._entry(entry, play, scope, render) for entry in entries]
        return tuple(layer for layer in reversed(layers) if layer)

    def _entry(self, entry: Any, play: Play, scope: Scope, render: Callable[[Any, Scope], Any]) -> Mapping[str, Any]:
        names = entry if isinstance(entry, list) else [entry]
        tried = []
        for name in names:
            try:
                rendered = str(render(name, scope))
            except UndefinedVariable:
                # A name that needs facts cannot be known yet; with alternatives the next one is tried.
                if len(names) > 1 or "ansible_" in str(name):
                    continue
                raise
            path = self._find(rendered, play.folder)
            tried.append(rendered)
            if path is not None:
                return self.file(path)
        if not tried:
            return {}
        raise InputError(
            f"vars file {' or '.join(tried)} was not found", at=getattr(names[0], "at", None) or play.at,
            hint=f"looked in {play.folder} and {os.path.join(play.folder, 'vars')}",
        )  # fmt: skip

    @staticmethod
    def _find(name: str, folder: str) -> str | None:
        path = os.path.expanduser(name)
        for candidate in (os.path.join(folder, "vars", path), os.path.join(folder, path)):
            if os.path.isfile(candidate):
                return os.path.normpath(candidate)
        return None

    def file(self, path: str) -> Mapping[str, Any]:
        """The variables in a file. Raises InputError."""
        with self._lock:
            if path not in self._read:
                self._read[path] = merged(load(self._text(path), path), path)
            return self._read[path]


def merged(value: Any, path: str) -> Map:
    """What a file of variables holds: a mapping, or a list of mappings, the later ones over the earlier. InputError."""
    if value is None:
        return Map()
    if isinstance(value, Map):
        return value
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        at = getattr(value, "at", None) or Location(path)
        raise InputError("a file of variables must hold a mapping", at=at, hint="write 'name: value' lines")
    made = Map(at=getattr(value, "at", None))
    for item in value:
        made.update(item)
    return made
