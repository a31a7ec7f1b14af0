"""Patterns beyond what the frozen answers cover: errors, policies, host order."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import FleetError, OptionsError
from fleet.inventory.load import load
from fleet.inventory.model import Inventory
from fleet.inventory.patterns import NO_HOSTS, Policy, ordered, require, select
from fleet.source.diagnostics import Diagnostics


@pytest.fixture
def inventory() -> Inventory:
    return load(["web1,web2,db1,"], problems=Diagnostics())


@pytest.mark.parametrize(("pattern", "what"), [("~(", "not a regular expression"), ("web1:&", "without a name")])
def test_malformed_pattern(inventory: Inventory, pattern: str, what: str) -> None:
    with pytest.raises(OptionsError, match=what):
        select(inventory, pattern)


def test_unmatched_name_is_what_the_policy_says(inventory: Inventory) -> None:
    problems = Diagnostics()
    assert select(inventory, "wbe1:db1", policy=Policy("ignore", problems)) == ["db1"]
    assert not problems.found
    assert select(inventory, "wbe1:db1", policy=Policy("warning", problems)) == ["db1"]
    assert problems.warnings[0].hint == "did you mean 'web1'?"
    with pytest.raises(OptionsError, match="Could not match supplied host pattern: wbe1"):
        select(inventory, "wbe1:db1", policy=Policy("error"))


def test_mixed_separators_get_a_hint(inventory: Inventory) -> None:
    problems = Diagnostics()
    select(inventory, "web1:db1,web2", policy=Policy(problems=problems))
    assert problems.warnings[0].hint == "':' and ',' cannot be mixed in one pattern"


def test_list_of_patterns(inventory: Inventory) -> None:
    assert select(inventory, ["db1", "web*", "!web2"]) == ["db1", "web1"]


def test_missing_limit_file(inventory: Inventory, tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="cannot read limit file"):
        select(inventory, "all", f"@{tmp_path / 'none'}")


def test_nothing_left() -> None:
    with pytest.raises(FleetError) as caught:
        require([], "nope")
    assert caught.value.what == NO_HOSTS and caught.value.code == 1
    require(["h1"])


@pytest.mark.parametrize(
    ("order", "hosts"),
    [
        ("inventory", ["z", "h10", "h9", "a"]),
        ("reverse_inventory", ["a", "h9", "h10", "z"]),
        ("sorted", ["a", "h10", "h9", "z"]),
        ("reverse_sorted", ["z", "h9", "h10", "a"]),
    ],
)
def test_order(order: str, hosts: list[str]) -> None:
    assert ordered(["z", "h10", "h9", "a"], order) == hosts


def test_shuffle_keeps_every_host_and_an_unknown_order_is_refused() -> None:
    assert sorted(ordered(["a", "b", "c"], "shuffle")) == ["a", "b", "c"]
    with pytest.raises(OptionsError, match="did you mean 'sorted'"):
        ordered([], "sortd")
