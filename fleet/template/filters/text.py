"""Filters that make text: quoting, comments, splitting, Base64."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from fleet.template.filters.guard import refuse, text

TRUE = frozenset({"yes", "on", "1", "true"})

# style -> the options it sets
COMMENT_STYLES: dict[str, dict[str, str]] = {
    "plain": {"decoration": "# "},
    "erlang": {"decoration": "% "},
    "c": {"decoration": "// "},
    "cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
    "xml": {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}


def bool_(value: Any) -> bool:
    """True for the words Ansible knows (``yes``, ``on``, ``true``, ``1``); everything else is false."""
    if isinstance(value, str):
        return value.lower() in TRUE
    return bool(value is True or (isinstance(value, int | float) and value == 1))


def quote(value: Any) -> str:
    """``value`` as one word of a POSIX shell; none becomes the empty word."""
    return shlex.quote("" if value is None else text(value))


def split(value: Any, separator: str | None = None, maximum: int = -1) -> list[str]:
    """Split text at ``separator``, by default at white space."""
    if not isinstance(value, str):
        refuse(f"only text can be split, not {type(value).__name__}")
    return value.split(separator, maximum)


def comment(
    value: Any,
    style: str = "plain",
    *,
    decoration: str | None = None,
    beginning: str | None = None,
    end: str | None = None,
    prefix: str | None = None,
    postfix: str | None = None,
    prefix_count: int = 1,
    postfix_count: int = 1,
    newline: str = "\n",
) -> str:
    """``value`` as a comment of the language ``style`` stands for."""
    if style not in COMMENT_STYLES:
        refuse(f"Invalid style {style!r}, available styles: {', '.join(COMMENT_STYLES)}")
    given = {"decoration": decoration, "beginning": beginning, "end": end}
    look = {**COMMENT_STYLES[style], **{key: item for key, item in given.items() if item is not None}}
    mark = look["decoration"]
    before = mark.rstrip() if prefix is None else prefix
    after = mark.rstrip() if postfix is None else postfix

    body = mark + text(value).replace(newline, newline + mark)
    if mark.strip():
        body = body.replace(mark + newline, mark.rstrip() + newline)
    head = (before if before == newline else before + newline) * prefix_count if before else ""
    opening = look["beginning"] + newline if look.get("beginning") else ""
    closing = newline + look["end"] if look.get("end") else ""
    return opening + head + body + (newline + after) * postfix_count + closing


def b64encode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """Text as Base64."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    return encode(text(value).encode(encoding, "surrogateescape")).decode("ascii")


def b64decode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """The text in a Base64 value. Bytes that are no text survive as surrogates."""
    decode = base64.urlsafe_b64decode if urlsafe else base64.b64decode
    return decode(text(value).encode("ascii")).decode(encoding, "surrogateescape")


def type_name(value: Any) -> str:
    """The name of the value's Python type; the template engine's own types count as their base."""
    for base in (str, dict, list):
        if isinstance(value, base):
            return base.__name__
    if isinstance(value, Mapping):
        return "dict"
    # Templates see these as lists: they are read only once otherwise.
    lazy = isinstance(value, Iterator | KeysView | ValuesView | ItemsView)
    return "list" if lazy else type(value).__name__


FILTERS: dict[str, Callable[..., Any]] = {
    "bool": bool_,
    "comment": comment,
    "quote": quote,
    "split": split,
    # Jinja's would show lazy values and mappings that are no dicts as Python objects.
    "string": text,
    "b64decode": b64decode,
    "b64encode": b64encode,
}
