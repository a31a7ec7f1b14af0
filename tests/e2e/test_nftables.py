"""nftables on a real host: a table as state, other tables left alone, and rules that cut SSH taken back."""

import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

TASK = """
    - fleet.builtin.nftables:
        table: edge
        content: |
          set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }
          chain input {
            type filter hook input priority filter; policy accept;
            %s
          }
"""
OPEN = 'iif "host0" tcp dport { 80, 22 } counter accept comment "a } b"'
LIST = "nft --stateless list table inet edge"


@pytest.fixture
def host(lab):
    host = lab.hosts(1)[0]
    host.run("apt-get update -qq && apt-get install -y -qq nftables", timeout=300)
    host.run("nft flush ruleset; rm -f /etc/edge.nft")
    yield host
    host.run("nft flush ruleset; rm -f /etc/edge.nft")


@pytest.fixture
def play(lab, host, tmp_path):
    """Apply the table with this rule; give changed, the exit code and what was printed."""

    def run(rule, *options, more="", task=TASK):
        book = tmp_path / "book.yml"
        book.write_text("- hosts: %s\n  gather_facts: false\n  tasks:%s%s" % (host.name, task % rule, more))
        argv = [sys.executable, "-m", "fleet", "apply", "-i", str(lab.inventory), str(book), *options]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=200)
        return re.findall(r"changed=(\d)", done.stdout) == ["1"], done.returncode, done.stdout

    return run


def test_check_run_first_run_second_run(play, host):
    changed, code, out = play(OPEN, "--check", "--diff")
    assert changed and code == 0 and '+\tiif "host0" tcp dport { 22, 80 } counter accept' in out
    assert "edge" not in host.run("nft list tables").stdout
    assert play(OPEN)[:2] == (True, 0)
    assert "tcp dport { 22, 80 } counter accept" in host.run(LIST).stdout
    assert play(OPEN)[:2] == (False, 0)
    assert play(OPEN.replace("{ 80, 22 }", "{22,80}"))[:2] == (False, 0), "formatting is no change"


def test_drift_is_repaired_elements_are_kept_and_other_tables_left_alone(play, host):
    play(OPEN)
    host.run("nft add table ip other '{ chain a { accept ; } ; }'")
    host.run("nft add rule inet edge input tcp dport 4444 accept; nft add element inet edge seen { 192.0.2.7 }")
    other = host.run("nft -a list table ip other").stdout
    assert play(OPEN)[:2] == (True, 0)
    listed = host.run("nft list table inet edge").stdout
    assert "4444" not in listed and "192.0.2.7 expires" in listed
    assert host.run("nft -a list table ip other").stdout == other


def test_text_that_reaches_for_other_tables_changes_nothing(play, host):
    host.run("nft add table ip other")
    changed, code, out = play(
        "accept\n          }\n          }\n          delete table ip other\n          table inet x {"
    )
    assert (changed, code) == (False, 2) and "a } without {" in out
    assert "table ip other" in host.run("nft list tables").stdout


GUARD = "        dest: /etc/edge.nft\n        revert_after: 15\n"


def test_rules_that_let_us_in_are_kept_and_written(play, host):
    assert play(OPEN, more=GUARD)[:2] == (True, 0)
    listed = host.run(LIST).stdout
    assert "fleet-revert" not in host.run("systemctl list-timers --all --no-legend").stdout
    assert host.run("ls /run/fleet-revert").stdout == ""
    host.run("nft delete table inet edge && nft -f /etc/edge.nft")
    assert host.run(LIST).stdout == listed
    assert play(OPEN, more=GUARD)[:2] == (False, 0)


@pytest.mark.parametrize("rule", ["tcp dport 22 drop", "ct state new tcp dport 22 drop"])
def test_rules_that_cut_ssh_are_taken_back(play, host, rule):
    play(OPEN, more=GUARD)
    listed, written = host.run(LIST).stdout, host.run("cat /etc/edge.nft").stdout
    changed, code, out = play(rule, more=GUARD)
    assert (changed, code) == (False, 2)
    assert "let no new connection in" in out and "The host is back at the rules before." in out
    assert (host.run(LIST).stdout, host.run("cat /etc/edge.nft").stdout) == (listed, written)
    assert host.run("ls /run/fleet-revert").stdout == ""
    assert play(OPEN, more=GUARD)[:2] == (False, 0), "the host can be reached again"


def test_a_table_that_was_not_there_is_gone_after_the_way_back(play, host):
    assert play("tcp dport 22 drop", more=GUARD)[1] == 2
    assert "edge" not in host.run("nft list tables").stdout
    assert host.run("test -e /etc/edge.nft", check=False).returncode == 1


def test_without_systemd_run_the_way_back_is_a_process(play, host):
    host.run("mv /usr/bin/systemd-run /usr/bin/systemd-run.away")
    try:
        code, out = play("tcp dport 22 drop", more=GUARD)[1:]
    finally:
        host.run("mv /usr/bin/systemd-run.away /usr/bin/systemd-run")
    assert code == 2 and "The host is back at the rules before." in out
    assert "edge" not in host.run("nft list tables").stdout


def test_absent_takes_the_table_and_its_file_away(play, host):
    play(OPEN, more=GUARD)
    task = "\n    - fleet.builtin.nftables: {table: edge, state: absent, dest: /etc/edge.nft}%s\n"
    assert play("", task=task)[:2] == (True, 0)
    assert "edge" not in host.run("nft list tables").stdout
    assert host.run("test -e /etc/edge.nft", check=False).returncode == 1
    assert play("", task=task)[:2] == (False, 0)
