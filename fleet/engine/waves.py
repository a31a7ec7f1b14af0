"""Which hosts go together: ``serial`` batches, the order of hosts. Pure.

Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_strategies.html#setting-the-batch-size-with-serial
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from fleet.errors import InputError
from fleet.template.plain import OMIT

ORDERS = ("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle")


def batches(hosts: Sequence[str], serial: Any) -> list[tuple[str, ...]]:
    """Cut ``hosts`` into the batches ``serial`` asks for: a number, a percentage, or a list of both.

    The last entry repeats until nobody is left. 0 and None mean all at once. Raises InputError.
    """
    sizes = serial if isinstance(serial, list) else [serial]
    sizes = [size for size in sizes if size is not None and size is not OMIT] or [0]
    left, made = list(hosts), []
    index = 0
    while left:
        count = _size(sizes[min(index, len(sizes) - 1)], len(hosts))
        count = count if count > 0 else len(left)
        made.append(tuple(left[:count]))
        left = left[count:]
        index += 1
    return made


def _size(size: Any, total: int) -> int:
    text = str(size).strip()
    try:
        if text.endswith("%"):
            # A share of the fleet is at least one host.
            return int(float(text[:-1]) * total / 100) or 1
        return int(text)
    except ValueError:
        raise InputError(
            f"serial must be a number or a percentage, not {size!r}", at=getattr(size, "at", None)
        ) from None


def ordered(hosts: Sequence[str], order: str | None) -> list[str]:
    """``hosts`` in the order a play asks for. Raises InputError for an unknown one."""
    if order in (None, "", "inventory"):
        return list(hosts)
    if order == "reverse_inventory":
        return list(reversed(hosts))
    if order == "sorted":
        return sorted(hosts)
    if order == "reverse_sorted":
        return sorted(hosts, reverse=True)
    if order == "shuffle":
        return random.sample(list(hosts), len(hosts))
    raise InputError(f"Invalid 'order' specified for inventory hosts: {order}", hint=f"use one of: {', '.join(ORDERS)}")
