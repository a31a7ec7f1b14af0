"""What is mounted, from proc(5)'s mount tables."""

import os

from fleet.remote import fstab, look


def entries(text_lines):
    """The lines of a mount table (fstab(5)'s form) as dicts of src, path, fstype, opts, dump, passno. Pure."""
    return [found for found in map(fstab.entry, text_lines) if found]


def where(device):
    """Where the file system on a block device, or in an image file behind a loop device, is mounted: a path or None."""
    real = os.path.realpath(device)
    names = {device, real} | set(loops(real))
    for entry in entries(look.lines("/proc/self/mounts")):
        if entry["src"] in names or (entry["src"][:1] == "/" and os.path.realpath(entry["src"]) in names):
            return entry["path"]
    return None


def loops(image):
    """The loop devices that show an image file."""
    return ["/dev/" + name for name in look.names("/sys/block") if name.startswith("loop")
            and look.text("/sys/block/%s/loop/backing_file" % name) == image]


def sizes(path):
    """What statvfs(2) tells of a mounted file system, under the names of Ansible's facts; nothing when it cannot."""
    try:
        info = os.statvfs(path)
    except OSError:
        return {}
    return {
        "size_total": info.f_frsize * info.f_blocks,
        "size_available": info.f_frsize * info.f_bavail,
        "block_size": info.f_bsize,
        "block_total": info.f_blocks,
        "block_available": info.f_bavail,
        "block_used": info.f_blocks - info.f_bavail,
        "inode_total": info.f_files,
        "inode_available": info.f_favail,
        "inode_used": info.f_files - info.f_favail,
    }
