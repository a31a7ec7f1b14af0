"""Templates parsed once each, and what is wrong with them however they are used: syntax, unknown filters and tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateSyntaxError

from fleet.errors import Location
from fleet.plan.check.reads import Reads, Used, reads
from fleet.record import record
from fleet.source.diagnostics import suggest
from fleet.source.nodes import Trusted
from fleet.template.compiled import parse_expression
from fleet.template.environment import FleetEnvironment
from fleet.template.locate import place
from fleet.template.templar import Templar
from fleet.template.textfile import checked, split_header


@record
class Fault:
    """A mistake inside a template. ``sure``: it shows whenever the template is rendered."""

    what: str
    at: Location | None
    hint: str = ""
    sure: bool = True


class Parser:
    """Parses the texts of a run. A text that stands in many places is parsed once."""

    def __init__(self, templar: Templar) -> None:
        self.templar = templar
        self._texts: dict[tuple[str, bool], Reads | None] = {}
        self._environments: dict[tuple[tuple[str, Any], ...], FleetEnvironment] = {}

    def text(self, text: str, bare: bool = False) -> Reads | None:
        """What a text of a YAML file reads, None when its syntax is wrong (``fault`` tells)."""
        key = (str.__str__(text), bare)
        if key not in self._texts:
            environment = self.templar.environment
            try:
                tree = parse_expression(environment, key[0]) if bare else environment.parse(key[0])
                self._texts[key] = reads(tree)
            except (TemplateSyntaxError, RecursionError):
                self._texts[key] = None
        return self._texts[key]

    def fault(self, text: Trusted, bare: bool = False) -> Fault:
        """The syntax error of a text for which ``text`` gave None."""
        error = self.templar.syntax_error(text, bare)
        if error is None:
            return Fault("Syntax error in template", text.at)
        return Fault(error.what, error.at or text.at, error.hint or _braces(text, bare))

    def faults(self, text: Trusted, found: Reads) -> list[Fault]:
        """The unknown filters and tests of a text."""
        return [
            Fault(what, locate(text, used.name, used.line), hint, used.sure)
            for what, used, hint in self._unknown(found)
        ]

    def _unknown(self, found: Reads) -> list[tuple[str, Used, str]]:
        environment = self.templar.environment
        made = []
        for word, used, table in (
            *(("filter", used, environment.filters) for used in found.filters),
            *(("test", used, environment.tests) for used in found.tests),
        ):
            if used.name not in table:
                made.append((f"No {word} named '{used.name}'.", used, suggest(used.name, table)))
        return made

    def file(self, text: str, path: str, options: Mapping[str, Any]) -> tuple[Reads | None, list[Fault], int]:
        """What a template file reads, its mistakes, and how many header lines were cut."""
        try:
            body, header, shift = split_header(text, path)
            environment = self._environment(checked({**options, **header}, path))
        except Exception as error:
            return None, [Fault(str(getattr(error, "what", error)), getattr(error, "at", None) or Location(path))], 0
        try:
            found = reads(environment.parse(body, filename=path))
        except TemplateSyntaxError as error:
            at = Location(path, error.lineno + shift)
            return None, [Fault(f"Syntax error in template: {error.message}", at, _braces(body, False))], shift
        faults = [
            Fault(what, Location(path, used.line + shift), hint, used.sure) for what, used, hint in self._unknown(found)
        ]
        return found, faults, shift

    def _environment(self, options: tuple[tuple[str, Any], ...]) -> FleetEnvironment:
        if options not in self._environments:
            base: Any = self.templar.environment
            self._environments[options] = base.overlay(**dict(options))
        return self._environments[options]


def locate(text: Trusted, name: str, line: int = 0) -> Location | None:
    """Where ``name`` stands in ``text``: the place an error about it would have at run time."""
    return place(text, line if "\n" in text else 0, f"'{name}' is undefined")


def _braces(text: str, bare: bool) -> str:
    if bare and "{{" in text:
        return "a condition is an expression already: leave out the braces"
    opened, closed = text.count("{{"), text.count("}}")
    if opened != closed:
        return f"{opened} '{{{{' but {closed} '}}}}'"
    return ""
