"""Figure 9: what a call of a module costs on a host that is as it should be, by the host's own clock."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from figures import NOTHING, Bench, Row, fleet_apply, once
from measure import FLEET, Command, recap, says

PACKAGES = 2000
CALLS = 9
FILL = f"""
python3 - <<'END'
import pathlib
status = pathlib.Path("/var/lib/dpkg/status")
text = status.read_text()
if "Package: filler0\\n" not in text:
    made = []
    for number in range({PACKAGES} - text.count("Package: ")):
        made.append("Package: filler%d\\nStatus: install ok installed\\nPriority: optional\\nSection: misc\\n"
                    "Maintainer: nobody <nobody@example.org>\\nArchitecture: all\\nVersion: 1.0-1\\n"
                    "Description: filler\\n of no use\\n\\n" % number)
    status.write_text(text + "".join(made))
pathlib.Path("/srv/thousand.conf").write_text("".join("option%d = value\\n" % number for number in range(1000)))
END
"""
OWN_MODULE = """\
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec=dict(name=dict(required=True)), supports_check_mode=True)
module.exit_json(changed=False, name=module.params["name"])
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdlRp0bLk0N6m6gTkTqjUqXkqT2cWz5pEoC7sVwqf2B bench"

TASKS: Mapping[str, tuple[float, str]] = {
    "stat": (2, "stat: {path: /etc/passwd}"),
    "file": (2, "file: {path: /srv/dir, state: directory, mode: '0755'}"),
    "copy": (2, "copy: {dest: /srv/four.txt, content: \"{{ 'x' * 4096 }}\", mode: '0644'}"),
    "lineinfile": (2, "lineinfile: {path: /srv/thousand.conf, regexp: '^option900 ', line: option900 = value}"),
    "user": (10, "user: {name: bench, shell: /bin/sh}"),
    "group": (10, "group: {name: benchers}"),
    "cron": (10, "cron: {name: bench, job: /bin/true, minute: '5'}"),
    "sysctl": (
        10,
        "sysctl: {name: vm.swappiness, value: '60', sysctl_file: /etc/sysctl.d/90-bench.conf, reload: false}",
    ),
    "authorized_key": (10, f"ansible.posix.authorized_key: {{user: root, key: '{KEY}'}}"),
    "a module of somebody else's": (150, "own_module: {name: bench}"),
    "service": (15, "service: {name: cron, state: started, enabled: true}"),
}
"""What is measured: the goal in milliseconds and a task."""


def module_costs(bench: Bench) -> Iterator[Row]:
    """9: calls of modules that have nothing to do."""
    hosts = bench.lab.hosts(1)
    inventory = bench.lab.inventory(hosts)
    bench.lab.shell(hosts[0], f"apt-get install -qq --yes cron procps >/dev/null; {FILL}")
    folder = bench.work / "modules"
    (folder / "library").mkdir(parents=True, exist_ok=True)
    (folder / "library" / "own_module.py").write_text(OWN_MODULE)
    once(fleet_apply(inventory, says("PLAY RECAP"), "fleet converging", site=_book(folder)), bench.work)
    once(fleet_apply(inventory, recap(1, changes=False), site=_book(folder)), bench.work)
    words = (*FLEET, "apply", "-i", str(inventory), str(_book(folder)), "--format", "jsonl")
    ran = once(Command("fleet", words, says("task_result"), NOTHING), bench.work)
    spent: dict[str, list[float]] = defaultdict(list)
    for line in ran.output.splitlines():
        if not line.startswith("{"):
            continue
        event = json.loads(line)
        if event["event"] == "task_result":
            spent[event["task"]["name"]].append(1000 * float(event["seconds"] or 0))
    for name, (goal, _) in TASKS.items():
        yield _row(f"{name}, nothing to do", goal, median(spent[name]), f"median of {len(spent[name])} calls")
    apt = spent["apt"]
    yield _row(f"apt, {PACKAGES:,} packages, first call of a run", 30, apt[0], "")
    yield _row(f"apt, {PACKAGES:,} packages, later calls", 3, median(apt[1:]), f"median of {len(apt) - 1} calls")
    yield _row("all facts, first call of a run", 60, spent["setup"][0], "")


def _row(what: str, goal: float, took: float, note: str) -> Row:
    return Row(9, what, f"<= {goal:g} ms", f"{took:.1f} ms", took <= goal, note)


def _book(folder: Path) -> Path:
    """The playbook: every task several times."""
    lines = ["- hosts: all", "  gather_facts: false", "  tasks:"]
    for _ in range(CALLS):
        lines += [f"    - name: {name}\n      {task}" for name, (_, task) in TASKS.items()]
        lines.append("    - {name: apt, apt: {name: [cron, procps], state: present}}")
    lines += ["    - {name: setup, setup: {}}"] * 3
    playbook = folder / "modules.yml"
    playbook.write_text("\n".join(lines) + "\n")
    return playbook
