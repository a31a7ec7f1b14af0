"""Every view of every case is what ansible-inventory 2.19 printed (see freeze.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fleet.inventory import export
from fleet.inventory.load import InventoryOptions, load
from fleet.inventory.model import Inventory
from fleet.inventory.patterns import Policy, select
from fleet.source.diagnostics import Diagnostics

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text())
SINGLE = (
    "hosts.ini",
    "hosts.yml",
    "shared.ini",
    "yaml-without-extension",
    "script.sh",
    "script-without-meta.sh",
)
CASES = {
    **{name: ([f"single/{name}"], ".", "replace") for name in SINGLE},
    "host list": (["h1:22,h2,[::1]:23,"], ".", "replace"),
    "folder": (["folder"], ".", "replace"),
    "precedence": (["precedence/inventory"], "precedence/playbook", "replace"),
    "precedence, merged": (["precedence/inventory"], "precedence/playbook", "merge"),
    "two sources": (["precedence/inventory/hosts", "precedence/second"], "precedence/playbook", "replace"),
    "other order": (["precedence/second/hosts", "precedence/inventory"], "precedence/playbook", "replace"),
}


@pytest.fixture(autouse=True)
def in_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE / "cases")


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, in_cases: None) -> Iterator[tuple[Inventory, dict[str, str]]]:
    sources, playbook, behaviour = CASES[request.param]
    problems = Diagnostics()
    options = InventoryOptions(hash_behaviour=behaviour)  # type: ignore[arg-type]
    inventory = load(sources, playbook_dirs=[playbook], options=options, problems=problems)
    assert problems.found == []
    yield inventory, EXPECTED[request.param]


def test_frozen_cases_are_the_tested_ones() -> None:
    assert set(EXPECTED) == set(CASES)


def test_list(case: tuple[Inventory, dict[str, str]]) -> None:
    inventory, expected = case
    assert json.loads(json.dumps(export.listing(inventory))) == json.loads(expected["list"])


def test_export(case: tuple[Inventory, dict[str, str]]) -> None:
    inventory, expected = case
    assert json.loads(json.dumps(export.listing(inventory, export=True))) == json.loads(expected["export"])


def test_graph(case: tuple[Inventory, dict[str, str]]) -> None:
    inventory, expected = case
    assert "\n".join(export.graph(inventory, variables=True)) + "\n" == expected["graph"]


def test_yaml(case: tuple[Inventory, dict[str, str]]) -> None:
    inventory, expected = case
    shown = yaml.safe_load(yaml.safe_dump(export.tree(inventory)))
    assert shown == yaml.safe_load(expected["yaml"])


@pytest.mark.parametrize(("pattern", "limit", "hosts", "warnings"), json.loads((HERE / "patterns.json").read_text()))
def test_pattern(pattern: str, limit: str | None, hosts: list[str], warnings: list[str]) -> None:
    problems = Diagnostics()
    inventory = load(["single/patterns.ini"], problems=problems)
    assert select(inventory, pattern, limit, policy=Policy(problems=problems)) == hosts
    assert sorted(item.what for item in problems.found) == sorted(warnings)
