"""Classes."""

import inspect


def get_all_subclasses(cls, include_abstract=True, consider_self=False):
    """Every class below ``cls``."""
    found, todo = set(), [cls]
    while todo:
        for child in todo.pop().__subclasses__():
            if child not in found:
                found.add(child)
                todo.append(child)
    if consider_self:
        found.add(cls)
    return found if include_abstract else set(one for one in found if not inspect.isabstract(one))
