"""A YAML list of tasks -> Task and Block. Every mistake is recorded with its place; nothing is raised."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fleet.errors import FleetError, InputError, Location
from fleet.playbook import registry
from fleet.playbook.arguments import merge, split_pieces
from fleet.playbook.keywords import INCLUDE_ARGS, INCLUDE_KEYWORDS, INCLUDES, KEYWORDS, names
from fleet.playbook.model import Block, Node, Task
from fleet.source.diagnostics import Diagnostics, suggest
from fleet.source.nodes import Map, Seq, Trusted, location_of

BLOCK_KEYS = ("block", "rescue", "always")


def load_tasks(
    value: Any, problems: Diagnostics, *, handlers: bool = False, at: Location | None = None, section: str = "tasks"
) -> tuple[Node, ...]:
    """The nodes of a list of tasks; entries that make no sense are left out and recorded.

    ``section`` is what the list is called where it stands.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        problems.error(
            f"A malformed block was encountered while loading {section}: {_kind(value)} should be a list or None",
            location_of(value) or at,
        )
        return ()
    found: list[Node] = []
    for index, entry in enumerate(value):
        at = value.item_at(index) if isinstance(value, Seq) else location_of(value)
        if entry is None:
            continue
        if not isinstance(entry, Map):
            problems.error(f"a task must be a mapping, not {_kind(entry)}", at, "write: - module: {argument: value}")
            continue
        node = load_block(entry, problems, handlers) if "block" in entry else load_task(entry, problems, handlers)
        if node is not None:
            found.append(node)
    return tuple(found)


def load_block(entry: Map, problems: Diagnostics, handlers: bool) -> Block:
    """A mapping with ``block:``."""
    keywords = check_keywords(entry, "b", "block", problems, skip=BLOCK_KEYS)
    if entry["block"] is None:
        problems.error("a list of tasks is needed here, not nothing", entry.key_at("block"))
    if handlers:
        _no_deeper(entry, problems)
    sections = [load_tasks(entry.get(key), problems, handlers=handlers) for key in BLOCK_KEYS]
    return Block(keywords, sections[0], sections[1], sections[2], _text(entry.get("name")), entry.at)


def _no_deeper(entry: Map, problems: Diagnostics) -> None:
    """A block among handlers is no more than its tasks; one in it would be a handler itself."""
    for key in BLOCK_KEYS:
        for inner in entry.get(key) or ():
            if isinstance(inner, Map) and "block" in inner:
                problems.error("Using a block as a handler is not supported.", inner.at, "put its tasks beside it")


def load_task(entry: Map, problems: Diagnostics, handlers: bool) -> Task | None:
    """A mapping that is a task."""
    for orphan in ("rescue", "always"):
        if orphan in entry:
            problems.error(f"'{orphan}' without 'block'", entry.key_at(orphan), "put the tasks it guards under block:")
            return None
    action = _action(entry, problems)
    if action is None:
        return None
    name, inline, where = action
    if handlers and not _may_handle(name, inline, entry.key_at(where), problems):
        return None
    keywords = check_keywords(
        entry, "h" if handlers else "t", "handler" if handlers else "task", problems, skip=(where, "args")
    )
    _include_keywords(name, keywords, entry, problems)
    loop = _loop(entry, problems)
    try:
        args = merge(inline, entry.get("args"), name, entry.key_at(where))
    except InputError as error:
        problems.add(error)
        return None
    reserved = [str(key) for key in args if str(key).startswith("_ansible_")]
    if reserved:
        what = f"Invalid parameter specified beginning with keyword '_ansible_' for action '{name}': '{reserved[0]}'."
        at = args.key_at(reserved[0]) or entry.at
        problems.add(FleetError(f"{what} The prefix '_ansible_' is reserved for internal use only.", at=at))
        return None
    if not _texts(name, args, entry.at, problems):
        return None
    if where == "local_action":
        keywords = {**keywords, "delegate_to": Trusted("localhost")}
    return Task(_text(entry.get("name")), name, args, keywords, entry.at, loop, handlers, entry)


