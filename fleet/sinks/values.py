"""Values that come from anywhere, as text that is safe to print or store."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import Any

# Everything a terminal could obey: control characters but newline and tab, the 8-bit controls,
# lone surrogates (bytes that were no UTF-8), and the signs that turn the direction of writing.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# json.dumps escapes the first 32 itself.
UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SURROGATE = re.compile("[\ud800-\udfff]")


def _visible(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def safe(text: str) -> str:
    r"""``text`` with control characters made visible (``\x1b``); newlines and tabs stay."""
    return UNSAFE.sub(_visible, text)


def one_line(text: str) -> str:
    r"""``safe`` text with newlines made visible as well, for labels and titles."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def plain(value: Any) -> Any:
    """``value`` as the types JSON and YAML know: dict, list, str, numbers, bool, None. Keys become text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, AbstractSet):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return str(value)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    # JSON's spelling, so that a key reads the same in every output.
    return json.dumps(key) if key is None or isinstance(key, (bool, int, float)) else str(key)


def json_text(value: Any, indent: int | None = None, sort: bool = True) -> str:
    """``value`` as JSON that any reader and any terminal survives; text that is not ASCII stays readable."""
    try:
        text = json.dumps(value, indent=indent, sort_keys=sort, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(plain(value), indent=indent, sort_keys=sort, ensure_ascii=False)
    text = UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    # A byte that was no UTF-8 is shown as the text \xNN; a lone surrogate would not be valid JSON.
    return SURROGATE.sub(lambda found: "\\" + _visible(found), text)


def columns(text: str) -> int:
    """How many columns ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(char) for char in text)


def _columns_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, limit: int, note: str = "...") -> str:
    """``text`` cut to ``limit`` columns, with ``note`` at the end when something was cut off."""
    if len(text) * 2 <= limit or columns(text[: limit + 1]) <= limit >= len(text):
        return text
    kept: list[str] = []
    room = limit - columns(note)
    for char in text:
        room -= _columns_of(char)
        if room < 0:
            return "".join(kept) + note
        kept.append(char)
    return text
