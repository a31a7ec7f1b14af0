"""lvg and lvol: LVM's reports read, the right commands given, nothing given where all is well.

The reports are output of LVM 2.03.16 (Debian 12) for groups on files that looked like disks, without a device mapper:
there the fifth letter of lv_attr is X, here it is what the kernel would make of it.
"""

import pytest
from fake_host import FakeHost, run_on

from fleet.remote import lvm, lvsize
from fleet.remote.host import Failed

VGS = "vgs --noheadings --nosuffix --units b --separator ; -o vg_name,lv_count,pv_name"
PVS = "pvs --noheadings --nosuffix --units b --separator ; -o pv_name,vg_name"
GROUPS = "  v1;0;/dev/sdb\n  v1;0;/dev/sdc\n  v2;4;/dev/sdd\n"
DEVICES = "  /dev/sdb;v1\n  /dev/sdc;v1\n  /dev/sdd;v2\n  /dev/sde;\n"
GROUP = "vgs --noheadings --nosuffix --units m --separator ; -o vg_name,vg_size,vg_free,vg_extent_size v2"
VOLUMES = "lvs --noheadings --nosuffix --units m --separator ; -o lv_name,lv_size,lv_attr -a v2"
LVS = "  a;16.00;-wi-a-----\n  b;116.00;-wi-------\n  e;20.00;-wi-a-----\n  [lvol0_pmspare];4.00;ewi-------\n"
CHANGES = ("vgcreate", "vgextend", "vgreduce", "vgremove", "vgchange", "pvcreate", "pvresize", "pvchange",
           "lvcreate", "lvextend", "lvreduce", "lvremove", "lvchange")  # fmt: skip


def host(check=False, **more):
    answers = {VGS: GROUPS, PVS: DEVICES, "vgs --noheadings -o vg_autoactivation": "  enabled\n",
               "lvs --noheadings --nosuffix --units b --separator ; -o lv_attr v2": "  -wi-a-----\n  -wi-------\n",
               GROUP: "  v2;196.00;44.00;4.00\n", VOLUMES: LVS, **dict.fromkeys(CHANGES, "")}  # fmt: skip
    answers.update(more.pop("answers", {}))
    return FakeHost(answers, check=check, **more)


def changes(fake):
    return [call for call in fake.calls if call.split()[0] in CHANGES]


@pytest.fixture(autouse=True)
def disks(monkeypatch):
    there = ("/dev/sdb", "/dev/sdc", "/dev/sdd", "/dev/sde")
    monkeypatch.setattr("os.path.exists", lambda path: path in there or path == "/dev/disk/by-id/e")
    monkeypatch.setattr("os.path.realpath", lambda path: "/dev/sde" if path == "/dev/disk/by-id/e" else path)


def test_reports_are_tables():
    assert lvm.table(DEVICES, ("pv_name", "vg_name"))[3] == {"pv_name": "/dev/sde", "vg_name": ""}
    assert lvm.table("  WARNING: x\n\n", ("a", "b")) == []


@pytest.mark.parametrize(
    "args",
    [{"vg": "v1", "pvs": "/dev/sdb,/dev/sdc"}, {"vg": "v1", "pvs": ""}, {"vg": "v1"}, {"vg": "v1", "pvs": ["/dev/sdb"], "remove_extra_pvs": False},
     {"vg": "none", "state": "absent"}, {"vg": "v1", "state": "active"}, {"vg": "v1", "pesize": "32M"}],
)  # fmt: skip
def test_a_group_as_wanted_stays(args):
    fake = host()
    assert run_on(fake, "lvg", args) == {"changed": False} and changes(fake) == []


@pytest.mark.parametrize(
    "args, commands",
    [
        ({"vg": "v2", "state": "active"}, ["vgchange --activate y v2"]),
        ({"vg": "v2", "state": "inactive"}, ["vgchange --setautoactivation n v2", "vgchange --activate n v2"]),
        ({"vg": "v2", "state": "absent", "force": True}, ["vgremove --force v2"]),
        ({"vg": "v1", "state": "absent"}, ["vgremove --force v1"]),
        ({"vg": "v2", "reset_vg_uuid": True}, ["vgchange -u v2"]),
        ({"vg": "v2", "pvs": "/dev/sdd", "reset_pv_uuid": True, "reset_vg_uuid": True},
         ["vgchange -u v2", "pvchange -u /dev/sdd"]),
    ],
)  # fmt: skip
def test_what_is_done_to_a_group(args, commands):
    fake = host()
    assert run_on(fake, "lvg", args) == {"changed": True} and changes(fake) == commands
    fake = host(check=True)
    assert run_on(fake, "lvg", args) == {"changed": True} and changes(fake) == []