def _texts(name: str, args: Any, at: Location | None, problems: Diagnostics) -> bool:
    """False, with a mistake recorded, where an include names no file, or a part of a role not by a text.

    What an import does not take is a mistake here, since it is gone once its file is read.
    """
    short = name.rpartition(".")[2]
    if short not in INCLUDES:
        return True
    wrong = [str(key) for key in args if key not in INCLUDE_ARGS[short]] if short.startswith("import") else []
    if wrong:
        hint = suggest(wrong[0], INCLUDE_ARGS[short]) or f"it takes: {', '.join(sorted(INCLUDE_ARGS[short]))}"
        problems.error(f"Invalid options for {short}: {','.join(wrong)}", args.key_at(wrong[0]) or at, hint)
        return False
    if short.endswith("_tasks") and args.get("_raw_params", args.get("file")) in (None, ""):
        problems.error(f"No file specified for ansible.builtin.{short}", at)
        return False
    for part in ("tasks_from", "vars_from", "defaults_from", "handlers_from"):
        value = args.get(part)
        if value is not None and not isinstance(value, str):
            kind = "list" if isinstance(value, list) else "dict" if isinstance(value, dict) else type(value).__name__
            problems.error(f"Expected a string for {part} but got <class '{kind}'> instead", args.key_at(part) or at)
            return False
    return True


def _may_handle(name: str, inline: Any, at: Location | None, problems: Diagnostics) -> bool:
    """False, with a mistake recorded, for what Ansible takes nowhere as a handler."""
    short = name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    if short in ("include_role", "import_role"):
        problems.error(f"Using '{name}' as a handler is not supported.", at, "include_tasks can include the role")
        return False
    if short == "meta" and inline == "flush_handlers":
        problems.late("flush_handlers cannot be used as a handler", at, "use it as a task")
    return True


def _action(entry: Map, problems: Diagnostics) -> tuple[str, Any, str] | None:
    """(module name, its value, the key it stands under)."""
    for key in ("action", "local_action"):
        if key in entry:
            return _old_action(entry, key, problems)
    allowed = set(names("t")) | set(names("h"))
    candidates = [key for key in entry if key not in allowed and not str(key).startswith("with_")]
    real = [key for key in candidates if registry.resolve(str(key))]
    if len(real) == 1:
        for key in candidates:
            if key != real[0]:
                _unknown_keyword(str(key), "task", allowed, entry, problems)
        return str(real[0]), entry[real[0]], real[0]
    if len(real) > 1:
        problems.error(
            f"conflicting action statements: {', '.join(map(str, real))}", entry.key_at(real[1]), "make it two tasks"
        )
        return None
    if len(candidates) == 1:
        return str(candidates[0]), entry[candidates[0]], candidates[0]
    if not candidates:
        problems.error("no module/action detected in task", entry.at, "a task needs one module, such as apt or copy")
        return None
    # Full names are what an unknown module of some collection looks like.
    dotted = [key for key in candidates if str(key).count(".") >= 2]
    chosen = dotted[0] if dotted else max(candidates, key=lambda key: bool(suggest(str(key), registry.known())))
    for key in candidates:
        if key != chosen:
            _unknown_keyword(str(key), "task", allowed, entry, problems)
    return str(chosen), entry[chosen], chosen


def _include_keywords(action: str, keywords: Iterable[str], entry: Map, problems: Diagnostics) -> None:
    """Record keywords that a dynamic include does not take: they belong to the tasks it brings."""
    module = registry.resolve(action)
    if module is None or module.name not in ("include_tasks", "include_role"):
        return
    for key in keywords:
        if key not in INCLUDE_KEYWORDS:
            kind = "TaskInclude" if module.name == "include_tasks" else "IncludeRole"
            hint = f"put it under apply: to give it to the included tasks: apply: {{{key}: ...}}"
            problems.error(f"'{key}' is not a valid attribute for a {kind}", entry.key_at(key), hint)


