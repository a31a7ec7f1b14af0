"""Commands whose texts and numbers are taken as they are: typer would load pydantic for them, 60 ms a start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typer.core import TyperCommand, TyperGroup

# What typer makes of these annotations is what click has given already.
_AS_GIVEN: Mapping[Any, type] = {
    str: str, str | None: str, list[str]: str, list[str] | None: str,
    int: int, int | None: int, float: float, float | None: float, bool: bool,
}  # fmt: skip


class Quick(TyperCommand):
    """A command that takes its plain parameters as they are."""

    def get_params(self, ctx: Any) -> Any:
        return _quickened(super().get_params(ctx))


class QuickGroup(TyperGroup):
    """The same for a group of commands."""

    def get_params(self, ctx: Any) -> Any:
        return _quickened(super().get_params(ctx))


def _quickened(params: Any) -> Any:
    """``params``, converted here and not by pydantic, which typer asks since 0.26."""
    for param in params:
        make = getattr(param, "get_runtime_param", None)
        kind = _AS_GIVEN.get(getattr(getattr(param, "type_descriptor", None), "annotation", None))
        if make and kind and getattr(param, "_runtime_param", param) is None:
            param._runtime_param = _Plain(kind, make)
    return params


class _Plain:
    """Converts a parameter's value. What needs more than that, such as a number out of its range, typer does."""

    def __init__(self, kind: type, make: Any) -> None:
        self._kind = kind
        self._make = make

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        if many and not isinstance(value, str) and all(type(item) is self._kind for item in value):
            return list(value)
        if not many and type(value) is self._kind:
            return value
        param._runtime_param = None
        return self._make().coerce(value, param=param, ctx=ctx)
