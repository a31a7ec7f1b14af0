"""What a template reads, from its syntax tree: variables (and whether it surely does), filters, tests, groups, hosts.

A read is sure when nothing in the template can keep it from happening or forgive an undefined value:
not behind ``and``, ``or``, ``if``, a loop's body, ``default`` or ``is defined``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from fleet.record import record

TAKE_MISSING = frozenset({"default", "d", "mandatory", "type_debug", "defined", "undefined"})
"""Filters and tests that an undefined value may be handed to."""
LOOKUPS = frozenset({"lookup", "query", "q"})
_CHOOSING = frozenset({"ternary"})
"""Filters that look only at the argument they choose."""
_FORGIVING = frozenset({"default", "errors"})
RESULT_KEYS = frozenset(
    "rc stdout stderr stdout_lines stderr_lines changed failed skipped results stat msg status json content".split()
)
RESULT_TESTS = frozenset(
    (
        "changed change failed failure skipped skip succeeded success successful reachable unreachable "
        "started finished timedout"
    ).split()
)


@record
class Read:
    """One variable that is read. ``result``: it is used as the result of a task."""

    name: str
    line: int
    sure: bool
    result: bool = False


@record
class Used:
    """The use of a filter or test."""

    name: str
    line: int
    sure: bool


@dataclass(slots=True)
class Reads:
    """Everything one template reads. ``guarded`` are names whose being undefined is provided for."""

    names: list[Read] = field(default_factory=list)
    guarded: set[str] = field(default_factory=set)
    filters: list[Used] = field(default_factory=list)
    tests: list[Used] = field(default_factory=list)
    members: list[tuple[str, str, int]] = field(default_factory=list)
    """(``groups`` or ``hostvars``, the literal key, line) of look-ups that nothing forgives."""


def reads(tree: nodes.Template) -> Reads:
    """Walk ``tree``."""
    walker = _Walker(frozenset(_bound(tree)))
    walker.walk(tree, True)
    found = walker.found
    found.names = [read for read in found.names if read.name not in walker.bound]
    return found


def _bound(tree: nodes.Template) -> Iterator[str]:
    """Every name the template itself sets somewhere; where exactly does not matter."""
    for node in tree.find_all(nodes.Name):
        if node.ctx != "load":
            yield node.name
    for macro in tree.find_all(nodes.Macro):
        yield macro.name
    for whole in tree.find_all(nodes.Import):
        yield whole.target
    for part in tree.find_all(nodes.FromImport):
        for name in part.names:
            yield name if isinstance(name, str) else name[1]
    yield from ("loop", "caller", "self", "super", "varargs", "kwargs")


class _Walker:
    def __init__(self, bound: frozenset[str]) -> None:
        self.bound = bound
        self.found = Reads()

    def walk(self, node: nodes.Node | None, sure: bool, result: bool = False) -> None:
        if node is None:
            return
        if isinstance(node, nodes.Name):
            if node.ctx == "load":
                self.found.names.append(Read(node.name, node.lineno, sure, result))
            return
        special = _SPECIAL.get(type(node))
        if special is not None:
            special(self, node, sure)
            return
        for child in node.iter_child_nodes():
            self.walk(child, sure)

    def guard(self, node: nodes.Node | None) -> None:
        """Everything below ``node`` may be undefined."""
        if node is None:
            return
        for name in [node] if isinstance(node, nodes.Name) else node.find_all(nodes.Name):
            self.found.guarded.add(name.name)
        self.walk(node, False)

    def filter(self, node: nodes.Filter, sure: bool) -> None:
        self.found.filters.append(Used(node.name, node.lineno, sure))
        if node.name.rpartition(".")[2] in TAKE_MISSING:
            self.guard(node.node)
            sure = False
        else:
            self.walk(node.node, sure)
        sure = sure and node.name.rpartition(".")[2] not in _CHOOSING
        for child in (*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs):
            self.walk(child, sure)

    def test(self, node: nodes.Test, sure: bool) -> None:
        self.found.tests.append(Used(node.name, node.lineno, sure))
        short = node.name.rpartition(".")[2]
        if short in TAKE_MISSING:
            self.guard(node.node)
        else:
            self.walk(node.node, sure, short in RESULT_TESTS)
        for child in (*node.args, *node.kwargs):
            self.walk(child, sure)

    def first_only(self, node: nodes.And | nodes.Or, sure: bool) -> None:
        self.walk(node.left, sure)
        self.walk(node.right, False)

    def choice(self, node: nodes.CondExpr, sure: bool) -> None:
        self.walk(node.test, sure)
        self.walk(node.expr1, False)
        self.walk(node.expr2, False)

    def compare(self, node: nodes.Compare, sure: bool) -> None:
        if isinstance(node.expr, nodes.Const) and node.ops and node.ops[0].op in ("in", "notin"):
            # 'x' in groups: whoever asks knows that it may be missing.
            self.found.guarded.add(f"[{node.expr.value}]")
        self.walk(node.expr, sure)
        for index, operand in enumerate(node.ops):
            self.walk(operand.expr, sure and index == 0)

    def call(self, node: nodes.Call, sure: bool) -> None:
        if isinstance(node.node, nodes.Name) and node.node.name in LOOKUPS:
            sure = sure and not any(item.key in _FORGIVING for item in node.kwargs)
        for child in node.iter_child_nodes():
            self.walk(child, sure)

    def attribute(self, node: nodes.Getattr | nodes.Getitem, sure: bool) -> None:
        key = node.attr if isinstance(node, nodes.Getattr) else None
        if isinstance(node, nodes.Getitem):
            key = node.arg.value if isinstance(node.arg, nodes.Const) else None
            self.walk(node.arg, sure)
        owner = node.node
        if isinstance(owner, nodes.Name) and owner.name in ("groups", "hostvars") and isinstance(key, str) and sure:
            self.found.members.append((owner.name, key, node.lineno))
        self.walk(owner, sure, key in RESULT_KEYS)

    def condition(self, node: nodes.If, sure: bool) -> None:
        self.walk(node.test, sure)
        for child in (*node.body, *node.elif_, *node.else_):
            self.walk(child, False)

    def loop(self, node: nodes.For, sure: bool) -> None:
        self.walk(node.iter, sure)
        for child in (*node.body, *node.else_, node.test):
            self.walk(child, False)

    def unsure(self, node: nodes.Node, sure: bool) -> None:
        for child in node.iter_child_nodes():
            self.walk(child, False)


_SPECIAL: dict[type[nodes.Node], Any] = {
    nodes.Filter: _Walker.filter,
    nodes.Test: _Walker.test,
    nodes.And: _Walker.first_only,
    nodes.Or: _Walker.first_only,
    nodes.CondExpr: _Walker.choice,
    nodes.Compare: _Walker.compare,
    nodes.Call: _Walker.call,
    nodes.Getattr: _Walker.attribute,
    nodes.Getitem: _Walker.attribute,
    nodes.If: _Walker.condition,
    nodes.For: _Walker.loop,
    nodes.Macro: _Walker.unsure,
    nodes.CallBlock: _Walker.unsure,
    nodes.Block: _Walker.unsure,
    nodes.With: _Walker.unsure,
    nodes.Include: _Walker.unsure,
}
"""How each kind of node bears on what is inside it; all others hand ``sure`` on."""
