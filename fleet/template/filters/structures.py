"""The filters of ansible.utils on structures: paths into them, positions, keys at every depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import Undefined, pass_environment

from fleet.template.filters.formats import MATCHES
from fleet.template.filters.guard import is_list, ordinary, refuse

PLAIN_KEY = r"[A-Za-z_]\w*$"
STEP = r"""\.?([A-Za-z_]\w*)|\.?(\d+)|\[(-?\d+)\]|\['([^']*)'\]|\["([^"]*)"\]"""


def to_paths(value: Any, prepend: str | None = None, wantlist: bool = False) -> Any:
    """A structure as ``{path: value}``, with paths such as ``a.b[0]['c d']``; ``prepend`` names its root."""
    found = dict(_paths(ordinary(value), prepend or ""))
    return [found] if wantlist else found


def _paths(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _paths(item, _joined(path, key))
    elif isinstance(value, list | tuple) and value:
        for number, item in enumerate(value):
            yield from _paths(item, f"{path}[{number}]")
    else:
        yield path, value


def _joined(path: str, key: Any) -> str:
    if isinstance(key, str) and re.match(PLAIN_KEY, key):
        return f"{path}.{key}" if path else key
    return f"{path}[{key!r}]"


@pass_environment
def get_path(environment: Any, value: Any, path: str, wantlist: bool = False) -> Any:
    """What stands at ``path`` (``a.b[0]['c d']``) in a structure. Undefined when it is not there."""
    place, found = 0, value
    while place < len(path):
        step = re.match(STEP, path[place:])
        if step is None:
            refuse(f"cannot read the path {path!r} from {path[place:]!r} on")
        name, number, index, *quoted = step.groups()
        digits = number or index
        key = int(digits) if digits else next(part for part in (name, *quoted) if part is not None)
        found = environment.getitem(found, key)
        place += step.end()
    return [found] if wantlist and not isinstance(found, Undefined) else found


@pass_environment
def index_of(
    environment: Any,
    data: Any,
    test: str,
    value: Any = None,
    key: Any = None,
    fail_on_missing: bool = False,
    wantlist: bool = False,
) -> Any:
    """The positions of the items for which ``test`` (``eq``, ``!in`` ...) holds; one alone is a number."""
    name = test.removeprefix("!").removeprefix("not ").strip()
    if name not in environment.tests:
        refuse(f"there is no test {name!r}")
    if not is_list(data):
        refuse(f"needs a list, not {type(data).__name__}")
    holds = environment.tests[name]
    found = []
    for number, item in enumerate(data):
        if key is not None and (not isinstance(item, Mapping) or key not in item):
            if fail_on_missing:
                refuse(f"there is no {key!r} in {item!r}")
            continue
        subject = item if key is None else item[key]
        arguments = () if value is None else (value,)
        if bool(holds(subject, *arguments)) is (name == test.strip()):
            found.append(number)
    return found[0] if len(found) == 1 and not wantlist else found


def _chooser(target: Any, matching_parameter: str) -> Callable[[Any], bool]:
    name = "equal" if matching_parameter == "equality" else matching_parameter
    if name not in MATCHES:
        refuse(f"unknown matching_parameter {matching_parameter!r}, use equality, starts_with, ends_with or regex")
    wanted = [str(item) for item in target] if is_list(target) else [str(target)]
    return lambda key: any(MATCHES[name](str(key), item) for item in wanted)


def keep_keys(value: Any, target: Any, matching_parameter: str = "equality") -> Any:
    """Only the keys in ``target``, at every depth, and what leads to them."""
    chosen = _chooser(target, matching_parameter)

    def kept(item: Any) -> Any:
        if isinstance(item, dict):
            pairs = ((key, kept(inner) if _deep(inner) else inner) for key, inner in item.items())
            return {key: inner for key, inner in pairs if (inner if _deep(inner) else chosen(key))}
        return [made for made in map(kept, item) if made] if isinstance(item, list) else item

    return kept(ordinary(value))


def remove_keys(value: Any, target: Any, matching_parameter: str = "equality") -> Any:
    """Everything but the keys in ``target``, at every depth."""
    chosen = _chooser(target, matching_parameter)

    def kept(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: kept(inner) for key, inner in item.items() if not chosen(key)}
        return [kept(inner) for inner in item] if isinstance(item, list) else item

    return kept(ordinary(value))


def replace_keys(value: Any, target: Any, matching_parameter: str = "equality") -> Any:
    """Keys renamed at every depth: ``target`` is a list of ``{before: ..., after: ...}``."""
    rules = [(_chooser(rule["before"], matching_parameter), rule["after"]) for rule in target]

    def renamed(item: Any) -> Any:
        if isinstance(item, dict):
            pairs = ((next((new for fits, new in rules if fits(key)), key), key) for key in item)
            return {new: renamed(item[key]) for new, key in pairs}
        return [renamed(inner) for inner in item] if isinstance(item, list) else item

    return renamed(ordinary(value))


def _deep(value: Any) -> bool:
    return isinstance(value, dict | list)


FILTERS: dict[str, Callable[..., Any]] = {
    "to_paths": to_paths,
    "get_path": get_path,
    "index_of": index_of,
    "keep_keys": keep_keys,
    "remove_keys": remove_keys,
    "replace_keys": replace_keys,
}
