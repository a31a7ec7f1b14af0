"""Modules that playbooks, roles and collections bring: which file a name means, and what has to travel with it."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from fleet.plugins import routing
from fleet.record import record

SURFACE = Path(__file__).parent.parent / "compat" / "ansible"
"""What fleet itself provides under Ansible's names; ``module_utils`` of it travels."""
SUFFIXES = (".py", "", ".sh", ".pl", ".rb")
_NEW = re.compile(
    rb"(?:from|import)\s+(?:ansible\.module_utils|ansible_collections|\.+)|#<<INCLUDE_ANSIBLE_MODULE_COMMON>>"
)
_PYTHON = re.compile(r"python[\d.]*$")

GROUPS = {
    "acme": "community.crypto.acme",
    "aws": "amazon.aws.aws",
    "azure": "azure.azcollection.azure",
    "cpm": "wti.remote.cpm",
    "docker": "community.docker.docker",
    "gcp": "google.cloud.gcp",
    "k8s": "kubernetes.core.k8s",
    "os": "openstack.cloud.os",
    "ovirt": "ovirt.ovirt.ovirt",
    "vmware": "community.vmware.vmware",
}
"""The action groups of before collections, and what they are called since.

Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_module_defaults.html#module-defaults-groups
"""

Files = dict[str, tuple[bool, str]]
"""Full name of a Python module -> (is it a package, its source)."""


@record
class Blob:
    """Sources, packed, under the hash of it."""

    sha1: str
    data: bytes


@record
class Packed:
    """A module ready to travel. ``style``: python, json, inside, old or binary; ``main``: its own name in ``code``."""

    name: str
    style: str
    main: str
    code: Blob
    surface: Blob | None = None
    interpreter: tuple[str, ...] = ()


class Modules:
    """The modules of a run that are not fleet's. Thread-safe."""

    def __init__(self, folders: Sequence[str] = (), helpers: Sequence[str] = (), core: str | None = None) -> None:
        self.folders = [os.path.expanduser(folder) for folder in folders]
        self.helpers = [os.path.expanduser(folder) for folder in helpers]
        self.core = core
        """The folder ``module_utils`` of an ansible-core to be used instead of fleet's own; None: fleet's."""
        self._beside = {"library": 0, "module_utils": 0}
        """How many folders beside playbooks and roles come before those of the settings."""
        self.places: tuple[str, ...] = ()
        self._found: dict[str, str | None] = {}
        self._packed: dict[str, Packed] = {}
        self._lock = threading.Lock()
        self._own: Blob | None = None

    def beside(self, folder: str) -> None:
        """Take ``library`` and ``module_utils`` of a playbook or role, behind those taken before."""
        with self._lock:
            for name, folders in (("library", self.folders), ("module_utils", self.helpers)):
                path = os.path.join(folder, name)
                if path not in folders and os.path.isdir(path):
                    folders.insert(self._beside[name], path)
                    self._beside[name] += 1
                    self._found.clear()

    def first(self, folders: Sequence[str]) -> None:
        """Look for modules here before the folders of the settings."""
        at = self._beside["library"]
        with self._lock:
            self.folders[at:at] = [os.path.abspath(os.path.expanduser(folder)) for folder in folders if folder]
            self._found.clear()

    def at(self, places: tuple[str, ...]) -> None:
        """Look for collections in these folders ``ansible_collections``."""
        if places != self.places:
            with self._lock:
                self.places = places
                self._found.clear()

    def find(self, name: str) -> str | None:
        """The file of the module ``name``, None where nobody brings it."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> str | None:
        short = name.removeprefix("ansible.legacy.")
        if "." not in short:
            return next(filter(None, (_file(folder, short) for folder in list(self.folders))), None)
        return self._of_collection(name)

    def _of_collection(self, name: str, depth: int = 0) -> str | None:
        namespace, _, rest = name.partition(".")
        collection, _, short = rest.partition(".")
        home = routing.folder(f"{namespace}.{collection}", self.places) if short else None
        if home is None or (namespace == "ansible" and collection == "builtin"):
            return None
        led = routing.route(home, "modules", short, name)
        if led.name != name and depth < 10:
            return self._of_collection(led.name, depth + 1)
        return _file(os.path.join(home, "plugins", "modules"), short.replace(".", "/"))

    def group(self, name: str) -> list[str]:
        """The full names of the modules in an action group, called by its full name or one of before collections."""
        collection, _, short = GROUPS.get(name.removeprefix("ansible.builtin."), name).rpartition(".")
        home = routing.folder(collection, self.places) if collection else None
        return routing.action_groups(home).get(short, []) if home else []

    def pack(self, name: str, path: str) -> Packed:
        """Read a module's file and what it imports. Raises OSError, UnicodeDecodeError, SyntaxError."""
        with self._lock:
            if path not in self._packed:
                self._packed[path] = self._pack(name, path)
            return self._packed[path]

    def _pack(self, name: str, path: str) -> Packed:
        data = Path(path).read_bytes()
        style, interpreter = style_of(data), interpreter_of(data)
        if style != "python":
            text = base64.b64encode(data).decode("ascii")
            return Packed(name, style, name, _blob({name: (False, text)}), None, interpreter)
        main = self._full_name(path) or f"ansible.modules.{name.rpartition('.')[2]}"
        if self._own is None:
            self._own = _blob(self._surface())
        files = {main: (False, data.decode("utf-8"))}
        self._gather(main, files)
        return Packed(name, style, main, _blob(files), self._own)

    def _surface(self) -> Files:
        """What every module needs: fleet's ``ansible.module_utils``, or what all need of an ansible-core's."""
        if not self.core:
            return surface()
        # ansible-core 2.19 imports parts of _internal by names that it puts together.
        roots = [Path(self.core, "basic.py"), *Path(self.core, "_internal").rglob("*.py")]
        names = [".".join(("ansible.module_utils", *_words(path.relative_to(self.core)))) for path in roots]
        files: Files = {"ansible": (True, "")}
        files.update(
            (name, (path.stem == "__init__", path.read_text("utf-8"))) for name, path in zip(names, roots, strict=True)
        )
        for name in names:
            self._gather(name, files)
        return files

    def _full_name(self, path: str) -> str:
        """The import name of a file in a collection, else ""."""
        for place in self.places:
            if path.startswith(place + "/"):
                return "ansible_collections." + path[len(place) + 1 :].removesuffix(".py").replace("/", ".")
        return ""

    def _gather(self, main: str, files: Files) -> None:
        todo = [main]
        while todo:
            name = todo.pop()
            for wanted in imports(files[name][1], name, files[name][0]):
                for part in _parents(wanted):
                    if part not in files and (found := self._helper(part)):
                        files[part] = (found.endswith("/__init__.py"), Path(found).read_text(encoding="utf-8"))
                        todo.append(part)

    def _helper(self, name: str) -> str | None:
        """The file behind an import that is not fleet's own."""
        words = name.split(".")
        if words[0] == "ansible_collections" and len(words) > 3:
            bases = [os.path.join(place, *words[1:]) for place in self.places]
        elif words[:2] == ["ansible", "module_utils"] and len(words) > 2:
            folders = [*self.helpers, self.core] if self.core else self.helpers
            bases = [os.path.join(folder, *words[2:]) for folder in folders]
        else:
            return None
        candidates = (file for base in bases for file in (base + ".py", os.path.join(base, "__init__.py")))
        return next((file for file in candidates if os.path.isfile(file)), None)


