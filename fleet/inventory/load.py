"""Inventory sources become one ``Inventory``: files, folders, scripts and ``host,lists``, merged in order."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Literal

from fleet.errors import InputError, Location
from fleet.inventory import ini, names, script, yamlfile
from fleet.inventory.model import UNGROUPED, Inventory, combine
from fleet.inventory.varfiles import Decrypt, VarFolder, open_vault, parse
from fleet.record import record
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.yaml import read_text

IGNORED = (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry")
_YAML_START = re.compile(r"---|\{|[\w.-]+:\s*(?:#|\{|$)")


@record
class InventoryOptions:
    """How to read inventories. ``decrypt`` opens vault files; ``script_timeout`` is in seconds.

    ``unparsed`` says what a source that is missing or cannot be read is: ansible-core only warns.
    """

    hash_behaviour: Literal["replace", "merge"] = "replace"
    decrypt: Decrypt | None = None
    ignored_extensions: tuple[str, ...] = IGNORED
    ignored_patterns: tuple[str, ...] = ()
    unparsed: Literal["error", "warn"] = "error"
    trust_scripts: bool = True
    script_timeout: float = 120.0


@record
class _Job:
    """What a parser gets."""

    path: str
    inventory: Inventory
    problems: Diagnostics
    options: InventoryOptions

    def text(self) -> str:
        return open_vault(read_text(self.path), self.path, self.options.decrypt).removeprefix("\ufeff")


def load(
    sources: Sequence[str],
    *,
    playbook_dirs: Sequence[str] = (),
    options: InventoryOptions | None = None,
    problems: Diagnostics,
) -> Inventory:
    """Read all ``sources``, the later ones adding to and overriding the earlier ones.

    Mistakes become errors in ``problems``; the inventory then holds what could be read. No source at
    all gives an empty inventory, in which only the implicit localhost exists.
    """
    options = options or InventoryOptions()
    inventory = Inventory(merge_hashes=options.hash_behaviour == "merge")
    for source in sources:
        _source(source, inventory, problems, options)
        inventory.sources.append(source if is_list(source) else os.path.abspath(source))
    inventory.settle()
    files = [source for source in sources if not is_list(source)]
    bases = [path if os.path.isdir(path) else os.path.dirname(path) or "." for path in files]
    inventory.inventory_folders = _folders(bases, options, problems)
    inventory.playbook_folders = _folders(playbook_dirs, options, problems)
    _same_names(inventory, problems)
    return inventory


def is_list(source: str) -> bool:
    """True for ``host1,host2,``: a source that names hosts and no file."""
    return "," in source and not os.path.exists(source)


def _folders(bases: Sequence[str], options: InventoryOptions, problems: Diagnostics) -> list[VarFolder]:
    merge = combine if options.hash_behaviour == "merge" else None
    return [VarFolder(base, options.decrypt, problems, merge) for base in dict.fromkeys(bases)]


def _same_names(inventory: Inventory, problems: Diagnostics) -> None:
    for name in inventory.groups.keys() & inventory.hosts.keys():
        what = f"{name!r} is both a group and a host: as a pattern it means the group"
        problems.warn(what, inventory.hosts[name].at, "rename one of them")


def _source(source: str, inventory: Inventory, problems: Diagnostics, options: InventoryOptions) -> None:
    if is_list(source):
        _host_list(source, inventory, problems)
    elif os.path.isdir(source):
        _folder(source, inventory, problems, options)
    elif os.path.exists(source):
        _file(source, inventory, problems, options)
    else:
        hint = f"for a single host write '{source},'" if source and os.sep not in source else ""
        what = f"inventory {source!r} does not exist"
        report = problems.error if options.unparsed == "error" else problems.warn
        report(what, None, suggest(source, _beside(source)) or hint)


def _beside(path: str) -> list[str]:
    folder = os.path.dirname(path)
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder or ".")]
    except OSError:
        return []


def _host_list(source: str, inventory: Inventory, problems: Diagnostics) -> None:
    for entry in filter(None, (part.strip() for part in source.split(","))):
        try:
            found, port = names.expand(entry, Location(f"-i {source}"))
        except InputError as error:
            problems.add(error)
            continue
        values = {} if port is None else {"ansible_port": port}
        for name in found:
            inventory.add_host(name, (UNGROUPED,), values, source=source)


def _folder(path: str, inventory: Inventory, problems: Diagnostics, options: InventoryOptions) -> None:
    try:
        found = sorted(os.listdir(path))
    except OSError as error:
        problems.error(f"cannot list the folder: {error.strerror}", Location(path))
        return
    for name in found:
        if name in ("group_vars", "host_vars", "vars_plugins") or name.startswith("."):
            continue
        if name.endswith(options.ignored_extensions):
            continue
        if any(re.search(pattern, name) for pattern in options.ignored_patterns):
            continue
        _source_in_folder(os.path.join(path, name), inventory, problems, options)


def _source_in_folder(
    path: str, inventory: Inventory, problems: Diagnostics, options: InventoryOptions
) -> None:
    # Not through _source(): a comma in a file name inside a folder is no host list.
    if os.path.isdir(path):
        _folder(path, inventory, problems, options)
    elif os.path.exists(path):
        _file(path, inventory, problems, options)
    else:
        problems.error("the link points to nothing", Location(path), "remove it")


def _file(path: str, inventory: Inventory, problems: Diagnostics, options: InventoryOptions) -> None:
    job = _Job(path, inventory, problems, options)
    try:
        SOURCES[kind_of(path)](job)
    except InputError as error:
        if options.unparsed == "error":
            problems.add(error)
        else:
            problems.warn(error.what, error.at, error.hint)


def kind_of(path: str) -> str:
    """Which parser in ``SOURCES`` a file needs. Raises ``InputError`` when it cannot be read."""
    try:
        with open(path, "rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", at=Location(path)) from None
    # An executable bit alone says little: it is set on every file of some mounts.
    if os.access(path, os.X_OK) and (start.startswith(b"#!") or b"\0" in start):
        return "script"
    extension = os.path.splitext(path)[1].lower()
    if extension in EXTENSIONS:
        return EXTENSIONS[extension]
    text = start.decode("utf-8", "replace")
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return "yaml" if _YAML_START.match(first) else "ini"


def _yaml(job: _Job) -> None:
    yamlfile.add(parse(job.text(), job.path, job.problems), job.path, job.inventory, job.problems)


def _toml(job: _Job) -> None:
    import tomllib  # rare, and costs 5 ms

    try:
        data = tomllib.loads(job.text())
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", at=Location(job.path)) from None
    # ansible-core renders no templates in TOML, so its text stays plain.
    yamlfile.add(data, job.path, job.inventory, job.problems)


def _ini(job: _Job) -> None:
    ini.parse(job.text(), job.path, job.inventory, job.problems)


def _script(job: _Job) -> None:
    options = job.options
    script.parse(
        job.path,
        job.inventory,
        job.problems,
        trusted=options.trust_scripts,
        timeout=options.script_timeout,
    )


# A new kind of source is one line here and, when its name tells, one in EXTENSIONS.
SOURCES: dict[str, Callable[[_Job], None]] = {"script": _script, "yaml": _yaml, "toml": _toml, "ini": _ini}
EXTENSIONS = {".yml": "yaml", ".yaml": "yaml", ".json": "yaml", ".toml": "toml", ".ini": "ini"}
