"""``render``: one expression with fleet's filters and tests, in Jinja's own environment."""

from __future__ import annotations

from types import GeneratorType
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.nativetypes import NativeEnvironment

from fleet.template.filters import FILTERS
from fleet.template.tests import TESTS


def render(expression: str, **variables: Any) -> Any:
    """The value of ``expression``. Raises ``UndefinedError`` when it is undefined."""
    environment = NativeEnvironment(undefined=StrictUndefined)
    environment.filters.update(FILTERS)
    environment.tests.update(TESTS)
    result = environment.compile_expression(expression, undefined_to_none=False)(**variables)
    if isinstance(result, Undefined):
        result._fail_with_undefined_error()
    return list(result) if isinstance(result, GeneratorType) else result
