"""Lookups that read or find files of the controller: ``file``, ``unvault``, ``fileglob``, ``first_found``."""

from __future__ import annotations

import glob
import os
import re
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall, flat
from fleet.vault.crypt import VaultError

_FILES = re.compile(r"[,;]")
_PATHS = re.compile(r"[,;:]")


def file(call: LookupCall) -> list[Any]:
    """The text of files, decrypted; ``rstrip`` (default yes) and ``lstrip`` (no) cut white space."""
    made = []
    for name in call.texts():
        text = read(call, call.need("files", name))
        text = text.lstrip() if call.flag("lstrip") else text
        made.append(text.rstrip() if call.flag("rstrip", True) else text)
    return made


def unvault(call: LookupCall) -> list[Any]:
    """The text of vaulted (or plain) files, white space kept."""
    return [read(call, call.need("files", name)) for name in call.texts()]


def read(call: LookupCall, path: str, encoding: str = "utf-8") -> str:
    """The text of the file, decrypted where it is a vault."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise TemplateError(f"Unable to read '{path}': {error.strerror}") from None
    try:
        content = call.scope.templar.vault.open(content, path, hide=True)
    except VaultError as error:
        raise TemplateError(f"Unable to access the file '{path}': {error.what}", hint=error.hint) from None
    try:
        return content.decode(encoding, "surrogateescape")
    except LookupError:
        raise TemplateError(f"unknown encoding '{encoding}' for {path}") from None


def fileglob(call: LookupCall) -> list[Any]:
    """The files (no folders) that match the patterns, sorted; the first place with a match counts."""
    made: list[Any] = []
    for pattern in call.texts():
        for place in _glob_places(call, pattern):
            found = sorted(path for path in glob.glob(place) if os.path.isfile(path))
            if found:
                made.extend(found)
                break
    return made


def _glob_places(call: LookupCall, pattern: str) -> list[str]:
    pattern = os.path.expanduser(pattern)
    if os.path.isabs(pattern):
        return [pattern]
    made = []
    for place in call.scope.search_path or (os.getcwd(),):
        base = glob.escape(os.path.abspath(place))
        made.extend([os.path.join(base, "files", pattern), os.path.join(base, pattern)])
    return made


def first_found(call: LookupCall) -> list[Any]:
    """The first file that exists, of ``files`` in each of ``paths``; ``skip`` means no error if none does."""
    subfolder = str(call.option("_subdir", "files"))
    skip = call.flag("skip")
    wanted: list[str] = []
    if not call.terms and ("files" in call.options or "paths" in call.options):
        wanted += _combined(call.options)
    for term in flat(call.terms):
        if isinstance(term, dict):
            wanted += _combined({**call.options, **term})
            skip = _yes(term["skip"]) if "skip" in term else skip
        elif isinstance(term, str):
            wanted += _combined({**call.options, "files": [term]})
        else:
            kind = type(term).__name__
            raise TemplateError(f"Invalid term supplied. A string, dict or list is required, not '{kind}'.")
    for name in wanted:
        path = call.find(subfolder, name)
        if path is not None:
            return [path]
    if skip:
        return []
    raise TemplateError("No file was found when using first_found.", hint=f"none of these exists: {', '.join(wanted)}")


def _combined(settings: dict[str, Any]) -> list[str]:
    files, paths = _names(settings.get("files"), _FILES), _names(settings.get("paths"), _PATHS)
    if not paths:
        return files
    return [os.path.join(path, name) for path in paths for name in files]


def _names(value: Any, separators: re.Pattern[str]) -> list[str]:
    if value is None:
        return []
    made: list[str] = []
    for item in flat(value if isinstance(value, list) else [value]):
        made.extend(separators.split(str(item)))
    return [item.strip() for item in made if item.strip()]


def _yes(value: Any) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on") if isinstance(value, str) else bool(value)
