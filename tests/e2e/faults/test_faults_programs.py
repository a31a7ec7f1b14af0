"""A program that a module calls is not on the host: the message names it and the package that brings it.

The table is programs.yml. All its programs are moved aside on the host, then every task runs in one play.
"""

import json
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.e2e
TABLE = yaml.safe_load(Path(__file__).with_name("programs.yml").read_text())
FOLDERS = "/usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /usr/games /usr/lib/python3/dist-packages"
MADE = """
cd /root; mkdir -p a; tar -cf a.tar a; echo '<a/>' >a.xml; truncate -s 8M disk
"""


@pytest.fixture
def bare(pair):
    """The host without any program of the table."""
    sick = pair[0]
    names = " ".join(sorted({program for program, _, _ in TABLE.values()}))
    move = "for d in {0}; do for p in {1}; do [ ! -e $d/$p{2} ] || mv $d/$p{2} $d/$p{3}; done; done"
    sick.run(MADE + "\n" + move.format(FOLDERS, names, "", ".aside"))
    yield sick
    sick.run("cd /; " + move.format(FOLDERS, names, ".aside", ""))
    sick.run("cd /root; rm -rf a a.tar a.xml disk sysctl fstab")


def test_missing_programs(site, bare):
    tasks = [{"name": name, "ignore_errors": True, **task} for name, (_, _, task) in TABLE.items()]
    play = yaml.safe_dump([{"hosts": "sick", "gather_facts": False, "tasks": tasks}], sort_keys=False)
    ran = site.run(play, "--format", "jsonl")
    told = [json.loads(line) for line in ran.out.splitlines() if line.startswith('{"event": "task_result"')]
    results = {each["task"]["name"]: (each["status"], str(each["result"].get("msg"))) for each in told}
    wrong = []
    for name, (program, package, _) in TABLE.items():
        status, msg = results[name]
        if status != "failed" or program not in msg or package not in msg or "\n" in msg:
            wrong.append((name, program, package, status, msg))
    assert not wrong, "\n".join(map(str, wrong))
    assert not bare.run("ls -A /root/there /root/key* /root/dh.pem 2>/dev/null; true").stdout
