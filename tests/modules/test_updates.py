"""updates, reboot_required: apt's simulation taken apart, replaced files found in /proc, kernels compared."""

import os

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import reboot_required, updates
from fleet.remote import kernels, stale

SIMULATION = """Reading package lists...
Inst base-files [12.4+deb12u1] (12.4+deb12u5 Debian:12.5/stable [amd64])
Inst libssl3 [3.0.11-1] (3.0.11-2 Debian:12.5/stable, Debian-Security:12/stable-security [amd64]) []
Inst linux-image-6.1.0-20-amd64 (6.1.85-1 Debian-Security:12/stable-security [amd64])
Inst libc6:i386 [2.36-9] (2.36-10 Debian:12.5/stable [i386])
Inst tzdata [2024a-0] (2024b-0 local [all])
Conf base-files (12.4+deb12u5 Debian:12.5/stable [amd64])
Remv old [1.0]
"""


def test_updates_are_told_with_versions_and_sources():
    found = updates.parse(SIMULATION, "amd64")
    assert [(each["name"], each["old"], each["new"], each["security"]) for each in found] == [
        ("base-files", "12.4+deb12u1", "12.4+deb12u5", False),
        ("libc6:i386", "2.36-9", "2.36-10", False),
        ("libssl3", "3.0.11-1", "3.0.11-2", True),
        ("linux-image-6.1.0-20-amd64", "", "6.1.85-1", True),
        ("tzdata", "2024a-0", "2024b-0", False),
    ]
    assert found[2]["sources"] == ["Debian:12.5/stable", "Debian-Security:12/stable-security"]


def test_names_are_those_of_installed_packages():
    text = SIMULATION
    result = run_on(FakeHost({"apt-get --simulate": text}), "updates", {"restarts": False})
    assert len(result["names"]) == 4 and not [name for name in result["names"] if name.startswith("linux-image")]
    assert (result["security"], result["changed"]) == (2, False)


def test_security_updates_alone():
    result = run_on(FakeHost({"apt-get --simulate": SIMULATION}), "updates", {"restarts": False, "security": True})
    assert len(result["names"]) == 1 and "libssl3" in result["names"][0] and result["security"] == 2


@pytest.mark.parametrize("mode, command", [("safe", "--with-new-pkgs upgrade"), ("full", "dist-upgrade")])
def test_the_mode_is_apts_command(mode, command):
    host = FakeHost({"apt-get --simulate": ""})
    assert run_on(host, "updates", {"mode": mode, "restarts": False})["updates"] == []
    assert host.calls == ["apt-get --simulate --quiet -o Debug::NoLocking=true " + command]


def test_a_host_without_apt_is_told():
    result = run_on(FakeHost({}), "updates", {})
    assert result["failed"] and "hosts with apt only" in result["msg"]


MAPS = """55d0-55d1 r--p 00000000 08:01 7                  /usr/sbin/sshd
7f00-7f01 r-xp 00004000 00:27 16042462                   /usr/lib/x86_64-linux-gnu/liblzma.so.5.4.1 (deleted)
7f01-7f02 r--p 00004000 00:27 16042462                   /usr/lib/x86_64-linux-gnu/liblzma.so.5.4.1 (deleted)
7f02-7f03 r-xp 00004000 00:27 1                          /usr/lib/with blank.so;65f0a1b2 (deleted)
7f03-7f04 r-xp 00004000 00:27 2                          /usr/bin/tool.dpkg-new (deleted)
7f04-7f05 r--p 00004000 00:27 3                          /usr/share/data (deleted)
7f05-7f06 rwxp 00004000 00:27 4                          /tmp/jit (deleted)
7f06-7f07 r-xs 00004000 00:27 5                          /memfd:x (deleted)
7f07-7f08 r-xp 00004000 00:27 6                          /usr/local/lib/mine.so (deleted)
"""
OLD = ["/usr/bin/tool", "/usr/lib/with blank.so", "/usr/lib/x86_64-linux-gnu/liblzma.so.5.4.1"]


def test_only_deleted_code_of_packages_counts():
    assert stale.replaced(MAPS) == OLD


@pytest.mark.parametrize(
    "cgroup, unit",
    [
        ("0::/system.slice/ssh.service\n", "ssh.service"),
        ("9:name=systemd:/system.slice/cron.service\n0::/init.scope\n", "cron.service"),
        ("1:cpu:/\n0::/init.scope\n", "init.scope"),
        ("0::/user.slice/user-0.slice/user@0.service/app.slice/gpg-agent.service\n", "user@0.service"),
        ("0::/\n", ""),
        ("", ""),
    ],
)
def test_the_unit_of_a_process(cgroup, unit):
    assert stale.unit_of(cgroup) == unit


