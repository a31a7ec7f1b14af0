"""Whether what is to be unpacked fits on the disk, asked before the first old file is gone.

tar(1) removes a file before it writes the new one: on a disk that is full in the middle neither would be left.
"""

import os
import stat

from fleet.remote import look, mounts

# What they need for a file is known when it is written.
COMPRESSING = ("btrfs", "zfs", "bcachefs", "f2fs", "ubifs")


def lacking(dest, sizes, most):
    """(bytes needed at once, bytes free) where files do not fit below ``dest`` and old ones would be lost, else None.

    ``sizes`` are (name, size) in the order of writing; ``most`` is all data there is: files may have holes.
    """
    disks, folders, replaced = {}, {}, False
    for name, size in sizes:
        path = os.path.join(dest, name)
        above = os.path.dirname(path)
        if above not in folders:
            folders[above] = _disk_of(above, disks)
        disk = folders[above]
        freed = _freed(path)
        replaced = replaced or freed is not None
        disk.used += -(-size // disk.block) * disk.block - (freed or 0)
        disk.peak = max(disk.peak, disk.used)
    for disk in disks.values() if replaced else ():
        need = min(disk.peak, most)
        if need > disk.free and kind(disk.folder) not in COMPRESSING:
            return need, disk.free
    return None


class Disk(object):
    """A file system and what writing takes of it: now, and at most on the way."""

    def __init__(self, folder):
        info = os.statvfs(folder)
        self.folder = folder
        self.block = info.f_frsize or 4096
        self.free = (info.f_bavail if os.geteuid() else info.f_bfree) * self.block
        self.used = self.peak = 0


def _disk_of(folder, disks):
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    device = os.stat(folder).st_dev
    if device not in disks:
        disks[device] = Disk(folder)
    return disks[device]


def _freed(path):
    """Bytes that the removal of a file gives back, None where there is none to lose."""
    try:
        info = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(info.st_mode):
        return None
    return info.st_blocks * 512 if info.st_nlink == 1 else 0


def kind(folder):
    """The type of the file system that a folder is on, "" when it is not known."""
    real = os.path.realpath(folder) + "/"
    found = [entry for entry in mounts.entries(look.lines("/proc/self/mounts"))
             if real.startswith(entry["path"].rstrip("/") + "/")]
    return max(found, key=lambda entry: len(entry["path"]))["fstype"] if found else ""
