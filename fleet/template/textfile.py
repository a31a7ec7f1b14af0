"""Template files: options, the ``#jinja2:`` header, includes over the search path, errors with their line."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jinja2 import BaseLoader, Environment, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2 import TemplateError as JinjaError

from fleet.errors import FleetError, Location
from fleet.template.compiled import Compiled, compile_template, with_breaks
from fleet.template.environment import FleetContext, FleetEnvironment
from fleet.template.errors import Pending, TemplateError, UndefinedVariable, located
from fleet.template.locate import failed_line, named_alike, suspended_line
from fleet.template.plain import ITERATORS, as_text
from fleet.template.scope import Scope

HEADER: Final = "#jinja2:"
FLAGS: Final = ("trim_blocks", "lstrip_blocks", "keep_trailing_newline")
TEXTS: Final = (
    "newline_sequence",
    "variable_start_string",
    "variable_end_string",
    "block_start_string",
    "block_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
)
_DEFAULTS: Final = {"trim_blocks": True, "lstrip_blocks": False}
_ESCAPES: Final = {"\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n"}

Options = tuple[tuple[str, Any], ...]


class SearchPath(BaseLoader):
    """Finds included templates: in each folder below ``templates/`` first, then in the folder itself."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders = tuple(folders)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        for folder in self.folders:
            for path in (os.path.join(folder, "templates", template), os.path.join(folder, template)):
                if os.path.isfile(path):
                    return _read(path)
        raise TemplateNotFound(template, f"the template '{template}' was not found in {', '.join(self.folders)}")


def _read(path: str) -> tuple[str, str, Callable[[], bool]]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    stamp = os.stat(path).st_mtime_ns
    return text, path, lambda: os.path.exists(path) and os.stat(path).st_mtime_ns == stamp


class TextFiles:
    """Renders template files. Environments and compiled files are kept; shared by all threads."""

    def __init__(self, base: FleetEnvironment) -> None:
        self.base = base
        self._environments: dict[tuple[tuple[str, ...], Options], FleetEnvironment] = {}
        self._compiled: dict[tuple[str, str, tuple[str, ...], Options], Compiled] = {}

    def render(self, text: str, scope: Scope, name: str, options: Mapping[str, Any]) -> Any:
        """``text`` of the file ``name``; a file that is one expression keeps its type.

        Raises ``TemplateError`` at the file's line, ``Pending``.
        """
        body, header, shift = split_header(text, name)
        folders = (os.path.dirname(os.path.abspath(name)), *scope.search_path)
        compiled = self._compile(body, name, folders, checked({**options, **header}, name), shift)
        template = compiled.template
        context = FleetContext(template.environment, scope.own() if compiled.own else scope, name, template.blocks)
        stream = template.root_render_func(context)
        try:
            value = _joined(stream)
        except (Exception, Pending) as error:
            found = suspended_line(stream)
            found = found if found[1] else failed_line(error.__traceback__)
            raise _explained(error, context, name, found, shift) from error.__cause__
        if value is None and not body.strip("\r\n"):
            return body
        return with_breaks(value, compiled.breaks, template.environment.newline_sequence)

    def inline(self, text: str, folders: tuple[str, ...]) -> Compiled:
        """A template of a YAML file that includes other templates, found over ``folders``."""
        return self._compile(text, "", folders, (), 0)

    def _compile(self, text: str, name: str, folders: tuple[str, ...], options: Options, shift: int) -> Compiled:
        key = (text, name, folders, options)
        compiled = self._compiled.get(key)
        if compiled is None:
            environment = self._environment(folders, options)
            try:
                compiled = compile_template(environment, text, filename=name or None)
            except TemplateSyntaxError as error:
                raise _syntax(error, name, shift, environment) from None
            self._compiled[key] = compiled
        return compiled

    def _environment(self, folders: tuple[str, ...], options: Options) -> FleetEnvironment:
        made = self._environments.get((folders, options))
        if made is None:
            overlay: Any = self.base.overlay
            made = overlay(loader=SearchPath(folders), **dict(options))
            assert isinstance(made, FleetEnvironment)
            self._environments[folders, options] = made
        return made


def _joined(stream: Any) -> Any:
    """As ``plain.join``, but what is wrong is noticed while the template still stands on its line."""
    texts: list[str] = []
    kept: Any = None
    for part in stream:
        if part is not None:
            kept = list(part) if isinstance(part, ITERATORS) else part
            texts.append(part if type(part) is str else as_text(kept))
    return kept if len(texts) < 2 else "".join(texts)


def checked(options: Mapping[str, Any], name: str) -> Options:
    """Jinja's environment options from those of a task or header. ``TemplateError`` for unknown ones."""
    made: dict[str, Any] = dict(_DEFAULTS)
    for key, value in options.items():
        if key in FLAGS:
            made[key] = bool(value)
        elif key in TEXTS:
            if value is not None:
                made[key] = _ESCAPES.get(value, value) if key == "newline_sequence" else str(value)
        else:
            raise TemplateError(f"unknown template option '{key}'", at=Location(name, 1))
    return tuple(sorted(made.items()))


def split_header(text: str, name: str) -> tuple[str, dict[str, Any], int]:
    """The text without its ``#jinja2: key: value, ...`` line, the options in it, the number of lines cut."""
    if not text.startswith(HEADER):
        return text, {}, 0
    line, _, body = text.partition("\n")
    options: dict[str, Any] = {}
    for pair in line[len(HEADER) :].split(","):
        key, colon, value = pair.partition(":")
        if not colon:
            raise TemplateError(
                f"Missing key-value separator ':' in {pair.strip()!r} of the {HEADER} header", at=Location(name, 1)
            )
        try:
            options[key.strip()] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            raise TemplateError(
                f"bad {HEADER} header: {value.strip()} is no Python literal",
                at=Location(name, 1),
                hint="True, False or a quoted text",
            ) from None
    return body, options, 1


def _syntax(error: TemplateSyntaxError, name: str, shift: int, environment: Environment) -> TemplateError:
    path = error.filename or name
    shift = shift if path == name else 0
    return TemplateError(
        f"Syntax error in template: {error.message}",
        at=Location(path, error.lineno + shift),
        hint=named_alike(str(error.message), environment),
    )


def _explained(
    error: BaseException, context: FleetContext, name: str, found: tuple[Any, int], shift: int
) -> BaseException:
    if isinstance(error, Pending):
        return error
    if context.scope.late and not isinstance(error, FleetError):
        return context.scope.late.pop()
    template, line = found
    path = (template.filename if template is not None else None) or name
    at = Location(path, line + (shift if path == name and line else 0))
    if isinstance(error, TemplateSyntaxError):
        return _syntax(error, name, 0, context.environment)
    if isinstance(error, FleetError):
        return located(error, at)
    if isinstance(error, RecursionError):
        return TemplateError("Recursive loop detected in template", at=at)
    if isinstance(error, UndefinedError):
        return UndefinedVariable(str(error), at=at)
    if isinstance(error, TemplateNotFound):
        return TemplateError(str(error.message or error), at=at)
    what = str(error) or type(error).__name__
    return TemplateError(
        what if isinstance(error, JinjaError) else f"Error rendering template: {what}",
        at=at,
        hint=named_alike(what, context.environment),
    )
