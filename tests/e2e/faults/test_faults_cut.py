"""Connections that break or fall silent: what runs is ended and its result fetched, or the host is unreachable."""

import time

import pytest

pytestmark = pytest.mark.e2e
CUT = "pkill -KILL -f 'sshd: [r]oot@notty'"
LONG = """
    - command: "sh -c 'touch /root/began; sleep {seconds}; echo whole >/root/done; echo fine'"
      register: told
    - debug: var=told.stdout
    - copy: {{content: "after\\n", dest: /root/after}}
"""


@pytest.fixture(autouse=True)
def clean(site):
    yield
    for host in (site.sick, site.well):
        host.run("rm -f /root/began /root/done /root/after; systemctl start ssh")
        host.run("pkill -KILL -f 'python3 -B -[E]'", check=False)


def until(site, command, seconds=15):
    """Wait until a shell command succeeds on ``sick``."""
    end = time.monotonic() + seconds
    while site.sick.run(command, check=False).returncode:
        assert time.monotonic() < end, command
        time.sleep(0.1)


def test_a_step_survives_its_connection(site):
    """The step ends, the next connection fetches its result, and the play goes on as if nothing had been."""
    process = site.start(LONG.format(seconds=3), "-v")
    until(site, "test -e /root/began")
    site.sick.run(CUT)
    ran = site.end(process)
    assert ran.code == 0 and ran.out.count('"told.stdout": "fine"') == 2, ran.text
    assert "connected again" in ran.text
    assert site.sick.run("cat /root/done /root/after").stdout == "whole\nafter\n"
    assert "no runner" in site.sick.run("pgrep -f 'python3 -B -[E]' || echo no runner").stdout


def test_a_step_that_ended_while_nobody_listened(site):
    """Its result waits. Streams of steps behind it have not begun; they are sent again."""
    process = site.start(LONG.format(seconds=1))
    until(site, "test -e /root/began")
    site.sick.run(CUT)
    ran = site.end(process)
    assert ran.code == 0 and site.sick.run("cat /root/after").stdout == "after\n", ran.text


def test_a_host_that_does_not_come_back(site):
    process = site.start(LONG.format(seconds=2), "-T", "3")
    until(site, "test -e /root/began")
    site.sick.run(f"systemctl stop ssh; {CUT}")
    ran = site.end(process)
    assert ran.code == 4 and "connection was lost" in ran.fatal("sick"), ran.text
    assert ran.recap("well") == dict(ran.recap("well"), ok=3, changed=2)
    until(site, "test -e /root/done")
    assert site.sick.run("cat /root/done; test -e /root/after || echo nothing after").stdout == "whole\nnothing after\n"


def test_nobody_else_may_fetch_a_result(site):
    """The socket a runner listens on turns away callers with another user id."""
    process = site.start(LONG.format(seconds=3))
    until(site, "test -e /root/began")
    call = (
        "import socket,re; n=re.findall('@(fleet-[0-9a-f]{32})', open('/proc/net/unix').read())[0]; "
        "s=socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(chr(0)+n); print(s.recv(9))"
    )
    said = site.sick.run(f'su plain -c "python3 -c \\"{call}\\""', check=False)
    assert said.stdout.strip() in ("b''", "") and "fleet\\n" not in said.stdout, said
    assert site.end(process).code == 0


def test_a_runner_that_is_stopped(site):
    site.env["FLEET_IDLE_TIMEOUT"] = "6"
    process = site.start("    - command: sh -c 'touch /root/began; sleep 3'\n    - command: echo next\n")
    until(site, "test -e /root/began")
    site.sick.run("pkill -STOP -f 'python3 -B -[E]'")
    ran = site.end(process)
    assert ran.code == 4 and "no sign of life for 6 s" in ran.fatal("sick"), ran.text
    assert ran.recap("well")["ok"] == 2 and ran.seconds < 20


