"""zfs and zfs_facts against a stand-in for zfs(8) that keeps datasets: the one of the differential tests."""

import os
import sys
from pathlib import Path

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import zfs, zfs_facts
from fleet.remote.host import Host

STAND_IN = Path(__file__).parents[1] / "differential" / "playbooks" / "storage" / "files" / "zfs"


@pytest.fixture
def pool(tmp_path):
    """A folder with a program called zfs; ``pool()`` gives what it was called with since."""
    text = STAND_IN.read_text().replace("/srv/zfs", str(tmp_path / "zfs")).replace("/usr/bin/python3", sys.executable)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "zfs"
    program.write_text(text)
    program.chmod(0o755)
    log = tmp_path / "zfs.log"

    class Pool(Host):
        def __call__(self):
            lines = log.read_text().splitlines() if log.exists() else []
            log.write_text("")
            return [line for line in lines if not line.startswith("zfs get")]

    def host(**modes):
        return Pool(env={"PATH": f"{program.parent}:{os.environ['PATH']}"}, **modes)

    return host


def test_a_file_system_with_properties(pool):
    args = {"name": "rpool/fs", "state": "present", "extra_zfs_properties": {"compression": "lz4", "setuid": False}}
    looked = run_on(pool(check=True, diff=True), "zfs", args)
    assert looked == {"changed": True, "name": "rpool/fs", "state": "present", "compression": "lz4", "setuid": "off",
                      "diff": {"before_header": "rpool/fs", "after_header": "rpool/fs",
                               "before": {"state": "absent"}, "after": {"state": "present"}}}  # fmt: skip
    assert pool()() == []
    assert run_on(pool(), "zfs", args)["changed"]
    assert pool()() == ["zfs create -p -o compression=lz4 -o setuid=off rpool/fs"]
    assert run_on(pool(), "zfs", args) == {
        "changed": False, "name": "rpool/fs", "state": "present", "compression": "lz4", "setuid": "off"}  # fmt: skip
    args["extra_zfs_properties"] = {"compression": "lz4", "quota": 100, "atime": True}
    done = run_on(pool(diff=True), "zfs", args)
    assert done["changed"] and done["quota"] == 100
    # atime is on by default; here it is to be the dataset's own.
    assert done["diff"]["before"] == {"extra_zfs_properties": {"quota": None, "atime": None}}
    assert done["diff"]["after"] == {"extra_zfs_properties": {"quota": "100", "atime": "on"}}
    assert pool()() == ["zfs set atime=on rpool/fs", "zfs set quota=100 rpool/fs"]


def test_snapshots_clones_and_volumes(pool):
    for args in (
        {"name": "rpool/vol", "extra_zfs_properties": {"volsize": "10M", "volblocksize": "8K", "compression": "on"}},
        {"name": "rpool/vol@s", "extra_zfs_properties": {"a:b": "c d"}},
        {"name": "rpool/clone", "origin": "rpool/vol@s", "extra_zfs_properties": {"atime": "off"}},
    ):
        assert run_on(pool(), "zfs", dict(args, state="present"))["changed"]
    assert pool()() == ["zfs create -p -V 10M -b 8K -o compression=on rpool/vol", "zfs snapshot -o a:b=c d rpool/vol@s",
                        "zfs clone -p -o atime=off rpool/vol@s rpool/clone"]  # fmt: skip
    assert not run_on(pool(), "zfs", {"name": "rpool/clone", "origin": "rpool/vol@s", "state": "present"})["changed"]
    gone = {"name": "rpool/vol", "state": "absent"}
    assert run_on(pool(check=True), "zfs", gone)["changed"] and pool()() == []
    assert run_on(pool(), "zfs", gone) == {"changed": True, "name": "rpool/vol", "state": "absent"}
    assert pool()() == ["zfs destroy -R rpool/vol"]
    assert not run_on(pool(), "zfs", gone)["changed"]


