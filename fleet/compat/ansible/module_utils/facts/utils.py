"""Files read without a fuss."""

import os


def get_file_content(path, default=None, strip=True):
    """The text of a file, ``default`` where there is none or nothing in it."""
    try:
        if not os.access(path, os.R_OK):
            return default
        with open(path, errors="surrogateescape") as file:
            data = file.read()
    except OSError:
        return default
    data = data.strip() if strip else data
    return data or default


def get_file_lines(path, strip=True, line_sep=None):
    """The lines of a file, [] where there is none."""
    data = get_file_content(path, strip=strip)
    if not data:
        return []
    if line_sep is None:
        return data.splitlines()
    return data.rstrip(line_sep).split(line_sep) if len(line_sep) == 1 else data.split(line_sep)


def get_mount_size(mountpoint):
    """Sizes in bytes, blocks and inodes of what is mounted there; {} where nothing is."""
    try:
        found = os.statvfs(mountpoint)
    except OSError:
        return {}
    return {"size_total": found.f_frsize * found.f_blocks, "size_available": found.f_frsize * found.f_bavail,
            "block_size": found.f_bsize, "block_total": found.f_blocks, "block_available": found.f_bavail,
            "block_used": found.f_blocks - found.f_bavail, "inode_total": found.f_files,
            "inode_available": found.f_favail, "inode_used": found.f_files - found.f_favail}
