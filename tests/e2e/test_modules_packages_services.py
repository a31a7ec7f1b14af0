"""Packages and services on a real Debian host, through the command line."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

UNIT = """
    - copy:
        dest: /etc/systemd/system/fleet-{name}.service
        content: |
          [Service]
          ExecStart={command}
          [Install]
          WantedBy=multi-user.target
"""


@pytest.fixture
def host(lab):
    return lab.hosts(1)[0]


@pytest.fixture
def play(lab, host, tmp_path):
    """Run tasks on the host; give exit code and output."""

    def run(tasks, *options):
        book = tmp_path / "book.yml"
        book.write_text("- hosts: %s\n  gather_facts: false\n  tasks:\n%s" % (host.name, tasks))
        argv = [sys.executable, "-m", "fleet", "apply", "-i", str(lab.inventory), str(book), *options]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=300)
        return done.returncode, done.stdout

    return run


def installed(host, name):
    return "ok installed" in host.run("dpkg-query -W -f '${Status}' %s 2>/dev/null || true" % name).stdout


def test_a_package_comes_in_check_mode_only_on_paper_then_really_then_goes(play, host):
    tasks = "    - apt: {name: hello, state: %s, purge: true}\n"
    play(tasks % "absent")
    assert play(tasks % "present", "--check")[0] == 0 and not installed(host, "hello")
    assert play(tasks % "present")[0] == 0 and installed(host, "hello")
    again = (
        "    - package: {name: hello, state: present}\n      register: it\n    - assert: {that: it is not changed}\n"
    )
    assert play(again)[0] == 0
    assert play(tasks % "absent")[0] == 0 and not installed(host, "hello")


def test_an_unknown_package_fails_with_its_name(play):
    code, output = play("    - apt: {name: no-such-package-at-all}\n")
    assert code != 0 and "No package matching 'no-such-package-at-all' is available" in output


def test_a_held_lock_names_its_holder(play, host):
    host.run(
        'nohup python3 -c \'import fcntl, time; f = open("/var/lib/dpkg/lock-frontend", "w"); '
        "fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(8)' >/dev/null 2>&1 & sleep 1"
    )
    code, output = play("    - apt: {name: cowsay, lock_timeout: 1}\n")
    assert code != 0 and "locked by process" in output and "python3" in output


def test_a_service_is_started_and_enabled_once(play, host):
    tasks = UNIT.format(name="good", command="/bin/sleep 1000") + (
        "    - service: {name: fleet-good, state: started, enabled: true}\n"
        "    - systemd: {name: fleet-good, state: started, enabled: true}\n"
        "      register: it\n    - assert: {that: [it is not changed, it.status.ActiveState == 'active']}\n"
    )
    code, output = play(tasks)
    assert code == 0, output
    assert host.run("systemctl is-active fleet-good; systemctl is-enabled fleet-good").stdout.split() == [
        "active",
        "enabled",
    ]
    play("    - systemd: {name: fleet-good, state: stopped, enabled: false}\n")


def test_a_service_that_dies_fails_with_the_reason(play):
    command = "/bin/sh -c 'echo the disk is on fire; exit 3'"
    code, output = play(
        UNIT.format(name="bad", command=command)
        + ("    - systemd: {name: fleet-bad, state: restarted, daemon_reload: true}\n")
    )
    assert code != 0 and "exit code 3" in output and "the disk is on fire" in output


def test_facts_of_packages_and_services(play):
    code, output = play(
        "    - package_facts:\n    - service_facts:\n"
        "    - assert:\n        that:\n"
        "          - ansible_facts.packages['bash'][0].source == 'apt'\n"
        "          - ansible_facts.services['ssh.service'].state == 'running'\n"
    )
    assert code == 0, output


def test_a_source_that_cannot_be_fetched_leaves_no_file(play, host):
    line = "deb http://nosuch.invalid/debian x main"
    code, output = play(
        "    - apt_repository: %s\n" % json.dumps({"repo": line, "filename": "broken", "update_cache_retries": 0})
    )
    assert code != 0 and "Failed to update apt cache" in output
    assert host.run("ls /etc/apt/sources.list.d").stdout.strip() == ""
