"""A playbook file -> Playbook, imported playbooks expanded in place. Mistakes are collected, not raised."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fleet.errors import FleetError, InputError, Location, NotThere
from fleet.playbook.model import Node, Play, Playbook
from fleet.playbook.required import missing_hint
from fleet.playbook.roles import load_uses
from fleet.playbook.tasks import check_keywords, load_tasks
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import Map, Seq, Trusted, location_of
from fleet.source.yaml import Read, load, read_text

SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers", "roles")
IMPORTS = ("import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook", "include")
Render = Callable[[Any, Sequence[Mapping[str, Any]]], Any]
Roots = Callable[[str], Sequence[str]]


def load_playbook(
    path: str,
    problems: Diagnostics,
    render: Render,
    stack: Sequence[str] = (),
    *,
    read: Read = read_text,
    roots: Roots = lambda _folder: (),
) -> Playbook:
    """Read the playbook at ``path``.

    ``render`` renders names of imported playbooks with what is known before the run (extra variables), and with
    the mappings given, nearest first (what the import itself sets).
    ``read`` gives the text of a file, ``roots`` the folders ``ansible_collections`` for a playbook's folder.
    Raises InputError only when the file itself cannot be read or parsed.
    """
    value = load(read(path), path, problems)
    if value is None:
        raise InputError("the playbook is empty", at=Location(path))
    if not isinstance(value, list):
        raise InputError(
            "A playbook must be a list of plays, got a mapping instead" if isinstance(value, dict)
            else "A playbook must be a list of plays",
            at=location_of(value) or Location(path, 1), hint="start every play with '- hosts: ...'",
        )  # fmt: skip
    if not value:
        raise InputError(f"A playbook must contain at least one play: {path}", at=Location(path, 1))
    plays: list[Play] = []
    for index, entry in enumerate(value):
        at = value.item_at(index) if isinstance(value, Seq) else None
        if not isinstance(entry, Map):
            problems.error("a play must be a mapping", at)
            continue
        name = next((key for key in IMPORTS if key in entry), None)
        if name:
            plays.extend(_imported(entry, name, path, problems, render, (*stack, os.path.realpath(path)), read, roots))
        else:
            play = load_play(entry, path, problems)
            if play:
                plays.append(play)
    own = "" if stack else collection_of(path, roots(os.path.dirname(path)))
    return Playbook(path, tuple(_within(play, own) if own else play for play in plays))


def _imported(
    entry: Map,
    key: str,
    path: str,
    problems: Diagnostics,
    render: Render,
    stack: tuple[str, ...],
    read: Read,
    roots: Roots,
) -> list[Play]:
    at = entry.key_at(key)
    value = entry[key]
    if isinstance(value, Map):
        value = value.get("file") or value.get("_raw_params")
    if not isinstance(value, str):
        problems.error("import_playbook needs the name of a file", at)
        return []
    try:
        own = entry.get("vars")
        words = str(render(value, [own] if isinstance(own, dict) else [])).split()
        target = os.path.join(os.path.dirname(path), words[0] if words else "")
        collected = in_collection(words[0], roots(os.path.dirname(path))) if words else None
        target = collected or target
        if os.path.realpath(target) in stack:
            problems.error(f"recursive import_playbook: {target}", at)
            return []
        if not os.path.isfile(target):
            hint = missing_hint(words[0] if words else "", os.path.dirname(path), roots(os.path.dirname(path)))
            problems.add(NotThere(f"the imported playbook {target} does not exist", at=at, hint=hint))
            return []
        inner = load_playbook(target, problems, render, stack, read=read, roots=roots)
    except FleetError as error:
        problems.add(error)
        return []
    extra = {name: item for name, item in entry.items() if name in ("tags", "vars", "when")}
    plays = [_within(play, ".".join(words[0].split(".")[:2])) if collected else play for play in inner.plays]
    unknown = [name for name in entry if name not in (key, "tags", "vars", "when", "name")]
    for name in unknown:
        problems.error(f"'{name}' is not a valid attribute for an import_playbook", entry.key_at(name))
    return [_with(play, extra) for play in plays]


def in_collection(name: str, roots: Sequence[str]) -> str | None:
    """The file of the playbook ``namespace.collection.play``, None when it is no such name or not there."""
    parts = name.split(".")
    if "/" in name or len(parts) < 3:
        return None
    if parts[-1] in ("yml", "yaml"):
        parts[-2:] = [f"{parts[-2]}.{parts[-1]}"]
    for root in roots:
        base = os.path.join(root, *parts[:2], "playbooks", *parts[2:])
        for path in (base, base + ".yml", base + ".yaml"):
            if os.path.isfile(path):
                return path
    return None


def collection_of(path: str, roots: Sequence[str]) -> str:
    """The collection that the playbook in the file ``path`` belongs to, "" when it is in none."""
    for root in roots:
        parts = os.path.relpath(path, root).split(os.sep)
        if len(parts) > 3 and parts[0] != os.pardir and parts[2] == "playbooks":
            return f"{parts[0]}.{parts[1]}"
    return ""


def _within(play: Play, collection: str) -> Play:
    """A play of a collection: names are looked for there."""
    old = play.keywords.get("collections") or ()
    names = Seq([*([old] if isinstance(old, str) else old)])
    if collection not in names:
        names.append(Trusted(collection, play.at))
    return replace(play, keywords={**play.keywords, "collections": names})


def _with(play: Play, extra: dict[str, Any]) -> Play:
    """``play`` with what its import adds: tags, conditions, variables."""
    if not extra:
        return play
    keywords = dict(play.keywords)
    for name, value in extra.items():
        if name == "vars" and isinstance(value, dict):
            merged = Map({**(keywords.get("vars") or {}), **value}, at=location_of(value))
            keywords["vars"] = merged
        else:
            old = keywords.get(name)
            both = [*(old if isinstance(old, list) else [old] if old is not None else [])]
            both += value if isinstance(value, list) else [value]
            keywords[name] = Seq(both, at=location_of(value) or play.at)
    return Play(
        play.name, play.hosts, keywords, play.pre_tasks, play.roles, play.tasks, play.post_tasks,
        play.handlers, play.at, play.playbook,
    )  # fmt: skip


def section(entry: Map, name: str, problems: Diagnostics) -> tuple[Node, ...]:
    """The tasks of one section of a play."""
    return load_tasks(entry.get(name), problems, handlers=name == "handlers", at=entry.key_at(name), section=name)


def load_play(entry: Map, path: str, problems: Diagnostics) -> Play | None:
    """A mapping that is a play."""
    keywords = check_keywords(entry, "p", "play", problems, skip=SECTIONS)
    hosts = entry.get("hosts")
    if "hosts" not in entry:
        problems.error("the field 'hosts' is required but was not set", entry.at, "write: - hosts: all")
        return None
    if hosts is None or hosts in ("", []):
        problems.error("Hosts list cannot be empty. Please check your playbook", entry.key_at("hosts"))
        return None
    if isinstance(hosts, dict) or (isinstance(hosts, list) and not all(isinstance(item, str) for item in hosts)):
        problems.error("Hosts list must be a sequence or string", entry.key_at("hosts"))
        return None
    if "user" in keywords and "remote_user" in keywords:
        problems.error("both 'user' and 'remote_user' are set for this play.", entry.key_at("user"))
    if "user" in keywords:
        keywords["remote_user"] = keywords.pop("user")
    name = entry.get("name")
    shown = ",".join(map(str, hosts)) if isinstance(hosts, list) else str(hosts)
    return Play(
        name=name if isinstance(name, str) and name else Trusted(shown, entry.at),
        hosts=hosts,
        keywords=keywords,
        pre_tasks=section(entry, "pre_tasks", problems),
        roles=load_uses(entry.get("roles"), problems, entry.key_at("roles")),
        tasks=section(entry, "tasks", problems),
        post_tasks=section(entry, "post_tasks", problems),
        handlers=section(entry, "handlers", problems),
        at=entry.at,
        playbook=path,
    )
