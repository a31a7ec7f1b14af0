"""What tools do to hosts: the same output and the same end state on two equal hosts, first run, second run, check run."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import compare
import pytest

HERE = Path(__file__).parent
BOOKS = ("baseline/site", "files", "users", "packages", "services", "facts", "iptables")
NAME = "web1"
INVENTORY = """\
[lab]
web1 ansible_host={address}
[lab:vars]
ansible_user=root
ansible_ssh_private_key_file={key}
ansible_ssh_common_args="-o UserKnownHostsFile={known_hosts} -o StrictHostKeyChecking=yes"
ansible_python_interpreter=/usr/bin/python3
"""

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def hosts(lab, ansible_bin):
    return lab.hosts(2)


@pytest.fixture
def pair(hosts, lab, tmp_path, make_sides) -> Iterator[tuple]:
    """The two tools, each with a fresh host of its own that is called the same."""
    for host in hosts:
        host.reset()
        host.run(f"hostname {NAME}; echo {NAME} > /etc/hostname; sed -i 's/{host.name}/{NAME}/' /etc/hosts")
    texts = [INVENTORY.format(address=host.address, key=lab.key, known_hosts=lab.known_hosts) for host in hosts]
    own = [{host.address: "ADDRESS", host.name: NAME} for host in hosts]
    return make_sides(tmp_path, HERE / "playbooks" / "hosts", tuple(texts), tuple(own))


def states(hosts) -> list[dict]:
    """The end state of every host."""
    script = base64.b64encode((HERE / "endstate.py").read_bytes()).decode()
    found = []
    for host in hosts:
        own = json.dumps({host.address: "ADDRESS", host.name: NAME})
        command = f"echo {script} | base64 -d > /tmp/endstate.py; python3 /tmp/endstate.py {shlex.quote(own)}"
        found.append(json.loads(host.run(command).stdout))
    return found


def assert_equal_states(hosts) -> dict:
    mine, theirs = states(hosts)
    different = {}
    for part in mine:
        a, b = mine[part], theirs[part]
        if isinstance(a, dict):
            different.update({key: (a.get(key), b.get(key)) for key in {*a, *b} if a.get(key) != b.get(key)})
        elif a != b:
            different[part] = (sorted(set(a) - set(b)), sorted(set(b) - set(a)))
    shown = "\n".join(
        f"{key}:\n  fleet   {ours}\n  ansible {other}" for key, (ours, other) in sorted(different.items())
    )
    assert not different, f"the hosts differ:\n{shown}"
    return mine


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
