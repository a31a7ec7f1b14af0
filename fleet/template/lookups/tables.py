"""Lookups in small data files: ``ini`` (also properties) and ``csvfile``."""

from __future__ import annotations

import configparser
import io
import re
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall
from fleet.template.lookups.files import read

_INI = (
    "section",
    "file",
    "type",
    "re",
    "default",
    "encoding",
    "case_sensitive",
    "allow_none",
    "allow_no_value",
    "interpolation",
)
_CSV = ("file", "col", "delimiter", "default", "encoding", "keycol")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")
_PAIR = re.compile(r"(\w+)=(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([tnr\\]))")
_CHARACTERS = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def _inline(term: str, call: LookupCall, known: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """A term such as ``user section=db file=a.ini``: its key, and the settings over the options.

    Quotes belong to a key, and only surround a setting. Raises ``TemplateError`` for a setting there is not.
    """
    settings = dict(call.options)
    key: list[str] = []
    for word in _WORD.findall(term) if "=" in term else [term]:
        pair = _PAIR.fullmatch(word)
        if pair is None:
            key.append(word)
        elif pair[1] not in known:
            raise TemplateError(f"'{pair[1]}' is not a valid option", hint=f"it has {', '.join(known)}")
        else:
            settings[pair[1]] = _ESCAPE.sub(_character, _unquoted(pair[2]))
    return " ".join(key), settings


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _CHARACTERS[found[2]]


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _settings(call: LookupCall, known: tuple[str, ...]) -> None:
    """Raise ``TemplateError`` for an option of the call that there is not."""
    for name in call.options:
        if name not in known:
            raise TemplateError(f"'{name}' is not a valid option", hint=f"it has {', '.join(known)}")


def _column(settings: dict[str, Any], name: str, default: int) -> int:
    try:
        return int(settings.get(name, default))
    except (TypeError, ValueError):
        raise TemplateError(f"'{name}' has an invalid value: {settings[name]!r} is no number of a column") from None


def ini(call: LookupCall) -> list[Any]:
    """Values of keys in a section of an ini file, or of a properties file (``type=properties``)."""
    made: list[Any] = []
    _settings(call, _INI)
    for term in call.texts():
        key, settings = _inline(term, call, _INI)
        if not key:
            raise TemplateError(f"No key to look up was provided as first term within string inline options: {term}")
        made.extend(_of_ini(call, key, settings))
    return made


def _of_ini(call: LookupCall, key: str, settings: dict[str, Any]) -> list[Any]:
    path = call.need("files", str(settings.get("file", "ansible.ini")))
    text = read(call, path, str(settings.get("encoding") or "utf-8"))
    section = str(settings.get("section", "global"))
    if settings.get("type") == "properties":
        text, section = f"[java_properties]\n{text}", "java_properties"
    default = settings.get("default", "")
    try:
        parser = _parsed(text, path, settings)
        if not parser.has_section(section) and section != "DEFAULT":
            if "default" in settings:
                return [default]
            raise TemplateError(f"No section: '{section}' in {path}")
        if _yes(settings.get("re", False)):
            return [value for name, value in parser.items(section) if re.match(key, name)]
        value = parser.get(section, key, fallback=default)
    except configparser.InterpolationError as error:
        hint = "interpolation=false takes values as they are"
        raise TemplateError(f"{path}: {' '.join(str(error).split())}", hint=hint) from None
    return [] if value is None else [value]


def _parsed(text: str, path: str, settings: dict[str, Any]) -> configparser.ConfigParser:
    """The file's text parsed. Raises ``TemplateError``."""
    parser = configparser.ConfigParser(
        interpolation=configparser.BasicInterpolation() if _yes(settings.get("interpolation", True)) else None,
        allow_no_value=_yes(settings.get("allow_none", settings.get("allow_no_value", False))),
    )
    if _yes(settings.get("case_sensitive", False)):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text, path)
    except configparser.DuplicateOptionError as error:
        raise TemplateError(f"Duplicate option in '{path}': {error.option} in [{error.section}]") from None
    except configparser.Error as error:
        raise TemplateError(f"{path} is no ini file: {' '.join(str(error).split())}") from None
    return parser


def _yes(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "1", "on")


def csvfile(call: LookupCall) -> list[Any]:
    """The value in column ``col`` (from 0) of the first row whose ``keycol`` is the term."""
    import csv

    made: list[Any] = []
    _settings(call, _CSV)
    for term in call.texts() or [""]:
        key, settings = _inline(term, call, _CSV)
        if not key:
            raise TemplateError("Search key is required but was not found")
        delimiter = str(settings.get("delimiter", "TAB"))
        delimiter = "\t" if delimiter in ("TAB", "\\t", "t") else delimiter
        name = str(settings.get("file", "ansible.csv"))
        path = call.find("files", name)
        if path is None:
            raise TemplateError(f"No such file or directory: '{name}'")
        col, keycol = _column(settings, "col", 1), _column(settings, "keycol", 0)
        for row in csv.reader(
            io.StringIO(read(call, path, str(settings.get("encoding") or "utf-8")), newline=""),
            delimiter=delimiter,
        ):
            if len(row) > keycol and row[keycol] == key:
                if len(row) <= col:
                    raise TemplateError(f"{path}: the row of '{key}' has no column {col}")
                made.append(row[col])
                break
        else:
            default = settings.get("default")
            made.extend(default if isinstance(default, list) else [default])
    return [value for value in made if value is not None]
