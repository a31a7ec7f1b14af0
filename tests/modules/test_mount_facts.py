"""mount_facts: tables read and filtered; repeated mounts, sources that are one file, servers that do not answer."""

import time

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import mount_facts
from fleet.remote import mounts

FSTAB = "# c\nUUID=abc / ext4 defaults 0 1\nLABEL=x /no\\040such xfs noatime\nserver:/x /proc nfs ro 0 0\n\n"
# The output of mount (util-linux 2.38, Debian 12).
MOUNT = (
    "proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\nover on /srv/a b type tmpfs (rw,relatime,size=2048k)\n"
)


@pytest.fixture
def fstab(tmp_path):
    path = tmp_path / "fstab"
    path.write_text(FSTAB)
    return path


def facts(args, **kwargs):
    result = run_module("mount_facts", args, **kwargs)
    assert not result.get("failed"), result
    return result["ansible_facts"]


def test_a_file(fstab):
    told = facts({"sources": [str(fstab)], "include_aggregate_mounts": True})
    assert list(told["mount_points"]) == ["/", "/no such", "/proc"] and len(told["aggregate_mounts"]) == 3
    root = told["mount_points"]["/"]
    assert root["size_total"] > 0 and root.items() >= {
        "device": "UUID=abc", "fstype": "ext4", "options": "defaults", "dump": 0, "passno": 1, "uuid": "abc", "mount": "/",
        "ansible_context": {"source": str(fstab), "source_data": "UUID=abc / ext4 defaults 0 1"}}.items()  # fmt: skip
    other = told["mount_points"]["/no such"]
    assert "size_total" not in other and "dump" not in other and other["uuid"] is None


@pytest.mark.parametrize(
    "args, points",
    [
        ({"fstypes": ["nfs*"]}, ["/proc"]),
        ({"devices": "[!/]*:*"}, ["/proc"]),
        ({"devices": ["UUID=*", "LABEL=y"]}, ["/"]),
        ({"devices": ["uuid=*"]}, []),
        ({"devices": ["LABEL=*"], "fstypes": ["ext4"]}, []),
        ({"devices": [], "fstypes": []}, ["/", "/no such", "/proc"]),
    ],
)
def test_filters(fstab, args, points):
    assert list(facts({"sources": [str(fstab)], **args})["mount_points"]) == points


@pytest.mark.parametrize("line", ["two words", "a b c d e f g", "/dev/a /b ext4 rw x y"])
def test_a_file_that_is_no_fstab(fstab, line):
    fstab.write_text(FSTAB + line + "\n")
    assert facts({"sources": [str(fstab)]}) == {"mount_points": {}, "aggregate_mounts": []}


def test_the_first_source_counts(fstab, tmp_path):
    other = tmp_path / "other"
    other.write_text("/dev/sda1 / xfs rw\n/dev/sda2 /data xfs rw\n")
    link = tmp_path / "link"
    link.symlink_to(fstab)
    told = facts(
        {"sources": [str(link), str(other), str(fstab), str(tmp_path / "none")], "include_aggregate_mounts": True}
    )
    assert told["mount_points"]["/"]["device"] == "UUID=abc" and told["mount_points"]["/data"]["device"] == "/dev/sda2"
    assert [mount["mount"] for mount in told["aggregate_mounts"]] == ["/", "/no such", "/proc", "/", "/data"]


def test_repeated_mounts_are_told(tmp_path):
    table = tmp_path / "table"
    table.write_text("a /x tmpfs rw 0 0\nb /y tmpfs rw 0 0\nc /x tmpfs rw 0 0\n")
    result = run_module("mount_facts", {"sources": [str(table)]})
    assert "ignoring repeat mounts in the following sources: %s (['/x', '/y', '/x'])" % table in result["warnings"][0]
    assert (
        result["ansible_facts"]["mount_points"]["/x"]["device"] == "a"
        and not result["ansible_facts"]["aggregate_mounts"]
    )
    for choice in (True, False):
        assert "warnings" not in run_module(
            "mount_facts", {"sources": [str(table)], "include_aggregate_mounts": choice}
        )
    twice = run_module("mount_facts", {"sources": [str(table), str(table)], "include_aggregate_mounts": True})
    assert len(twice["ansible_facts"]["aggregate_mounts"]) == 3 and "duplicate entries" in twice["warnings"][0]


