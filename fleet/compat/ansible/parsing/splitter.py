"""``key=value`` texts."""

from __future__ import annotations

from typing import Any

from ..errors import AnsibleParserError


def split_args(args: str) -> list[str]:
    """The words of ``args``; quotes and braces keep a word together."""
    words: list[str] = []
    open_braces = 0
    for word in args.split(" "):
        quotes = sum(words[-1].count(quote) % 2 for quote in "'\"") if words else 0
        if words and (open_braces > 0 or quotes):
            words[-1] += " " + word
        elif word:
            words.append(word)
        open_braces += word.count("{{") - word.count("}}")
    if open_braces:
        raise AnsibleParserError(f"failed at splitting arguments, either an unbalanced jinja2 block or quotes: {args}")
    return words


def parse_kv(args: Any, check_raw: bool = False) -> dict[str, Any]:
    """The values in ``args`` by key; the rest is ``_raw_params`` where ``check_raw``."""
    found: dict[str, Any] = {}
    rest: list[str] = []
    for word in split_args(str(args or "")):
        key, equals, value = word.partition("=")
        if equals and key.isidentifier():
            found[key] = unquote(value)
        else:
            rest.append(word)
    if check_raw and rest:
        found["_raw_params"] = " ".join(rest)
    return found


def unquote(data: str) -> str:
    """``data`` without the quotes around it."""
    quoted = len(data) > 1 and data[0] == data[-1] and data[0] in "'\""
    return data[1:-1] if quoted else data
