"""Containers that hold templates: real dicts and lists whose members are rendered when they are read.

CPython copies an exact ``dict`` or ``list`` without asking it; both classes override every way in
which the interpreter or a filter reads members, so nobody sees a text that is not rendered.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from typing import Any, SupportsIndex

from fleet.source.nodes import Encrypted, Map, Seq, Trusted, has_template

# (raw value, key for messages) -> rendered value; the Scope's member renderer.
Settle = Callable[[Any, Any], Any]


def must_settle(value: Any, own: bool = False) -> bool:
    """True when ``value`` must pass through the scope before somebody sees it.

    Plain dicts and lists are data at every depth: the facts of a host are not searched for templates.
    """
    if isinstance(value, Trusted):
        return value.is_template
    if isinstance(value, Map | Seq):
        return own or has_template(value)
    return isinstance(value, Encrypted) or (own and isinstance(value, dict | list))


class LazyMap(dict[Any, Any]):
    """A dict whose values are rendered on access and then kept. Keys are text, never rendered."""

    __slots__ = ("_own", "_settle", "_todo")

    def __init__(self, raw: dict[Any, Any], settle: Settle, own: bool = False) -> None:
        super().__init__(raw)
        self._settle = settle
        self._own = own
        self._todo = {key for key, value in raw.items() if must_settle(value, own)}

    def _read(self, key: Any) -> Any:
        value = dict.__getitem__(self, key)
        if key in self._todo:
            value = self._settle(value, (id(self), key))
            dict.__setitem__(self, key, value)
            self._todo.discard(key)
        return value

    def __getitem__(self, key: Any) -> Any:
        return self._read(key) if self._todo else dict.__getitem__(self, key)

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401  (this is what get is)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._todo.discard(key)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: Any) -> None:
        dict.__delitem__(self, key)
        self._todo.discard(key)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Any, *default: Any) -> Any:
        if key in self:
            value = self[key]
            del self[key]
            return value
        return dict.pop(self, key, *default)

    def popitem(self) -> tuple[Any, Any]:
        key = next(reversed(self))
        return key, self.pop(key)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    # CPython takes the slow, asking way for a dict whose type has its own __iter__.
    def __iter__(self) -> Iterator[Any]:
        return dict.__iter__(self)

    def keys(self) -> KeysView[Any]:  # type: ignore[override]
        return KeysView(self)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        return ValuesView(self)

    def items(self) -> ItemsView[Any, Any]:  # type: ignore[override]
        return ItemsView(self)

    def settled(self) -> dict[Any, Any]:
        """A plain dict of the rendered values (one level deep)."""
        return {key: self[key] for key in self}

    def copy(self) -> dict[Any, Any]:
        return self.settled()

    def __or__(self, other: Any) -> Any:
        return self.settled() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.settled()

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self

    def __eq__(self, other: object) -> bool:
        return self.settled() == other

    def __ne__(self, other: object) -> bool:
        return self.settled() != other

    __hash__ = None

    def __repr__(self) -> str:
        return repr(self.settled())

    __str__ = __repr__

    def __reduce_ex__(self, _protocol: SupportsIndex) -> Any:
        return dict, (self.settled(),)


class LazyList(list[Any]):
    """A list whose items are rendered on access and then kept."""

    __slots__ = ("_own", "_settle", "_todo")

    def __init__(self, raw: list[Any], settle: Settle, own: bool = False) -> None:
        super().__init__(raw)
        self._settle = settle
        self._own = own
        self._todo = {index for index, value in enumerate(raw) if must_settle(value, own)}

    def _read(self, index: int) -> Any:
        value = list.__getitem__(self, index)
        if index in self._todo:
            value = self._settle(value, (id(self), index))
            list.__setitem__(self, index, value)
            self._todo.discard(index)
        return value

    def __getitem__(self, index: Any) -> Any:
        if not self._todo:
            return list.__getitem__(self, index)
        if isinstance(index, slice):
            return [self._read(number) for number in range(*index.indices(len(self)))]
        number = index.__index__()
        return self._read(number + len(self) if -len(self) <= number < 0 else number)

    def __iter__(self) -> Iterator[Any]:
        if not self._todo:
            return super().__iter__()
        return (self._read(index) for index in range(len(self)))

    def __reversed__(self) -> Iterator[Any]:
        backwards: Iterator[Any] = reversed(self.settled())
        return backwards

    def settled(self) -> list[Any]:
        """A plain list of the rendered items (one level deep)."""
        return list(iter(self))

    def _freeze(self) -> list[Any]:
        # Before anything that moves items: their numbers must not be needed any more.
        for index in sorted(self._todo):
            self._read(index)
        return self

    def copy(self) -> list[Any]:
        return self.settled()

    def __contains__(self, value: object) -> bool:
        return any(item is value or item == value for item in self)

    def index(self, *args: Any) -> int:
        return self.settled().index(*args)

    def count(self, value: Any) -> int:
        return self.settled().count(value)

    def __add__(self, other: Any) -> Any:
        return self.settled() + other

    def __radd__(self, other: Any) -> Any:
        return other + self.settled()

    def __iadd__(self, other: Iterable[Any]) -> Any:  # type: ignore[misc]
        self.extend(other)
        return self

    def __mul__(self, times: SupportsIndex) -> Any:
        return self.settled() * times

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self.settled() == other

    def __ne__(self, other: object) -> bool:
        return self.settled() != other

    def __lt__(self, other: Any) -> bool:
        return bool(self.settled() < other)

    def __gt__(self, other: Any) -> bool:
        return bool(self.settled() > other)

    def __le__(self, other: Any) -> bool:
        return bool(self.settled() <= other)

    def __ge__(self, other: Any) -> bool:
        return bool(self.settled() >= other)

    __hash__ = None

    def __setitem__(self, index: Any, value: Any) -> None:
        list.__setitem__(self._freeze(), index, value)

    def __delitem__(self, index: Any) -> None:
        list.__delitem__(self._freeze(), index)

    def insert(self, index: SupportsIndex, value: Any) -> None:
        list.insert(self._freeze(), index, value)

    def pop(self, *args: Any) -> Any:
        return list.pop(self._freeze(), *args)

    def remove(self, value: Any) -> None:
        list.remove(self._freeze(), value)

    def reverse(self) -> None:
        list.reverse(self._freeze())

    def sort(self, **options: Any) -> None:
        list.sort(self._freeze(), **options)

    def clear(self) -> None:
        self._todo.clear()
        list.clear(self)

    def __repr__(self) -> str:
        return repr(self.settled())

    __str__ = __repr__

    def __reduce_ex__(self, _protocol: SupportsIndex) -> Any:
        return list, (self.settled(),)


def wrap(raw: Any, settle: Settle, own: bool) -> Any:
    """``raw`` as a lazy container when something in it must be rendered (or copied, for ``own``)."""
    if isinstance(raw, dict):
        return LazyMap(raw, settle, own) if must_settle(raw, own) else raw
    if isinstance(raw, list):
        return LazyList(raw, settle, own) if must_settle(raw, own) else raw
    return raw
