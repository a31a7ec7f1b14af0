"""filesystem: what is there decides what is done; sizes from superblocks; real image files where the tools are here."""

import shutil
import struct
import subprocess

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import filesystem
from fleet.remote import fssize, mounts

# The output of xfs_info (xfsprogs 6.1, Debian 12) for a file system in an image of 300 MiB.
XFS_INFO = """\
meta-data=/srv/x.img             isize=512    agcount=4, agsize=19200 blks
         =                       sectsz=512   attr=2, projid32bit=1
         =                       crc=1        finobt=1, sparse=1, rmapbt=0
         =                       reflink=1    bigtime=1 inobtcount=1 nrext64=0
data     =                       bsize=4096   blocks=76800, imaxpct=25
         =                       sunit=0      swidth=0 blks
naming   =version 2              bsize=4096   ascii-ci=0, ftype=1
log      =internal log           bsize=4096   blocks=16384, version=2
"""


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "disk.img"
    with open(path, "wb") as file:
        file.truncate(32 << 20)
    return path


def host(kind, **answers):
    told = (0, kind + "\n", "") if kind else (2, "", "")
    return FakeHost({"blkid -c /dev/null -o value -s TYPE": told, **answers.pop("programs", {})}, **answers)


PROGRAMS = [
    ("ext4", None, None, "mkfs.ext4 -F"),
    ("ext4dev", "-L x", None, "mkfs.ext4 -F -L x"),
    ("ext3", "-L 'a b'", "clear", "mkfs.ext3 -F -L a b -U clear"),
    ("ext2", "-U time", "clear", "mkfs.ext2 -F -U time"),
    ("xfs", "-L x", "generate", "mkfs.xfs -f -L x"),
    ("btrfs", None, None, "mkfs.btrfs -f"),
    ("f2fs", None, None, "mkfs.f2fs -f"),
    ("vfat", "-n X", None, "mkfs.vfat -n X"),
    ("ext4", "-Lmenu", "clear", "mkfs.ext4 -F -Lmenu -U clear"),
    (
        "xfs",
        "-m uuid=8f5a1c5e-9a2e-4c9e-8a53-111111111111",
        "nil",
        "mkfs.xfs -f -m uuid=8f5a1c5e-9a2e-4c9e-8a53-111111111111",
    ),
    ("swap", None, None, "mkswap -f"),
    ("lvm", "-Z y", "abc", "pvcreate -f -Z y -u abc --norestorefile"),
    ("ocfs2", None, None, "mkfs.ocfs2 -Fx"),
    ("reiserfs", None, None, "mkfs.reiserfs -q"),
    ("bcachefs", None, "u-u", "mkfs.bcachefs --force -U u-u"),
]


@pytest.mark.parametrize("kind, opts, uuid, line", PROGRAMS)
def test_each_kind_is_made_by_its_program(image, kind, opts, uuid, line):
    made = []

    def blkid(_):
        return (0, kind + "\n", "") if made else (2, "", "")

    fake = FakeHost({"blkid": blkid, line: lambda call: made.append(call) or ""})
    result = run_on(fake, "filesystem", {"dev": str(image), "fstype": kind, "opts": opts, "uuid": uuid})
    assert result == {"changed": True} and made == [f"{line} {image}"]


def test_a_new_xfs_gets_its_uuid_afterwards(image):
    fake = host("", programs={"mkfs.xfs": "", "xfs_admin": ""})
    fake.answers["blkid"] = fake.answers.pop("blkid -c /dev/null -o value -s TYPE")
    fake.answers["xfs_admin"] = lambda _: fake.answers.update(blkid="xfs\n") or ""
    assert run_on(fake, "filesystem", {"dev": str(image), "fstype": "xfs", "uuid": "nil"})["changed"]
    assert fake.calls[1:3] == [f"mkfs.xfs -f {image}", f"xfs_admin -U nil {image}"]


def test_what_is_there_stays(image):
    assert run_on(host("ext4"), "filesystem", {"dev": str(image), "fstype": "ext4", "opts": "-L x"}) == {
        "changed": False
    }
    result = run_on(host("ext4"), "filesystem", {"dev": str(image), "type": "xfs"})
    assert result == {"changed": False, "failed": True, "rc": 0, "err": "",
                      "msg": f"'{image}' is already used as ext4, use force=true to overwrite"}  # fmt: skip


