"""Make, grow and remove file systems on block devices and in image files."""

import os
import re
import shlex

from fleet.remote import fssize, lvm, mounts
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

EXT = ("ext2", "ext3", "ext4", "ext4dev")
SPEC = Spec(
    {
        "dev": Arg("path", required=True, aliases=("device",), help="The block device, or an image file."),
        "fstype": Arg(aliases=("type",), choices=("bcachefs", "btrfs", "ext2", "ext3", "ext4", "ext4dev", "f2fs", "lvm", "ocfs2",
                                                  "reiserfs", "xfs", "vfat", "swap", "ufs"),
                      help="The kind of file system; needed unless `state` is absent. `lvm` makes a physical volume."),
        "state": Arg(default="present", choices=("present", "absent"),
                     help="absent: the signatures of the file system that is there are wiped; other arguments do not matter."),
        "force": Arg("bool", False, help="Make it anew over a file system that is there, of the same kind or another."),
        "resizefs": Arg("bool", False, help="Let it grow to the size of the device. XFS and Btrfs have to be mounted for that; "
                                            "not for swap, ocfs2, reiserfs, bcachefs and ufs."),
        "opts": Arg(help="More arguments for the program that makes it."),
        "uuid": Arg(help="Set this UUID, or a word such as `random` (tune2fs) or `generate` (xfs_admin). Changes at every run. "
                         "For ext2 to ext4, xfs, lvm, and a new bcachefs."),
    },
    exclusive=(("resizefs", "uuid"),),
    required_if=(("state", "present", ("fstype",)),),
    returns={"msg": "What the program said, or that there was nothing to do."},
)
EXAMPLES = """
- name: The data disk
  filesystem:
    dev: /dev/sdb1
    fstype: ext4
- name: It grows with the disk
  filesystem:
    dev: /dev/sdb1
    fstype: ext4
    resizefs: true
"""
# Kind: how it is made, and the package with that program
MAKE = {
    "ext2": (["mkfs.ext2", "-F"], "e2fsprogs"),
    "ext3": (["mkfs.ext3", "-F"], "e2fsprogs"),
    "ext4": (["mkfs.ext4", "-F"], "e2fsprogs"),
    "xfs": (["mkfs.xfs", "-f"], "xfsprogs"),
    "btrfs": (["mkfs.btrfs", "-f"], "btrfs-progs"),
    "f2fs": (["mkfs.f2fs", "-f"], "f2fs-tools"),
    "vfat": (["mkfs.vfat"], "dosfstools"),
    "swap": (["mkswap", "-f"], "util-linux"),
    "lvm": (["pvcreate", "-f"], "lvm2"),
    "ocfs2": (["mkfs.ocfs2", "-Fx"], "ocfs2-tools"),
    "reiserfs": (["mkfs.reiserfs", "-q"], "reiserfsprogs"),
    "bcachefs": (["mkfs.bcachefs", "--force"], "bcachefs-tools"),
    "ufs": (["newfs"], ""),
}
# Kind: how a device grows its file system; MOUNT is where it is mounted
GROW = {
    "ext2": (["resize2fs", "DEV"], "e2fsprogs"),
    "ext3": (["resize2fs", "DEV"], "e2fsprogs"),
    "ext4": (["resize2fs", "DEV"], "e2fsprogs"),
    "xfs": (["xfs_growfs", "MOUNT"], "xfsprogs"),
    "btrfs": (["btrfs", "filesystem", "resize", "max", "MOUNT"], "btrfs-progs"),
    "f2fs": (["resize.f2fs", "DEV"], "f2fs-tools"),
    "vfat": (["fatresize", "-s", "SIZE", "DEV"], "fatresize"),
    "lvm": (["pvresize", "DEV"], "lvm2"),
}
SHOWN = {"xfs": "XFS", "vfat": "VFAT", "lvm": "LVM"}
UUID = tuple(EXT) + ("xfs", "lvm", "bcachefs")


def run(host, args):
    dev, kind = args["dev"], "ext4" if args["fstype"] == "ext4dev" else args["fstype"]
    if not os.path.exists(dev):
        if args["state"] == "absent":
            return {"changed": False, "msg": "Device %s not found." % dev}
        raise Unmet("Device %s not found." % dev)
    have = found(host, dev)
    if args["state"] == "absent":
        return wipe(host, dev) if have else {"changed": False}
    if args["uuid"] and kind not in UUID:
        raise Failed("module does not support UUID option for this filesystem (%s) yet." % kind)
    if have == kind and not (args["force"] and not args["uuid"]):
        if args["resizefs"]:
            return grow(host, dev, kind)
        return rename(host, dev, kind, args["uuid"]) if args["uuid"] else {"changed": False}
    if have and not args["force"]:
        raise Failed("'%s' is already used as %s, use force=true to overwrite" % (dev, have), rc=0, err="")
    return make(host, dev, kind, args)


