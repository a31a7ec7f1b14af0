"""A module's documentation out of its docstring, SPEC and EXAMPLES; as text, data and Markdown."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from fleet.playbook import registry
from fleet.record import record
from fleet.remote.spec import Arg, Spec

WIDTH = 96
ENGINE = {
    "meta": "Steer the run itself: flush_handlers, end_play, end_host, clear_facts and others.",
    "include_tasks": "Include a file of tasks while the play runs.",
    "import_tasks": "Read a file of tasks in before the play runs.",
    "include_role": "Run a role in the middle of a play, chosen while it runs.",
    "import_role": "Put a role's tasks here before the play runs.",
}
"""What the engine does itself; there are no files that could say it."""
RULES = (
    ("exclusive", "Only one of"),
    ("apart", "Only one of"),
    ("together", "Only together"),
    ("one_of", "At least one of"),
)


@record
class ModuleDoc:
    """What is known of a module. ``rest`` is the docstring below its first line."""

    name: str
    full_name: str
    title: str
    rest: str
    spec: Spec
    examples: str


def describe(name: str) -> ModuleDoc:
    """The documentation of a module by short name. Raises KeyError for an unknown one."""
    module = registry.known()[name]
    holders = _holders(name)
    text = inspect.cleandoc(holders[0].__doc__ or "") if holders else ENGINE.get(name, "")
    first, _, rest = text.partition("\n")
    examples = next((str(holder.EXAMPLES) for holder in holders if hasattr(holder, "EXAMPLES")), "")
    return ModuleDoc(name, module.full_name, first, rest.strip(), registry.spec(name), examples.strip("\n"))


def _holders(name: str) -> list[ModuleType]:
    """The files of a module; first the one whose docstring is for users."""
    module = registry.known()[name]
    remote = [registry.load_remote(name)] if module.remote else []
    return remote + ([registry.load_action(name)] if module.action else [])


def title(name: str) -> str:
    """The first line of a module's docstring, without importing it."""
    if name in ENGINE:
        return ENGINE[name]
    for path in (f"modules/{name}.py", f"actions/{name}.py", f"actions/{name}_.py"):
        file = registry.ROOT / path
        if file.exists():
            with file.open(encoding="utf-8") as source:
                return source.readline().strip().strip('"')
    return ""


def as_list(titles: Mapping[str, str]) -> str:
    """All modules, a line each."""
    width = max(map(len, titles), default=0)
    return "".join(f"{name:<{width}}  {text}".rstrip() + "\n" for name, text in titles.items())


def as_data(doc: ModuleDoc) -> dict[str, Any]:
    """The documentation as plain data."""
    return {
        "name": doc.name,
        "full_name": doc.full_name,
        "title": doc.title,
        "description": doc.rest,
        "check_mode": doc.spec.supports_check,
        "free_form": doc.spec.free_form,
        "arguments": _data(doc.spec.args),
        "rules": _rules(doc.spec),
        "returns": dict(doc.spec.returns),
        "examples": doc.examples,
    }


def _data(args: Mapping[str, Arg]) -> dict[str, Any]:
    return {
        name: {
            "type": arg.type,
            "elements": arg.elements,
            "required": arg.required,
            "default": arg.default,
            "choices": list(arg.choices),
            "aliases": list(arg.aliases),
            "secret": arg.no_log,
            "help": arg.help,
            **({"options": _data(arg.options)} if arg.options else {}),
        }
        for name, arg in _shown(args)
    }


def _shown(args: Mapping[str, Arg]) -> list[tuple[str, Arg]]:
    """Required arguments first, then by name; those that only fleet itself passes are left out."""
    kept = [(name, arg) for name, arg in args.items() if not name.startswith("_") or name == "_raw_params"]
    return sorted(kept, key=lambda item: (not item[1].required, item[0]))


def _rules(spec: Spec) -> list[str]:
    """What the arguments demand of each other, in words."""
    found = [f"{text}: {', '.join(names)}." for field, text in RULES for names in getattr(spec, field)]
    for name, others in sorted(spec.required_by.items()):
        found.append(f"{name} needs {', '.join([others] if isinstance(others, str) else others)}.")
    for rule in spec.required_if:
        joint = " or " if len(rule) > 3 and rule[3] else " and "
        found.append(f"{rule[0]}={_value(rule[1])} needs {joint.join(rule[2])}.")
    return found


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _notes(doc: ModuleDoc) -> list[str]:
    notes = [] if doc.spec.supports_check else ["In check mode it is skipped."]
    if doc.spec.free_form:
        notes.append(f"It may be written on one line: `{doc.name}: ...`.")
    return notes


