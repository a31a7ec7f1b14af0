"""One JSON object for each event and line: for programs, and for keeping."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TextIO, get_args

from fleet import events
from fleet.errors import Location
from fleet.events import Event, HostStats, TaskRef
from fleet.sinks.values import json_text

# Goes up when a field changes its meaning or goes away; new fields may come at any time.
VERSION = 1


def kind(event: Any) -> str:
    """The name of an event in the output: ``TaskResult`` is ``task_result``. Works for classes, too."""
    name = event.__name__ if isinstance(event, type) else type(event).__name__
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def as_dict(event: Event) -> dict[str, Any]:
    """An event as it is written: ``event`` is its kind, then its fields."""
    found: dict[str, Any] = {"event": kind(event)}
    if isinstance(event, events.RunStarted):
        found["version"] = VERSION
    for field in fields(event):
        found[field.name] = _value(getattr(event, field.name))
    return found


def _value(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping) and any(is_dataclass(item) for item in value.values()):
        return {key: _value(item) for key, item in value.items()}
    return value


class JsonLines:
    """Writes to ``out``, a stream or the path of a file that is begun anew. Every line is flushed.

    Raises OSError when the file cannot be written.
    """

    def __init__(self, out: TextIO | str | os.PathLike[str] | None = None) -> None:
        self._own = isinstance(out, (str, os.PathLike))
        if isinstance(out, (str, os.PathLike)):
            out = open(out, "w", encoding="utf-8", opener=_private)  # noqa: SIM115 - lives as long as the sink
        self._out: TextIO = out if out is not None else sys.stdout

    def feed(self, event: Event) -> None:
        """Write one line."""
        text = json_text(as_dict(event), sort=False) + "\n"
        try:
            self._out.write(text)
        except UnicodeEncodeError:
            self._out.write(_ascii(text))
        self._out.flush()

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._own:
            self._out.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _ascii(text: str) -> str:
    """JSON text with escapes instead of what is not ASCII, for streams that cannot take it."""
    pairs = (char.encode("utf-16-be").hex() if char > "\x7f" else char for char in text)
    return "".join(
        pair if len(pair) == 1 else "".join(f"\\u{pair[at : at + 4]}" for at in range(0, len(pair), 4))
        for pair in pairs
    )


def schema() -> str:
    """The format as Markdown, made from the classes of the events; for the documentation."""
    parts = [
        "Each line is a JSON object. `event` says which kind it is; the other keys are listed here.",
        "Readers must ignore keys and kinds they do not know.",
        f"The first line carries `version`, now {VERSION}; it grows when a key changes its meaning.",
        "Bytes that are no UTF-8 are written as the text `\\xNN`; secrets as `********`.",
    ]
    parts += [_table(f"`{kind(cls)}`", cls) for cls in get_args(Event)]
    parts += [_table(f"Object: {cls.__name__}", cls) for cls in (TaskRef, Location, HostStats)]
    return "\n\n".join(parts) + "\n"


def _table(title: str, cls: type) -> str:
    about = re.sub(r"\s*\n\s*", " ", (cls.__doc__ or "").strip())
    about = about.replace("``", "`")
    rows = [f"| `{field.name}` | `{_type(str(field.type))}` |" for field in fields(cls)]
    return "\n".join([f"### {title}", "", about, "", "| key | type |", "|---|---|", *rows])


def _type(text: str) -> str:
    names = {"Status": "|".join(get_args(events.Status)), "Key": "list of int"}
    text = names.get(text, text)
    text = re.sub(r"Literal\[(.*)\]", lambda found: found.group(1).replace('"', "").replace(", ", "|"), text)
    text = re.sub(r"tuple\[(\w+), \.\.\.\]", r"list of \1", text)
    text = re.sub(r"Mapping\[str, (.+)\]", r"object of \1", text)
    return text.replace(" | None", " or null").replace("|", "\\|")
