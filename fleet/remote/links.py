"""Links that another user planted where everybody may write: never followed, whatever the kernel would do.

The rule is the kernel's own (fs.protected_symlinks of proc_sys_fs(5)), held also where it is switched off and where
fleet itself reads the link: in a sticky folder that everybody may write to, such as /tmp, a link is followed only if
it belongs to the one who follows it or to the folder's owner.
"""

import os
import pwd
import stat

from fleet.remote.host import Failed

OPEN = stat.S_ISVTX | stat.S_IWOTH
DEEPEST = 40


def resolved(path):
    """``os.path.realpath``. Raises Failed where a planted link is on the way."""
    target = os.path.realpath(path)
    if target != os.path.abspath(path):
        _walk(os.path.abspath(path), DEEPEST)
    return target


def _walk(path, left):
    """Look at every link on the way to ``path``, and on the ways they lead."""
    way = "/"
    for name in path.split("/"):
        here = os.path.join(way, name)
        try:
            target = os.readlink(here)
        except OSError:
            way = here
            continue
        _judge(here)
        if left:
            _walk(os.path.normpath(os.path.join(os.path.realpath(way), target)), left - 1)
        way = os.path.realpath(here)


def _judge(link):
    folder = os.stat(os.path.dirname(link))
    owner = os.lstat(link).st_uid
    if folder.st_mode & OPEN == OPEN and owner not in (os.geteuid(), folder.st_uid):
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = str(owner)
        raise Failed("%s is a link that the user %s planted in a folder where everybody may write: it is not followed"
                     % (link, name), path=link)
