"""What a missing variable is inside a template: only ``default`` and ``is defined`` may use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from jinja2 import StrictUndefined, Undefined
from jinja2.utils import missing

from fleet.errors import Location
from fleet.template.errors import UndefinedVariable

_PLAIN_NAMES: tuple[tuple[type, str], ...] = (
    (dict, "dict"),
    (list, "list"),
    (str, "str"),
    (Mapping, "dict"),
)


class Missing(StrictUndefined):
    """An undefined value. ``.attribute`` and ``[item]`` of it are undefined too, anything else raises."""

    __slots__ = ("at",)

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: Any = UndefinedVariable,
        at: Location | None = None,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        self.at = at

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is missing:
            return f"'{self._undefined_name}' is undefined"
        if isinstance(self._undefined_obj, list) and not self._undefined_obj and isinstance(self._undefined_name, int):
            return f"list object has no element {self._undefined_name}"
        return f"object of type '{type_name(self._undefined_obj)}' has no attribute {self._undefined_name!r}"

    def fail(self) -> NoReturn:
        """Raise ``UndefinedVariable``."""
        raise UndefinedVariable(self._undefined_message, at=self.at)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        self.fail()

    def __getattr__(self, name: str) -> Any:
        # copy, pickle and inspect probe for dunder names and must be told that there are none.
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def __getitem__(self, _key: Any) -> Any:
        return self

    # What Jinja and its filters call; it must not lose the place, nor the reason of a Postponed.
    _fail_with_undefined_error = _refuse
    __iter__ = __str__ = __len__ = __bool__ = __hash__ = __eq__ = __ne__ = _refuse
    __contains__ = __call__ = __int__ = __float__ = __complex__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _refuse
    __mod__ = __rmod__ = __pow__ = __rpow__ = __pos__ = __neg__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse


class Postponed(Missing):
    """A variable whose rendering failed, or that is still on its way. Any use raises the reason.

    Jinja reads every variable a template names before it starts, also those in branches not taken;
    only a use may fail.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: BaseException) -> None:
        super().__init__(hint=str(reason))
        self.reason = reason

    def fail(self) -> NoReturn:
        """Raise the reason."""
        raise self.reason

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        self.fail()

    def __getitem__(self, _key: Any) -> Any:
        self.fail()


def type_name(value: Any) -> str:
    """The type as a user knows it: lazy and located containers are dict, list and str."""
    for base, name in _PLAIN_NAMES:
        if isinstance(value, base):
            return name
    return type(value).__name__


def handed_on(value: Undefined) -> Undefined:
    """An undefined value that a filter or function gives back untouched; what was postponed is raised."""
    if isinstance(value, Postponed):
        value.fail()
    return value
