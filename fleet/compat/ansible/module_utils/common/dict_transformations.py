"""Mappings with their keys spelled otherwise, merged and compared."""

import re
from copy import deepcopy


def camel_dict_to_snake_dict(camel_dict, reversible=False, ignore_list=()):
    made = {}
    for key, value in camel_dict.items():
        name = _camel_to_snake(key, reversible)
        if isinstance(value, dict) and key not in ignore_list:
            value = camel_dict_to_snake_dict(value, reversible)
        elif isinstance(value, list) and key not in ignore_list:
            value = _snake_list(value, reversible)
        made[name] = value
    return made


def _snake_list(items, reversible):
    made = []
    for item in items:
        if isinstance(item, dict):
            item = camel_dict_to_snake_dict(item, reversible)
        made.append(_snake_list(item, reversible) if isinstance(item, list) else item)
    return made


def snake_dict_to_camel_dict(snake_dict, capitalize_first=False):
    def walk(value):
        if isinstance(value, dict):
            return dict((_snake_to_camel(key, capitalize_first), walk(item)) for key, item in value.items())
        return [walk(item) for item in value] if isinstance(value, list) else value

    return walk(snake_dict)


def _snake_to_camel(snake, capitalize_first=False):
    first, *rest = snake.split("_")
    return (first.capitalize() or "_" if capitalize_first else first) + "".join(word.capitalize() or "_" for word in rest)


def _camel_to_snake(name, reversible=False):
    if reversible:
        return re.sub(r"[A-Z]", lambda match: "_" + match.group(0).lower(), name).lstrip("_")
    name = re.sub(r"[A-Z]{3,}s$", lambda match: "_" * bool(match.start()) + match.group(0).lower(), name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def dict_merge(a, b):
    """``b`` over ``a``, nested mappings merged."""
    if not isinstance(b, dict):
        return b
    made = deepcopy(a)
    for key, value in b.items():
        made[key] = dict_merge(made[key], value) if isinstance(made.get(key), dict) else deepcopy(value)
    return made


def recursive_diff(dict1, dict2):
    """(only in or other in the first, the same of the second), None where they are equal."""
    if not isinstance(dict1, dict) or not isinstance(dict2, dict):
        raise TypeError("Unable to diff 'dict1' %s and 'dict2' %s. Both must be a dictionary." % (type(dict1), type(dict2)))
    left = dict((key, value) for key, value in dict1.items() if key not in dict2)
    right = dict((key, value) for key, value in dict2.items() if key not in dict1)
    for key in set(dict1) & set(dict2):
        if isinstance(dict1[key], dict) and isinstance(dict2[key], dict):
            found = recursive_diff(dict1[key], dict2[key])
            if found:
                left[key], right[key] = found
        elif dict1[key] != dict2[key]:
            left[key], right[key] = dict1[key], dict2[key]
    return (left, right) if left or right else None