@pytest.mark.parametrize(
    "wanted, have, equal",
    [("10G", "10737418240", True), ("1.5K", "1536", True), ("10G", "10", False), (100, "100", True), ("none", "0", True),
     ("lz4", "lz4", True), ("lz4", None, False), ("10MB", "10485760", True), ("/10G", "/10G", True)],
)  # fmt: skip
def test_sizes_are_bytes(wanted, have, equal):
    assert zfs.same(wanted, have) is equal


def test_what_zfs_shows_otherwise_is_no_change_for_ever():
    # Below an altroot, zfs get tells /mnt/x of a mountpoint that was set to /x.
    fake = FakeHost({"zfs get": "type\tfilesystem\t-\nmountpoint\t/mnt/x\tlocal\n", "zfs set mountpoint=/x p/a": ""})
    result = run_on(fake, "zfs", {"name": "p/a", "state": "present", "extra_zfs_properties": {"mountpoint": "/x"}})
    assert result["changed"] is False and "zfs set mountpoint=/x p/a" in fake.calls


@pytest.mark.parametrize(
    "args, message",
    [
        (
            {"name": "rpool/a@b", "origin": "rpool@c", "state": "present"},
            "cannot specify origin when operating on a snapshot",
        ),
        ({"name": "rpool/a"}, "missing required arguments: state"),
        ({"name": "rpool/a", "state": "gone"}, "value of state must be one of"),
        ({"name": "rpool/a", "state": "present", "extra_zfs_properties": "junk"}, "argument 'extra_zfs_properties'"),
        (
            {"name": "rpool/a", "state": "present", "extra_zfs_properties": {"quota": None}},
            "extra_zfs_properties: quota must be",
        ),
        ({"name": "none/a", "state": "present"}, "cannot create 'none/a': parent does not exist"),
        ({"name": "rpool", "state": "present", "extra_zfs_properties": {"nonsense": 1}}, "invalid property 'nonsense'"),
    ],
)
def test_bad_input(pool, args, message):
    assert message in run_on(pool(), "zfs", args)["msg"]


def test_other_failures():
    assert (
        "install the package zfsutils-linux " in run_on(FakeHost({}), "zfs", {"name": "a/b", "state": "present"})["msg"]
    )
    error = "The ZFS modules are not loaded.\nTry running '/sbin/modprobe zfs' as root to load them.\n"
    result = run_on(FakeHost({"zfs get": (1, "", error)}), "zfs", {"name": "a/b", "state": "absent"})
    assert result["failed"] and result["msg"].startswith("The ZFS modules are not loaded.")
    result = run_on(FakeHost({"zfs get": (1, "", error)}), "zfs_facts", {"name": "a/b"})
    assert result["msg"] == "Error while trying to get properties of ZFS dataset: a/b"


def test_facts(pool):
    run_on(pool(), "zfs", {"name": "rpool/a", "state": "present", "extra_zfs_properties": {"quota": "1G"}})
    result = run_on(
        pool(), "zfs_facts", {"ds": "rpool", "recurse": True, "type": "filesystem", "properties": "used,quota"}
    )
    assert result == {"changed": False, "name": "rpool", "recurse": True, "ansible_facts": {"ansible_zfs_datasets": [
        {"name": "rpool", "used": "96K", "quota": "none"}, {"name": "rpool/a", "used": "96K", "quota": "1G"}]}}  # fmt: skip
    told = run_on(pool(), "zfs_facts", {"name": "rpool/a", "parsable": True})
    assert told["parsable"] is True and told["ansible_facts"]["ansible_zfs_datasets"][0]["used"] == "98304"
    assert zfs_facts.datasets("a\tb:c\tx\ty\n\n") == [{"name": "a", "b:c": "x\ty"}]
    for args, message in (
        ({"name": "none"}, "ZFS dataset none does not exist!"),
        ({"name": "a", "type": ["junk"]}, "value of type must be one or more of"),
        ({"name": "a", "type": ["all", "volume"]}, "cannot be used together"),
        ({"name": "a", "depth": -1}, "depth must not be negative"),
        ({}, "missing required arguments: name"),
    ):
        assert message in run_on(pool(), "zfs_facts", args)["msg"]
