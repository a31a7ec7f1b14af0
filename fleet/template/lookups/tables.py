"""Lookups in small data files: ``ini`` (also properties) and ``csvfile``."""

from __future__ import annotations

import io
import re
import shlex
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall
from fleet.template.lookups.files import read


def _inline(term: str, call: LookupCall, known: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """A term such as ``user section=db file=a.ini``: its key, and the settings over the options."""
    settings = dict(call.options)
    words = shlex.split(term) if "=" in term else [term]
    key: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in known:
            settings[name] = value
        else:
            key.append(word)
    return " ".join(key), settings


def ini(call: LookupCall) -> list[Any]:
    """Values of keys in a section of an ini file, or of a properties file (``type=properties``)."""
    made: list[Any] = []
    for term in call.texts():
        key, settings = _inline(term, call, ("section", "file", "type", "re", "default", "encoding", "case_sensitive"))
        made.extend(_of_ini(call, key, settings))
    return made


def _of_ini(call: LookupCall, key: str, settings: dict[str, Any]) -> list[Any]:
    import configparser

    parser = configparser.ConfigParser(
        interpolation=None, allow_no_value=bool(settings.get("allow_none")), strict=False
    )
    if str(settings.get("case_sensitive", False)).lower() in ("true", "yes", "1"):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    path = call.need("files", str(settings.get("file", "ansible.ini")))
    text = read(call, path)
    section = str(settings.get("section", "global"))
    if settings.get("type") == "properties":
        text, section = f"[java_properties]\n{text}", "java_properties"
    try:
        parser.read_string(text, path)
    except configparser.Error as error:
        raise TemplateError(f"{path} is no ini file: {' '.join(str(error).split())}") from None
    default = settings.get("default", "")
    if not parser.has_section(section) and section != "DEFAULT":
        return [default]
    if str(settings.get("re", False)).lower() in ("true", "yes", "1"):
        return [value for name, value in parser.items(section) if re.match(key, name)]
    return [parser.get(section, key, fallback=default)]


def csvfile(call: LookupCall) -> list[Any]:
    """The value in column ``col`` (from 0) of the first row whose ``keycol`` is the term."""
    import csv

    made: list[Any] = []
    for term in call.texts():
        key, settings = _inline(term, call, ("file", "col", "delimiter", "default", "encoding", "keycol"))
        delimiter = str(settings.get("delimiter", "TAB"))
        delimiter = "\t" if delimiter in ("TAB", "\\t", "t") else delimiter
        path = call.need("files", str(settings.get("file", "ansible.csv")))
        col, keycol = int(settings.get("col", 1)), int(settings.get("keycol", 0))
        for row in csv.reader(io.StringIO(read(call, path)), delimiter=delimiter):
            if len(row) > keycol and row[keycol] == key:
                if len(row) <= col:
                    raise TemplateError(f"{path}: the row of '{key}' has no column {col}")
                made.append(row[col])
                break
        else:
            made.append(settings.get("default"))
    return [value for value in made if value is not None]
