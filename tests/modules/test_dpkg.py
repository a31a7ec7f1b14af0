"""dpkg's status file taken apart, versions in order, two states compared."""

import os
import subprocess

import pytest

from fleet.remote import dpkg
from fleet.remote.host import Host

STATUS = b"""Package: bash
Essential: yes
Status: install ok installed
Priority: required
Section: shells
Architecture: amd64
Multi-Arch: foreign
Version: 5.2.15-2+b7
Description: GNU Bourne Again SHell
 Version: 9 is not a field but text

Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21.22

Package: mawk
Status: hold ok installed
Architecture: amd64
Version: 1.3.4
Provides: awk, other-awk (= 1)

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-9

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1.0

Package: half
Status: install reinstreq half-configured
Architecture: all
Version: 2.0
"""


@pytest.fixture
def status():
    return dpkg.Status(STATUS)


def test_a_package_is_found_with_version_and_state(status):
    assert status.get("bash") == dpkg.Package("bash", "amd64", "5.2.15-2+b7", "install", "ok", "installed")
    assert status.get("mawk").want == "hold"
    assert status.get("nosuch") is None


def test_the_own_architecture_is_meant_unless_another_is_named(status):
    assert status.native == "amd64"
    assert status.get("libc6").arch == "amd64"
    assert status.get("libc6", "i386").arch == "i386"
    assert status.get("libc6", "arm64") is None
    assert status.get("gone", "amd64").arch == "all"


@pytest.mark.parametrize(
    "name, installed, there",
    [("bash", True, True), ("mawk", True, True), ("gone", False, False), ("half", False, True)],
)
def test_installed_means_wholly_installed(status, name, installed, there):
    assert dpkg.is_installed(status.get(name)) is installed
    assert dpkg.is_there(status.get(name)) is there


def test_virtual_packages_come_from_provides(status):
    assert status.providers("awk") == ["mawk"]
    assert status.providers("other-awk") == ["mawk"]
    assert status.providers("mawk") == []


def test_half_done_packages_are_named(status):
    assert [package.name for package in status.broken()] == ["half"]


def test_the_file_is_read_again_only_when_it_changed(tmp_path):
    path = tmp_path / "status"
    path.write_bytes(STATUS)
    host = Host()
    first = dpkg.read_status(host, str(path))
    assert dpkg.read_status(host, str(path)) is first
    path.write_bytes(STATUS.replace(b"5.2.15-2+b7", b"5.2.16"))
    assert dpkg.read_status(host, str(path)).get("bash").version == "5.2.16"


def test_no_status_file_is_no_packages(tmp_path):
    assert dpkg.read_status(Host(), str(tmp_path / "none")).blocks == {}


def test_an_interrupted_run_leaves_a_journal(tmp_path):
    assert not dpkg.interrupted(str(tmp_path))
    (tmp_path / "0001").write_text("x")
    assert dpkg.interrupted(str(tmp_path))


ORDER = [
    "0~~",
    "0~rc1",
    "0",
    "0.9",
    "1.0~rc1",
    "1.0",
    "1.0-1",
    "1.0-1+b1",
    "1.0-1.1",
    "1.0-2",
    "1.0a",
    "1.0+dfsg-1",
    "1.9",
    "1.10",
    "2:0.1",
    "10:0",
]


def test_the_journal_of_a_run_that_was_cut_off_counts(tmp_path):
    (tmp_path / "status").write_bytes(STATUS)
    (tmp_path / "updates").mkdir()
    host, where = Host(), (str(tmp_path / "status"), str(tmp_path / "updates"))
    assert dpkg.is_installed(dpkg.read_status(host, *where).get("bash"))
    (tmp_path / "updates" / "0000").write_bytes(
        b"Package: bash\nStatus: install reinstreq half-installed\nArchitecture: amd64\nVersion: 5.2.16\n"
    )
    assert dpkg.read_status(host, *where).get("bash").status == "half-installed"


def test_settings_left_behind_count_when_asked_for(status):
    assert "gone:all" not in status.versions() and status.versions(leftovers=True)["gone:all"] == "1.0"


def test_versions_are_ordered_as_dpkg_orders_them():
    for index, version in enumerate(ORDER):
        assert dpkg.compare(version, version) == 0
        for later in ORDER[index + 1 :]:
            assert dpkg.compare(version, later) == -1, (version, later)
            assert dpkg.compare(later, version) == 1, (later, version)


@pytest.mark.skipif(not os.access("/usr/bin/dpkg", os.X_OK), reason="needs dpkg")
def test_the_order_is_dpkgs_own():
    for left, right in zip(ORDER, ORDER[1:]):
        assert subprocess.call(["dpkg", "--compare-versions", left, "lt", right]) == 0, (left, right)


def test_moves_tell_install_upgrade_downgrade_remove():
    before = {"a:amd64": "1", "b:all": "1", "c:i386": "2", "d:amd64": "1"}
    after = {"a:amd64": "2", "c:i386": "1", "d:amd64": "1", "e:amd64": "7"}
    assert dpkg.moves(before, after, "amd64") == [
        {"name": "a", "old": "1", "new": "2", "action": "upgrade"},
        {"name": "b", "old": "1", "new": "", "action": "remove"},
        {"name": "c:i386", "old": "2", "new": "1", "action": "downgrade"},
        {"name": "e", "old": "", "new": "7", "action": "install"},
    ]
