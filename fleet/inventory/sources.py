"""What kinds of inventory sources there are, which one a file is, and who reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import InputError, Location
from fleet.inventory import ini, names, script, yamlfile
from fleet.inventory.model import UNGROUPED, Inventory
from fleet.inventory.options import InventoryOptions, short
from fleet.inventory.varfiles import VarFolder, open_vault, parse
from fleet.record import record
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import trust_all
from fleet.source.yaml import read_text

_YAML_START = re.compile(r"---|\{|[\w.-]+:\s*(?:#|\{|$)")


@record
class Job:
    """What a reader gets. ``folders`` gives the variable folders of the sources read so far."""

    path: str
    inventory: Inventory
    problems: Diagnostics
    options: InventoryOptions
    folders: Callable[[], list[VarFolder]]

    def text(self) -> str:
        """The file's text, decrypted. Raises ``InputError``."""
        return open_vault(read_text(self.path), self.path, self.options.decrypt).removeprefix("\ufeff")


def is_list(source: str) -> bool:
    """True for ``host1,host2,``: a source that names hosts and no file."""
    return "," in source and not os.path.exists(source)


def plugin_of(source: str, options: InventoryOptions) -> str:
    """Which reader in ``SOURCES`` an existing file or a ``host,list`` needs. Raises ``InputError`` for none."""
    if is_list(source):
        lists = (short(name) for name in options.enabled if short(name) in ("host_list", "advanced_host_list"))
        kind = next(lists, "host_list")
    else:
        kind = kind_of(source)
    # Which of the plugins that YAML files ask for one wants, only its content tells.
    allowed = ("yaml", "auto", *CONFIGURED) if kind == "yaml" else (kind,)
    if not any(map(options.allows, allowed)):
        raise InputError(f"the inventory plugin {kind!r} is not enabled", hint="see ANSIBLE_INVENTORY_ENABLED")
    return kind


def kind_of(path: str) -> str:
    """Which reader in ``SOURCES`` a file needs. Raises ``InputError`` when it cannot be read."""
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


def _host_list(job: Job) -> None:
    for entry in filter(None, (part.strip() for part in job.path.split(","))):
        try:
            found, port = names.expand(entry, Location(f"-i {job.path}"))
        except InputError as error:
            job.problems.add(error)
            continue
        _add_hosts(job, found, port)


def _advanced_host_list(job: Job) -> None:
    for entry in filter(None, (part.strip() for part in job.path.split(","))):
        if re.search(r"\[\d*:\]", entry):
            what = "Unable to parse address from hostname, leaving unchanged: host range must specify end value"
            job.problems.warn(what, Location(f"-i {job.path}"), "write [first:last]")
            found, port = [entry], None
        else:
            found, port = names.expand(entry, Location(f"-i {job.path}"))
        _add_hosts(job, found, port)


def _add_hosts(job: Job, found: list[str], port: int | None) -> None:
    values = {} if port is None else {"ansible_port": port}
    for name in found:
        job.inventory.add_host(name, (UNGROUPED,), values, source=job.path)


def _yaml(job: Job) -> None:
    data = parse(job.text(), job.path, job.problems)
    if isinstance(data, dict) and "plugin" in data:
        _configured(data, job)
    elif not job.options.allows("yaml"):
        raise InputError(
            "no root 'plugin' key found, and the inventory plugin 'yaml' is not enabled", at=Location(job.path)
        )
    else:
        yamlfile.add(data, job.path, job.inventory, job.problems)


def _configured(data: Mapping[str, Any], job: Job) -> None:
    name = short(str(data["plugin"]))
    at = yamlfile.place(data, "plugin", job.path)
    if not job.options.allows("auto") and not job.options.allows(name):
        raise InputError(f"the inventory plugin {name!r} is not enabled", at=at)
    if name not in CONFIGURED:
        from fleet.inventory import foreign  # brings the templates

        if not foreign.configured(data, name, job, at):
            what = f"inventory config {job.path!r} specifies unknown plugin {name!r}"
            hint = "plugins lie in inventory_plugins/ beside the playbook, or in an installed collection"
            raise InputError(what, at=at, hint=suggest(name, CONFIGURED) or hint)
        return
    CONFIGURED[name](data, job)


def _constructed(data: Mapping[str, Any], job: Job) -> None:
    from fleet.inventory.constructed import construct  # brings the templates

    construct(data, job)


def _generator(data: Mapping[str, Any], job: Job) -> None:
    from fleet.inventory.generator import generate  # brings the templates

    generate(data, job)


def _toml(job: Job) -> None:
    import tomllib  # rare, and costs 5 ms

    try:
        data = tomllib.loads(job.text())
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", at=Location(job.path)) from None
    for group in data.values():
        # TOML lists the children of a group, where YAML has them as keys.
        if isinstance(group, dict) and isinstance(group.get("children"), list):
            group["children"] = dict.fromkeys(map(str, group["children"]))
    yamlfile.add(trust_all(data, Location(job.path)), job.path, job.inventory, job.problems)


def _ini(job: Job) -> None:
    ini.parse(job.text(), job.path, job.inventory, job.problems)


def _script(job: Job) -> None:
    script.parse(job.path, job.inventory, job.problems, job.options)


# A new kind of source is one line here and, when its name tells, one in EXTENSIONS.
SOURCES: dict[str, Callable[[Job], None]] = {
    "host_list": _host_list,
    "advanced_host_list": _advanced_host_list,
    "script": _script,
    "yaml": _yaml,
    "toml": _toml,
    "ini": _ini,
}
# Those that a YAML file asks for with its key "plugin".
CONFIGURED: dict[str, Callable[[Mapping[str, Any], Job], None]] = {
    "constructed": _constructed,
    "generator": _generator,
}
EXTENSIONS = {".yml": "yaml", ".yaml": "yaml", ".json": "yaml", ".toml": "toml", ".ini": "ini"}
