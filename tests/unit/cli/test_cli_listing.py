"""``--list-hosts``, ``--list-tasks``, ``--list-tags`` and ``--start-at-task``: as ansible-playbook, whose output is frozen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .conftest import Fleet
from .freeze import BOOKS, banners, settled

EXPECTED = json.loads((Path(__file__).parent / "expected.json").read_text())


@pytest.mark.parametrize("words", EXPECTED["listings"])
def test_listing(fleet: Fleet, words: str) -> None:
    ran = fleet("apply", "-i", "inventory.ini", *BOOKS, "-e", "pname=P", *words.split())
    assert ran.code == 0, ran.err
    assert settled(ran.out) == EXPECTED["listings"][words]


def test_hosts_are_listed_in_the_inventorys_order(fleet: Fleet) -> None:
    ran = fleet("apply", "-i", "inventory.ini", "second.yml", "--list-hosts")
    assert re.findall(r"^      (\S+)", ran.out, re.MULTILINE) == ["w1", "w2", "w3", "w4", "d1", "d2"]


@pytest.mark.parametrize("name", EXPECTED["starts"])
def test_start_at_task(fleet: Fleet, name: str) -> None:
    ran = fleet("apply", "-i", "inventory.ini", "start.yml", "--start-at-task", name, "--format", "plain")
    assert ran.code == 0, ran.err
    assert banners(ran.out) == EXPECTED["starts"][name]


@pytest.mark.parametrize(
    ("name", "hint"), [("sevn", "did you mean 'seven'?"), ("resc", "see --list-tasks"), ("h", "see --list-tasks")]
)
def test_start_at_a_task_that_is_not_there(fleet: Fleet, name: str, hint: str) -> None:
    ran = fleet("apply", "-i", "inventory.ini", "start.yml", "--start-at-task", name)
    assert (ran.code, ran.out) == (4, "")
    assert f"no task to start at is called {name!r}" in ran.err and hint in ran.err


def test_a_play_without_hosts_is_not_where_a_run_starts(fleet: Fleet) -> None:
    ran = fleet("apply", "-i", "inventory.ini", "start.yml", "--start-at-task", "two", "--limit", "w1")
    assert ran.code == 4 and "no task to start at" in ran.err


@pytest.mark.parametrize("limit", ["localhost", "nosuch", "w1:&d1"])
def test_a_limit_that_leaves_nobody(fleet: Fleet, limit: str) -> None:
    ran = fleet("apply", "-i", "inventory.ini", "other.yml", "--limit", limit)
    assert ran.code == 1 and "leaves us with no hosts" in ran.err
