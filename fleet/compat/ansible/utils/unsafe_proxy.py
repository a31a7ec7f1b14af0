"""Marks for data. All that plugins give back is data here, so they only have to exist."""

from __future__ import annotations

from typing import Any

from ..module_utils.common.text.converters import to_text


class AnsibleUnsafe:
    """The type of values that are never rendered."""

    __UNSAFE__ = True


class AnsibleUnsafeText(str, AnsibleUnsafe):
    """Text that is never rendered."""

    __slots__ = ()


class AnsibleUnsafeBytes(bytes, AnsibleUnsafe):
    """Bytes that are never rendered."""

    __slots__ = ()


NativeJinjaUnsafeText = AnsibleUnsafeText


def wrap_var(value: Any) -> Any:
    """``value`` with every text in it marked as data."""
    if isinstance(value, str):
        return AnsibleUnsafeText(value)
    if isinstance(value, bytes):
        return AnsibleUnsafeBytes(value)
    if isinstance(value, dict):
        return {key: wrap_var(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return type(value)(wrap_var(item) for item in value)
    return value


def to_unsafe_text(*args: Any, **kwargs: Any) -> Any:
    """As ``to_text``, marked as data."""
    return wrap_var(to_text(*args, **kwargs))


def to_unsafe_bytes(value: Any, *_args: Any, **_kwargs: Any) -> Any:
    """As ``to_bytes``, marked as data."""
    return wrap_var(value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape"))