def _old_action(entry: Map, key: str, problems: Diagnostics) -> tuple[str, Any, str] | None:
    value = entry[key]
    at = entry.key_at(key)
    if isinstance(value, dict):
        rest = Map({name: item for name, item in value.items() if name not in ("module", "args")}, at=at)
        rest.update(value["args"] if isinstance(value.get("args"), dict) else {})
        if "module" not in value:
            problems.error(f"'{key}' needs 'module'", at)
            return None
        return str(value["module"]), rest, key
    if isinstance(value, str) and value.strip():
        try:
            module, text = "", value.strip()
            for gap, word in split_pieces(text):
                if gap:
                    break
                module += word
            text = text[len(module) :]
        except ValueError:
            module, _, text = value.strip().partition(" ")
        return module, Trusted(text.strip(), location_of(value)) if text.strip() else None, key
    problems.error(f"'{key}' needs a module", at)
    return None


def _loop(entry: Map, problems: Diagnostics) -> tuple[str, Any] | None:
    found = [str(key) for key in entry if key == "loop" or str(key).startswith("with_")]
    if len(found) > 1:
        problems.error(f"more than one loop: {', '.join(found)}", entry.key_at(found[1]))
    if not found:
        return None
    key = found[0]
    value = entry[key]
    if value is None and key == "loop":
        return None
    if value is None:
        problems.error(f"you must specify a value when using {key}", entry.key_at(key))
        return None
    return key[5:] if key != "loop" else "", value


def check_keywords(
    entry: Map, where: str, what: str, problems: Diagnostics, skip: Iterable[str] = ()
) -> dict[str, Any]:
    """The keywords of ``entry``, those that cannot stand in a ``what`` recorded as mistakes."""
    allowed = set(names(where))
    found: dict[str, Any] = {}
    for key, value in entry.items():
        if key in skip or (where in ("t", "h") and str(key).startswith("with_")):
            continue
        if key in allowed:
            expected = entry.get("ignore_errors") is True and KEYWORDS[key].types == "bool" and where in ("t", "h")
            # A failure that is ignored may be what the task is there for; it fails when its turn comes.
            if _fits(key, value, entry.key_at(key), Diagnostics() if expected else problems) or expected:
                found[key] = value
        elif key in KEYWORDS or where in ("p", "b"):
            _unknown_keyword(str(key), what, allowed, entry, problems)
    return found


def _unknown_keyword(key: str, what: str, allowed: Iterable[str], entry: Map, problems: Diagnostics) -> None:
    hint = suggest(key, [*allowed, *(registry.known() if what != "play" else ())])
    problems.error(f"'{key}' is not a valid attribute for a {what.capitalize()}", entry.key_at(key), hint)


_CHECKS: dict[str, tuple[tuple[type, ...], str]] = {
    "bool": ((bool, str, int), "a boolean"),
    "int": ((int, str), "a number"),
    "float": ((int, float, str), "a number"),
    "str": ((str, int, float, bool), "text"),
    "dict": ((dict, str), "a mapping"),
    "list": ((list, str), "a list"),
}
_BOOLS = frozenset(["yes", "no", "true", "false", "on", "off", "y", "n", "t", "f", "1", "0"])


def _fits(key: str, value: Any, at: Location | None, problems: Diagnostics) -> bool:
    """Record a value that can never have the keyword's type."""
    expected = KEYWORDS[key].types
    if not expected or value is None or (isinstance(value, Trusted) and value.is_template):
        return True
    types, shown = _CHECKS[expected]
    wrong = not isinstance(value, types) or (
        isinstance(value, str)
        and (
            (expected == "bool" and value.lower() not in _BOOLS)
            or (expected == "int" and not value.strip().lstrip("-").isdigit())
            or expected == "dict"
            or (expected == "list" and key in ("tasks", "block", "rescue", "always", "handlers"))
        )
    )
    if wrong:
        problems.error(f"'{key}' must be {shown}, not {value!r}", at)
    return not wrong


def _kind(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else repr(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
