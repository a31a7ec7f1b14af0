"""How large a file system is, from its superblock: what its own tools print, without starting them.

``of(path, fstype)`` reads; the parsers are pure and get the first ``HEAD`` bytes of the device.
"""

import os
import struct

from fleet.remote.host import Failed

HEAD = 65536 + 4096
"""Btrfs keeps its superblock behind 64 KiB; the others are in front of it."""


def device(path):
    """The bytes of a block device or image file."""
    with open(path, "rb") as source:
        return source.seek(0, os.SEEK_END)


def of(path, fstype):
    """(bytes the file system takes, bytes it grows by at least). Raises Failed."""
    try:
        with open(path, "rb") as source:
            return PARSERS[fstype](source.read(HEAD))
    except (OSError, ValueError, struct.error) as error:
        raise Failed("cannot read the %s superblock of %s: %s" % (fstype, path, getattr(error, "strerror", 0) or error))


def _field(head, form, offset):
    return struct.unpack_from(form, head, offset)[0]


def _demand(true):
    if not true:
        raise ValueError("there is none")


def ext(head):
    """ext2, ext3, ext4: s_blocks_count, s_log_block_size, and the upper half where the 64bit feature is set."""
    _demand(_field(head, "<H", 1024 + 0x38) == 0xEF53)
    blocks, block = _field(head, "<I", 1024 + 4), 1024 << _field(head, "<I", 1024 + 24)
    if _field(head, "<I", 1024 + 0x60) & 0x80:
        blocks += _field(head, "<I", 1024 + 0x150) << 32
    return blocks * block, block


def xfs(head):
    """XFS: sb_blocksize and sb_dblocks; what is mounted may be larger than the superblock says."""
    _demand(head[:4] == b"XFSB")
    block = _field(head, ">I", 4)
    return _field(head, ">Q", 8) * block, block


def btrfs(head):
    """Btrfs: the size of this one device."""
    _demand(head[65536 + 0x40:65536 + 0x48] == b"_BHRfS_M")
    return _field(head, "<Q", 65536 + 0xD1), _field(head, "<I", 65536 + 0x90)


def f2fs(head):
    """F2FS: whole segments of 512 blocks."""
    _demand(_field(head, "<I", 1024) == 0xF2F52010)
    block = 1 << _field(head, "<I", 1024 + 16)
    return _field(head, "<Q", 1024 + 36) * block, 512 * block


def vfat(head):
    """FAT: the sectors of the boot sector, in the short field or the long."""
    _demand(head[510:512] == b"\x55\xaa")
    sector = _field(head, "<H", 11)
    return (_field(head, "<H", 19) or _field(head, "<I", 32)) * sector, 1 << 20


PARSERS = {"ext2": ext, "ext3": ext, "ext4": ext, "xfs": xfs, "btrfs": btrfs, "f2fs": f2fs, "vfat": vfat}
