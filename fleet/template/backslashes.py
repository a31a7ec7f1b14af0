"""Backslashes in values of YAML files: in ``{{ }}`` they stand for themselves, as Ansible has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from jinja2 import lexer

Token = tuple[int, str, str]
_BEGIN: Final = lexer.TOKEN_VARIABLE_BEGIN
_END: Final = lexer.TOKEN_VARIABLE_END


def doubled(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens of Jinja's lexer with the backslashes of text constants in ``{{ }}`` doubled.

    ``{{ 'ab' | regex_replace('a(.)', '\\1') }}`` means the group then, not the character 1. Constants in
    ``{% %}`` keep Python's escapes.
    """
    inside = False
    for line, kind, value in tokens:
        if kind == _BEGIN:
            inside = True
        elif kind == _END:
            inside = False
        elif inside and kind == lexer.TOKEN_STRING:
            value = value.replace("\\", "\\\\")
        yield line, kind, value
