"""``when``, ``failed_when``, ``until``, ``assert`` ...: bare expressions with a boolean result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleet.source.nodes import Trusted, location_of
from fleet.template.errors import TemplateError, UndefinedVariable, located
from fleet.template.locate import place
from fleet.template.plain import OMIT, plain
from fleet.template.undefined import type_name

if TYPE_CHECKING:
    from fleet.template.scope import Scope
    from fleet.template.templar import Templar

_UNDEFINED = "Error while evaluating conditional: "


DELIMITERS = (
    "Conditionals should not be surrounded by templating delimiters: they are expressions as they stand, and "
    "ansible-core takes {{ }} and {% %} around them only until 2.23."
)


def holds(templar: Templar, condition: Any, scope: Scope) -> bool:
    """Whether ``condition`` holds: a bool, an expression, or a list of them (all of them).

    ``None`` holds. An expression must give a bool unless ``templar.allow_broken_conditionals``.
    Raises ``TemplateError``, ``UndefinedVariable``, ``Pending``.
    """
    if condition is True or condition is False:
        return condition
    if condition is None:
        return True
    if isinstance(condition, list | tuple):
        return all(holds(templar, item, scope) for item in condition)
    if isinstance(condition, str):
        if not condition.strip():
            return _broken(templar, True, "Empty conditional expressions are not allowed.", condition)
        return _boolean(templar, _value(templar, condition, scope), condition, scope)
    return _broken(templar, bool(condition), "Conditional expressions must be strings.", condition)


def _value(templar: Templar, text: str, scope: Scope) -> Any:
    if not isinstance(text, Trusted):
        raise TemplateError(
            "Encountered untrusted template or expression.",
            hint="a condition must be written in your own files",
        )
    bare = text.strip()
    try:
        if (bare[:2], bare[-2:]) in (("{{", "}}"), ("{%", "%}")):
            templar.deprecated(DELIMITERS, text.at)
            value = templar.evaluate(Trusted(bare, text.at), scope)
            # The template may name the expression that is meant: when: "{{ condition }}".
            return _value(templar, value, scope) if isinstance(value, str) else _checked(value)
        return _checked(templar.evaluate_expression(text, scope))
    except UndefinedVariable as error:
        if error.at is None:
            error.at = place(text, what=error.what)
        if error.what.startswith(_UNDEFINED):
            raise
        raise UndefinedVariable(_UNDEFINED + error.what, at=error.at, hint=error.hint) from None
    except TemplateError as error:
        raise located(error, place(text)) from None


def _checked(value: Any) -> Any:
    # Not plain() of a text: whether it is the user's own decides what may be done with it.
    return value if isinstance(value, str) else plain(value)


def _boolean(templar: Templar, value: Any, condition: str, scope: Scope) -> bool:
    if value is True or value is False:
        return bool(value)
    if value is OMIT:
        raise TemplateError("A template was resolved to an Omit scalar.", at=location_of(condition))
    if templar.allow_broken_conditionals and isinstance(value, Trusted) and value.strip():
        return _boolean(templar, _value(templar, value, scope), value, scope)
    written = location_of(value)
    where = f" at '{written}'" if written else ""
    what = (
        f"Conditional result ({bool(value)}) was derived from value of type '{type_name(value)}'{where}. "
        "Conditionals must have a boolean result."
    )
    return _broken(templar, bool(value), what, condition)


def _broken(templar: Templar, result: bool, what: str, condition: Any) -> bool:
    if not templar.allow_broken_conditionals:
        raise TemplateError(
            what, at=location_of(condition), hint="compare, or add '| bool', '| length > 0' or 'is truthy'"
        )
    templar.warn(what)
    return result
