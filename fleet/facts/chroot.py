"""Whether the modules run inside a chroot."""

import os

NAMES = ("is_chroot",)
SUBSETS = ("chroot", "is_chroot")


def collect(host):
    if os.environ.get("debian_chroot"):
        return {"is_chroot": True}
    here = os.stat("/")
    try:
        init = os.stat("/proc/1/root/.")
    except OSError:
        # Only root may look there; inode 2 is the root of ext and xfs file systems (96, 128 are xfs's).
        return {"is_chroot": here.st_ino not in (2, 96, 128, 256)}
    return {"is_chroot": (here.st_ino, here.st_dev) != (init.st_ino, init.st_dev)}
