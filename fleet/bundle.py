"""Packs what a host needs of modules/, facts/ and remote/: bytecode where its Python is ours, else source.

A bundle holds the runner, the named modules and everything those import; more can be packed later.
"""

from __future__ import annotations

import importlib.util
import marshal
import re
import threading
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fleet.errors import FleetBug
from fleet.remote.facts import SUBJECTS

ROOT = Path(__file__).parent
CORE = ("fleet", "fleet.remote", "fleet.modules", "fleet.facts", "fleet.remote.loop")
BOOTSTRAP = "fleet.remote.bootstrap"
OWN_MAGIC = importlib.util.MAGIC_NUMBER.hex()
_IMPORT = re.compile(r"^\s*(?:from|import)\s+(fleet(?:\.\w+)*)(?:\s+import\s+\(?([\w ,]+))?", re.MULTILINE)
_NEEDS = re.compile(r"^NEEDS\s*=\s*\(([^)]*)\)", re.MULTILINE)


class Bundles:
    """Makes bundles, each distinct one once. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[frozenset[str], str], bytes] = {}
        self._sources: dict[str, str] = {}
        self._imported: dict[str, list[str]] = {}
        self._closures: dict[frozenset[str], frozenset[str]] = {}

    def start(self, parts: Iterable[str], magic: str) -> tuple[bytes, frozenset[str]]:
        """What the stub reads: nine digits of length, then the packed runner with ``parts`` (full names).

        Also gives the names of all parts in it. ``magic`` is the hex bytecode magic of the host's Python.
        """
        names = self.closure([*CORE, *parts])
        with self._lock:
            key = (names, magic)
            if key not in self._made:
                pair = (self._part(BOOTSTRAP, magic), {name: self._part(name, magic) for name in sorted(names)})
                self._made[key] = zlib.compress(marshal.dumps(pair, 2), 6)
            packed = self._made[key]
        return b"%09d" % len(packed) + packed, names

    def more(self, parts: Iterable[str], have: frozenset[str], magic: str) -> tuple[bytes, frozenset[str]]:
        """The packed ``parts`` beyond ``have``, and the names of all parts the host has then."""
        names = self.closure(parts) - have
        with self._lock:
            parts = {name: self._part(name, magic) for name in sorted(names)}
        return zlib.compress(marshal.dumps(parts, 2), 6), have | names

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """``names`` and all of fleet they import, directly or not."""
        wanted = frozenset(names)
        with self._lock:
            if wanted not in self._closures:
                self._closures[wanted] = self._close(wanted)
            return self._closures[wanted]

    def _close(self, names: frozenset[str]) -> frozenset[str]:
        todo, seen = list(names), set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            parent = name.rpartition(".")[0]
            if parent:
                todo.append(parent)
            todo.extend(self._imports(name))
        return frozenset(seen)

    def _imports(self, name: str) -> list[str]:
        if name not in self._imported:
            self._imported[name] = self._read_imports(name)
        return self._imported[name]

    def _read_imports(self, name: str) -> list[str]:
        if name == "fleet":
            return []
        source = self._source(name)
        found = []
        for module, names in _IMPORT.findall(source):
            found.append(module)
            for part in (names or "").split(","):
                child = f"{module}.{part.strip().split(' ')[0]}"
                if part.strip() and _file(child).exists():
                    found.append(child)
        for needs in _NEEDS.findall(source):
            found.extend(
                entry if entry.startswith("fleet.") else f"fleet.modules.{entry}"
                for entry in re.findall(r"""["']([\w.]+)["']""", needs)
            )
        return found

    def _source(self, name: str) -> str:
        if name not in self._sources:
            path = _file(name)
            if not path.exists():
                raise FleetBug(f"no file for {name}")
            # The package's own __init__ is the controller's; on a host it is an empty name space.
            self._sources[name] = "" if name == "fleet" else path.read_text(encoding="utf-8")
        return self._sources[name]

    def _part(self, name: str, magic: str) -> bytes | str:
        if magic != OWN_MAGIC or name == "fleet":
            return self._source(name)
        spec = importlib.util.find_spec(name)
        code = spec.loader.get_code(name) if spec and spec.loader else None  # type: ignore[attr-defined]
        if code is None:
            raise FleetBug(f"no code for {name}")
        return marshal.dumps(code)


def parts_of(module: str, args: Mapping[str, Any]) -> frozenset[str]:
    """The parts that a call of ``module`` needs, without what those import."""
    found = {f"fleet.modules.{module}"}
    if module == "setup":
        subjects = args.get("_subjects")
        found |= {f"fleet.facts.{name}" for name in (SUBJECTS if subjects is None else subjects)}
    return frozenset(found)


def _file(name: str) -> Path:
    relative = name.split(".")[1:]
    plain = ROOT.joinpath(*relative).with_suffix(".py") if relative else ROOT / "__init__.py"
    return plain if plain.exists() else ROOT.joinpath(*relative, "__init__.py")
