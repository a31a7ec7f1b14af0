"""Verbs that share options: one borrows parameters of another instead of writing them down again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fleet.cli.given import Given

F = TypeVar("F", bound=Callable[..., Any])
REACH = (
    "inventory", "limit", "extra_vars", "forks", "become", "become_user", "become_method", "ask_become_pass",
    "become_pass_file", "ask_pass", "pass_file", "user", "private_key", "connection", "timeout", "ssh_common_args",
    "verbose", "vault_password_file", "vault_id", "ask_vault_pass",
)  # fmt: skip
"""What every verb takes that connects to hosts."""


def borrow(
    base: Callable[..., Any], only: Collection[str] | None = None, without: Collection[str] = ()
) -> Callable[[F], F]:
    """Let a verb take parameters of ``base`` (all, or ``only`` some) in its ``**`` parameter."""

    def extend(verb: F) -> F:
        own = [item for item in _parameters(verb) if item.kind is not inspect.Parameter.VAR_KEYWORD]
        taken = {item.name for item in own} | set(without)
        more = [item for item in _parameters(base) if item.name not in taken and (only is None or item.name in only)]
        both = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in (*own, *more)]
        signature = inspect.Signature(both, return_annotation=None)
        setattr(verb, "__signature__", signature)  # noqa: B010  (typer reads it, mypy does not know it)
        verb.__annotations__ = {item.name: item.annotation for item in both}
        return verb

    return extend


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())


def given_of(values: dict[str, Any], **more: Any) -> Given:
    """The ``Given`` of a verb's values, under apply's parameter names."""
    from dataclasses import fields

    from fleet.cli.given import Given

    names = {field.name for field in fields(Given)}
    named = {"format" if name == "format_" else name: value for name, value in {**values, **more}.items()}
    return Given(**{name: value for name, value in named.items() if name in names})