def test_force_makes_it_anew_and_check_mode_does_not(image):
    args = {"device": str(image), "fstype": "ext4", "force": True}
    assert run_on(host("xfs", check=True, programs={"mkfs.ext4": ""}), "filesystem", args) == {"changed": True}
    fake = host("ext4", programs={"mkfs.ext4": ""})
    assert run_on(fake, "filesystem", args)["changed"] and f"mkfs.ext4 -F {image}" in fake.calls


@pytest.mark.parametrize(
    "kind, line, blkid",
    [
        ("ext3", "tune2fs -U random", "ext3"),
        ("xfs", "xfs_admin -U random", "xfs"),
        ("lvm", "pvchange -u", "LVM2_member"),
    ],
)
def test_a_uuid_is_set_every_time(image, kind, line, blkid):
    args = {"dev": str(image), "fstype": kind, "uuid": "random", "force": True}
    fake = host(blkid, programs={line: "done\n"})
    assert run_on(fake, "filesystem", args) == {"changed": True, "msg": "done\n"}
    assert fake.calls[-1] == f"{line} {image}"
    fake = host(blkid, check=True, programs={line: "done\n"})
    assert run_on(fake, "filesystem", args)["changed"] and len(fake.calls) == 1


def test_signatures_are_wiped(image, tmp_path):
    fake = host("ext4", programs={"wipefs": ""})
    fake.answers["wipefs"] = lambda _: fake.answers.update({"blkid -c /dev/null -o value -s TYPE": (2, "", "")}) or ""
    assert run_on(fake, "filesystem", {"dev": str(image), "state": "absent"}) == {"changed": True}
    assert fake.calls[1] == f"wipefs --all {image}"
    assert run_on(fake, "filesystem", {"dev": str(image), "state": "absent"}) == {"changed": False}
    gone = str(tmp_path / "none")
    assert run_on(host(""), "filesystem", {"dev": gone, "state": "absent"}) == {
        "changed": False, "msg": f"Device {gone} not found."}  # fmt: skip


@pytest.mark.parametrize(
    "args, message",
    [
        ({"dev": "/no/such", "fstype": "ext4"}, "Device /no/such not found."),
        ({"dev": "IMG"}, "state is present but all of the following are missing: fstype"),
        ({"dev": "IMG", "fstype": "minix"}, "value of fstype must be one of"),
        ({"fstype": "ext4"}, "missing required arguments: dev"),
        (
            {"dev": "IMG", "fstype": "ext4", "resizefs": True, "uuid": "x"},
            "parameters are mutually exclusive: resizefs|uuid",
        ),
        ({"dev": "IMG", "fstype": "ext4", "force": "perhaps"}, "argument 'force'"),
        ({"dev": "IMG", "fstype": "swap", "uuid": "x"}, "does not support UUID option for this filesystem (swap)"),
        ({"dev": "IMG", "fstype": "reiserfs"}, "install the package reiserfsprogs"),
        ({"dev": "IMG", "fstype": "ext4", "opts": "-L 'x"}, "opts: No closing quotation"),
    ],
)
def test_bad_input(image, args, message):
    fake = host("", programs={"mkfs.ext4": ""})
    given = {name: str(image) if value == "IMG" else value for name, value in args.items()}
    assert message in run_on(fake, "filesystem", given)["msg"]
    assert not any(call.startswith("mkfs") for call in fake.calls)


def test_without_blkid(image):
    assert (
        "install the package util-linux"
        in run_on(FakeHost({}), "filesystem", {"dev": str(image), "fstype": "ext4"})["msg"]
    )


def test_what_cannot_grow(image):
    assert "does not support resizing swap" in run_on(
        host("swap"), "filesystem", {"dev": str(image), "fstype": "swap", "resizefs": True})["msg"]  # fmt: skip
    head = bytearray(fssize.HEAD)
    struct.pack_into(">4sIQ", head, 0, b"XFSB", 4096, 16)
    image.write_bytes(head + bytes(1 << 20))
    result = run_on(
        host("xfs", there=("xfs_growfs",)), "filesystem", {"dev": str(image), "fstype": "xfs", "resizefs": True}
    )
    assert result["msg"] == f"{image} needs to be mounted for XFS operations"


