"""Renders templates, expressions and conditions against a ``Scope``. One ``Templar`` serves all threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError, UndefinedError, pass_context
from jinja2.utils import missing

from fleet.errors import FleetError, Location
from fleet.source.nodes import Encrypted, Revealed, Trusted
from fleet.template import conditions, textfile
from fleet.template.compiled import (
    Compiled,
    compile_expression,
    compile_template,
    names_read,
    parse_expression,
    with_breaks,
)
from fleet.template.environment import FleetContext, FleetEnvironment, build, guarded
from fleet.template.errors import Pending, TemplateError, Undecryptable, UndefinedVariable, located
from fleet.template.filters import FILTERS
from fleet.template.globals import base_globals
from fleet.template.lazy import LazyList, LazyMap
from fleet.template.locate import failed_line, named_alike, place
from fleet.template.lookups import LOOKUPS
from fleet.template.lookups.call import Lookup, run_lookup
from fleet.template.plain import OMIT, as_text, join, plain, settled, trusting
from fleet.template.scope import Overlay, Scope
from fleet.template.tests import TESTS
from fleet.template.undefined import Missing, Postponed
from fleet.vault.crypt import VaultError
from fleet.vault.vault import Vault

_ATOMS = frozenset({str, int, bool, float, type(None)})


class Templar:
    """Compiles every distinct text once and keeps it. All other state is in the scopes.

    ``filters``, ``tests``, ``lookups`` and ``globals`` are added to the built-in ones and win over them.
    ``vault`` opens encrypted values and files. ``match_hosts`` gives the hosts of a pattern (for the lookup
    ``inventory_hostnames``), ``setting`` the value of an Ansible setting (for ``config``; ``KeyError``
    when there is none). ``warn`` gets one line of text at a time.
    """

    def __init__(
        self,
        *,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        tests: Mapping[str, Callable[..., Any]] | None = None,
        lookups: Mapping[str, Lookup] | None = None,
        globals: Mapping[str, Any] | None = None,
        vault: Vault | None = None,
        match_hosts: Callable[[str], list[str]] | None = None,
        setting: Callable[[str], Any] | None = None,
        warn: Callable[[str], None] | None = None,
        allow_broken_conditionals: bool = False,
        extensions: tuple[str, ...] = (),
    ) -> None:
        self.lookups: dict[str, Lookup] = {**LOOKUPS, **(lookups or {})}
        # Plugins of Ansible's own API, (kind, name) -> file: nobody runs them, errors name them.
        self.foreign: dict[tuple[str, str], str] = {}
        # Other names of actions -> the action.
        self.aliases: dict[str, str] = {}
        self.modules: Any = None  # plugins.modules.Modules, where there is one
        self.more_lookups: Callable[[str], Lookup | None] | None = None
        self.vault = vault or Vault()
        self.match_hosts = match_hosts
        self.setting = setting
        self.warn = warn or (lambda _text: None)
        # Set for a run: what the user's files should no longer say, and data that looks like a template.
        self.deprecated: Callable[[str, Location | None], None] = lambda _text, _at: None
        self.untrusted: Callable[[Location | None], None] | None = None
        self.allow_broken_conditionals = allow_broken_conditionals
        self.environment = self._environment(filters or {}, tests or {}, globals or {}, extensions)
        self._templates: dict[str, Compiled] = {}
        self._expressions: dict[str, Compiled] = {}
        self._names: dict[tuple[str, bool], frozenset[str]] = {}
        self.files = textfile.TextFiles(self.environment)

    def _environment(
        self,
        filters: Mapping[str, Callable[..., Any]],
        tests: Mapping[str, Callable[..., Any]],
        globals: Mapping[str, Any],
        extensions: tuple[str, ...],
    ) -> FleetEnvironment:
        @pass_context
        def lookup(context: FleetContext, name: str, *terms: Any, **options: Any) -> Any:
            return run_lookup(self.lookups, context.scope, name, terms, options)

        # Only the lookup knows which of its options may be undefined (env's default).
        lookup.takes_missing = True  # type: ignore[attr-defined]

        @pass_context
        def query(context: FleetContext, name: str, *terms: Any, **options: Any) -> Any:
            return run_lookup(self.lookups, context.scope, name, terms, {**options, "wantlist": True})

        query.takes_missing = True  # type: ignore[attr-defined]

        @pass_context
        def embedded(context: FleetContext, text: str) -> Any:
            return self.evaluate(Trusted(text), context.get_all())

        base = base_globals(lookup, query)
        made = build({**FILTERS, **filters}, {**TESTS, **tests}, {**base, **globals}, extensions)
        made.embedded = embedded  # type: ignore[attr-defined]
        return made

    def extend(
        self,
        find_filter: Callable[[str], Callable[..., Any] | None],
        find_test: Callable[[str], Callable[..., Any] | None],
        find_lookup: Callable[[str], Lookup | None],
    ) -> None:
        """Ask these for names that nobody else has."""
        table: Any = self.environment
        table.filters.find, table.tests.find = find_filter, find_test
        self.more_lookups = find_lookup

    def add(self, kind: str, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Filters or tests (``kind``) that win over those of the same names."""
        table = self.environment.filters if kind == "filter" else self.environment.tests
        made = guarded(functions, kind == "test")
        # The full names of the built-in ones stay theirs.
        table.update({name: function for name, function in made.items() if not name.startswith("ansible.builtin.")})

    def foreign_module(self, name: str) -> str:
        """The file of the module ``name`` that a playbook, role or collection brings, else ""."""
        return str(self.modules.find(name) or "") if self.modules is not None else ""

    def foreign_hint(self, kind: str, name: str) -> str:
        """What to say about ``name`` where a plugin of Ansible's API brings it, else ""."""
        if kind == "module":
            return self.foreign_module(name)
        path = self.foreign.get((kind, name.rpartition(".")[2]))
        return f"{path} is {kind_of(kind)} plugin of Ansible's Python API: it cannot be run here" if path else ""

    def has_lookup(self, name: str) -> bool:
        """True when there is a lookup of that name, or a plugin that brings it."""
        return name in self.lookups or (self.more_lookups is not None and self.more_lookups(name) is not None)

    def render(self, value: Any, scope: Scope, how: Callable[[Any], Any] = plain) -> Any:
        """``value`` with every template in it rendered, as plain data.

        ``how`` it becomes plain: ``trusting`` leaves its trust to text without templates, as it is for the items of a
        loop and for facts, which may be conditions.

        Only ``Trusted`` text is a template. A template that is one expression keeps its type; several
        parts make text. Keys are not rendered (``render_keys`` does). Keys and items that are ``omit``
        are dropped; a ``value`` that is ``omit`` itself comes back as ``OMIT``.
        Raises ``TemplateError`` (located), ``Pending``.
        """
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is Trusted:
            return self._render_text(value, scope, how) if value.is_template else how(value)
        if kind is Encrypted:
            return self.decrypted(value)
        if isinstance(value, dict) and kind is not LazyMap:
            items = ((key, self.render(item, scope, how)) for key, item in value.items())
            return {_plain_key(key): item for key, item in items if item is not OMIT}
        if isinstance(value, list | tuple) and kind is not LazyList:
            return [item for item in (self.render(item, scope, how) for item in value) if item is not OMIT]
        return how(value)

    def render_keys(self, value: Mapping[Any, Any], scope: Scope) -> dict[Any, Any]:
        """A mapping whose keys are templates too (``set_fact: {"{{ name }}": 1}``), rendered."""
        made = {}
        for key, item in value.items():
            result = self.render(item, scope)
            if result is not OMIT:
                made[self.render(key, scope)] = result
        return made

    def _render_text(self, text: Trusted, scope: Scope, how: Callable[[Any], Any]) -> Any:
        return self._seen(_plain_of(self.evaluate(text, scope), text, how), text)

    def _seen(self, value: Any, text: str) -> Any:
        """``value``, after a word on what in it looks like a template (not what it says: it may be a secret)."""
        if self.untrusted is not None and looks_like_template(value):
            self.untrusted(place(text))
        return value

    def render_text(self, text: str, scope: Scope, *, name: str, options: Mapping[str, Any] | None = None) -> str:
        """A template file's ``text`` rendered to text; see ``textfile`` for ``options`` and the header.

        ``name`` is the path of the file. Includes are looked for beside it and on ``scope.search_path``.
        Raises ``TemplateError`` with the template's own file and line, ``Pending``.
        """
        return as_text(self.files.render(text, scope, name, options or {}))

    def evaluate(self, text: str, scope: Scope | Overlay) -> Any:
        """One template as a template sees it: possibly lazy, possibly ``Missing``. Used by ``Scope``."""
        compiled = self._templates.get(text)
        if compiled is None:
            compiled = self._compile(text, self._templates, compile_template, "template")
        return self._run(compiled, text, scope)

    def _compile(
        self,
        text: str,
        kept: dict[str, Compiled],
        how: Callable[[FleetEnvironment, str], Compiled],
        word: str,
    ) -> Compiled:
        try:
            compiled = how(self.environment, str.__str__(text))
        except TemplateSyntaxError as error:
            note = (
                "Template delimiters are not supported in expressions: "
                if word == "expression" and "{{" in text
                else ""
            )
            what = f"Syntax error in {word}: {note}{error.message}"
            hint = named_alike(str(error.message), self.environment)
            raise TemplateError(what, at=place(text, error.lineno, what), hint=hint) from None
        kept[str.__str__(text)] = compiled
        return compiled

    def _run(self, compiled: Compiled, text: str, scope: Scope | Overlay) -> Any:
        if compiled.variable is not None and not compiled.breaks:
            value = scope.resolve(compiled.variable)
            if value is missing:
                value = self._global(compiled.variable)
        else:
            value = self._run_code(compiled, text, scope)
        if isinstance(value, Missing):
            if isinstance(value, Postponed):
                value.fail()
            if value.at is None:
                value.at = place(text, what=value._undefined_message)
        return value

    def _global(self, name: str) -> Any:
        return self.environment.globals[name] if name in self.environment.globals else Missing(name=name)

    def _run_code(self, compiled: Compiled, text: str, scope: Scope | Overlay) -> Any:
        if compiled.own and isinstance(scope, Scope):
            scope = scope.own()
        template = compiled.template
        if compiled.includes:
            template = self.files.inline(str.__str__(text), _path(scope)).template
        context = FleetContext(template.environment, scope, None, template.blocks)
        try:
            value = settled(join(template.root_render_func(context)))
        except Exception as error:
            raise explained(error, context, text) from error.__cause__
        return with_breaks(value, compiled.breaks)

    def expression(self, text: str, scope: Scope) -> Any:
        """The plain value of a bare expression (``debug: var``, an old-style loop). Raises as ``render``."""
        return self._seen(_plain_of(self.evaluate_expression(text, scope), text), text)

    def evaluate_expression(self, text: str, scope: Scope) -> Any:
        """As ``evaluate``, for a bare expression."""
        compiled = self._expressions.get(text)
        if compiled is None:
            compiled = self._compile(text, self._expressions, compile_expression, "expression")
        return self._run(compiled, text, scope)

    def lookup(self, name: str, terms: Sequence[Any], scope: Scope, **options: Any) -> list[Any]:
        """The results of a lookup (``with_NAME``); ``terms`` rendered, ``trusting``; ``TemplateError``, ``Pending``."""
        options["wantlist"] = True
        found: list[Any] = run_lookup(self.lookups, scope, name, tuple(terms), options, trusting)
        return found

    def condition(self, expression: Any, scope: Scope) -> bool:
        """Whether a ``when``, ``failed_when`` ... holds; of a list, whether all do. See ``conditions``."""
        return conditions.holds(self, expression, scope)

    def names(self, text: str, expression: bool = False) -> frozenset[str]:
        """The variables ``text`` reads (not those its variables read in turn). Raises ``TemplateError``."""
        key = (str.__str__(text), expression)
        if key not in self._names:
            try:
                tree = parse_expression(self.environment, key[0]) if expression else self.environment.parse(key[0])
            except TemplateSyntaxError as error:
                raise TemplateError(f"Syntax error in template: {error.message}", at=place(text)) from None
            self._names[key] = names_read(tree) - self.environment.globals.keys()
        return self._names[key]

    def syntax_error(self, text: str, expression: bool = False) -> TemplateError | None:
        """What is wrong with the syntax of ``text``, located inside it; ``None`` when it can be compiled.

        An unknown filter or test is an error too, unless a condition inside ``text`` may spare it.
        """
        kept, how = (self._expressions, compile_expression) if expression else (self._templates, compile_template)
        try:
            if text not in kept:
                self._compile(text, kept, how, "expression" if expression else "template")
        except TemplateError as error:
            return error
        return None

    def decrypted(self, value: Encrypted) -> Revealed:
        """The text of a ``!vault`` value. Raises ``TemplateError``, placed at the value."""
        try:
            return Revealed(self.vault.reveal(value), str.__str__(value))
        except VaultError as error:
            what = f"Attempt to use undecryptable variable: {error.what}"
            raise Undecryptable(what, str.__str__(value), at=value.at, hint=error.hint) from None