def imports(source: str, name: str, package: bool) -> Iterator[str]:
    """Full names of all that a source may import from Ansible's names. Raises SyntaxError."""
    here = name if package else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("ansible"))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = here.split(".")[: len(here.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            if base.startswith("ansible"):
                yield from (f"{base}.{alias.name}" for alias in node.names)


def style_of(data: bytes) -> str:
    """How a module wants to be called."""
    if b"\0" in data[:8192]:
        return "binary"
    if b"WANT_JSON" in data:
        return "json"
    if b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>" in data:
        return "inside"
    shebang = interpreter_of(data)
    return "python" if (not shebang or shebang == ("python",)) and _NEW.search(data) else "old"


def interpreter_of(data: bytes) -> tuple[str, ...]:
    """The command of the first line; ``python`` alone for any Python: the runner's is used."""
    if not data.startswith(b"#!"):
        return ()
    words = data[2:].split(b"\n", 1)[0].decode("utf-8", "replace").split()
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-")]
    return ("python",) if words and _PYTHON.search(os.path.basename(words[0])) else tuple(words)


def surface() -> Files:
    """fleet's ``ansible.module_utils``."""
    found: Files = {"ansible": (True, "")}
    for path in sorted((SURFACE / "module_utils").rglob("*.py")):
        name = ".".join(["ansible", *_words(path.relative_to(SURFACE))])
        found[name] = (path.stem == "__init__", path.read_text(encoding="utf-8"))
    return found


def _words(path: Path) -> tuple[str, ...]:
    """The words of the import name of a file."""
    return path.parent.parts if path.stem == "__init__" else path.with_suffix("").parts


def _parents(name: str) -> list[str]:
    words = name.split(".")
    return [".".join(words[:count]) for count in range(3, len(words) + 1)]


def _file(folder: str, name: str) -> str | None:
    for suffix in SUFFIXES:
        path = os.path.join(folder, name + suffix)
        if os.path.isfile(path):
            return os.path.abspath(path)
    return None


def _blob(files: Files) -> Blob:
    data = zlib.compress(json.dumps(files).encode("utf-8"), 6)
    return Blob(hashlib.sha1(data).hexdigest(), data)
