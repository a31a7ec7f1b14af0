"""The variables a template sees: layers of raw values, rendered when they are read, once per scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jinja2.utils import missing

from fleet.errors import FleetError
from fleet.source.nodes import Encrypted, Trusted
from fleet.template.errors import Pending, TemplateError, UndefinedVariable
from fleet.template.lazy import wrap
from fleet.template.undefined import Missing, Postponed

if TYPE_CHECKING:
    from fleet.template.templar import Templar

Layer = Mapping[str, Any]
_ATOMS = frozenset({int, bool, str, float, type(None)})


class Scope(Mapping[str, Any]):
    """Variables by name. ``layers`` come highest precedence first and hold raw values.

    ``scope[name]`` renders the value (only ``Trusted`` text, and ``Map`` and ``Seq`` that hold it; plain
    dicts and lists are data at every depth) and keeps it.
    Containers with templates inside come back lazy: members are rendered when they are read.
    It raises ``KeyError`` for no such variable, ``UndefinedVariable`` or another ``TemplateError`` when
    its template fails, ``Pending`` when a layer says that the value is still on its way (ask again).
    ``search_path`` are the folders in which lookups and includes find relative files, nearest first; the
    last one is the playbook's, where commands run and passwords are kept.

    A scope belongs to one thread at a time. The layers are only read, so many scopes may share them.
    """

    __slots__ = ("_busy", "_cache", "_own", "late", "layers", "search_path", "templar")

    def __init__(
        self,
        layers: Sequence[Layer],
        templar: Templar,
        search_path: tuple[str, ...] = (),
        *,
        own: bool = False,
    ) -> None:
        self.layers = tuple(layers)
        self.templar = templar
        self.search_path = search_path
        # True: containers are copied as they are read, so that a template may change them (own()).
        self._own = own
        self._cache: dict[str, Any] = {}
        # What is being rendered right now, in order: variable names and (container, key) pairs.
        self._busy: dict[Any, str] = {}
        # What was found to be on its way: the likely cause of whatever else goes wrong then.
        self.late: list[Pending] = []

    def child(self, *layers: Layer, search_path: tuple[str, ...] | None = None) -> Scope:
        """A scope with ``layers`` on top (highest first). Nothing is copied but the list of layers."""
        path = self.search_path if search_path is None else search_path
        return Scope(layers + self.layers, self.templar, path)

    def own(self) -> Scope:
        """The same variables for a template that changes containers (``{% set _ = x.append(1) %}``).

        Its containers are copies, so neither the layers nor any other template sees the changes.
        """
        made = Scope(self.layers, self.templar, self.search_path, own=True)
        made._busy, made.late = self._busy, self.late
        return made

    def raw(self, name: str) -> Any:
        """The value as it was written, from the highest layer that has it (``KeyError``, ``Pending``)."""
        for layer in self.layers:
            value = layer.get(name, missing)
            if value is not missing:
                return value
        raise KeyError(name)

    def above(self, name: str, kind: type) -> bool:
        """True when a layer above those of ``kind`` has the variable (``Pending``)."""
        for layer in self.layers:
            if isinstance(layer, kind):
                return False
            if layer.get(name, missing) is not missing:
                return True
        return False

    def swap(self, layer: Layer) -> Scope:
        """The same variables with ``layer`` in place of the one of its type."""
        layers = [layer if type(each) is type(layer) else each for each in self.layers]
        return Scope(layers, self.templar, self.search_path)

    def __getitem__(self, name: str) -> Any:
        value = self.resolve(name)
        if value is missing:
            raise KeyError(name)
        if isinstance(value, Missing):
            value.fail()
        return value

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self.layers)

    def __iter__(self) -> Iterator[str]:
        seen: dict[str, None] = {}
        for layer in self.layers:
            seen.update(dict.fromkeys(layer))
        return iter(seen)

    def __len__(self) -> int:
        return len({name for layer in self.layers for name in layer})

    def resolve(self, name: str) -> Any:
        """For templates: the rendered value, or one of three marks instead of an exception.

        Jinja's ``missing`` (no such variable), ``Missing`` (its template needs something undefined),
        ``Postponed`` (failed or pending: raised when the template uses it).
        """
        try:
            return self._cache[name]
        except KeyError:
            pass
        try:
            for layer in self.layers:
                raw = layer.get(name, missing)
                if raw is not missing:
                    break
            else:
                return Vars(self) if name == "vars" else missing
            if type(raw) in _ATOMS:
                return raw
            value = self.settle(raw, name)
        except FleetError as reason:
            return Postponed(reason)
        except Pending as reason:
            self.late.append(reason)
            return Postponed(reason)
        self._cache[name] = value
        return value

    def settle(self, raw: Any, key: Any) -> Any:
        """``raw`` as a template sees it. ``key`` says whose value it is, to notice a circle."""
        kind = type(raw)
        if kind is Trusted:
            return self._rendered(raw, key) if raw.is_template else raw
        if kind is Encrypted:
            return self.templar.decrypted(raw)
        return wrap(raw, self.settle, self._own)

    def _rendered(self, text: Trusted, key: Any) -> Any:
        busy = self._busy
        if key in busy:
            names = [name for name in busy if isinstance(name, str)]
            circle = " -> ".join([*names, str(key) if isinstance(key, str) else str(key[1])])
            raise TemplateError(f"Recursive loop detected in template: {circle}", at=text.at)
        busy[key] = ""
        try:
            return self.templar.evaluate(text, self)
        except UndefinedVariable as error:
            return Missing(hint=error.what, at=error.at or text.at)
        except RecursionError:
            raise TemplateError("Recursive loop detected in template", at=text.at) from None
        finally:
            del busy[key]


class Vars(Mapping[str, Any]):
    """The magic variable ``vars``: all variables as one mapping."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        return self._scope[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope)

    def __len__(self) -> int:
        return len(self._scope)

    def __contains__(self, name: object) -> bool:
        return name in self._scope


class Overlay:
    """A template's own names (loop variables, ``set``) over a scope, for the templates it includes.

    Their values are finished: whatever they hold, they are never rendered again.
    """

    __slots__ = ("base", "scope", "values")

    def __init__(self, values: Mapping[str, Any], base: Scope | Overlay) -> None:
        self.values = values
        self.base = base
        self.scope: Scope = base if isinstance(base, Scope) else base.scope

    def resolve(self, name: str) -> Any:
        """As ``Scope.resolve``."""
        value = self.values.get(name, missing)
        return self.base.resolve(name) if value is missing else value

    def __contains__(self, name: object) -> bool:
        return name in self.values or name in self.base


class Isolated(Overlay):
    """No variables but Jinja's globals, for ``{% import %}`` without context; lookups still find files."""

    __slots__ = ()

    def resolve(self, name: str) -> Any:
        """As ``Scope.resolve``; the scope's variables are not seen."""
        return self.values.get(name, missing)

    def __contains__(self, name: object) -> bool:
        return name in self.values
