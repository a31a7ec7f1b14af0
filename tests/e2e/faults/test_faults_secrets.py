"""Passwords and what no_log hides: not on the screen, in a log, a report, a process list or an environment."""

import subprocess
import threading

import pytest

pytestmark = pytest.mark.e2e

TASKS = """
    - user: {name: made, password: "$6$Hash-Secret-55", update_password: always}
    - command: sh -c 'cat >/dev/null'
      args: {stdin: "Stdin-Secret-66"}
      no_log: true
    - copy: {content: "Copy-Secret-77", dest: /root/secret}
      no_log: true
    - command: "echo Loop-Secret-88 {{ item }}"
      loop: [Item-Secret-99]
      no_log: true
      ignore_errors: true
    - debug: {msg: "{{ ansible_become_password | default('none') }}"}
      when: inventory_hostname == 'sick'
    - command: sleep 2
      become: true
"""
SECRETS = ("Hash-Secret-55", "Stdin-Secret-66", "Copy-Secret-77", "Loop-Secret-88", "Item-Secret-99", "Sudo-Secret-22")
HERE = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a -- '-Secret-'; true"


def spy(site, stop, seen):
    """Look again and again at every process's words and environment, here and on the host."""
    while not stop.is_set():
        for where in (
            subprocess.run(["sh", "-c", HERE], stdout=subprocess.PIPE, encoding="utf-8", errors="replace").stdout,
            site.sick.run(HERE).stdout,
        ):
            seen.extend(line for line in where.splitlines() if any(secret in line for secret in SECRETS))
        stop.wait(0.05)


@pytest.mark.parametrize("shape", ["plain", "jsonl"])
def test_secrets_stay_secret(site, shape):
    log, junit = site.folder / "log", site.folder / "junit.xml"
    inventory = site.inventory(ansible_user="asks", ansible_become_password="Sudo-Secret-22", ansible_become="true")
    stop, seen = threading.Event(), []
    watcher = threading.Thread(target=spy, args=(site, stop, seen))
    watcher.start()
    try:
        ran = site.run(TASKS, "-vvv", "--diff", "--format", shape, "--log", log, "--junit", junit, inventory=inventory)
    finally:
        stop.set()
        watcher.join()
        for host in (site.sick, site.well):
            host.run("userdel -r made 2>/dev/null; rm -f /root/secret")
    assert ran.code == 0, ran.text
    for place, text in (("screen", ran.text), ("log", log.read_text()), ("junit", junit.read_text())):
        for secret in SECRETS:
            assert secret not in text, (place, secret, [line for line in text.splitlines() if secret in line][:3])
    # What a command of the user's own has in its words is the user's choice.
    assert not [line for line in seen if "Loop-Secret" not in line and "Item-Secret" not in line], seen
