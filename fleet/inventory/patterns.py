"""Which hosts a pattern means: ``web:&prod:!web3``, ``db[0:2]``, ``~(a|b)\\d+``, ``*.example.org``."""

from __future__ import annotations

import fnmatch
import os
import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from fleet.errors import FleetError, Location, OptionsError
from fleet.inventory.model import ALL, LOCALHOSTS, Inventory
from fleet.inventory.names import is_address
from fleet.record import record
from fleet.source.diagnostics import Diagnostics, suggest

Unmatched = Literal["ignore", "warning", "error"]
NO_HOSTS = "Specified inventory, host pattern and/or --limit leaves us with no hosts to target."
_SUBSCRIPT = re.compile(r"^(?P<expr>.+)\[(?:(?P<index>-?\d+)|(?P<first>\d+)[:-](?P<last>\d*))\]$")
_SEPARATORS = re.compile(r":(?![^\[]*\])")
_WILDCARDS = frozenset(".?*[")


@record
class Policy:
    """What to do about a name that matches nothing, and where to say so."""

    unmatched: Unmatched = "warning"
    problems: Diagnostics | None = None
    at: Location | None = None

    def miss(self, expr: str, inventory: Inventory) -> None:
        """Report that ``expr`` matches nothing. Raises ``OptionsError`` when that is to be an error."""
        hint = suggest(expr, [*inventory.groups, *inventory.hosts])
        if not hint and "," not in expr and re.match(r"[\w.-]+:!?&?[\w.-]+", expr):
            hint = "':' and ',' cannot be mixed in one pattern"
        if self.unmatched == "error":
            raise OptionsError(f"Could not match supplied host pattern: {expr}", at=self.at, hint=hint)
        if self.unmatched == "warning" and self.problems is not None:
            what = f"Could not match supplied host pattern, ignoring: {expr}"
            self.problems.warn(what, self.at, hint)


def select(
    inventory: Inventory,
    pattern: str | Sequence[str],
    limit: str | None = None,
    *,
    policy: Policy | None = None,
    implicit_passes: bool = True,
) -> list[str]:
    """The hosts that ``pattern`` chooses and ``limit`` leaves, in the pattern's order, each once.

    ``limit`` may read patterns from a file (``@retry.txt``, one a line). An implicit localhost passes
    any limit, as it does for ansible, or none (``implicit_passes`` False), as for ansible-playbook.
    Raises ``OptionsError`` for a malformed pattern, a missing limit file, or, where ``policy`` says so,
    a name that matches nothing.
    """
    policy = policy or Policy()
    chosen = _evaluate(inventory, split(pattern), policy)
    if limit is None:
        return list(chosen)
    left = _evaluate(inventory, list(_limit_terms(limit)), policy)
    return [name for name in chosen if name in left or (implicit_passes and name not in inventory.hosts)]


def require(hosts: Sequence[str], limit: str | None = None) -> None:
    """Raise ``FleetError``, with ansible-playbook's exit code, when nothing is left of a whole run."""
    if not hosts:
        hint = f"check --limit {limit!r}" if limit else "check the inventory and the pattern"
        raise FleetError(NO_HOSTS, hint=hint)


def split(pattern: str | Sequence[str]) -> list[str]:
    """The terms of a pattern. Commas win over colons; colons in addresses, ports and [..] do not separate."""
    if not isinstance(pattern, str):
        return [term for each in pattern for term in split(each)]
    if "," in pattern:
        terms = pattern.split(",")
    elif is_address(pattern):
        terms = [pattern]
    else:
        terms = _SEPARATORS.split(pattern)
    return [term.strip() for term in terms if term.strip()]


def _limit_terms(limit: str) -> Iterable[str]:
    for term in split(limit):
        if not term.startswith("@"):
            yield term
            continue
        path = os.path.expanduser(term[1:])
        if os.path.isdir(path):
            raise OptionsError(f"the limit {path!r} must be a file", hint="name a file with one pattern a line")
        try:
            with open(path, encoding="utf-8") as file:
                lines = [line.strip() for line in file]
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise OptionsError(f"cannot read limit file {path!r}: {reason}") from None
        yield from (line for line in lines if line and not line.startswith("#"))


def _evaluate(inventory: Inventory, terms: Sequence[str], policy: Policy) -> dict[str, None]:
    """Union of the plain terms, then cut down by the ``&`` terms, then the ``!`` terms taken away."""
    adding = [term for term in terms if term[0] not in "&!"]
    keeping = [term[1:] for term in terms if term[0] == "&"]
    dropping = [term[1:] for term in terms if term[0] == "!"]
    chosen: dict[str, None] = {}
    for term in adding or [ALL]:
        chosen.update(dict.fromkeys(_match(inventory, term, policy)))
    for term in keeping:
        both = set(_match(inventory, term, policy))
        chosen = {name: None for name in chosen if name in both}
    for term in dropping:
        for name in _match(inventory, term, policy):
            chosen.pop(name, None)
    return chosen


def _match(inventory: Inventory, term: str, policy: Policy) -> Sequence[str]:
    if not term:
        raise OptionsError("a host pattern has '&' or '!' without a name behind it", at=policy.at)
    subscript = None if term.startswith("~") else _SUBSCRIPT.match(term)
    if not subscript:
        return _named(inventory, term, policy)
    found = _named(inventory, subscript["expr"], policy)
    if subscript["index"]:
        index = int(subscript["index"])
        return [found[index]] if -len(found) <= index < len(found) else []
    last = int(subscript["last"]) + 1 if subscript["last"] else None
    return found[int(subscript["first"]) : last]


def _named(inventory: Inventory, expr: str, policy: Policy) -> list[str]:
    if expr == ALL:
        return list(inventory.members(ALL))
    if expr in inventory.groups:
        return list(inventory.members(expr))
    if expr in inventory.hosts:
        return [expr]
    found: dict[str, None] = {}
    matched = False
    if expr.startswith("~") or not _WILDCARDS.isdisjoint(expr):
        fits = _matcher(expr, policy)
        for group in filter(fits, inventory.groups):
            matched = True
            found.update(inventory.members(group))
        hosts = list(filter(fits, inventory.hosts))
        found.update(dict.fromkeys(hosts))
        matched = matched or bool(hosts)
    if not matched and expr in LOCALHOSTS:
        local = inventory.localhost(expr)
        return [local.name] if local else []
    if not matched:
        policy.miss(expr, inventory)
    return list(found)


def _matcher(expr: str, policy: Policy) -> Callable[[str], object]:
    try:
        return re.compile(expr[1:] if expr.startswith("~") else fnmatch.translate(expr)).match
    except re.error as error:
        what = f"host pattern {expr!r} is not a regular expression: {error}"
        raise OptionsError(what, at=policy.at) from None


def _shuffled(hosts: list[str]) -> list[str]:
    return random.sample(hosts, len(hosts))


ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "inventory": list,
    "reverse_inventory": lambda hosts: hosts[::-1],
    "sorted": sorted,
    "reverse_sorted": lambda hosts: sorted(hosts, reverse=True),
    "shuffle": _shuffled,
}


def ordered(hosts: Sequence[str], order: str, at: Location | None = None) -> list[str]:
    """``hosts`` in the order a play's ``order`` asks for. Raises ``OptionsError`` for an unknown one."""
    if order not in ORDERS:
        hint = suggest(order, ORDERS) or f"one of {', '.join(ORDERS)}"
        raise OptionsError(f"unknown host order {order!r}", at=at, hint=hint)
    return ORDERS[order](list(hosts))
