"""A file of 100 MB under every module that edits text: it ends, in a bounded time and with a bounded memory."""

import json

import pytest
import yaml

pytestmark = pytest.mark.e2e
SIZE = 100_000_000
TASKS = {
    "lineinfile": {"lineinfile": {"path": "FILE", "regexp": "^needle = 1", "line": "found"}},
    "blockinfile": {"blockinfile": {"path": "FILE", "block": "one\ntwo"}},
    "replace": {"replace": {"path": "FILE", "regexp": "^needle.*$", "replace": "found"}},
    "ini_file": {"ini_file": {"path": "FILE", "section": "end", "option": "needle", "value": "found"}},
    "copy": {"copy": {"src": "/mnt/large/file", "dest": "/mnt/large/copy", "remote_src": True}},
    "synchronize": {
        "synchronize": {"src": "/mnt/large/file", "dest": "/mnt/large/synced"},
        "delegate_to": "sick",
    },
    "archive": {"archive": {"path": "/mnt/large/copy", "dest": "/mnt/large/packed.gz"}},
    "assemble": {"assemble": {"src": "/mnt/large/parts", "dest": "/mnt/large/whole"}},
}
MADE = f"""
mkdir -p /mnt/large/parts; cd /mnt/large
{{ yes 'key = a line of some forty characters here' | head -c {SIZE}; printf '\\nneedle = 1\\n[end]\\nneedle = 2\\n'; }} >file
ln file parts/a
"""
PEAK = "grep VmHWM /proc/$PPID/status; echo 5 >/proc/$PPID/clear_refs"
# The old content, the wanted and the one read again, and the lines of one of them with what Python needs for each.
TIMES = 10
SECONDS = 120


@pytest.fixture
def large(site):
    site.sick.run(MADE)
    yield site.sick
    site.sick.run("rm -rf /mnt/large")


def test_a_file_of_100_mb(site, large):
    tasks = []
    for name, task in TASKS.items():
        text = yaml.safe_dump(task).replace("FILE", f"/mnt/large/{name}")
        if "FILE" in yaml.safe_dump(task):
            tasks.append({"command": f"cp /mnt/large/file /mnt/large/{name}"})
        tasks += [{"name": phase + name, **yaml.safe_load(text)} for phase in ("", "again ")]
        tasks.append({"name": f"peak {name}", "shell": PEAK})
    play = yaml.safe_dump([{"hosts": "sick", "gather_facts": False, "tasks": tasks}], sort_keys=False)
    ran = site.run(play, "--format", "jsonl", timeout=400)
    told = [json.loads(line) for line in ran.out.splitlines() if line.startswith('{"event": "task_result"')]
    told = {each["task"]["name"]: each for each in told}
    seen, wrong = {}, []
    for name in TASKS:
        peak = int(told[f"peak {name}"]["result"]["stdout"].split()[1]) // 1024
        statuses = told[name]["status"], told["again " + name]["status"]
        wrong += [(name, statuses)] if statuses != ("changed", "ok") else []
        seen[name] = (round(told[name]["seconds"], 1), round(told["again " + name]["seconds"], 1), peak)
    assert not wrong
    assert all(max(first, second) < SECONDS and peak < TIMES * SIZE >> 20 for first, second, peak in seen.values()), (
        seen
    )
