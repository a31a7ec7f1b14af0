"""The user that the modules run as."""

import os
import pwd

NAMES = (
    "effective_group_id",
    "effective_user_id",
    "real_group_id",
    "real_user_id",
    "user_dir",
    "user_gecos",
    "user_gid",
    "user_id",
    "user_shell",
    "user_uid",
)
SUBSETS = (
    "user",
    "effective_group_ids",
    "effective_user_id",
    "real_user_id",
    "user_dir",
    "user_gecos",
    "user_gid",
    "user_id",
    "user_shell",
    "user_uid",
)


def collect(host):
    facts = {
        "effective_group_id": os.getegid(),
        "effective_user_id": os.geteuid(),
        "real_group_id": os.getgid(),
        "real_user_id": os.getuid(),
    }
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        facts["user_id"] = str(os.getuid())
        return facts
    facts.update(
        user_id=entry.pw_name,
        user_uid=entry.pw_uid,
        user_gid=entry.pw_gid,
        user_gecos=entry.pw_gecos,
        user_dir=entry.pw_dir,
        user_shell=entry.pw_shell,
    )
    return facts