def test_a_mounted_xfs_is_asked_for_its_size(image, monkeypatch):
    head = bytearray(fssize.HEAD)
    struct.pack_into(">4sIQ", head, 0, b"XFSB", 4096, 16)
    image.write_bytes(head)
    with open(image, "r+b") as file:
        file.truncate(76800 * 4096)
    monkeypatch.setattr(mounts, "where", lambda _: "/data")
    fake = host("xfs", programs={"xfs_growfs -n /data": XFS_INFO})
    result = run_on(fake, "filesystem", {"dev": str(image), "fstype": "xfs", "resizefs": True})
    assert result == {"changed": False, "msg": f"XFS filesystem is using the whole device {image}"}
    assert filesystem.grown("junk") is None


def test_a_physical_volume_grows_by_extents(image):
    args = {"dev": str(image), "fstype": "lvm", "resizefs": True}
    report = "pvs --noheadings --nosuffix --units b --separator ; -o pv_size,dev_size,pe_start,vg_extent_size"
    for told, grows in (("205520896;209715200;1048576;4194304", False), ("100663296;209715200;1048576;4194304", True),
                        ("209715200;209715200;0;0", False), ("104857600;209715200;0;0", True)):  # fmt: skip
        fake = host("LVM2_member", check=True, programs={report: f"  {told}\n"})
        assert run_on(fake, "filesystem", args)["changed"] is grows, told


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "f2fs", "vfat"])
def test_a_superblock_that_is_none(image, kind):
    result = run_on(host(kind), "filesystem", {"dev": str(image), "fstype": kind, "resizefs": True})
    assert f"cannot read the {kind} superblock of {image}" in result["msg"]


needs_ext = pytest.mark.skipif(not shutil.which("mkfs.ext4") or not shutil.which("blkid"), reason="no mkfs.ext4 here")


@needs_ext
@pytest.mark.parametrize("block, feature", [("1024", "^64bit"), ("4096", "64bit")])
def test_a_real_ext4_in_an_image(image, block, feature):
    args = {"dev": str(image), "fstype": "ext4", "opts": f"-b {block} -O {feature}"}
    assert run_module("filesystem", args, check=True) == {"changed": True} and not image.read_bytes().strip(b"\0")
    assert run_module("filesystem", args) == {"changed": True}
    assert run_module("filesystem", args) == {"changed": False}
    assert fssize.of(str(image), "ext4") == (32 << 20, int(block))
    grow = dict(args, resizefs=True)
    assert run_module("filesystem", grow)["msg"] == f"Ext4 filesystem is using the whole device {image}"
    with open(image, "r+b") as file:
        file.truncate((48 << 20) + 100)
    assert run_module("filesystem", grow, check=True)["msg"] == f"resizing filesystem Ext4 on device {image}"
    grown = run_module("filesystem", grow)
    assert grown["changed"] and "is now" in grown["msg"] and fssize.of(str(image), "ext4")[0] == 48 << 20
    assert not run_module("filesystem", grow)["changed"]
    subprocess.run(["e2fsck", "-fn", str(image)], check=True, capture_output=True)
    assert run_module("filesystem", {"dev": str(image), "state": "absent"})["changed"]
    assert not run_module("filesystem", {"dev": str(image), "state": "absent"})["changed"]


@needs_ext
def test_what_the_program_says_is_the_message(image):
    result = run_module("filesystem", {"dev": str(image), "fstype": "ext4", "opts": "-b 1000"})
    assert (
        result["failed"]
        and "invalid block size" in result["msg"]
        and result["rc"] == 1
        and result["cmd"].startswith("/")
    )


def test_mount_tables():
    lines = ["/dev/vda1 / ext4 rw 0 0", r"/dev/sdb1 /mnt/a\040b xfs rw,noatime 0 0", "", "# x"]
    assert [(entry["src"], entry["path"], entry["opts"]) for entry in mounts.entries(lines)] == [
        ("/dev/vda1", "/", "rw"), ("/dev/sdb1", "/mnt/a b", "rw,noatime")]  # fmt: skip
