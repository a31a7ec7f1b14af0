"""``vars_prompt``: values asked of the user before a play begins."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import EndsRun, FleetError, InputError
from fleet.remote.convert import to_bool
from fleet.source.nodes import Map, location_of
from fleet.template.filters import FILTERS


def ask_all(
    entries: Any, known: Mapping[str, Any], render: Callable[[Any], Any], warn: Callable[[str], None]
) -> dict[str, Any]:
    """The values for a play's ``vars_prompt``. Variables in ``known`` (``-e``) are not asked for.

    Raises InputError for an entry without a name or with an unknown option, EndsRun for one that cannot be rendered.
    """
    answers: dict[str, Any] = {}
    for entry in entries or ():
        if not isinstance(entry, Map) or not isinstance(entry.get("name"), str):
            raise InputError("Invalid vars_prompt data structure, missing 'name' key", at=location_of(entry))
        for key in entry:
            if key not in OPTIONS:
                raise InputError(
                    f"Invalid vars_prompt data structure, found unsupported key '{key}'", at=entry.key_at(key)
                )
        name = str(entry["name"])
        if name not in known:
            try:
                rendered = {key: render(value) for key, value in entry.items()}
            except FleetError as error:
                raise EndsRun(error.what, at=error.at or location_of(entry), hint=error.hint) from error
            answers[name] = _one(rendered, warn)
    return answers


OPTIONS = ("name", "prompt", "default", "private", "confirm", "encrypt", "salt_size", "salt", "unsafe")


def _one(entry: Mapping[str, Any], warn: Callable[[str], None]) -> Any:
    name, default = str(entry["name"]), entry.get("default")
    text = str(entry.get("prompt") or name)
    shown = f"{text} [{default}]: " if default is not None else f"{text}: "
    private = bool(to_bool(entry.get("private", True)))
    if not sys.stdin.isatty():
        warn("Not prompting as we are not in interactive mode")
        answer: Any = default
    else:
        answer = _asked(shown, private, bool(to_bool(entry.get("confirm", False))), text)
        if answer == "" and default is not None:
            answer = default
    if entry.get("encrypt") and answer is not None:
        size = {"salt_size": entry["salt_size"]} if entry.get("salt_size") else {}
        salt = {"salt": entry["salt"]} if entry.get("salt") else {}
        return FILTERS["password_hash"](str(answer), str(entry["encrypt"]), **salt, **size)
    return answer


def _asked(shown: str, private: bool, confirm: bool, text: str) -> str:
    read = getpass.getpass if private else _echoed
    while True:
        answer = read(shown)
        if not confirm or read(f"confirm {text}: ") == answer:
            return answer
        sys.stderr.write("***** VALUES ENTERED DO NOT MATCH ****\n")


def _echoed(prompt: str) -> str:
    sys.stdout.write(prompt)
    sys.stdout.flush()
    return sys.stdin.readline().rstrip("\n")
