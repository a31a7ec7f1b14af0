"""``@record``: a frozen dataclass for the type checker, a cheap one at run time.

``dataclass(frozen=True)`` takes 0.7 ms a class to make; a run starts with a hundred of them. mypy
refuses assignments to fields all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make ``cls`` a dataclass with slots whose instances are not to be changed."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
