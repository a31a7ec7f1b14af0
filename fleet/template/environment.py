"""The Jinja environment: native results, attribute look-up without danger, undefined values that travel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jinja2 import Environment, Template, Undefined, nodes
from jinja2.environment import TemplateModule
from jinja2.lexer import TokenStream
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedFormatter
from jinja2.utils import missing

from fleet.template.backslashes import doubled
from fleet.template.plain import join, join_text, refuse, settled
from fleet.template.scope import Isolated, Overlay, Scope
from fleet.template.undefined import Missing, handed_on, type_name

# Jinja's own functions that are made for undefined values; those of ``filters`` carry a mark. Every other
# filter hands an undefined argument on, every other test refuses it.
_MADE_FOR_MISSING: Final = frozenset({"default", "d", "defined", "undefined"})
PREFIXES: Final = ("ansible.builtin.", "ansible.legacy.")
_NAMES: Final[tuple[tuple[type, frozenset[str]], ...]] = tuple(
    (kind, frozenset(dir(kind))) for kind in (dict, list, str, Mapping)
)
# Attributes that lead from an object to code or frames. A leading underscore is refused anyway.
_UNSAFE: Final = frozenset(
    [
        "mro",
        "gi_frame",
        "gi_code",
        "gi_yieldfrom",
        "cr_frame",
        "cr_code",
        "cr_await",
        "ag_frame",
        "ag_code",
        "f_back",
        "f_builtins",
        "f_code",
        "f_globals",
        "f_locals",
        "tb_frame",
        "tb_next",
        "func_globals",
        "func_code",
        "im_class",
        "im_func",
        "im_self",
        "co_code",
    ]
)


class Generator(NativeCodeGenerator):
    """Emits every part of a template as it is. Nothing is computed when the template is compiled."""

    def _output_child_to_const(self, node: Any, frame: Any, finalize: Any) -> Any:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible()
        return super()._output_child_to_const(node, frame, finalize)


class FleetContext(Context):
    """Jinja's view of a scope. ``context.scope`` is for filters and lookups that need variables."""

    def __init__(
        self,
        environment: Environment,
        parent: Any,
        name: str | None,
        blocks: dict[str, Callable[..., Any]],
        globals: Any = None,
    ) -> None:
        # Jinja's own __init__, without the copy of the names of all globals.
        self.parent = parent
        self.vars = {}
        self.environment = environment
        self.eval_ctx = EvalContext(environment, name)
        self.exported_vars = set()
        self.name = name
        self.globals_keys = set()
        self.blocks = {key: [block] for key, block in blocks.items()} if blocks else {}
        self.scope: Scope = parent.scope if isinstance(parent, Overlay) else parent

    def resolve_or_missing(self, key: str) -> Any:
        if key in self.vars:
            return self.vars[key]
        value = self.parent.resolve(key)  # type: ignore[attr-defined]
        return self.environment.globals.get(key, missing) if value is missing else value

    def get_all(self) -> Any:
        return Overlay(self.vars, self.parent) if self.vars else self.parent  # type: ignore[arg-type]

    def derived(self, locals: dict[str, Any] | None = None) -> FleetContext:
        context = FleetContext(self.environment, over(locals, self.get_all()), self.name, {})
        context.eval_ctx = self.eval_ctx
        context.blocks.update((key, list(stack)) for key, stack in self.blocks.items())
        return context

    def __contains__(self, name: object) -> bool:
        return name in self.vars or name in self.parent

    def call(self, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function of a template. An undefined argument is the result, unless it is a macro's."""
        if isinstance(obj, Undefined):
            return handed_on(obj)
        if not isinstance(obj, Macro):
            for value in (*args, *kwargs.values()) if kwargs else args:
                if isinstance(value, Undefined) and not getattr(obj, "takes_missing", False):
                    return handed_on(value)
        return settled(super().call(obj, *args, **kwargs))


def over(values: Mapping[str, Any] | None, base: Any) -> Any:
    """``base`` with a template's local ``values`` on top."""
    kept = {name: value for name, value in (values or {}).items() if value is not missing}
    return Overlay(kept, base) if kept else base


class FleetModule(TemplateModule):
    """An imported template. Its text is made of values, as everywhere here."""

    def __str__(self) -> str:
        return join_text(self._body_stream)


class FleetTemplate(Template):
    """A compiled template that reads its variables from a scope."""

    def make_module(
        self, vars: Any = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> FleetModule:
        return FleetModule(self, self.new_context(vars, shared, locals))

    def new_context(
        self, vars: Any = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> FleetContext:
        return FleetContext(self.environment, over(locals, vars), self.name, self.blocks)

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        # ``import`` without context: not kept, since its lookups depend on the scope.
        assert isinstance(ctx, FleetContext)
        return self.make_module(Isolated({}, ctx.scope))


class FleetEnvironment(Environment):
    """Jinja as Ansible uses it. Shared by all threads; it keeps no state of a rendering."""

    code_generator_class = Generator
    context_class = FleetContext
    template_class = FleetTemplate
    concat = staticmethod(join)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        # A text without a name is a value of a YAML file; template files and expressions have one or the other.
        if name is not None or filename is not None or state is not None or "\\" not in source:
            return super()._tokenize(source, name, filename, state)
        tokens = doubled(self.lexer.tokeniter(self.preprocess(source), None))
        stream: Any = TokenStream(self.lexer.wrap(tokens), None, None)
        for extension in self.iter_extensions():
            stream = extension.filter_stream(stream)
            stream = stream if isinstance(stream, TokenStream) else TokenStream(stream, None, None)
        return stream  # type: ignore[no-any-return]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``obj.attribute``: an attribute where the type has one, else an item, else undefined."""
        if isinstance(obj, Undefined):
            return _inside(obj)
        for kind, names in _NAMES:
            if isinstance(obj, kind):
                return self._attribute(obj, attribute) if attribute in names else self._item(obj, attribute)
        found = self._attribute(obj, attribute)
        return self._item(obj, attribute) if found is missing else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``obj[argument]``: an item, else an attribute of that name, else undefined."""
        try:
            return obj[argument]
        except (AttributeError, TypeError, LookupError):
            if isinstance(argument, Undefined):
                refuse(argument)
            if isinstance(argument, str) and not isinstance(obj, Undefined):
                found = self.getattr(obj, str(argument))
                return Missing(obj=obj, name=argument) if found is missing else found
            return Missing(obj=obj, name=argument)

    def _item(self, obj: Any, name: str) -> Any:
        try:
            return obj[name]
        except (AttributeError, TypeError, LookupError):
            return Missing(obj=obj, name=name)

    def _attribute(self, obj: Any, name: str) -> Any:
        try:
            found = getattr(obj, name)
        except AttributeError:
            return missing
        if name.startswith("_") or name in _UNSAFE:
            return Missing(hint=f"access to attribute '{name}' of '{type_name(obj)}' object is unsafe.")
        if isinstance(obj, str) and name in ("format", "format_map"):
            return self._safe_format(obj, name)
        return found

    def _safe_format(self, text: str, name: str) -> Callable[..., str]:
        formatter = SandboxedFormatter(_Attributes(self))  # type: ignore[arg-type]

        def format(*args: Any, **kwargs: Any) -> str:
            return formatter.vformat(str(text), args, args[0] if name == "format_map" else kwargs)

        return format


class _Attributes:
    """What ``'{0.x}'.format(y)`` may read: the same as ``y.x`` in a template, undefined raises."""

    def __init__(self, environment: FleetEnvironment) -> None:
        self.environment = environment

    def getattr(self, obj: Any, name: str) -> Any:
        return self._checked(self.environment.getattr(obj, name))

    def getitem(self, obj: Any, name: Any) -> Any:
        return self._checked(self.environment.getitem(obj, name))

    def _checked(self, value: Any) -> Any:
        if isinstance(value, Undefined):
            refuse(value)
        return value


def _inside(value: Undefined) -> Undefined:
    if not isinstance(value, Missing):
        refuse(value)
    return handed_on(value)


class Names(dict[str, Callable[..., Any]]):
    """Filters or tests by name. One that is not there is asked of ``find``, once for each name that it has."""

    find: Callable[[str], Callable[..., Any] | None] | None = None
    tests = False

    def __missing__(self, name: str) -> Callable[..., Any]:
        function = self.find(name) if self.find is not None else None
        if function is None:
            raise KeyError(name)
        # One assignment: threads that ask at the same time get functions that do the same.
        self[name] = guarded({name: function}, self.tests)[name]
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict, with what ``find`` has."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None


def guarded(table: Mapping[str, Callable[..., Any]], tests: bool) -> dict[str, Callable[..., Any]]:
    """Filters or tests with the rule for undefined arguments, under their short and full names."""
    made: dict[str, Callable[..., Any]] = {}
    for name, function in table.items():
        if name.rpartition(".")[2] in _MADE_FOR_MISSING or hasattr(function, "fleet_takes_undefined"):
            wrapper = _open(function)
        else:
            wrapper = _closed(function, refuse if tests else handed_on)
        made[name] = wrapper
        if "." not in name:
            for prefix in PREFIXES:
                made.setdefault(prefix + name, wrapper)
    return made


def _closed(function: Callable[..., Any], react: Callable[[Undefined], Any]) -> Callable[..., Any]:
    """``function`` for defined values only. A result that can be read once is a list, as Ansible has it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()) if kwargs else args:
            if isinstance(value, Undefined):
                return react(value)
        return settled(function(*args, **kwargs))

    return _like(function, call)


def _open(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` that looks at undefined values itself. One that was postponed fails where it is used."""
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > first and isinstance(args[first], Undefined) and not hasattr(function, "fleet_takes_postponed"):
            handed_on(args[first])
        result = function(*args, **kwargs)
        return handed_on(result) if isinstance(result, Undefined) else settled(result)

    return _like(function, call)


def _like(function: Callable[..., Any], call: Callable[..., Any]) -> Callable[..., Any]:
    # What Jinja reads of a filter; functools.wraps copies much more, for hundreds of them.
    passed = getattr(function, "jinja_pass_arg", None)
    if passed is not None:
        call.jinja_pass_arg = passed  # type: ignore[attr-defined]
    return call


def build(
    filters: Mapping[str, Callable[..., Any]],
    tests: Mapping[str, Callable[..., Any]],
    globals: Mapping[str, Any],
    extensions: Iterable[str] = (),
) -> FleetEnvironment:
    """The environment with these filters and tests over Jinja's own."""
    environment = FleetEnvironment(
        undefined=Missing, trim_blocks=True, optimized=False, extensions=list(extensions), auto_reload=True
    )
    table: Any = environment
    table.filters = Names(guarded({**table.filters, **filters}, tests=False))
    table.tests = Names(guarded({**table.tests, **tests}, tests=True))
    table.tests.tests = True
    environment.globals = dict(globals)
    return environment
