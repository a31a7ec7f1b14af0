"""Two equal hosts, one for each tool, and what state they are in."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path

HERE = Path(__file__).parent
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


def fresh_pair(hosts, lab, folder: Path, make_sides, books: Path, *package) -> tuple:
    """The two tools, each with a fresh host of its own that is called the same."""
    for host in hosts:
        host.reset()
        host.run(f"hostname {NAME}; echo {NAME} > /etc/hostname; sed -i 's/{host.name}/{NAME}/' /etc/hosts")
    texts = [INVENTORY.format(address=host.address, key=lab.key, known_hosts=lab.known_hosts) for host in hosts]
    own = [{host.address: "ADDRESS", host.name: NAME} for host in hosts]
    return make_sides(folder, books, tuple(texts), tuple(own), *package)


def states(hosts) -> list[dict]:
    """The end state of every host."""
    script = base64.b64encode((HERE / "endstate.py").read_bytes()).decode()
    found = []
    for host in hosts:
        own = json.dumps({host.address: "ADDRESS", host.name: NAME})
        command = f"echo {script} | base64 -d > /tmp/endstate.py; python3 /tmp/endstate.py {shlex.quote(own)}"
        found.append(json.loads(host.run(command).stdout))
    return found


def differences(mine: dict, theirs: dict) -> list[str]:
    """What is different between two states, a text each."""
    lines = []
    for part, a in mine.items():
        b = theirs[part]
        if isinstance(a, dict):
            lines += [
                f"{key}:\n  fleet   {a.get(key)}\n  ansible {b.get(key)}"
                for key in sorted({*a, *b})
                if a.get(key) != b.get(key)
            ]
        elif a != b:
            lines.append(f"{part}:\n  fleet   {sorted(set(a) - set(b))}\n  ansible {sorted(set(b) - set(a))}")
    return lines


def assert_equal_states(hosts) -> dict:
    """The state both hosts are in; fails with what differs."""
    mine, theirs = states(hosts)
    different = differences(mine, theirs)
    assert not different, "the hosts differ:\n" + "\n".join(different)
    return mine
