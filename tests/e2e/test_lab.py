"""A lab comes up, its hosts behave like machines, and nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fleet.errors import FleetError, HostError, OptionsError
from fleet.lab import cgroups, network, nspawn, state
from fleet.lab import lab as verbs
from fleet.lab.base import purge, ready_tree, tree_of
from fleet.lab.hosts import ssh_command

if TYPE_CHECKING:
    from .conftest import LabHost, OwnLab

pytestmark = pytest.mark.e2e

CLI = "from fleet.cli.lab import app; app()"


def cli(own: OwnLab, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "FLEET_LAB_HOME": str(own.settings.home)}
    done = subprocess.run([sys.executable, "-c", CLI, *words], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done


def until(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


def settled(host: LabHost) -> None:
    """Wait until the host has booted; before, it may not take orders."""
    until(lambda: host.run("systemctl is-system-running", check=False).stdout == "running\n")


def another_boot(host: LabHost, before: str) -> bool:
    return host.boot_id() not in ("", before)


def ssh(own: OwnLab, host: LabHost, user: str, command: str) -> subprocess.CompletedProcess[str]:
    words = ssh_command(own.settings, state.find(own.settings, host.name), user, [command])
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def traces(own: OwnLab) -> list[str]:
    """What the machine still has of a lab."""
    home, bridge = str(own.settings.home), own.settings.bridge
    found = [str(path) for path in (own.settings.home, Path("/sys/class/net", bridge)) if path.exists()]
    found += [line for line in Path("/proc/mounts").read_text().splitlines() if home in line]
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout
    found += [line for line in tables.splitlines() if line == f"table ip {bridge}"]
    for root in cgroups.roots(Path("/proc/mounts").read_text()):
        found += [str(path) for path in (root / cgroups.PARENT).glob(f"{bridge}-*")]
    found += [str(path) for path in Path("/run/systemd/nspawn/propagate").glob(f"{bridge}-*")]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().decode(errors="replace")
        except OSError:
            continue
        found += [words] if home in words else []
    return found


def test_life_of_a_lab(spare_lab: OwnLab) -> None:
    first, second = spare_lab.hosts(2)
    before = second.boot_id()
    assert first.boot_id() != before
    machine_ids = {host.run("cat /etc/machine-id").stdout for host in (first, second)}
    assert len(machine_ids) == 2

    # Idempotent: the running two stay as they are, one is added.
    assert [host.name for host in spare_lab.hosts(3)] == ["lab1", "lab2", "lab3"]
    assert second.boot_id() == before
    assert verbs.up(spare_lab.settings, verbs.Wish(3), print) == []

    rows = json.loads(cli(spare_lab, "list", "--json").stdout)
    assert [(row["name"], row["state"]) for row in rows] == [(f"lab{n}", "running") for n in (1, 2, 3)]
    assert cli(spare_lab, "inventory").stdout == spare_lab.inventory.read_text()
    assert "ansible_user=admin" in cli(spare_lab, "inventory", "--user", "admin").stdout
    assert cli(spare_lab, "ssh", "lab3", "--", "hostname", "-s").stdout == "lab3\n"

    assert network.SHARED.is_dir()
    spare_lab.down()
    assert traces(spare_lab) == []


def test_a_host_is_a_machine(spare_lab: OwnLab) -> None:
    (host,) = spare_lab.hosts(1)
    assert ssh(spare_lab, host, "root", "id -un").stdout == "root\n"
    assert ssh(spare_lab, host, "admin", "id -un; sudo -n id -un").stdout == "admin\nroot\n"
    assert host.run("systemctl is-system-running --wait", check=False).stdout == "running\n"
    assert host.run("hostname").stdout == "lab1\n"
    host.run("nft add table inet mine && nft list table inet mine")
    # A service that stops must not wait for anybody outside the host.
    begun = time.monotonic()
    host.run("systemctl restart cron && systemctl stop cron")
    assert time.monotonic() - begun < 5
    # The same key opens no other user's door, and a wrong host key is refused.
    spare_lab.known_hosts.write_text(spare_lab.known_hosts.read_text().replace("AAAA", "AAAB"))
    assert ssh(spare_lab, host, "root", "true").returncode == 255


def test_packages_can_be_fetched(fresh_host: LabHost) -> None:
    fresh_host.run("apt-get update -q", timeout=120)
    assert "deb" in fresh_host.run("apt-cache policy tree").stdout


def test_reboot_inside_changes_the_boot_id_and_keeps_the_disk(fresh_host: LabHost) -> None:
    fresh_host.run("touch /root/mark")
    for _ in range(2):
        settled(fresh_host)
        before = fresh_host.boot_id()
        fresh_host.run("systemctl reboot", check=False)
        until(partial(another_boot, fresh_host, before))
    settled(fresh_host)
    fresh_host.run("test -e /root/mark")


def test_reset_wipes_disk_and_host_key(spare_lab: OwnLab) -> None:
    (host,) = spare_lab.hosts(1)
    key = spare_lab.known_hosts.read_text()
    before = host.boot_id()
    host.run("touch /root/mark /etc/immutable && chattr +i /etc/immutable && rm /etc/issue")
    host.reset()
    host.run("test ! -e /root/mark && test ! -e /etc/immutable && test -e /etc/issue")
    assert host.boot_id() != before
    assert spare_lab.known_hosts.read_text() != key
    assert ssh(spare_lab, host, "root", "true").returncode == 0


def test_a_host_that_was_switched_off_starts_again_with_its_disk(spare_lab: OwnLab) -> None:
    host, other = spare_lab.hosts(2)
    settled(host)
    host.run("touch /root/mark; systemctl poweroff", check=False)
    definition = state.find(spare_lab.settings, host.name)
    until(lambda: not verbs.running(spare_lab.settings, definition))
    kept = other.boot_id()
    spare_lab.hosts(2)
    host.run("test -e /root/mark")
    assert other.boot_id() == kept


def test_a_killed_supervisor_leaves_no_second_copy_of_its_host(spare_lab: OwnLab) -> None:
    (host,) = spare_lab.hosts(1)
    folder = state.folder_of(spare_lab.settings, host.name)
    top, init = nspawn.supervisor(folder), nspawn.leader(folder)
    assert top and init
    os.kill(top, signal.SIGKILL)
    assert json.loads(cli(spare_lab, "list", "--json").stdout)[0]["state"] == "stopped"
    spare_lab.hosts(1)
    assert nspawn.leader(folder) != init
    assert not Path(f"/proc/{init}/root/etc").exists()
    top = nspawn.supervisor(folder)
    assert top
    os.kill(top, signal.SIGKILL)
    spare_lab.down()
    assert traces(spare_lab) == []


def test_a_host_that_cannot_boot_is_reported_with_its_console(spare_lab: OwnLab) -> None:
    (host,) = spare_lab.hosts(1)
    host.run("echo 'exec echo no boot today' | sed '1i#!/bin/sh' >/root/init; chmod 755 /root/init")
    host.run("ln -sf /root/init /lib/systemd/systemd; systemctl reboot", check=False)
    host.run(
        "rm -f /usr/sbin/init /sbin/init; ln -s /root/init /usr/sbin/init; systemctl poweroff -ff",
        check=False,
    )
    definition = state.find(spare_lab.settings, host.name)
    until(lambda: not verbs.running(spare_lab.settings, definition))
    with pytest.raises(HostError, match=r"lab1 stopped while it booted\n.*console:\n.*no boot today"):
        spare_lab.hosts(1)


def test_the_lab_keeps_its_network_and_refuses_taken_ones(spare_lab: OwnLab) -> None:
    spare_lab.hosts(1)
    own = spare_lab.settings
    with pytest.raises(OptionsError, match="fleet lab down"):
        state.adopt(own, {"network": "10.250.0.0/24"})
    taken = own.__class__(own.home.with_name("other"), own.cache, "flother", own.network)
    with pytest.raises(OptionsError, match=f"overlaps with {own.gateway}"):
        network.up(taken)


def test_a_build_that_fails_leaves_no_base_tree(tmp_path: Path) -> None:
    wrong = "http://127.0.0.1:9/debian"
    expected = pytest.raises(FleetError, match="debootstrap could not build bookworm")
    with expected as caught, ready_tree(tmp_path, "bookworm", wrong, print):
        raise AssertionError("there is no tree")
    assert "debootstrap-bookworm.log" in caught.value.hint
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_purge_spares_trees_in_use(tmp_path: Path) -> None:
    for suite in ("bookworm", "trixie"):
        tree_of(tmp_path, suite).mkdir()
        tree_of(tmp_path, suite).with_suffix(".lock").touch()
    with ready_tree(tmp_path, "trixie", None, print):
        purge(tmp_path, print)
        assert {path.name for path in tmp_path.iterdir()} == {"base-trixie-v1", "base-trixie-v1.lock"}
    purge(tmp_path, print)
    assert not tmp_path.exists()
