"""The values a YAML file turns into: ordinary dicts, lists and strings that remember where they stood.

``Trusted`` carries the one right that matters: only text of this type is ever rendered as a
template. The YAML loader makes it, ``trust()`` makes it for text typed on the command line or
read from a template file, and nothing else does. Every string operation gives back a plain
``str``, so text that was computed, or came from a host, is data.
"""

from __future__ import annotations

from typing import Any

from fleet.errors import Location

MARKERS = ("{{", "{%", "{#")


class Trusted(str):
    """Text that a user wrote and that may hold a template."""

    __slots__ = ("at",)
    at: Location | None

    def __new__(cls, text: str, at: Location | None = None) -> Trusted:
        made = super().__new__(cls, text)
        made.at = at
        return made

    def __getnewargs__(self) -> tuple[str, Location | None]:  # type: ignore[override]
        return str(self), self.at

    @property
    def is_template(self) -> bool:
        """True when rendering could change the text."""
        return "{" in self and any(marker in self for marker in MARKERS)


class Encrypted(str):
    """A ``!vault`` value: the armoured text, decrypted by the template layer when it is read."""

    __slots__ = ("at",)
    at: Location | None

    def __new__(cls, text: str, at: Location | None = None) -> Encrypted:
        made = super().__new__(cls, text)
        made.at = at
        return made


class Revealed(str):
    """The plain text of a ``!vault`` value; ``armour`` is what it was encrypted as. It is no template."""

    __slots__ = ("armour",)
    armour: str

    def __new__(cls, text: str, armour: str) -> Revealed:
        made = super().__new__(cls, text)
        made.armour = armour
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.armour


class Map(dict[Any, Any]):
    """A YAML mapping. ``at`` is where it starts, ``marks`` where each key stands as (line, column)."""

    __slots__ = ("at", "marks", "template")

    def __init__(self, *args: Any, at: Location | None = None) -> None:
        super().__init__(*args)
        self.at = at
        self.marks: dict[Any, tuple[int, int]] = {}
        # None until somebody asks: does any text below hold a template?
        self.template: bool | None = None

    def key_at(self, key: Any) -> Location | None:
        """Where ``key`` stands, or where the mapping starts when the key is not written in it."""
        if self.at is not None and key in self.marks:
            return Location(self.at.path, *self.marks[key])
        return self.at


class Seq(list[Any]):
    """A YAML sequence. ``at`` is where it starts, ``marks`` where each item stands as (line, column)."""

    __slots__ = ("at", "marks", "template")

    def __init__(self, *args: Any, at: Location | None = None) -> None:
        super().__init__(*args)
        self.at = at
        self.marks: list[tuple[int, int]] = []
        self.template: bool | None = None

    def item_at(self, index: int) -> Location | None:
        """Where item ``index`` stands."""
        if self.at is not None and index < len(self.marks):
            return Location(self.at.path, *self.marks[index])
        return self.at


def trust(text: str, at: Location | None = None) -> Trusted:
    """Mark ``text`` as the user's own. Call it only on what came from their files or command line."""
    return Trusted(text, at)


def trust_all(value: Any, at: Location | None = None) -> Any:
    """``trust`` every string in a plain structure (``-e '{"a": "{{ b }}"}'``, a k=v line)."""
    if type(value) is str:
        return Trusted(value, at)
    if isinstance(value, dict):
        return Map({trust_key(key): trust_all(item, at) for key, item in value.items()}, at=at)
    if isinstance(value, list):
        return Seq([trust_all(item, at) for item in value], at=at)
    return value


def trust_key(key: Any) -> Any:
    """Keys stay plain text unless they hold a template (``set_fact: {"{{ name }}": 1}``)."""
    return Trusted(key) if type(key) is str and "{{" in key else key


def location_of(value: Any) -> Location | None:
    """Where ``value`` was written, when it still knows."""
    return getattr(value, "at", None)


def has_template(value: Any) -> bool:
    """True when ``value`` is, or holds somewhere inside, text that rendering could change."""
    if isinstance(value, Trusted):
        return value.is_template
    if isinstance(value, Encrypted):
        return True
    if isinstance(value, Map | Seq):
        if value.template is None:
            value.template = _any_template(value)
        return value.template
    if isinstance(value, dict | list | tuple):
        return _any_template(value)
    return False


def _any_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_template(item) or has_template(key) for key, item in value.items())
    return any(has_template(item) for item in value)
