"""The filters of community.general for CSV, INI and lengths of time, and for the keys of dictionaries."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fleet.template.filters.guard import is_list, ordinary, refuse, text

# name -> seconds
UNITS: dict[str, float] = {
    "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "mo": 2592000, "y": 31536000,
}  # fmt: skip
UNIT_NAMES = {
    "ms": ("msec", "msecs", "millisecond", "milliseconds"),
    "s": ("sec", "secs", "second", "seconds"),
    "m": ("min", "mins", "minute", "minutes"),
    "h": ("hour", "hours"),
    "d": ("day", "days"),
    "w": ("week", "weeks"),
    "mo": ("month", "months"),
    "y": ("year", "years"),
}
UNIT_OF = {name: unit for unit, names in UNIT_NAMES.items() for name in (unit, *names)}
DURATION = re.compile(r"\s*(-?\d+(?:\.\d+)?)([A-Za-z]+)\s*")


def to_time_unit(value: Any, unit: str = "ms", *, year: float | None = None, month: float | None = None) -> float:
    """A length of time (``1h 30m``) in ``unit``; ``year`` and ``month`` are days."""
    if unit not in UNIT_OF:
        refuse(f"unknown unit {unit!r}, use one of {', '.join(UNITS)}")
    lengths = dict(UNITS)
    lengths["y"] = year * UNITS["d"] if year else UNITS["y"]
    lengths["mo"] = month * UNITS["d"] if month else UNITS["mo"]
    written = str(value).strip()
    total, place = 0.0, 0
    while place < len(written):
        part = DURATION.match(written, place)
        if part is None or part[2].lower() not in UNIT_OF:
            refuse(f"cannot read {written!r} as a length of time, write something like '1h 30m'")
        total += float(part[1]) * lengths[UNIT_OF[part[2].lower()]]
        place = part.end()
    return round(total / lengths[UNIT_OF[unit]], 12)


def from_csv(
    value: Any,
    dialect: str = "excel",
    *,
    fieldnames: Any = None,
    delimiter: str | None = None,
    skipinitialspace: bool | None = None,
    strict: bool | None = None,
) -> list[dict[str, Any]]:
    """The rows of a CSV text as dictionaries."""
    import csv

    given = {"delimiter": delimiter, "skipinitialspace": skipinitialspace, "strict": strict}
    options: Any = {name: option for name, option in given.items() if option is not None}
    try:
        rows = csv.DictReader(text(value).splitlines(keepends=True), fieldnames, dialect=dialect, **options)
        return [dict(row) for row in rows]
    except csv.Error as problem:
        refuse(f"not valid CSV: {problem}")


def from_ini(value: Any) -> dict[str, dict[str, str]]:
    """The sections of an INI text as dictionaries of text."""
    import configparser

    parser = configparser.RawConfigParser(interpolation=None)
    setattr(parser, "optionxform", str)  # noqa: B010  mypy: assigning to a method
    try:
        parser.read_string(text(value))
    except configparser.Error as problem:
        refuse(f"not valid INI: {problem}")
    made = {section: dict(parser.items(section)) for section in parser.sections()}
    return {**made, **({"DEFAULT": dict(parser.defaults())} if parser.defaults() else {})}


def to_ini(value: Any) -> str:
    """A dictionary of dictionaries as INI text."""
    if not isinstance(value, Mapping) or not value:
        refuse("needs a dictionary of sections")
    lines: list[str] = []
    for section, options in ordinary(value).items():
        if not isinstance(options, dict):
            refuse(f"the section {section!r} must be a dictionary")
        lines += [f"[{section}]", *(f"{name} = {option}" for name, option in options.items()), ""]
    return "\n".join(lines) + "\n"


MATCHES: dict[str, Callable[[str, str], bool]] = {
    "equal": lambda key, wanted: key == wanted,
    "starts_with": lambda key, wanted: key.startswith(wanted),
    "ends_with": lambda key, wanted: key.endswith(wanted),
    "regex": lambda key, wanted: re.search(wanted, key) is not None,
}


def _matcher(matching_parameter: str) -> Callable[[str, str], bool]:
    if matching_parameter not in MATCHES:
        refuse(f"unknown matching_parameter {matching_parameter!r}, use one of {', '.join(MATCHES)}")
    return MATCHES[matching_parameter]


def _pick(value: Any, target: Any, matching_parameter: str, keep: bool) -> list[dict[Any, Any]]:
    matches = _matcher(matching_parameter)
    wanted = [str(item) for item in target] if is_list(target) else [str(target)]

    def chosen(key: Any) -> bool:
        return any(matches(str(key), item) for item in wanted) is keep

    return [{key: item for key, item in entry.items() if chosen(key)} for entry in value]


def keep_keys(value: Any, target: Any, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """Each dictionary with only the keys in ``target``."""
    return _pick(value, target, matching_parameter, keep=True)


def remove_keys(value: Any, target: Any, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """Each dictionary without the keys in ``target``."""
    return _pick(value, target, matching_parameter, keep=False)


def replace_keys(value: Any, target: Any, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """Each dictionary with keys renamed: ``target`` is a list of ``{before: ..., after: ...}``."""
    matches = _matcher(matching_parameter)
    renames = [target] if isinstance(target, Mapping) else list(target)

    def renamed(key: Any) -> Any:
        found = (item["after"] for item in renames if matches(str(key), str(item["before"])))
        return next(found, key)

    return [{renamed(key): item for key, item in entry.items()} for entry in value]


FILTERS: dict[str, Callable[..., Any]] = {
    "to_time_unit": to_time_unit,
    "to_milliseconds": partial(to_time_unit, unit="ms"),
    "to_seconds": partial(to_time_unit, unit="s"),
    "to_minutes": partial(to_time_unit, unit="m"),
    "to_hours": partial(to_time_unit, unit="h"),
    "to_days": partial(to_time_unit, unit="d"),
    "to_weeks": partial(to_time_unit, unit="w"),
    "to_months": partial(to_time_unit, unit="mo"),
    "to_years": partial(to_time_unit, unit="y"),
    "from_csv": from_csv,
    "from_ini": from_ini,
    "to_ini": to_ini,
    "keep_keys": keep_keys,
    "remove_keys": remove_keys,
    "replace_keys": replace_keys,
}