def test_a_new_group():
    groups = [GROUPS, GROUPS + "  v3;0;/dev/sde\n"]
    args = {"vg": "v3", "pvs": "/dev/disk/by-id/e", "pesize": "32M", "state": "inactive", "vg_options": "-l 5",
            "pv_options": "--dataalignment 2m"}  # fmt: skip
    fake = host(answers={VGS: lambda _: groups.pop(0)})
    assert run_on(fake, "lvg", args) == {"changed": True}
    assert changes(fake) == ["pvcreate --dataalignment 2m -f /dev/disk/by-id/e",
                             "vgcreate -l 5 --setautoactivation n -s 32M v3 /dev/disk/by-id/e"]  # fmt: skip
    fake = host(check=True)
    assert run_on(fake, "lvg", args) == {"changed": True} and changes(fake) == []


def test_lvm_before_autoactivation():
    fake = host(answers={"vgs --noheadings -o vg_autoactivation": (3, "", "Unrecognised field: vg_autoactivation")})
    assert run_on(fake, "lvg", {"vg": "v2", "state": "inactive"})["changed"]
    assert changes(fake) == ["vgchange --activate n v2"]


def test_other_devices():
    groups = [GROUPS, "  v1;0;/dev/sdb\n  v1;0;/dev/sde\n"]
    fake = host(answers={VGS: lambda _: groups.pop(0)})
    assert run_on(fake, "lvg", {"vg": "v1", "pvs": ["/dev/sdb", "/dev/disk/by-id/e"]}) == {"changed": True}
    assert changes(fake) == [
        "pvcreate -f /dev/disk/by-id/e",
        "vgextend v1 /dev/disk/by-id/e",
        "vgreduce --force v1 /dev/sdc",
    ]


def test_devices_that_grew():
    report = "pvs --noheadings --nosuffix --units b --separator ; -o pv_size,dev_size,pe_start,vg_extent_size /dev/sdd"
    told = ["205520896;314572800;1048576;4194304\n", "310378496;314572800;1048576;4194304\n"]
    fake = host(answers={report: lambda _: told.pop(0)})
    args = {"vg": "v2", "pvs": "/dev/sdd", "pvresize": True}
    assert run_on(fake, "lvg", args) == {"changed": True} and changes(fake) == ["pvresize /dev/sdd"]
    fake = host(answers={report: "205520896;209715200;1048576;4194304\n"})
    assert run_on(fake, "lvg", args) == {"changed": False} and changes(fake) == []


@pytest.mark.parametrize(
    "args, message",
    [
        ({"vg": "v3"}, "No physical volumes given."),
        ({"vg": "v3", "pvs": ["", " "]}, "No physical volumes given."),
        ({"vg": "v3", "state": "active"}, "No physical volumes given."),
        ({"vg": "v3", "pvs": "/dev/none"}, "Device /dev/none not found."),
        ({"vg": "v3", "pvs": "/dev/sdb"}, "Device /dev/sdb is already in v1 volume group."),
        ({"vg": "v2", "state": "absent"}, "Refuse to remove non-empty volume group v2 without force=true"),
        ({"vg": "v2", "reset_pv_uuid": True}, "reset_pv_uuid is True but all of the following are missing: pvs"),
        ({"vg": "v2", "state": "gone"}, "value of state must be one of"),
        ({"pvs": "/dev/sdb"}, "missing required arguments: vg"),
        ({"vg": "v3", "pvs": "/dev/sde", "vg_options": "'"}, "vg_options: No closing quotation"),
    ],
)
def test_groups_that_cannot_be(args, message):
    fake = host()
    assert message in run_on(fake, "lvg", args)["msg"] and changes(fake) == []