def test_what_is_mounted():
    told = facts({"include_aggregate_mounts": False})
    assert "/proc" in told["mount_points"] and told["mount_points"]["/proc"]["fstype"] == "proc"
    assert (
        facts({"sources": ["dynamic"], "fstypes": ["proc"], "include_aggregate_mounts": False})["mount_points"].keys()
        <= told["mount_points"].keys()
    )


def test_the_program_is_a_source():
    fake = FakeHost({"mount": MOUNT})
    told = run_on(fake, "mount_facts", {"sources": ["mount"]})["ansible_facts"]["mount_points"]
    assert told["/srv/a b"]["device"] == "over" and told["/srv/a b"]["options"] == "rw,relatime,size=2048k"
    assert told["/proc"]["ansible_context"]["source"] == "mount" and "dump" not in told["/proc"]


def test_the_program_is_asked_where_no_file_tells(monkeypatch, tmp_path):
    monkeypatch.setattr(mount_facts, "DYNAMIC", (str(tmp_path / "none"),))
    assert (
        "/srv/a b"
        in run_on(FakeHost({"mount": MOUNT}), "mount_facts", {"sources": ["dynamic"]})["ansible_facts"]["mount_points"]
    )
    monkeypatch.setattr(mount_facts, "DYNAMIC", ("/proc/mounts",))
    fake = FakeHost({"mount": MOUNT})
    run_on(fake, "mount_facts", {"sources": ["dynamic"], "include_aggregate_mounts": False})
    assert fake.calls == []


def test_who_does_not_answer(fstab, monkeypatch):
    monkeypatch.setattr(mounts, "sizes", lambda path: time.sleep(0.2) or {"size_total": 1})
    args = {"sources": [str(fstab)], "fstypes": ["ext4"], "timeout": 0.01}
    assert (
        "Timed out getting mount size for mount / (type ext4) after 0.01 seconds"
        in run_module("mount_facts", args)["msg"]
    )
    result = run_module("mount_facts", dict(args, on_timeout="warn"))
    assert "Timed out" in result["warnings"][0] and "size_total" not in result["ansible_facts"]["mount_points"]["/"]
    assert "warnings" not in run_module("mount_facts", dict(args, on_timeout="ignore"))
    assert facts(dict(args, timeout=5))["mount_points"]["/"]["size_total"] == 1


def test_a_program_that_does_not_answer(tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o755)
    args = {"sources": [str(slow)], "mount_binary": str(slow), "timeout": 0.1}
    assert "Timed out getting the mounts from" in run_module("mount_facts", args)["msg"]
    assert facts(dict(args, on_timeout="ignore"))["mount_points"] == {}


@pytest.mark.parametrize(
    "args, message",
    [
        ({"timeout": 0}, "argument 'timeout' must be a positive number or null, not 0.0"),
        ({"timeout": "x"}, "argument 'timeout'"),
        ({"mount_binary": 5}, "argument 'mount_binary' must be a string or null, not 5"),
        ({"sources": ["mount"], "mount_binary": "nomount"}, "missing"),
        ({"sources": ["", "static"]}, "sources contains an empty string"),
        ({"on_timeout": "maybe"}, "value of on_timeout must be one of"),
        ({"include_aggregate_mounts": "maybe"}, "argument 'include_aggregate_mounts'"),
    ],
)
def test_bad_input(args, message):
    if message == "missing":
        # Only the program itself counts as a source that is run.
        args, message = (
            {"sources": ["nomount"], "mount_binary": "nomount"},
            "the program nomount was not found; install the package mount",
        )
    assert message in run_module("mount_facts", args)["msg"]
