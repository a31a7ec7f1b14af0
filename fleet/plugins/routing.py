"""A collection's ``meta/runtime.yml``: names that moved, that are gone, and groups of actions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fleet.errors import FleetError, InputError
from fleet.record import record
from fleet.source.yaml import load, read_text


@record
class Route:
    """Where a name leads: to itself (``name`` unchanged) or elsewhere. ``warning`` is for the user."""

    name: str
    warning: str = ""


class Gone(FleetError):
    """A name that its collection has taken away."""

    code = 4


def roots(places: Sequence[str]) -> tuple[str, ...]:
    """The folders ``ansible_collections`` that exist below (or are) the configured places, in order."""
    found: dict[str, None] = {}
    for place in map(os.path.expanduser, places):
        inner = place if os.path.basename(place.rstrip("/")) == "ansible_collections" else (
            os.path.join(place, "ansible_collections")
        )  # fmt: skip
        if os.path.isdir(inner):
            found[os.path.abspath(inner)] = None
    return tuple(found)


def folder(collection: str, places: Sequence[str]) -> str | None:
    """The folder of ``namespace.name``; ``places`` as ``roots`` gives them."""
    namespace, _, name = collection.partition(".")
    for root in places:
        path = os.path.join(root, namespace, name)
        if os.path.isdir(path):
            return path
    return None


@lru_cache(maxsize=64)
def runtime(path: str) -> Mapping[str, Any]:
    """The collection's ``meta/runtime.yml``, {} where there is none or it cannot be read."""
    file = os.path.join(path, "meta", "runtime.yml")
    if not os.path.isfile(file):
        return {}
    try:
        found = load(read_text(file), file)
    except InputError:
        return {}
    return found if isinstance(found, dict) else {}


def route(path: str, kind: str, name: str, full: str) -> Route:
    """Where the plugin ``name`` (of ``kind``, as ``plugin_routing`` calls it) of the collection in ``path`` is.

    ``full`` is how it was called. Raises Gone.
    """
    entry = _entry(runtime(path), kind, name)
    if isinstance(entry.get("tombstone"), dict):
        stone = entry["tombstone"]
        text = str(stone.get("warning_text") or "").strip()
        when = f"version {stone['removal_version']}" if stone.get("removal_version") else "a release after "
        when = when if stone.get("removal_version") else f"{when}{stone.get('removal_date') or 'now'}"
        what = f"The {full!r} {kind} plugin has been removed. {text}".rstrip()
        raise Gone(f"{what} This feature was removed from collection {_collection(path)!r} {when}.")
    warning = ""
    if isinstance(entry.get("deprecation"), dict):
        warning = f"{full} is deprecated. {entry['deprecation'].get('warning_text') or ''}".strip()
    redirect = entry.get("redirect")
    if isinstance(redirect, str) and redirect:
        return Route(redirect if redirect.count(".") >= 2 else f"{_collection(path)}.{redirect}", warning)
    return Route(full, warning)


def action_groups(path: str) -> dict[str, list[str]]:
    """The modules of every action group of a collection, by full name; groups in groups taken apart."""
    written = runtime(path).get("action_groups")
    groups = written if isinstance(written, dict) else {}
    return {str(name): _members(str(name), groups, _collection(path), ()) for name in groups}


def _members(name: str, groups: Mapping[str, Any], collection: str, seen: tuple[str, ...]) -> list[str]:
    made: list[str] = []
    for item in groups.get(name) or ():
        if isinstance(item, str):
            made.append(item if item.count(".") >= 2 else f"{collection}.{item}")
        elif isinstance(item, dict):
            extends = (item.get("metadata") or {}).get("extend_group") or []
            for other in [extends] if isinstance(extends, str) else extends:
                other = str(other).removeprefix(collection + ".")
                if other not in (*seen, name):
                    made += _members(other, groups, collection, (*seen, name))
    return list(dict.fromkeys(made))


def _entry(found: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    table: Any = found.get("plugin_routing")
    for key in (kind, name):
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _collection(path: str) -> str:
    return ".".join(path.rstrip("/").split("/")[-2:])