def found(host, dev):
    """The kind of file system on a device as this module calls it, "" when blkid knows none."""
    # Without its cache: that may tell what was there before.
    ran = host.run([host.need("blkid", "util-linux"), "-c", "/dev/null", "-o", "value", "-s", "TYPE", dev], ok=None)
    kind = ran.out.strip()
    return {"LVM2_member": "lvm", "ext4dev": "ext4"}.get(kind, kind)


def shown(kind):
    return SHOWN.get(kind, kind.capitalize())


def wipe(host, dev):
    if not host.check:
        command(host, [host.need("wipefs", "util-linux"), "--all", dev])
        left = found(host, dev)
        if left:
            raise Failed("%s is still there on %s after its signatures were wiped" % (left, dev), changed=True)
    return {"changed": True}


def make(host, dev, kind, args):
    argv, package = MAKE[kind]
    argv = [host.need(argv[0], package)] + argv[1:] + making_options(kind, args["opts"], args["uuid"]) + [dev]
    if host.check:
        return {"changed": True}
    command(host, argv)
    if kind == "xfs" and args["uuid"] not in (None, "generate") and not chosen(kind, argv):
        rename(host, dev, kind, args["uuid"])
    if not found(host, dev):
        raise Failed("%s ended well, but %s holds no file system" % (os.path.basename(argv[0]), dev), changed=True)
    return {"changed": True}


def making_options(kind, opts, uuid):
    """The words between program and device; a UUID among the options wins over ``uuid``. Pure."""
    words = lvm.words(opts, "opts")
    given = chosen(kind, words)
    if uuid and not given and kind in EXT + ("bcachefs",):
        words += ["-U", uuid]
    if uuid and not given and kind == "lvm":
        words += ["-u", uuid, "--norestorefile"]
    return words


def chosen(kind, words):
    """Whether the options choose a UUID themselves; then they win. Pure."""
    if kind == "xfs":
        return any("uuid=" in word for word in words)
    return any(word.startswith(("-u" if kind == "lvm" else "-U", "--uuid")) for word in words)


def rename(host, dev, kind, uuid):
    """Give a file system that is there another UUID."""
    if kind == "bcachefs":
        raise Failed("the UUID of a bcachefs filesystem can only be chosen when it is made")
    program, package, option = {"xfs": ("xfs_admin", "xfsprogs", ["-U", uuid]), "lvm": ("pvchange", "lvm2", ["-u"])}.get(
        kind, ("tune2fs", "e2fsprogs", ["-U", uuid]))
    argv = [host.need(program, package)] + option + [dev]
    if host.check:
        return {"changed": True, "msg": "Changing %s filesystem UUID on device %s" % (shown(kind), dev)}
    return {"changed": True, "msg": command(host, argv).out}


def grow(host, dev, kind):
    if kind not in GROW:
        raise Failed("module does not support resizing %s filesystem yet." % kind)
    size, room, least = sizes(host, dev, kind)
    if room - size < least:
        return {"changed": False, "msg": "%s filesystem is using the whole device %s" % (shown(kind), dev)}
    if host.check:
        return {"changed": True, "msg": "resizing filesystem %s on device %s" % (shown(kind), dev)}
    argv, package = GROW[kind]
    place = mounts.where(dev) if "MOUNT" in argv else None
    if "MOUNT" in argv and place is None:
        raise Failed("%s needs to be mounted for %s operations" % (dev, shown(kind)))
    swap = {"DEV": dev, "MOUNT": place, "SIZE": str(room)}
    ran = command(host, [host.need(argv[0], package)] + [swap.get(word, word) for word in argv[1:]])
    return {"changed": sizes(host, dev, kind)[0] > size, "msg": ran.out}


def sizes(host, dev, kind):
    """Bytes of the file system, bytes of the device that it could take, bytes by which it grows at least."""
    if kind == "lvm":
        return lvm.volume_sizes(host, dev)
    size, least = fssize.of(dev, kind)
    place = mounts.where(dev) if kind == "xfs" else None
    if place is not None:
        # The kernel writes a mounted file system's superblock when it likes.
        size = grown(host.run([host.need("xfs_growfs", "xfsprogs"), "-n", place]).out) or size
    return size, fssize.device(dev), least


def grown(text):
    """The bytes of ``data`` in what xfs_growfs -n prints. Pure."""
    match = re.search(r"^data\s*=.*?bsize=(\d+)\s+blocks=(\d+)", text, re.MULTILINE)
    return int(match.group(1)) * int(match.group(2)) if match else None


def command(host, argv):
    """Run a program; what it said on stderr is the message of a failure."""
    ran = host.run(argv, ok=None)
    if ran.rc != 0:
        raise Failed(ran.err.rstrip() or ran.out.strip() or "%s failed" % argv[0], rc=ran.rc, stdout=ran.out, stderr=ran.err,
                     cmd=" ".join(map(shlex.quote, argv)))
    return ran