def test_what_lvm_says_is_kept():
    fake = host(answers={"pvcreate": (5, "", "  No device found for /dev/sde.\n")})
    assert run_on(fake, "lvg", {"vg": "v3", "pvs": "/dev/sde"}) == {
        "changed": False, "failed": True, "rc": 5, "err": "  No device found for /dev/sde.\n",
        "msg": "Creating physical volume '/dev/sde' failed"}  # fmt: skip
    for module in ("lvg", "lvol"):
        assert (
            "install the package lvm2"
            in run_on(FakeHost({}), module, {"vg": "v1", "lv": "a"} if module == "lvol" else {"vg": "v"})["msg"]
        )


@pytest.mark.parametrize(
    "text, option, now, target",
    [
        ("20", "-L 20m", 16, 20), ("20.5g", "-L 20.5g", 0, 24), ("30", "-L 30m", 32, 32), ("8388608B", "-L 8388608B", 0, 8388608),
        ("+8M", "-L +8M", 20, 28), ("-8M", "-L -8M", 20, 12), ("50%VG", "-l 50%VG", 0, 96), ("80%FREE", "-l 80%FREE", 0, 32),
        ("100%PVS", "-l 100%PVS", 0, 196), ("+10%FREE", "-l +10%FREE", 80, 84), ("150%ORIGIN", "-l 150%ORIGIN", 0, 292),
    ],
)  # fmt: skip
def test_sizes(text, option, now, target):
    size = lvsize.parse(text)
    assert " ".join(size.option()) == option
    assert lvsize.target(size, now, {"size": 196.0, "free": 44.0, "extent": 4.0}) == target


@pytest.mark.parametrize("text", ["x", "", "12q", "12%XX", "120%VG", "1.5%VG", "+", ".5g", "1e3", "20 m", "٣"])
def test_sizes_that_are_none(text):
    with pytest.raises(Failed):
        lvsize.parse(text)


@pytest.mark.parametrize(
    "args, commands",
    [
        ({"lv": "a", "size": 16}, []),
        ({"lv": "a", "size": "14m"}, []),
        ({"lv": "a"}, []),
        ({"lv": "a", "size": "4m", "shrink": False}, []),
        ({"lv": "b", "active": False}, []),
        ({"lv": "e", "size": "9%VG"}, []),
        ({"lv": "b"}, ["lvchange -ay v2/b"]),
        ({"lv": "a", "active": False}, ["lvchange -an v2/a"]),
        ({"lv": "a", "size": "20m"}, ["lvextend -L 20m v2/a"]),
        ({"lv": "a", "size": "+100%FREE", "resizefs": True, "pvs": "/dev/sdd"},
         ["lvextend --resizefs -l +100%FREE v2/a /dev/sdd"]),
        ({"lv": "a", "size": "8m", "force": True}, ["lvreduce --force -L 8m v2/a"]),
        ({"lv": "b", "size": "20%VG", "force": True, "active": False}, ["lvreduce --force -l 20%VG v2/b"]),
        ({"lv": "a", "state": "absent", "force": True}, ["lvremove --force v2/a"]),
        ({"lv": "none", "state": "absent"}, []),
    ],
)  # fmt: skip
def test_what_is_done_to_a_volume(args, commands):
    fake = host()
    result = run_on(fake, "lvol", {"vg": "v2", **args})
    assert result["changed"] is bool(commands) and changes(fake) == commands, result
    if args.get("state") != "absent":
        assert result == {
            "changed": bool(commands),
            "lv": args["lv"],
            "vg": "v2",
            "size": {"a": 16.0, "b": 116.0, "e": 20.0}[args["lv"]],
        }
    fake = host(check=True)
    assert run_on(fake, "lvol", {"vg": "v2", **args})["changed"] is bool(commands)
    assert all("--test" in call for call in changes(fake))


