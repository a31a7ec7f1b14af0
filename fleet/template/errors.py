"""What can go wrong while a template is rendered, and the one signal that is no error: ``Pending``."""

from __future__ import annotations

from collections.abc import Hashable

from fleet.errors import FleetError, Location


class TemplateError(FleetError):
    """A template, expression or lookup failed for one host. ``at`` is the place in the user's file."""

    code = 2


class UndefinedVariable(TemplateError):
    """A template needs a variable, attribute or item that does not exist."""


class Undecryptable(TemplateError):
    """No password opens an encrypted value; ``armour`` is its encrypted text."""

    def __init__(self, what: str, armour: str, *, at: Location | None = None, hint: str = "") -> None:
        super().__init__(what, at=at, hint=hint)
        self.armour = armour


class Pending(BaseException):
    """A value is still on its way; ``key`` says what is awaited. The reader tries again when it has come.

    Not an ``Exception``, for the reason ``asyncio.CancelledError`` is none: filters, lookups and Jinja
    itself contain ``except Exception``, and none of them may turn a value that is late into one that is
    missing.
    """

    def __init__(self, key: Hashable) -> None:
        super().__init__(key)
        self.key = key


class NeedsOrder(Pending):
    """The value belongs to another host that has not yet come to the point where it may be read."""


def located(error: FleetError, at: Location | None) -> FleetError:
    """``error`` itself, placed at ``at``; one with a place nearer to the cause gets ``at`` as its hint."""
    if error.at is None:
        error.at = at
    elif at is not None and at != error.at and not error.hint:
        error.hint = f"used at {at}"
    return error