def kind_of(kind: str) -> str:
    """The kind of a plugin with its article."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def explained(error: Exception, context: FleetContext, text: str, at: Location | None = None) -> BaseException:
    """What to raise for ``error`` inside a template: located, and ``Pending`` when that was the cause."""
    if isinstance(error, FleetError):
        return located(error, at or place(text, failed_line(error.__traceback__)[1], error.what))
    if context.scope.late:
        return context.scope.late.pop()
    at = at or place(text, failed_line(error.__traceback__)[1])
    if isinstance(error, RecursionError):
        return TemplateError("Recursive loop detected in template", at=at)
    what = str(error) or type(error).__name__
    if isinstance(error, UndefinedError):
        return UndefinedVariable(what, at=at)
    hint = named_alike(what, context.environment)
    return TemplateError(
        what if isinstance(error, JinjaError) else f"Error rendering template: {what}", at=at, hint=hint
    )


def _plain_of(value: Any, text: str, how: Callable[[Any], Any] = plain) -> Any:
    try:
        return how(value)
    except TemplateError as error:
        raise located(error, place(text, what=error.what)) from None


def looks_like_template(value: Any) -> bool:
    """True when rendered ``value`` holds text that an older Ansible would have rendered once more."""
    if type(value) is str:
        return "{{" in value or "{%" in value
    if type(value) is dict:
        return any(map(looks_like_template, value.values()))
    return type(value) is list and any(map(looks_like_template, value))


def _plain_key(key: Any) -> Any:
    return str.__str__(key) if isinstance(key, str) else key


def _path(scope: Scope | Overlay) -> tuple[str, ...]:
    return scope.search_path if isinstance(scope, Scope) else scope.scope.search_path


__all__ = ["OMIT", "Pending", "Scope", "Templar", "TemplateError"]
