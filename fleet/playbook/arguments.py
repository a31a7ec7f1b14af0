"""One-line arguments: ``copy: src=a dest="b c" mode=0644``, and free-form modules such as ``command``."""

from __future__ import annotations

import re
from typing import Any

from fleet.errors import InputError, Location
from fleet.source.nodes import Map, Trusted

FREE_FORM = frozenset(
    "command shell raw script win_command win_shell meta include_tasks import_tasks include_vars "
    "import_playbook include expect_raw".split()
)
_COMMAND_OPTIONS = frozenset("creates removes chdir executable warn stdin stdin_add_newline strip_empty_ends".split())
_KEY = re.compile(r"^[A-Za-z_][\w-]*$")


def split_words(text: str) -> list[str]:
    """Split on white space outside quotes and outside ``{{ }}``, ``{% %}``, ``{# #}``. Quotes are kept.

    Raises ValueError when a quote or a template block is left open.
    """
    words: list[str] = []
    current, quote, depth = "", "", 0
    index = 0
    while index < len(text):
        two = text[index : index + 2]
        char = text[index]
        if not quote and two in ("{{", "{%", "{#"):
            depth += 1
            current += two
            index += 2
            continue
        if not quote and depth and two in ("}}", "%}", "#}"):
            depth -= 1
            current += two
            index += 2
            continue
        if not depth and char in "'\"" and (index == 0 or text[index - 1] != "\\"):
            quote = "" if quote == char else quote or char
        if char.isspace() and not quote and not depth:
            if current:
                words.append(current)
            if char == "\n":
                words.append("\n")
            current = ""
        else:
            current += char
        index += 1
    if quote or depth:
        raise ValueError("failed at splitting arguments, either an unbalanced jinja2 block or quotes")
    if current:
        words.append(current)
    return words


def unquote(text: str) -> str:
    """Drop the quotes around a value."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[-2] != "\\":
        return text[1:-1]
    return text


def parse(text: str, action: str, at: Location | None) -> Map:
    """The arguments in ``text``. What is no ``key=value`` of a free-form module is its ``_raw_params``."""
    short = action.rpartition(".")[2]
    free = short in FREE_FORM
    args = Map(at=at)
    try:
        words = split_words(text)
    except ValueError as error:
        raise InputError(str(error), at=at, hint="quote the value, or write the arguments as a mapping") from None
    if free and not any(word.partition("=")[0] in _COMMAND_OPTIONS and "=" in word for word in words):
        if text.strip():
            args["_raw_params"] = Trusted(text.strip(), at)
        return args
    raw: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        taken = equals and _KEY.match(key) and (not free or key in _COMMAND_OPTIONS)
        if taken:
            args[key] = Trusted(_unescape(unquote(value)), at)
        elif word == "\n":
            if raw:
                raw.append(word)
        elif free or not args:
            raw.append(word)
        elif word.strip():
            raise InputError(
                f"{word!r} is no key=value argument of {action}", at=at, hint="quote values that hold spaces"
            )
    if raw:
        args["_raw_params"] = Trusted(_join(raw), at)
    return args


def _join(words: list[str]) -> str:
    joined = ""
    for word in words:
        if word == "\n" or not joined or joined.endswith("\n"):
            joined += word
        else:
            joined += " " + word
    return joined.strip()


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return re.sub(r"\\([\\'\"ntr=])", lambda match: _ESCAPES.get(match.group(1), match.group(1)), value)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def merge(inline: Any, extra: Any, action: str, at: Location | None) -> Map:
    """The arguments of a task: from the module's value (text, mapping or nothing) and ``args:``."""
    merged = Map(at=at)
    if isinstance(extra, dict):
        merged.update(extra)
        if isinstance(extra, Map):
            merged.marks.update(extra.marks)
    elif extra is not None:
        merged["_variable_params"] = extra
    if inline is None:
        return merged
    if isinstance(inline, dict):
        merged.update(inline)
        if isinstance(inline, Map):
            merged.marks.update(inline.marks)
            merged.at = inline.at or at
        return merged
    if isinstance(inline, list):
        raise InputError(f"the arguments of {action} must be a mapping, not a list", at=at)
    if isinstance(inline, str):
        if action.rpartition(".")[2] not in FREE_FORM and _whole_template(inline):
            merged["_variable_params"] = inline
        elif action.rpartition(".")[2] in FREE_FORM and "=" not in inline:
            merged["_raw_params"] = inline if isinstance(inline, Trusted) else Trusted(inline, at)
        else:
            merged.update(parse(inline, action, getattr(inline, "at", None) or at))
        return merged
    merged["_raw_params"] = inline
    return merged


def _whole_template(text: str) -> bool:
    plain = text.strip()
    return plain.startswith("{{") and plain.endswith("}}") and plain.count("{{") == 1
