"""Roles and collections that are wanted but not installed: what ``requirements.yml`` says about them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from fleet.errors import InputError
from fleet.plugins import routing
from fleet.source.yaml import load, read_text

FILES = (
    "requirements.yml",
    "requirements.yaml",
    "roles/requirements.yml",
    "roles/requirements.yaml",
    "collections/requirements.yml",
    "collections/requirements.yaml",
)


def missing_hint(name: str, folder: str, roots: Sequence[str]) -> str:
    """What to do about a role, playbook or plugin ``name`` that was not found for a playbook in ``folder``.

    "" when nothing is known about it. ``roots`` are the folders ``ansible_collections`` that exist.
    """
    parts = name.split(".")
    collection = ".".join(parts[:2]) if len(parts) >= 3 and "/" not in name else ""
    if collection and routing.folder(collection, roots):
        return f"the collection {collection} is installed, but has nothing of that name"
    for file in FILES:
        path = os.path.join(folder, file)
        if os.path.isfile(path):
            roles, collections = wanted(path)
            if name in roles:
                return f"it is in {path} but not installed: ansible-galaxy role install -r {path}"
            if collection in collections:
                return f"{collection} is in {path} but not installed: ansible-galaxy collection install -r {path}"
    if not collection:
        return ""
    where = ", ".join(roots) or "any of the collections paths (there is no folder ansible_collections)"
    return f"the collection {collection} was not found in {where}: ansible-galaxy collection install {collection}"


def wanted(path: str) -> tuple[set[str], set[str]]:
    """The names of the roles and of the collections in a requirements file; none when it cannot be read."""
    try:
        found = load(read_text(path), path)
    except InputError:
        return set(), set()
    if isinstance(found, list):
        return _names(found), set()
    if not isinstance(found, dict):
        return set(), set()
    return _names(found.get("roles")), _names(found.get("collections"))


def _names(entries: Any) -> set[str]:
    made = set()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            name = entry.get("name") or entry.get("role") or entry.get("src") or ""
        else:
            name = entry
        text = str(name).partition(",")[0]
        made.add(text.rstrip("/").rpartition("/")[2].removesuffix(".git") if "/" in text else text)
    return made
