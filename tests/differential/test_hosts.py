"""What tools do to hosts: the same output and the same end state on two equal hosts, first run, second run, check run."""

from __future__ import annotations

from pathlib import Path

import compare
import pytest
from hosts import assert_equal_states, fresh_pair

HERE = Path(__file__).parent
BOOKS = ("baseline/site", "files", "users", "packages", "services", "facts", "iptables")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def hosts(lab, ansible_bin):
    return lab.hosts(2)


@pytest.fixture
def pair(hosts, lab, tmp_path, make_sides) -> tuple:
    return fresh_pair(hosts, lab, tmp_path, make_sides, HERE / "playbooks" / "hosts")


@pytest.mark.parametrize("name", BOOKS)
def test_the_same_hosts(pair, same, hosts, name):
    before = assert_equal_states(hosts)
    looked = [side.play(f"{name}.yml", "--check", "--diff")[1] for side in pair]
    assert until_failure(looked[0], looked[1]) == until_failure(looked[1], looked[1])
    assert assert_equal_states(hosts) == before, "a check run changed something"
    same(pair, f"{name}.yml")
    after = assert_equal_states(hosts)
    same(pair, f"{name}.yml", "--check")
    assert assert_equal_states(hosts) == after, "a check run changed something"
    same(pair, f"{name}.yml")
    assert assert_equal_states(hosts)["files"].keys() == after["files"].keys()


def until_failure(lines: list[str], oracle: list[str]) -> list[str]:
    """The results of ``lines``, without diffs, as far as ansible comes in a check run of an empty host:
    it fails where a task needs what an earlier one would have made; fleet goes on."""
    first = next((index for index, line in enumerate(oracle) if line.startswith("fatal:")), len(oracle))
    results = [line for line in oracle[:first] if compare.ENTRY.match(line) or line.startswith("TASK")]
    found = [line for line in lines if compare.ENTRY.match(line) or line.startswith("TASK")]
    return found[: len(results) - 1]
