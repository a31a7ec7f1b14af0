"""apt-get's and apt-cache's output taken apart; locks and their holders."""

import fcntl
import os

import pytest

from fleet.remote import aptget
from fleet.remote.host import Failed, Host, Ran, Unmet

POLICY = """bash:
  Installed: 5.2.15-2+b7
  Candidate: 5.2.15-2+b13
  Version table:
     5.2.15-2+b13 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
 *** 5.2.15-2+b7 100
        100 /var/lib/dpkg/status
awk:
  Installed: (none)
  Candidate: (none)
  Version table:
libc6:i386:
  Installed: (none)
  Candidate: 2.36-9
  Version table:
     2.36-9 500
        500 http://deb.debian.org/debian bookworm/main i386 Packages
"""

SIMULATION = """Reading package lists...
Building dependency tree...
Reading state information...
The following additional packages will be installed:
  libnl-3-200
1 upgraded, 2 newly installed, 2 to remove and 16 not upgraded.
Remv old [1.0]
Purg older [0.9]
Inst libnl-3-200 (3.7.0-0.2+b1 Debian:12.15/oldstable [amd64])
Inst bash [5.2.15-2] (5.2.16 Debian:12.15/oldstable [amd64]) []
Inst libc6:i386 (2.36-9 Debian:12.15/oldstable [i386])
Conf libnl-3-200 (3.7.0-0.2+b1 Debian:12.15/oldstable [amd64])
"""


def test_policy():
    found = aptget.parse_policy(POLICY)
    assert found["bash"] == aptget.Offer("5.2.15-2+b7", "5.2.15-2+b13", ["5.2.15-2+b13", "5.2.15-2+b7"])
    assert found["awk"] == aptget.Offer("", "", [])
    assert found["libc6:i386"].candidate == "2.36-9"


def test_simulation_tells_versions_and_actions():
    found = {
        item["name"]: (item["old"], item["new"], item["action"])
        for item in aptget.parse_simulation(SIMULATION, "amd64")
    }
    assert found == {
        "old": ("1.0", "", "remove"),
        "older": ("0.9", "", "remove"),
        "libnl-3-200": ("", "3.7.0-0.2+b1", "install"),
        "bash": ("5.2.15-2", "5.2.16", "upgrade"),
        "libc6:i386": ("", "2.36-9", "install"),
    }


def test_the_summary_is_what_is_to_happen():
    assert aptget.summary(SIMULATION) == (
        "The following additional packages will be installed:\n  libnl-3-200\n"
        "1 upgraded, 2 newly installed, 2 to remove and 16 not upgraded."
    )


def test_the_progress_of_dpkg_is_left_out():
    text = "a\n(Reading database ... \r(Reading database ... 5%\r(Reading database ... 10393 files installed.)\r\nb\n"
    assert aptget.squeeze(text) == "a\n(Reading database ... 10393 files installed.)\nb\n"


def failed(err):
    return aptget.failure(Host(), "'apt-get' failed: " + err, Ran([], 100, "", err), "")


def test_failures_say_what_to_do():
    unknown = failed("E: Unable to locate package nosuch\n")
    assert isinstance(unknown, Unmet) and unknown.result["msg"] == "No package matching 'nosuch' is available"
    assert (
        "state: fixed"
        in failed(
            "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem."
        ).result["msg"]
    )
    locked = failed("E: Could not get lock /var/lib/apt/lists/lock. It is held by process 666 (apt-get)")
    assert "locked by process 666 (apt-get)" in locked.result["msg"]
    assert failed("E: broken").result["rc"] == 100


@pytest.mark.parametrize(
    "line, expected",
    [
        ("3: POSIX  ADVISORY  WRITE 812 00:2f:56789 0 EOF", (812, 56789)),
        ("3: -> POSIX  ADVISORY  WRITE 812 00:2f:56789 0 EOF", (0, 0)),
        ("4: FLOCK  ADVISORY  WRITE 99 fd:01:12 0 EOF", (99, 12)),
        ("nonsense", (0, 0)),
    ],
)
def test_lines_of_proc_locks(line, expected):
    assert aptget.parse_lock(line) == expected


def test_who_holds_a_lock_is_found(tmp_path):
    path = tmp_path / "lock"
    with open(path, "w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        found = aptget.lock_holders([str(path), str(tmp_path / "none")])
    assert [(pid, where) for pid, _, where in found] == [(os.getpid(), str(path))]
    assert found[0][1] == open("/proc/self/comm").read().strip()


def test_errors_of_an_update_are_named_though_apt_ends_well():
    err = "W: Failed to fetch http://x/InRelease  Could not resolve 'x'\nW: Some index files failed to download.\n"
    assert aptget.fetch_errors(Ran([], 0, "", err)) == ["W: Failed to fetch http://x/InRelease  Could not resolve 'x'"]
    err = "E: Failed to fetch http://x/y  404\nE: Some index files failed to download.\n"
    assert aptget.fetch_errors(Ran([], 100, "", err)) == ["E: Failed to fetch http://x/y  404"]
    assert aptget.fetch_errors(Ran([], 0, "", "W: Target Packages is configured multiple times\n")) == []


@pytest.fixture
def fake_apt(tmp_path):
    """A program in place of apt-get that fails as told by files in a folder."""
    program = tmp_path / "apt-get"
    program.write_text(
        f"#!/bin/sh\nn=$(cat {tmp_path}/n 2>/dev/null || echo 0); echo $((n+1)) > {tmp_path}/n\n"
        f"if [ $n -lt $(cat {tmp_path}/fails) ]; then cat {tmp_path}/err >&2; exit 100; fi\n"
        'echo "$DEBIAN_FRONTEND"\n'
    )
    program.chmod(0o755)
    return tmp_path


def test_a_held_lock_is_waited_for(fake_apt):
    (fake_apt / "fails").write_text("1")
    (fake_apt / "err").write_text("E: Could not get lock /x. It is held by process 1 (init)\n")
    ran = aptget.apt(Host(), [str(fake_apt / "apt-get")], timeout=5)
    assert ran.out == "noninteractive\n"


def test_a_lock_that_stays_names_its_holder(fake_apt):
    (fake_apt / "fails").write_text("99")
    (fake_apt / "err").write_text("E: Could not get lock /x. It is held by process 1 (init)\n")
    with pytest.raises(Failed, match=r"locked by process 1 \(init\)"):
        aptget.apt(Host(), [str(fake_apt / "apt-get")], timeout=0)


def test_an_update_is_tried_again_and_names_what_failed(fake_apt, monkeypatch):
    monkeypatch.setenv("PATH", str(fake_apt) + ":/usr/bin:/bin")
    (fake_apt / "err").write_text("E: Failed to fetch http://mirror/x  404\n")
    (fake_apt / "fails").write_text("1")
    monkeypatch.setattr(aptget, "LISTS", str(fake_apt))
    monkeypatch.setattr(aptget, "STAMP", str(fake_apt / "stamp"))
    aptget.update(Host(), retries=1, max_delay=0)
    assert (fake_apt / "n").read_text() == "2\n"
    (fake_apt / "fails").write_text("99")
    with pytest.raises(Failed, match="Failed to update apt cache after 1 retries: E: Failed to fetch http://mirror/x"):
        aptget.update(Host(), retries=1, max_delay=0)