@pytest.mark.parametrize(
    "args, commands",
    [
        (
            {"lv": "n", "size": 512, "opts": "-r 16", "pvs": ["/dev/sdd"]},
            ["lvcreate --yes -n n -L 512m -r 16 v2 /dev/sdd"],
        ),
        ({"lv": "n", "size": "100%FREE", "active": False}, ["lvcreate --yes -n n -l 100%FREE v2", "lvchange -an v2/n"]),
        ({"lv": "a", "snapshot": "n", "size": "10m"}, ["lvcreate --yes -L 10m -s -n n v2/a"]),
        ({"thinpool": "n", "size": "1g"}, ["lvcreate --yes -L 1g -T v2/n"]),
        ({"thinpool": "b", "lv": "n", "size": "2g"}, ["lvcreate --yes -n n -V 2g -T v2/b"]),
    ],
)
def test_new_volumes(args, commands):
    fake = host(answers={VOLUMES: LVS, VOLUMES.replace("units m", "units g"): LVS,
                         GROUP.replace("units m", "units g"): "  v2;0.20;0.04;0.01\n"})  # fmt: skip
    fake.answers["lvcreate"] = lambda _: fake.answers.update({VOLUMES: LVS + "  n;8.00;-wi-a-----\n"}) or ""
    assert run_on(fake, "lvol", {"vg": "v2", **args}) == {"changed": True, "msg": ""}
    assert changes(fake) == commands
    if args["size"] == 512:
        fake = host(check=True)
        assert run_on(fake, "lvol", {"vg": "v2", **args})["changed"]
        assert changes(fake) == ["lvcreate --test --yes -n n -L 512m -r 16 v2 /dev/sdd"]


@pytest.mark.parametrize(
    "args, message",
    [
        ({}, "one of the following is required: lv, thinpool"),
        ({"lv": "n"}, "No size given."),
        ({"lv": "n", "size": "-20M"}, "Bad size specification of '-20' for creating LV"),
        ({"lv": "a", "size": "x"}, "Bad size specification of 'x'"),
        ({"lv": "a", "size": "8m"}, "Sorry, no shrinking of a without force=true."),
        ({"lv": "b", "size": "20%VG"}, "Sorry, no shrinking of b without force=true"),
        ({"lv": "a", "size": "-16m", "force": True}, "Sorry, no shrinking of a to 0 permitted."),
        ({"lv": "a", "state": "absent"}, "Sorry, no removal of logical volume a without force=true."),
        ({"lv": "a", "size": "100%PVS"}, "Not enough free space left (180.0m required / 44.0m available)"),
        ({"lv": "no", "snapshot": "n", "size": "1m"}, "Snapshot origin LV no does not exist in volume group v2."),
        ({"lv": "n", "thinpool": "p", "size": "1m"}, "Thin pool LV p does not exist in volume group v2."),
        ({"lv": "n", "thinpool": "b", "size": "50%VG"}, "Thin volume sizing with percentage not supported."),
    ],
)
def test_volumes_that_cannot_be(args, message):
    fake = host()
    assert message in run_on(fake, "lvol", {"vg": "v2", **args})["msg"] and changes(fake) == []


def test_a_group_that_is_not_there():
    answers = {GROUP.replace("v2", "no"): (5, "", '  Volume group "no" not found\n')}
    fake = host(answers=answers)
    assert run_on(fake, "lvol", {"vg": "no", "lv": "a", "state": "absent"}) == {
        "changed": False, "stdout": "Volume group no does not exist."}  # fmt: skip
    result = run_on(fake, "lvol", {"vg": "no", "lv": "a", "size": 4})
    assert result["failed"] and result["msg"] == "Volume group no does not exist." and result["rc"] == 5


def test_what_lvextend_says():
    same = "  New size (4 extents) matches existing size (4 extents).\n"
    fake = host(answers={"lvextend": (5, "", same)})
    assert not run_on(fake, "lvol", {"vg": "v2", "lv": "a", "size": "17m"})["changed"]
    full = "  Insufficient free space: 992 extents needed, but only 85 available\n"
    result = run_on(host(answers={"lvextend": (5, "", full)}), "lvol", {"vg": "v2", "lv": "a", "size": "4000m"})
    assert result["failed"] and result["msg"] == "Unable to resize a to 4000m" and result["err"] == full


def test_a_group_with_a_missing_device_and_one_that_cannot_be_read():
    fake = host(answers={VGS: (5, "  v1;0;/dev/sdb\n  v1;0;[unknown]\n", "  Volume group old is exported\n")})
    assert run_on(fake, "lvg", {"vg": "v1", "pvs": "/dev/sdb"}) == {"changed": False} and changes(fake) == []