def test_processes_of_containers_are_not_the_hosts(tmp_path):
    other = tmp_path / "container"
    other.mkdir()
    for pid, root in (("1", "/"), ("70", "/"), ("80", str(other))):
        folder = tmp_path / "proc" / pid
        folder.mkdir(parents=True)
        (folder / "root").symlink_to(root)
        (folder / "maps").write_text(MAPS if pid != "1" else "")
        (folder / "comm").write_text("sshd\n")
        (folder / "cgroup").write_text("0::/system.slice/ssh.service\n")
    (tmp_path / "proc" / "90").mkdir()
    found = stale.processes(str(tmp_path / "proc"))
    assert [(each["pid"], each["name"], each["files"]) for each in found] == [(70, "sshd", OLD)]
    assert stale.services(found) == ["ssh.service"]


@pytest.mark.parametrize(
    "running, build, images, newest, reason",
    [
        # A newer release of the same flavour; the cloud kernel is another one.
        (
            "6.1.0-9-amd64",
            "",
            {"6.1.0-9-amd64": "6.1.27-1", "6.1.0-18-amd64": "6.1.76-1", "6.5.0-1-cloud-amd64": "6.5.1-1"},
            "6.1.0-18-amd64",
            "kernel 6.1.0-9-amd64 runs, 6.1.0-18-amd64 is installed",
        ),
        # The same release built anew.
        (
            "6.1.0-18-amd64",
            "Linux version 6.1.0-18-amd64 (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP Debian 6.1.76-1 (2024-02-01)",
            {"6.1.0-18-amd64": "6.1.76-1"},
            "6.1.0-18-amd64",
            "",
        ),
        (
            "5.15.0-91-generic",
            "Ubuntu 5.15.0-91.101-generic 5.15.131",
            {"unsigned-5.15.0-91-generic": "5.15.0-91.102"},
            "5.15.0-91-generic",
            "kernel 5.15.0-91-generic runs as of 5.15.0-91.101, 5.15.0-91.102 is installed",
        ),
        # The metapackage is no kernel; in a container none of the packages is the one that runs.
        ("6.1.0-18-amd64", "", {"amd64": "6.1.76-1"}, "", ""),
        ("6.18.44-fc-v657", "", {"6.1.0-18-amd64": "6.1.76-1"}, "", ""),
        ("6.12.1", "", {"6.1.0-18-amd64": "6.1.76-1"}, "", ""),
    ],
)
def test_kernels_of_debian(running, build, images, newest, reason):
    images = {"linux-image-" + name: version for name, version in images.items()}
    told = kernels.of_debian(running, build, images)
    assert (told["newest"], told["reason"]) == (newest, reason)


def test_kernels_of_rpm():
    from fleet.remote.rpmdb import Package

    packages = [Package("kernel-core", "0", "5.14.0", release, "x86_64") for release in ("362.8.el9", "362.18.el9")]
    told = kernels.of_rpm("5.14.0-362.8.el9.x86_64", packages)
    assert told["reason"] == "kernel 5.14.0-362.8.el9.x86_64 runs, 5.14.0-362.18.el9.x86_64 is installed"
    assert kernels.of_rpm("5.14.0-362.18.el9.x86_64", packages)["reason"] == ""
    assert kernels.of_rpm("6.0-container", packages)["newest"] == ""


def test_packages_that_ask_for_a_restart_are_reasons(tmp_path, monkeypatch):
    flag = tmp_path / "reboot-required"
    monkeypatch.setattr(reboot_required, "FLAGS", (os.fspath(flag),))
    monkeypatch.setattr(kernels, "judge", lambda host: {"running": "1", "newest": "2", "reason": ""})
    assert run_on(FakeHost({}), "reboot_required", {})["required"] is False
    flag.write_text("*** System restart required ***\n")
    (tmp_path / "reboot-required.pkgs").write_text("libc6\ndbus\nlibc6\n")
    result = run_on(FakeHost({}), "reboot_required", {})
    assert (result["required"], result["packages"]) == (True, ["dbus", "libc6"])
    assert result["reasons"] == ["%s is there, for dbus, libc6" % flag] and "reason" not in result["kernel"]
