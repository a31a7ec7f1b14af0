"""The INI inventory: ``[group]``, ``[group:children]``, ``[group:vars]`` and hosts with ``key=value``."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from typing import Any

from fleet.errors import InputError, Location
from fleet.inventory import names
from fleet.inventory.literals import literal
from fleet.inventory.model import UNGROUPED, Inventory
from fleet.source.diagnostics import Diagnostics, suggest

_SECTION = re.compile(r"^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$")
_LIKE_SECTION = re.compile(r"^\[[^\]]*\]?\s*(?:[#;].*)?$")
_KINDS = ("hosts", "children", "vars")
_SHELL = frozenset("'\"\\#")


def parse(text: str, path: str, inventory: Inventory, problems: Diagnostics) -> None:
    """Add the hosts and groups of ``text`` to ``inventory``. Every bad line becomes an error in ``problems``."""
    _Parser(path, inventory, problems).run(text)


class _Parser:
    def __init__(self, path: str, inventory: Inventory, problems: Diagnostics) -> None:
        self.path = path
        self.source = os.path.abspath(path)
        self.inventory = inventory
        self.problems = problems
        self.group = UNGROUPED
        # What later lines must still declare: (group, section kind, place).
        self.wanted: list[tuple[str, str, Location]] = []
        self.children: list[tuple[str, str, Location]] = []
        self.vars: list[tuple[str, dict[str, Any]]] = []

    def run(self, text: str) -> None:
        kinds: dict[str, Callable[[str, int], None]] = {
            "hosts": self.host_line,
            "children": self.child_line,
            "vars": self.var_line,
        }
        take = kinds["hosts"]
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line[0] in "#;":
                continue
            try:
                kind = self.section(line, raw, number) if line[0] == "[" else None
                if kind is None:
                    take(raw, number)
                else:
                    take = kinds[kind]
            except InputError as error:
                self.problems.add(error)
                if line[0] == "[" and _LIKE_SECTION.match(line):
                    take = self.skip_line
        self.finish()

    def at(self, number: int, raw: str, part: str = "", start: int = 0) -> Location:
        column = raw.find(part, start) if part else len(raw) - len(raw.lstrip())
        return Location(self.path, number, max(column, 0) + 1)

    def section(self, line: str, raw: str, number: int) -> str | None:
        """Enter a section and return its kind, or None when the line is a host like ``[::1]:22``."""
        match = _SECTION.match(line)
        if not match:
            if not _LIKE_SECTION.match(line):
                return None
            raise self.bad_section(line, self.at(number, raw))
        name, kind = self.inventory.group_name(match[1]), match[2] or "hosts"
        if kind not in _KINDS:
            at = self.at(number, raw, ":" + kind)
            hint = suggest(kind, _KINDS) or "after the ':' goes children, vars or hosts"
            raise InputError(f"section [{name}:{kind}] has an unknown kind {kind!r}", at=at, hint=hint)
        at = self.at(number, raw, match[1])
        self.group = name
        if kind == "vars":
            self.wanted.append((name, "vars", at))
            self.vars.append((name, {}))
        else:
            self.inventory.add_group(name, at)
        return kind

    @staticmethod
    def bad_section(line: str, at: Location) -> InputError:
        what = line.partition("#")[0].strip()
        if "]" not in line:
            return InputError(f"section header {what} has no closing bracket", at=at, hint="add a ]")
        hint = "a group name has no spaces and no ':'; an IPv6 host is written [::1]:22 or ::1"
        return InputError(f"bad section header {what}", at=at, hint=hint)

    def skip_line(self, raw: str, number: int) -> None:
        """Lines under a header that is wrong say nothing that could be trusted."""

    def host_line(self, raw: str, number: int) -> None:
        tokens = self.tokens(raw, number)
        if not tokens:
            return
        at = self.at(number, raw)
        found, port = names.expand(tokens[0], at)
        if "=" in tokens[0] or (":" in found[0] and not names.is_ipv6(found[0])):
            self.doubt(tokens[0], at)
        values: dict[str, Any] = {} if port is None else {"ansible_port": port}
        seen = at.column
        for token in tokens[1:]:
            key, equals, value = token.partition("=")
            column = raw.find(key, seen)
            if not equals or not key:
                self.refuse(token, raw, number, max(column, 0) + 1)
            seen = column + len(key) + 1 if column >= 0 else seen
            values[key] = literal(value, Location(self.path, number, seen + 1))
        for name in found:
            self.inventory.add_host(name, (self.group,), values, source=self.source, at=at)

    def doubt(self, entry: str, at: Location) -> None:
        hint = "behind a ':' goes a port number"
        if "=" in entry:
            hint = "variables stand behind a host on its line, or in a [group:vars] section"
        self.problems.warn(f"{entry!r} is taken as the name of a host", at, hint)

    def refuse(self, token: str, raw: str, number: int, column: int) -> None:
        hint = "no spaces around '='; quote a value with spaces: key='a b'; one host a line"
        if token.startswith(";"):
            hint = "a comment behind a host starts with #"
        raise InputError(
            f"expected key=value behind the host, got {token!r}",
            at=Location(self.path, number, column),
            hint=hint,
        )

    def tokens(self, raw: str, number: int) -> list[str]:
        if _SHELL.isdisjoint(raw):
            return raw.split()
        try:
            return shlex.split(raw, comments=True)
        except ValueError as error:
            quote = min((i for i in (raw.find("'"), raw.find('"')) if i >= 0), default=0)
            at = Location(self.path, number, quote + 1)
            raise InputError(f"bad quoting: {str(error).lower()}", at=at, hint="close the quote") from None

    def child_line(self, raw: str, number: int) -> None:
        name = raw.partition("#")[0].strip()
        at = self.at(number, raw)
        if any(char.isspace() for char in name) or "=" in name:
            hint = "one group a line; variables belong into a [group:vars] section"
            raise InputError(f"bad child group {name!r}", at=at, hint=hint)
        name = self.inventory.group_name(name)
        self.wanted.append((name, "children", at))
        self.children.append((self.group, name, at))

    def var_line(self, raw: str, number: int) -> None:
        key, equals, value = raw.partition("=")
        name = key.strip()
        if not equals or not name:
            at = self.at(number, raw)
            raise InputError(f"expected key=value, got {raw.strip()!r}", at=at, hint="like ntp_server=10.0.0.1")
        column = len(key) + 1 + len(value) - len(value.lstrip()) + 1
        self.vars[-1][1][name] = literal(value.strip(), Location(self.path, number, column))

    def finish(self) -> None:
        groups = self.inventory.groups
        for name, kind, at in self.wanted:
            if name not in groups:
                what = f"group {name!r} of section [{name}:vars] is not defined"
                if kind == "children":
                    what = f"child group {name!r} is not defined"
                self.problems.error(what, at, suggest(name, groups) or f"add a [{name}] section")
        for parent, child, at in self.children:
            if child in groups:
                try:
                    self.inventory.add_child(parent, child, at)
                except InputError as error:
                    self.problems.add(error)
        for name, values in self.vars:
            if name in groups:
                self.inventory.set_vars(groups[name].vars, values)
