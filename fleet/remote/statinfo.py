"""What stat(2) says about a path, under the names Ansible's `stat` and `find` give it."""

import os
import stat

from fleet.remote import files

_KINDS = ("isdir", "ischr", "isblk", "isreg", "isfifo", "islnk", "issock")
_BITS = (
    ("wusr", stat.S_IWUSR), ("rusr", stat.S_IRUSR), ("xusr", stat.S_IXUSR),
    ("wgrp", stat.S_IWGRP), ("rgrp", stat.S_IRGRP), ("xgrp", stat.S_IXGRP),
    ("woth", stat.S_IWOTH), ("roth", stat.S_IROTH), ("xoth", stat.S_IXOTH),
    ("isuid", stat.S_ISUID), ("isgid", stat.S_ISGID),
)


def describe(path, info):
    """The keys that depend on the result of stat(2) only."""
    mode = info.st_mode
    found = {
        "path": path,
        "mode": "%04o" % stat.S_IMODE(mode),
        "uid": info.st_uid,
        "gid": info.st_gid,
        "size": info.st_size,
        "inode": info.st_ino,
        "dev": info.st_dev,
        "nlink": info.st_nlink,
        "atime": info.st_atime,
        "mtime": info.st_mtime,
        "ctime": info.st_ctime,
        "pw_name": files.user_name(info.st_uid),
        "gr_name": files.group_name(info.st_gid),
    }
    tests = (stat.S_ISDIR, stat.S_ISCHR, stat.S_ISBLK, stat.S_ISREG, stat.S_ISFIFO, stat.S_ISLNK, stat.S_ISSOCK)
    for name, test in zip(_KINDS, tests):
        found[name] = bool(test(mode))
    for name, bit in _BITS:
        found[name] = bool(mode & bit)
    return found


def describe_more(path, info):
    """What `stat` tells beyond ``describe``: blocks, what the runner's user may do, where a link leads."""
    found = describe(path, info)
    found.update(
        exists=True,
        blocks=info.st_blocks,
        block_size=info.st_blksize,
        device_type=info.st_rdev,
        readable=os.access(path, os.R_OK),
        writeable=os.access(path, os.W_OK),
        executable=os.access(path, os.X_OK),
    )
    if found["islnk"]:
        found["lnk_source"] = os.path.realpath(path)
        found["lnk_target"] = os.readlink(path)
    return found
