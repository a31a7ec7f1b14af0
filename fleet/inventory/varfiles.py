"""``group_vars`` and ``host_vars`` beside an inventory or a playbook: listed once, each file read when first needed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import InputError, Location
from fleet.source import yaml
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import location_of, trust_all

# In this order: the first that exists for a name is the only one that counts. "" may be a folder.
EXTENSIONS = ("", ".yml", ".yaml", ".json")
VAULT_HEADER = "$ANSIBLE_VAULT"
# Gets the encrypted bytes and the file's path, gives back the plain text's bytes.
Decrypt = Callable[[bytes, str], bytes]
Vars = Mapping[str, Any]
NOTHING: Vars = {}
_KINDS: tuple[tuple[type, str], ...] = (
    (str, "text"),
    (list, "a list"),
    (dict, "a mapping"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
)


@dataclass(slots=True)
class VarFolder:
    """The variables beside one inventory source or playbook. ``base`` holds the two folders."""

    base: str
    decrypt: Decrypt | None = None
    problems: Diagnostics | None = None
    merge: Callable[[Vars, Vars], Vars] | None = None
    _listed: dict[str, dict[str, str]] = field(default_factory=dict)
    _read: dict[tuple[str, str], Vars] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return self.base

    def is_at(self, base: str) -> bool:
        """True for the folder ``base``, whichever way its path is written."""
        return os.path.abspath(self.base) == os.path.abspath(base)

    def group(self, name: str) -> Vars:
        """The variables of a group. Raises ``InputError`` when one of its files is bad."""
        return self._vars("group_vars", name)

    def host(self, name: str) -> Vars:
        """The variables of a host. Raises ``InputError`` when one of its files is bad."""
        return self._vars("host_vars", name)

    def read_all(self, groups: Iterable[str], hosts: Iterable[str], problems: Diagnostics) -> None:
        """Read what belongs to these groups and hosts; mistakes go to ``problems``."""
        for kind, names in (("group_vars", groups), ("host_vars", hosts)):
            for name in names:
                try:
                    self._vars(kind, name)
                except InputError as error:
                    problems.add(error)

    def _vars(self, kind: str, name: str) -> Vars:
        listed = self._listed.get(kind)
        if listed is None:
            listed = self._listed[kind] = _entries(os.path.join(self.base, kind))
        if not listed:
            return NOTHING
        found = self._read.get((kind, name))
        if found is None:
            path = next((listed[name + ext] for ext in EXTENSIONS if name + ext in listed), None)
            found = self._read[kind, name] = self._load(path) if path else NOTHING
        return found

    def _load(self, path: str) -> Vars:
        merged: Vars = NOTHING
        for file in _files(path):
            new = read_vars(file, self.decrypt, self.problems)
            merged = self.merge(merged, new) if self.merge else {**merged, **new}
        return merged


def read_vars(path: str, decrypt: Decrypt | None = None, problems: Diagnostics | None = None) -> Vars:
    """The variables of one YAML or JSON file, which may be vault-encrypted as a whole.

    Raises ``InputError`` when it cannot be read or decrypted or is not a mapping of names.
    """
    text = open_vault(yaml.read_text(path), path, decrypt)
    value = parse(text, path, problems)
    if value is None:
        return NOTHING
    if not isinstance(value, dict):
        raise InputError(
            f"a variable file must be a mapping, not {kind(value)}",
            at=location_of(value) or Location(path),
            hint="write 'name: value' lines",
        )
    return value


def kind(value: Any) -> str:
    """What to call a value in a message."""
    return next((name for known, name in _KINDS if isinstance(value, known)), type(value).__name__)


def parse(text: str, path: str, problems: Diagnostics | None = None) -> Any:
    """YAML or, by the file's name, JSON. Raises ``InputError``."""
    if path.endswith(".json"):
        try:
            return trust_all(json.loads(text), Location(path))
        except ValueError:
            pass  # YAML may be hidden in it; its error has the better place.
    return yaml.load(text, path, problems)


def open_vault(text: str, path: str, decrypt: Decrypt | None) -> str:
    """``text``, decrypted when it is a vault. Raises ``InputError`` when there is no way to."""
    if not text.startswith(VAULT_HEADER):
        return text
    if decrypt is None:
        raise InputError(
            "the file is encrypted with Ansible Vault and no vault password is given",
            at=Location(path),
            hint="give --vault-password-file, --vault-id or --ask-vault-pass",
        )
    try:
        return decrypt(text.encode(), path).decode()
    except UnicodeDecodeError:
        raise InputError("the decrypted text is not UTF-8", at=Location(path)) from None


def _entries(folder: str) -> dict[str, str]:
    try:
        with os.scandir(folder) as found:
            return {entry.name: entry.path for entry in found if not _skipped(entry.name)}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise InputError(f"cannot list the folder: {error.strerror}", at=Location(folder)) from None


def _files(path: str) -> list[str]:
    """The file, or the files of a folder and the folders below it, in name order."""
    if not os.path.isdir(path):
        return [path]
    files: list[str] = []
    for name, below in sorted(_entries(path).items()):
        if os.path.isdir(below):
            files.extend(_files(below))
        elif os.path.splitext(name)[1] in EXTENSIONS:
            files.append(below)
    return files


def _skipped(name: str) -> bool:
    return name.startswith(".") or name.endswith("~")
