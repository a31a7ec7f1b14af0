"""Disks, volumes and what lies on them: the same results and the same hosts after a first, a second and a check run."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_hosts import INVENTORY, hosts  # noqa: F401

HERE = Path(__file__).parent
BOOKS = ("filesystem",)
COLLECTIONS = ("community/general", "ansible/posix")

pytestmark = pytest.mark.e2e


@pytest.fixture
def pair(hosts, lab, tmp_path, make_sides, ansible_bin):  # noqa: F811
    """The two tools, each with a host of its own; skipped where this ansible has no collections."""
    found = list(ansible_bin.parent.glob("lib/python3*/site-packages/ansible_collections"))
    if not found or not all((found[0] / name).is_dir() for name in COLLECTIONS):
        pytest.skip("this ansible has no community.general and ansible.posix")
    texts = [INVENTORY.format(address=host.address, key=lab.key, known_hosts=lab.known_hosts) for host in hosts]
    own = [{host.address: "ADDRESS", host.name: "web1"} for host in hosts]
    return make_sides(tmp_path, HERE / "playbooks" / "storage", tuple(texts), tuple(own))


@pytest.mark.parametrize("name", BOOKS)
def test_the_same_storage(pair, same, name):
    same(pair, "prepare.yml")
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v", "--check")