# Text for a terminal.


def as_text(doc: ModuleDoc) -> str:
    """The documentation for a terminal."""
    lines = [f"{doc.name}  ({doc.full_name})", "", *_wrap(doc.title, 2)]
    for paragraph in (doc.rest, " ".join(_notes(doc))):
        if paragraph:
            lines += ["", *(line for part in paragraph.split("\n\n") for line in _wrap(part, 2))]
    if doc.spec.args:
        lines += ["", "ARGUMENTS", *_text_args(doc.spec.args, 2)]
    rules = _rules(doc.spec)
    if rules:
        lines += ["", "RULES", *(line for rule in rules for line in _wrap(rule, 2))]
    if doc.spec.returns:
        lines += ["", "RETURNS"]
        for name, text in doc.spec.returns.items():
            lines += [f"  {name}", *_wrap(text, 6)]
    if doc.examples:
        lines += ["", "EXAMPLES", textwrap.indent(doc.examples, "  ")]
    return "\n".join(lines) + "\n"


def _text_args(args: Mapping[str, Arg], indent: int) -> Iterator[str]:
    for name, arg in _shown(args):
        yield f"{' ' * indent}{name}  ({_facts(arg)})"
        yield from _wrap(arg.help, indent + 4)
        if arg.options:
            yield from _text_args(arg.options, indent + 4)


def _facts(arg: Arg) -> str:
    """Type, default, choices and other names of an argument."""
    parts = [f"list of {arg.elements}" if arg.elements else arg.type]
    if arg.required:
        parts.append("required")
    if arg.choices:
        parts.append("one of " + ", ".join(map(_value, arg.choices)))
    if arg.default not in (None, [], {}, ""):
        parts.append(f"default {_value(arg.default)}")
    if arg.aliases:
        parts.append("also " + ", ".join(arg.aliases))
    if arg.no_log:
        parts.append("never shown")
    return "; ".join(parts)


def _wrap(text: str, indent: int) -> list[str]:
    blank = " " * indent
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=blank, subsequent_indent=blank)


# Markdown for docs/modules.


def write(folder: str) -> int:
    """Write NAME.md for every module and index.md to ``folder``; give how many files. Raises OSError."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    names = list(registry.known())
    for name in names:
        (target / f"{name}.md").write_text(as_markdown(describe(name)), encoding="utf-8")
    rows = [f"| [{name}]({name}.md) | {title(name)} |" for name in names]
    index = ["# Modules", "", "| module | what it does |", "|---|---|", *rows]
    (target / "index.md").write_text("\n".join(index) + "\n", encoding="utf-8")
    return len(names) + 1


def as_markdown(doc: ModuleDoc) -> str:
    """The documentation as a page."""
    lines = [f"# {doc.name}", "", doc.title, "", f"Full name: `{doc.full_name}`"]
    lines += [text for part in (doc.rest, *_notes(doc)) if part for text in ("", part)]
    if doc.spec.args:
        lines += ["", "## Arguments", "", "| argument | type, default | what it says |", "|---|---|---|"]
        lines += [*_rows(doc.spec.args)]
    rules = _rules(doc.spec)
    if rules:
        lines += ["", *(f"- {rule}" for rule in rules)]
    if doc.spec.returns:
        lines += ["", "## Returns", "", "| key | value |", "|---|---|"]
        lines += [f"| `{name}` | {_cell(text)} |" for name, text in doc.spec.returns.items()]
    if doc.examples:
        lines += ["", "## Examples", "", "```yaml", doc.examples, "```"]
    return "\n".join(lines) + "\n"


def _rows(args: Mapping[str, Arg], prefix: str = "") -> Iterator[str]:
    for name, arg in _shown(args):
        yield f"| `{prefix}{name}` | {_cell(_facts(arg))} | {_cell(arg.help)} |"
        if arg.options:
            yield from _rows(arg.options, f"{prefix}{name}.")


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
