"""Files on the controller that tasks and plays name plainly: sources of copy and template, scripts, vars_files."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from fleet.actions.search import candidates
from fleet.errors import FleetError, Location
from fleet.inventory.model import LOCALHOSTS
from fleet.plan.check.known import search_folders
from fleet.plan.check.spot import Spot
from fleet.plan.check.walk import Walk
from fleet.plan.compile import Compiler
from fleet.plan.tree import PlanNode
from fleet.remote.convert import to_bool
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import has_template, location_of

FOLDERS = {"template": "templates", "copy": "files", "script": "files", "unarchive": "files", "patch": "files"}
"""Modules that read a file of the controller, and the folder of a role where it is looked for first."""
_LOOKS = frozenset(
    (
        "debug set_fact assert fail meta include_tasks include_role import_tasks import_role include_vars "
        "add_host group_by gather_facts setup stat ping wait_for wait_for_connection pause set_stats "
        "validate_argument_spec"
    ).split()
)


def source(spot: Spot, play_folder: str) -> tuple[str, Any, str | None] | None:
    """(name, where it is written, path or None when it is missing) of the local file a task needs."""
    module, args = spot.node.action, spot.args
    folder = FOLDERS.get(module)
    if folder is None or _on_host(module, args):
        return None
    written = args.get("_raw_params", args.get("cmd")) if module == "script" else args.get("src")
    if not isinstance(written, str) or has_template(written) or not written.strip():
        return None
    name = _script(written) if module == "script" else written
    if "$" in name or name.startswith("~") or "://" in name:
        return None
    if module == "script":
        args_folder = args.get("chdir")
        if args_folder is not None and has_template(args_folder):
            return None
    places = candidates(folder, name, search_folders(spot, play_folder))
    return name, written, next((place for place in places if os.path.exists(place)), None)


def _script(text: str) -> str:
    """The file in the command line of ``script``."""
    try:
        return shlex.split(text)[0]
    except ValueError:
        return text.split()[0]


def _on_host(module: str, args: Any) -> bool:
    """True when the source is, or may be, a file of the host."""
    if module == "copy" and args.get("content") is not None:
        return True
    for name, value in (("remote_src", True), ("copy", False)):
        given = args.get(name)
        if given is None:
            continue
        if has_template(given):
            return True
        try:
            if bool(to_bool(given)) is value:
                return True
        except TypeError:
            return True
    return "_variable_params" in args


def missing(spot: Spot, name: str, written: Any, play_folder: str, problems: Diagnostics, made: bool) -> None:
    """Report a source that does not exist. ``made``: the run itself may make files on the controller."""
    folder = FOLDERS[spot.node.action]
    places = candidates(folder, name, search_folders(spot, play_folder))
    hint = _similar(places) or "looked for " + ", ".join(_short(place) for place in places)
    word = "template" if spot.node.action == "template" else "file"
    at = location_of(written) or spot.args.key_at("src") or spot.at
    what = f"Could not find or access the {word} '{name}'"
    if made:
        problems.warn(what, at, hint)
    else:
        spot.say(problems, what, at, hint)


def _similar(places: Sequence[str]) -> str:
    for place in places:
        folder, _, short = place.rstrip("/").rpartition("/")
        if not os.path.isdir(folder):
            continue
        names = os.listdir(folder)
        if f"{short}.j2" in names:
            return f"did you mean '{short}.j2'?"
        if hint := suggest(short, names):
            return hint
    return ""


def _short(path: str) -> str:
    """``path`` from here on where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path


def writes_here(walks: Iterable[Walk], hosts: Iterable[Sequence[str]]) -> bool:
    """True when a task of the run may make files on this machine, so that a file that is missing now may come."""
    for walk, names in zip(walks, hosts, strict=True):
        connection = walk.plan.kw.get("connection")
        local = connection is not None and connection != "ssh"
        local = local or any(name in LOCALHOSTS for name in names) or _says_local(walk.plan)
        for spot in walk.spots:
            node = spot.node
            if node.action == "fetch":
                return True
            here = local or node.kw.get("delegate_to") is not None or node.kw.get("connection", "ssh") != "ssh"
            if here and node.action not in _LOOKS:
                return True
    return False


def _says_local(plan: PlanNode) -> bool:
    values = plan.play.keywords.get("vars")
    return isinstance(values, dict) and values.get("ansible_connection") == "local"


def vars_files(plan: PlanNode, compiler: Compiler, problems: Diagnostics, sure: bool) -> None:
    """Report files of variables that a play names plainly and that do not exist."""
    play = plan.play
    entries = play.keywords.get("vars_files")
    play_vars = play.keywords.get("vars")
    layers = [play_vars] if isinstance(play_vars, dict) else []
    for entry in entries if isinstance(entries, list) else [entries]:
        names = entry if isinstance(entry, list) else [entry]
        try:
            rendered = [str(compiler.render(name, layers)) for name in names if name is not None]
        except FleetError:
            continue
        folders = [play.folder, os.path.join(play.folder, "vars")]
        places = [
            os.path.normpath(os.path.join(folder, os.path.expanduser(name))) for name in rendered for folder in folders
        ]
        if not places or any(os.path.exists(place) for place in places):
            continue
        at: Location | None = location_of(names[0]) or play.at
        say = problems.error if sure else problems.warn
        say(
            f"vars file {' or '.join(rendered)} was not found",
            at,
            _similar(places) or f"looked in {', '.join(folders)}",
        )
