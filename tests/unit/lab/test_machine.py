"""The pure halves of the edges: what ip says, what nft is told, where control groups are, what is remembered."""

from __future__ import annotations

import os
import threading
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import FleetError, OptionsError
from fleet.lab import cgroups, lock, needs, nspawn, overlay, state
from fleet.lab.hosts import File
from fleet.lab.network import addresses_of, nat_rules, neighbour
from fleet.lab.settings import Settings, settings_from

ADDRESSES: list[dict[str, Any]] = [
    {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
    {"ifname": "eth0", "addr_info": [{"local": "10.78.3.4", "prefixlen": 24}]},
    {"ifname": "down0", "addr_info": []},
    {},
]
HYBRID = """proc /proc proc rw 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_from({"FLEET_LAB_HOME": str(tmp_path)})


def test_an_overlapping_network_is_seen() -> None:
    assert neighbour(ADDRESSES, IPv4Network("10.78.0.0/16")) == "10.78.3.4/24 on eth0"
    assert neighbour(ADDRESSES, IPv4Network("10.79.0.0/16")) == ""
    assert addresses_of(ADDRESSES, "down0") == []


def test_nat_is_for_what_leaves_the_lab() -> None:
    rules = nat_rules("fleetlab0", IPv4Network("10.78.0.0/16"))
    assert 'ip saddr 10.78.0.0/16 oifname != "fleetlab0" masquerade' in rules
    assert {line.split()[3] for line in rules.splitlines() if line.startswith(("add", "delete"))} == {"fleetlab0"}


def test_control_groups_are_those_systemd_uses() -> None:
    assert cgroups.roots(HYBRID) == [Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")]
    assert cgroups.roots("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n") == [Path("/sys/fs/cgroup")]


def test_only_without_systemd_outside_is_the_unit_kept() -> None:
    without = nspawn.nspawn_command(Path("/r"), "m", "lab1", "br", systemd_outside=False)
    assert "--keep-unit" in without
    assert "--keep-unit" not in nspawn.nspawn_command(Path("/r"), "m", "lab1", "br", systemd_outside=True)


def test_a_process_number_used_again_is_not_the_supervisor(tmp_path: Path) -> None:
    folder = nspawn.Folder(tmp_path)
    assert nspawn.supervisor(folder) is None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    folder.process.write_text(f"{os.getpid()} {started} {boot}\n")
    assert nspawn.supervisor(folder) == os.getpid()
    folder.process.write_text(f"{os.getpid()} {int(started) + 1} {boot}\n")
    assert nspawn.supervisor(folder) is None
    folder.process.write_text(f"{os.getpid()} {started} of-an-earlier-boot\n")
    assert nspawn.supervisor(folder) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, which needs root")
def test_a_layers_folders_look_like_those_below(tmp_path: Path) -> None:
    base, upper = tmp_path / "base", tmp_path / "upper"
    (base / "root").mkdir(parents=True, mode=0o700)
    (base / "home/admin").mkdir(parents=True)
    os.chown(base / "home/admin", 1000, 1000)
    overlay.place(base, upper, [File("root/.ssh/keys", "k", 0o600), File("home/admin/.ssh/keys", "k", 0o600, 1000)])
    shown = {
        str(path.relative_to(upper)): (oct(path.stat().st_mode & 0o777), path.stat().st_uid)
        for path in upper.rglob("*")
    }
    assert shown["root"] == ("0o700", 0)
    assert shown["root/.ssh"] == ("0o700", 0)
    assert shown["home/admin"] == ("0o755", 1000)
    assert shown["home/admin/.ssh"] == ("0o700", 1000)
    assert shown["home/admin/.ssh/keys"] == ("0o600", 1000)


def test_a_running_lab_keeps_its_network(settings: Settings) -> None:
    settings.home.joinpath("lab.json").write_text('{"bridge": "mine", "network": "10.5.0.0/16", "user": "root"}')
    assert state.adopt(settings, {}).bridge == "mine"
    # Without hosts it is only the note of an attempt.
    assert str(state.adopt(settings, {"network": "10.6.0.0/16"}).network) == "10.6.0.0/16"
    host = settings.home / "hosts/lab1"
    host.mkdir(parents=True)
    (host / "suite").write_text("trixie\n")
    with pytest.raises(OptionsError, match=r"runs with network 10\.5\.0\.0/16, not 10\.6\.0\.0/16 .*fleet lab down"):
        state.adopt(settings, {"network": "10.6.0.0/16"})


def test_unreadable_notes_are_an_error_with_a_place(settings: Settings) -> None:
    settings.home.joinpath("lab.json").write_text("{")
    with pytest.raises(FleetError, match=r"lab\.json"):
        state.saved(settings.home)


def test_hosts_are_listed_by_number_and_half_made_ones_are_not(settings: Settings) -> None:
    for name in ("lab10", "lab2", ".lab3", "lost+found"):
        folder = settings.home / "hosts" / name
        folder.mkdir(parents=True)
        (folder / "suite").write_text("bookworm\n")
    assert [host.name for host in state.hosts(settings)] == ["lab2", "lab10"]
    with pytest.raises(OptionsError, match="no host 'lab1' .*lab2, lab10"):
        state.find(settings, "lab1")


def test_forgetting_keeps_files_of_others(settings: Settings) -> None:
    (settings.home / "notes.txt").write_text("mine")
    (settings.home / "lab.json").write_text("{}")
    state.forget(settings)
    assert [path.name for path in settings.home.iterdir()] == ["notes.txt"]
    (settings.home / "notes.txt").unlink()
    state.forget(settings)
    assert not settings.home.exists()


def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    waits, order = threading.Event(), []

    def second() -> None:
        with lock.locked(path, waiting=waits.set):
            order.append(path.exists())

    with lock.locked(path):
        assert lock.try_lock(path) is None
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(5)
        path.unlink()
    thread.join(5)
    assert order == [True]


def test_shared_locks_keep_out_the_lone_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.locked(path, shared=True), lock.locked(path, shared=True):
        assert lock.try_lock(path) is None
    handle = lock.try_lock(path)
    assert handle is not None
    os.close(handle)


def test_missing_tools_name_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "environment", lambda: {"PATH": "/nonexistent"})
    with pytest.raises(FleetError) as caught:
        needs.check()
    assert "systemd-nspawn is missing" in caught.value.what
    assert "apt-get install systemd-container" in caught.value.hint
    assert "debootstrap" in caught.value.what
    assert "debootstrap" not in " ".join(what for what, _ in needs.lacks(base=False))
