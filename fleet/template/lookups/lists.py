"""Lookups that rearrange the lists and dictionaries they are given."""

from __future__ import annotations

import itertools
import random
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall, flat


def items(call: LookupCall) -> list[Any]:
    """The terms, lists among them taken apart once."""
    return flat(call.terms, 1)


def as_list(call: LookupCall) -> list[Any]:
    """The terms as they are."""
    return call.terms


def flattened(call: LookupCall) -> list[Any]:
    """The terms, lists taken apart at every depth; ``None`` and empty texts in them are left out."""
    return [item for item in flat(call.terms) if item not in (None, "None", "null")]


def indexed_items(call: LookupCall) -> list[Any]:
    """Each item with its number, from 0."""
    return [[number, item] for number, item in enumerate(flat(call.terms, 1))]


def together(call: LookupCall) -> list[Any]:
    """The first items of all lists, the second ones ...; ``None`` where a list is shorter."""
    lists = _lists(call, "together")
    return [flat(group, 1) for group in itertools.zip_longest(*lists)]


def nested(call: LookupCall) -> list[Any]:
    """Every combination of one item from each list."""
    lists = _lists(call, "nested")
    return [flat(group, 1) for group in itertools.product(*lists)]


def cartesian(call: LookupCall) -> list[Any]:
    """Every combination of one item from each list, as ``nested``."""
    return nested(call)


def _lists(call: LookupCall, name: str) -> list[list[Any]]:
    if not call.terms:
        raise TemplateError(f"with_{name} requires at least one element in each list")
    return [term if isinstance(term, list) else [term] for term in call.terms]


def random_choice(call: LookupCall) -> list[Any]:
    """One of the terms."""
    return [random.choice(call.terms)] if call.terms else []


def as_dict(call: LookupCall) -> list[Any]:
    """``{key, value}`` for each entry of the given dictionaries."""
    made: list[Any] = []
    for term in flat(call.terms, 1):
        if not isinstance(term, dict):
            raise TemplateError(f"with_dict: the lookup plugin expects a dictionary, got '{term}'")
        made.extend({"key": key, "value": value} for key, value in term.items())
    return made


def subelements(call: LookupCall) -> list[Any]:
    """Each element of a list together with each item of one of its sub-lists: ``[element, item]``."""
    if len(call.terms) not in (2, 3):
        raise TemplateError("subelements lookup expects a list of two or three items")
    source, path = call.terms[0], call.terms[1]
    flags = call.terms[2] if len(call.terms) == 3 else {}
    if not isinstance(source, dict | list) or not isinstance(path, str):
        raise TemplateError("subelements lookup expects as its items first a dict or a list, second a string")
    if not isinstance(flags, dict) or set(flags) - {"skip_missing"}:
        raise TemplateError("subelements lookup: the optional third item must be a dict, its only key skip_missing")
    skip = _yes(flags.get("skip_missing"))
    if isinstance(source, dict):
        source = [] if source.get("skipped") else list(source.values())
    made: list[Any] = []
    for element in source:
        if isinstance(element, dict) and element.get("skipped", False) is not False:
            continue
        made.extend(_of_element(element, path, skip))
    return made


def _of_element(element: Any, path: str, skip: bool) -> list[Any]:
    if not isinstance(element, dict):
        raise TemplateError(f"subelements lookup expects a dictionary, got '{element}'")
    *above, last = path.split(".")
    holder = element
    for key in above:
        if key not in holder:
            if skip:
                return []
            raise TemplateError(f"could not find '{key}' key in iterated item '{holder}'")
        holder = holder[key]
        if not isinstance(holder, dict):
            if skip:
                return []
            raise TemplateError(f"the key {key} should point to a dictionary, got '{holder}'")
    if last not in holder:
        if skip:
            return []
        raise TemplateError(f"could not find '{last}' key in iterated item '{holder}'")
    if not isinstance(holder[last], list):
        if skip:
            return []
        raise TemplateError(f"the key {last} should point to a list, got '{holder[last]}'")
    rest = element if above else {key: value for key, value in element.items() if key != last}
    return [[rest, item] for item in holder[last]]


def _yes(value: Any) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on") if isinstance(value, str) else bool(value)
