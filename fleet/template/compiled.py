"""From template text to a compiled template: parsed once, looked at once, kept by the caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from fleet.record import record
from fleet.source.nodes import MARKERS
from fleet.template.environment import FleetEnvironment, FleetTemplate

LOOKUP_NAMES: Final = frozenset({"lookup", "query", "q"})
_CHANGERS: Final = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "clear",
        "update",
        "setdefault",
        "popitem",
        "sort",
        "reverse",
        "add",
        "discard",
        "__setitem__",
        "__delitem__",
    ]
)
_INCLUDES: Final = re.compile(r"\{%[-+]?\s*(?:include|import|extends|from)\b")


@record
class Compiled:
    """``root`` yields the parts. ``variable`` is set for a bare ``{{ name }}``, which needs no running.

    ``breaks`` is the number of line breaks at the end of the text, of which Jinja drops one. ``own`` says
    that the template changes containers and must get copies, ``includes`` that it reads other templates.
    """

    template: FleetTemplate
    root: Callable[[Any], Iterator[Any]]
    variable: str | None
    breaks: int
    own: bool
    includes: bool = False


def compile_template(environment: FleetEnvironment, text: str, *, filename: str | None = None) -> Compiled:
    """Compile template ``text``. Raises Jinja's ``TemplateSyntaxError``."""
    tree = environment.parse(text, filename=filename)
    if text.find("{{", 2) > 0:
        tree = Embedded(everywhere=False).visit(tree)
    variable = None
    if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1:
        only = tree.body[0].nodes[0]
        variable = only.name if isinstance(only, nodes.Name) else None
    return _finish(environment, tree, variable, _line_breaks(text), filename, _INCLUDES.search(text) is not None)


def compile_expression(environment: FleetEnvironment, text: str) -> Compiled:
    """Compile a bare expression such as a ``when``. Raises Jinja's ``TemplateSyntaxError``."""
    tree = parse_expression(environment, text)
    only = tree.body[0].nodes[0]  # type: ignore[attr-defined]
    return _finish(environment, tree, only.name if isinstance(only, nodes.Name) else None, 0, None, False)


def parse_expression(environment: FleetEnvironment, text: str) -> nodes.Template:
    """The syntax tree of a bare expression, as a template with one part."""
    parser = Parser(environment, text, state="variable")
    expression = parser.parse_expression()
    if not parser.stream.eos:
        token = parser.stream.current
        raise TemplateSyntaxError(f"unexpected '{token.value}' after the expression", token.lineno)
    if any(marker in text for marker in MARKERS):
        expression = Embedded(everywhere=True).visit(expression)
    tree = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    tree.set_environment(environment)
    return tree


def _finish(
    environment: FleetEnvironment,
    tree: nodes.Template,
    variable: str | None,
    breaks: int,
    filename: str | None,
    includes: bool,
) -> Compiled:
    code = environment.compile(tree, filename=filename)
    template = FleetTemplate.from_code(environment, code, environment.globals)
    assert isinstance(template, FleetTemplate)
    own = includes or changes_containers(tree)
    return Compiled(template, template.root_render_func, variable, breaks, own, includes)


def _line_breaks(text: str) -> int:
    """How many line breaks the text ends with."""
    text = text.replace("\r\n", "\n") if "\r" in text else text
    return len(text) - len(text.rstrip("\n"))


def with_breaks(value: Any, breaks: int, sequence: str = "\n") -> Any:
    """A text with at least as many line breaks at its end as its template; any other ``value`` as it is."""
    if not breaks or not isinstance(value, str):
        return value
    bare = value
    while breaks and bare.endswith(sequence):
        bare, breaks = bare[: -len(sequence)], breaks - 1
    return value + sequence * breaks


def changes_containers(tree: nodes.Template) -> bool:
    """True when the template may call something like ``list.append``."""
    if any(node.attr in _CHANGERS for node in tree.find_all(nodes.Getattr)):
        return True
    return any(
        isinstance(node.arg, nodes.Const) and node.arg.value in _CHANGERS for node in tree.find_all(nodes.Getitem)
    )


def names_read(tree: nodes.Template) -> frozenset[str]:
    """The variables the template reads, globals included."""
    return frozenset(meta.find_undeclared_variables(tree))


class Embedded(NodeTransformer):
    """Renders text constants that are templates themselves where Ansible does so.

    These are positional arguments of lookups (``lookup('file', '{{ path }}')``), also in a list or
    dictionary written there, and every constant of a bare expression.
    """

    def __init__(self, everywhere: bool) -> None:
        self.everywhere = everywhere

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name) and node.node.name in LOOKUP_NAMES:
            node.args = [self._argument(argument) for argument in node.args]
        return node

    def visit_Const(self, node: nodes.Const) -> nodes.Node:
        return rendered_constant(node) if self.everywhere else node

    def _argument(self, node: Any) -> Any:
        if isinstance(node, nodes.Const):
            return rendered_constant(node)
        if isinstance(node, nodes.List | nodes.Tuple):
            node.items = [self._argument(item) for item in node.items]
        if isinstance(node, nodes.Dict):
            for pair in node.items:
                pair.value = self._argument(pair.value)
        return node


def rendered_constant(node: nodes.Const) -> nodes.Expr:
    """The call that renders the constant, or the constant when there is no template in it."""
    if not isinstance(node.value, str) or not any(marker in node.value for marker in MARKERS):
        return node
    function = nodes.EnvironmentAttribute("embedded", lineno=node.lineno)
    return nodes.Call(function, [node], [], None, None, lineno=node.lineno)