@pytest.mark.parametrize("task", ["copy: {src: /mnt/cut/big/file, dest: /mnt/cut/dest, remote_src: true}",
                                  "assemble: {src: /mnt/cut/big, dest: /mnt/cut/dest}"])  # fmt: skip
def test_a_runner_that_is_killed_while_it_writes(site, task):
    """The old file stays; what lies half written beside it goes with the next run."""
    site.sick.run(
        "mkdir -p /mnt/cut/big; cd /mnt/cut; echo old >dest; head -c 400M /dev/zero >big/file; echo end >>big/file"
    )
    try:
        process = site.start(f"    - {task}\n", "--limit", "sick")
        until(site, "test -n \"$(find /mnt/cut -path '*/.fleet-*' -type f -size +1000k)\"")
        site.sick.run("pkill -KILL -f 'python3 -B -[E]'")
        ran = site.end(process)
        assert ran.code in (2, 4), ran.text
        assert "no runner" in site.sick.run("pgrep -f 'python3 -B -[E]' || echo no runner").stdout
        assert site.sick.run("cat /mnt/cut/dest; ls -A /mnt/cut | grep -c fleet").stdout == "old\n1\n"
        ran = site.run(f"    - {task}\n", "--limit", "sick")
        assert ran.code == 0 and site.sick.run("ls -A /mnt/cut; tail -c 4 /mnt/cut/dest").stdout == "big\ndest\nend\n"
    finally:
        site.sick.run("rm -rf /mnt/cut")


def test_silence_between_steps_is_no_silence(site):
    """A runner that had nothing to do for longer than the limit is not taken for dead at the next step."""
    site.env["FLEET_IDLE_TIMEOUT"] = "6"
    ran = site.run("    - command: echo one\n    - pause: seconds=7\n    - command: sleep 2\n")
    assert ran.code == 0, ran.text


def test_two_runs_at_once(site):
    """On the same hosts and files: both succeed, and every file is whole."""
    tasks = """
    - copy: {content: "{{ (who ~ '\\n') * 20000 }}", dest: /root/after}
      loop: [1, 2, 3, 4]
    - lineinfile: {path: /root/done, line: "{{ who }}", create: true}
"""
    inventory = site.inventory()
    first = site.start(tasks, "-e", "who=alpha", inventory=inventory)
    second = site.start(tasks, "-e", "who=omega", inventory=inventory)
    assert site.end(first).code == 0 and site.end(second).code == 0
    found = site.sick.run("sort /root/after | uniq -c").stdout.split()
    assert found in (["20000", "alpha"], ["20000", "omega"])


def test_reset_connection(site):
    tasks = """
    - shell: echo $SSH_CONNECTION
      register: one
    - meta: reset_connection
    - shell: echo $SSH_CONNECTION
      register: two
    - assert: {that: one.stdout != two.stdout}
"""
    ran = site.run(tasks)
    assert ran.code == 0, ran.text


def test_wait_for_connection(site):
    """ssh is down for three seconds; a task of another play waits for it."""
    plays = """
- hosts: sick
  gather_facts: false
  tasks:
    - shell: "(systemctl stop ssh; sleep 3; systemctl start ssh) >/dev/null 2>&1 &"
    - wait_for_connection: {delay: 1, connect_timeout: 2, timeout: 30}
      register: waited
    - debug: var=waited.elapsed
    - ping:
"""
    ran = site.run(plays)
    assert ran.code == 0 and ran.recap("sick")["ok"] == 4, ran.text


def test_reboot(site):
    before = site.sick.boot_id()
    ran = site.run("""
- hosts: sick
  gather_facts: false
  tasks:
    - reboot: {reboot_timeout: 60, connect_timeout: 2}
    - command: cat /proc/sys/kernel/random/boot_id
      register: now
    - debug: var=now.stdout
""")
    after = site.sick.boot_id()
    assert ran.code == 0 and after and after != before and after in ran.out, ran.text
