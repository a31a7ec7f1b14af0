"""One-line arguments: ``copy: src=a dest="b c" mode=0644``, and free-form modules such as ``command``."""

from __future__ import annotations

import re
from typing import Any

from fleet.errors import InputError, Location
from fleet.source.nodes import Map, Trusted, trust_key

FREE_FORM = frozenset(
    (
        "command shell raw script win_command win_shell meta include_tasks import_tasks include_vars "
        "import_playbook include expect_raw"
    ).split()
)
"""Modules that take free text."""
RAW_PARAMS = FREE_FORM | {"set_fact", "add_host", "group_by", "include_role", "import_role"}
"""Modules that do not mind text beside their arguments."""
COMMANDS = frozenset(["command", "shell", "raw", "script", "win_command", "win_shell", "expect_raw"])
"""Those of them whose text is a command line: only their own options are taken out of it."""
_COMMAND_OPTIONS = frozenset("creates removes chdir executable warn stdin stdin_add_newline strip_empty_ends".split())
_PAIR = re.compile(r"((?:\{\{.*?\}\}|[^\s'\"=\\{}])+)=(.*)", re.DOTALL)


def split_words(text: str) -> list[str]:
    """Split on white space outside quotes and outside ``{{ }}``, ``{% %}``, ``{# #}``. Quotes are kept; a
    line break is a word of its own.

    Raises ValueError when a quote or a template block is left open.
    """
    words: list[str] = []
    for gap, word in split_pieces(text):
        words += ["\n"] * gap.count("\n")
        if word:
            words.append(word)
    return words


def split_pieces(text: str) -> list[tuple[str, str]]:
    """The words of ``split_words``, each with the white space before it; white space at the end has an empty word."""
    pieces: list[tuple[str, str]] = []
    gap, current, quote, depth, index = "", "", "", 0, 0
    while index < len(text):
        two, char = text[index : index + 2], text[index]
        if not quote and (two in _OPEN or (depth and two in _CLOSE)):
            depth += 1 if two in _OPEN else -1
            current += two
            index += 2
            continue
        if not depth and char in "'\"" and (index == 0 or text[index - 1] != "\\"):
            quote = "" if quote == char else quote or char
        if not char.isspace() or quote or depth:
            current += char
        else:
            if current:
                pieces.append((gap, current))
                gap, current = "", ""
            gap += char
        index += 1
    if quote or depth:
        raise ValueError("failed at splitting arguments, either an unbalanced jinja2 block or quotes")
    return [*pieces, (gap, current)] if gap or current else pieces


_OPEN, _CLOSE = ("{{", "{%", "{#"), ("}}", "%}", "#}")


def joined_lines(text: str) -> str:
    """Take out backslashes alone at the end of a line, with the line break: the next line goes on there."""
    if "\\\n" not in text:
        return text
    try:
        pieces = split_pieces(text)
    except ValueError:
        return text
    made, after = "", False
    for number, (gap, word) in enumerate(pieces):
        made += gap[1:] if after else gap
        after = word == "\\" and number + 1 < len(pieces) and pieces[number + 1][0].startswith("\n")
        made += "" if after else word
    return made


def unquote(text: str) -> str:
    """Drop the quotes around a value."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[-2] != "\\":
        return text[1:-1]
    return text


def parse(text: str, action: str, at: Location | None) -> Map:
    """The arguments in ``text``; what is no ``key=value`` in it is ``_raw_params``, of whatever module.

    Raises InputError for a quote or template block that is left open.
    """
    short = action.rpartition(".")[2]
    free = short in COMMANDS
    args = Map(at=at)
    try:
        text = joined_lines(text) if free else text
        pieces = split_pieces(text)
    except ValueError as error:
        raise InputError(str(error), at=at, hint="quote the value, or write the arguments as a mapping") from None
    if free and not any(word.partition("=")[0] in _COMMAND_OPTIONS and "=" in word for _, word in pieces):
        if text.strip():
            args["_raw_params"] = Trusted(text.lstrip(), at)
        return args
    raw = ""
    for gap, word in pieces:
        pair = _PAIR.fullmatch(word)
        if pair and (not free or pair.group(1) in _COMMAND_OPTIONS):
            args[trust_key(pair.group(1))] = Trusted(_unescape(unquote(pair.group(2))), at)
        else:
            raw += gap + word.replace("\\=", "=")
    if raw.strip():
        args["_raw_params"] = Trusted(raw.lstrip() if free else raw.strip(), at)
    return args


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(_character, value)


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else _ESCAPES.get(found[4], found[4])


_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\\'\"abfnrtv]))")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def merge(inline: Any, extra: Any, action: str, at: Location | None) -> Map:
    """The arguments of a task: from the module's value (text, mapping or nothing) and ``args:``."""
    merged = Map(at=at)
    if isinstance(extra, dict):
        merged.update(extra)
        if isinstance(extra, Map):
            merged.marks.update(extra.marks)
    elif isinstance(extra, Trusted) and extra.is_template:
        merged["_variable_params"] = extra
    elif extra is not None:
        hint = "write a mapping, or a template that gives one"
        raise InputError("'args' must be a mapping", at=getattr(extra, "at", None) or at, hint=hint)
    if inline is None:
        return merged
    if isinstance(inline, dict):
        merged.update(inline)
        if isinstance(inline, Map):
            merged.marks.update(inline.marks)
            merged.at = inline.at or at
        return merged
    if isinstance(inline, str):
        if action.rpartition(".")[2] not in FREE_FORM and _whole_template(inline):
            merged["_variable_params"] = inline
        elif action.rpartition(".")[2] in FREE_FORM and "=" not in inline:
            text = joined_lines(inline) if action.rpartition(".")[2] in COMMANDS else inline
            merged["_raw_params"] = Trusted(text, getattr(inline, "at", None) or at)
        else:
            merged.update(parse(inline, action, getattr(inline, "at", None) or at))
        return merged
    shown = "a list" if isinstance(inline, list) else repr(inline)
    raise InputError(f"the arguments of {action} must be a mapping or text, not {shown}", at=at)


def _whole_template(text: str) -> bool:
    plain = text.strip()
    return plain.startswith("{{") and plain.endswith("}}") and plain.count("{{") == 1
