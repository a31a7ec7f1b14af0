"""Read YAML 1.1 as Ansible does, keeping file, line and column. Uses libyaml's parser where it is built in.

Strings become ``Trusted``, mappings ``Map``, sequences ``Seq``. ``!unsafe`` gives plain text that is
never rendered, ``!vault`` an ``Encrypted``. A duplicate key is a warning; the last one wins, as in Ansible.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from fleet.errors import InputError, Location, NotThere
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import Encrypted, Map, Seq, Trusted, trust_key

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STR = "tag:yaml.org,2002:str"
DUPLICATE = "Found duplicate mapping key"
Read = Callable[[str], str]
"""Gives the text of a file, as ``read_text`` does; another one opens encrypted files too."""


class _Constructor(yaml.constructor.SafeConstructor):
    """Only for the scalars that are not text: numbers, booleans, dates, binary."""


class _Reader:
    """Turns the nodes of one document into values."""

    def __init__(self, path: str, problems: Diagnostics | None, line: int = 0, trusted: bool = True) -> None:
        self.path = path
        self.problems = problems
        self.shift = line
        self.trusted = trusted
        self.scalars = _Constructor()
        self.done: dict[int, Any] = {}

    def at(self, node: yaml.Node) -> Location:
        return Location(self.path, node.start_mark.line + 1 + self.shift, node.start_mark.column + 1)

    def value(self, node: yaml.Node, unsafe: bool = False) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, unsafe)
        if id(node) in self.done:
            return self.done[id(node)]
        if node.tag in ("!unsafe", "!vault", "!vault-encrypted"):
            unsafe = True
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, unsafe)
        assert isinstance(node, yaml.SequenceNode)
        return self.sequence(node, unsafe)

    def scalar(self, node: yaml.ScalarNode, unsafe: bool) -> Any:
        tag = node.tag
        if tag == _STR:
            return Trusted(node.value, self.at(node)) if self.trusted and not unsafe else node.value
        if tag == "!unsafe":
            return node.value
        if tag in ("!vault", "!vault-encrypted"):
            return Encrypted(node.value, self.at(node))
        if not tag.startswith("tag:yaml.org,2002:"):
            raise InputError(f"unknown YAML tag {tag}", at=self.at(node), hint="known tags are !unsafe and !vault")
        try:
            return self.scalars.construct_object(node)
        except (ValueError, yaml.YAMLError) as error:
            raise InputError(f"bad value {node.value!r}: {error}", at=self.at(node)) from None

    def mapping(self, node: yaml.MappingNode, unsafe: bool) -> Any:
        if node.tag == "tag:yaml.org,2002:set":
            return {self.value(key) for key, _ in node.value}
        made = Map(at=self.at(node))
        self.done[id(node)] = made
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                self.merge(made, value_node, unsafe)
        seen = set()
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.key(key_node)
            if key in seen and self.problems is not None:
                self.problems.warn(f"{DUPLICATE} {str(key)!r}.", self.at(key_node), "Using last defined value only.")
            seen.add(key)
            made[key] = self.value(value_node, unsafe)
            mark = key_node.start_mark
            made.marks[key] = (mark.line + 1 + self.shift, mark.column + 1)
        return made

    def key(self, node: yaml.Node) -> Any:
        key = node.value if node.tag == _STR else self.value(node)
        if isinstance(key, str):
            return trust_key(str(key)) if self.trusted else str(key)
        try:
            hash(key)
        except TypeError:
            raise InputError(
                "a mapping or list cannot be a key",
                at=self.at(node),
                hint='a value that starts with {{ must be quoted: key: "{{ name }}"',
            ) from None
        return key

    def merge(self, made: Map, node: yaml.Node, unsafe: bool) -> None:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in reversed(sources):
            if not isinstance(source, yaml.MappingNode):
                raise InputError("<< needs a mapping or a list of mappings", at=self.at(source))
            merged = self.value(source, unsafe)
            made.update(merged)
            made.marks.update(merged.marks)

    def sequence(self, node: yaml.SequenceNode, unsafe: bool) -> Seq:
        made = Seq(at=self.at(node))
        self.done[id(node)] = made
        for item in node.value:
            made.append(self.value(item, unsafe))
            made.marks.append((item.start_mark.line + 1 + self.shift, item.start_mark.column + 1))
        return made


def load(text: str, path: str, problems: Diagnostics | None = None, *, trusted: bool = True) -> Any:
    """The value of a one-document YAML (or JSON) text.

    ``path`` names the file in locations. Duplicate keys are warned about in ``problems``.
    ``trusted=False`` reads data that must never be rendered: its strings are plain ``str``.
    Raises ``InputError`` with the place of the first syntax error.
    """
    values = load_all(text, path, problems, trusted=trusted)
    if len(values) > 1:
        raise InputError("more than one YAML document", at=Location(path), hint="remove the second '---'")
    return values[0] if values else None


def load_all(text: str, path: str, problems: Diagnostics | None = None, *, trusted: bool = True) -> list[Any]:
    """All documents of ``text``. See ``load``."""
    loader = _Base(text)
    values = []
    try:
        while loader.check_node():
            values.append(_Reader(path, problems, trusted=trusted).value(loader.get_node()))
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, path, text) from None
    except yaml.YAMLError as error:
        raise InputError(f"not YAML: {' '.join(str(error).split())}", at=Location(path)) from None
    except RecursionError:
        raise InputError("nested too deeply", at=Location(path)) from None
    finally:
        loader.dispose()
    return values


def load_file(path: str | Path, problems: Diagnostics | None = None) -> Any:
    """``load`` the file at ``path``. Raises ``InputError`` when it cannot be read or is not UTF-8."""
    return load(read_text(path), str(path), problems)


def read_text(path: str | Path) -> str:
    """The text of a file the user named. Raises ``InputError`` with the reason it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start})", at=Location(str(path))) from None
    except OSError as error:
        kind = NotThere if isinstance(error, FileNotFoundError) else InputError
        raise kind(f"cannot read: {error.strerror}", at=Location(str(path))) from None


def _syntax_error(error: yaml.MarkedYAMLError, path: str, text: str) -> InputError:
    mark = error.problem_mark or error.context_mark
    at = Location(path, mark.line + 1, mark.column + 1) if mark else Location(path)
    what = error.problem or error.context or "syntax error"
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    hint = ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "'\\t'" in what:
        hint = "YAML is indented with spaces, not tabs"
    elif "{{" in line:
        hint = 'a value that starts with {{ must be quoted: key: "{{ name }}"'
    elif "mapping values are not allowed" in what:
        hint = "quote a value that holds ': '; check the indentation of this line and the one before"
    return InputError(f"YAML syntax error: {what}", at=at, hint=hint)
