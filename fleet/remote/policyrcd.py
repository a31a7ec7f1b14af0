"""Answer for a while every package that asks whether it may start its service (policy-rc.d).

A lock on the answer (flock(2)) ends with the process that gave it: the next run takes away that of one that was killed.
"""

import contextlib
import fcntl
import os

from fleet.remote.files import read_bytes, write_atomic

PATH, KEPT = "/usr/sbin/policy-rc.d", ".fleet-kept"
ANSWER = b"#!/bin/sh\n# From fleet, while apt runs\nexit %d\n"
OURS = ANSWER.partition(b"exit")[0]


@contextlib.contextmanager
def held(code, path=PATH):
    """Inside the block ``path`` exits with ``code``; afterwards what was there is there again."""
    mend(path)
    if os.path.lexists(path) and not _is_ours(path):
        if os.path.lexists(path + KEPT):
            os.unlink(path + KEPT)
        os.link(path, path + KEPT, follow_symlinks=False)
    write_atomic(path, ANSWER % code, change={"mode": 0o755}, follow=False)
    with open(path) as answer:
        fcntl.flock(answer, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Another run may have put its answer over ours; then it is the one that puts things back.
            if os.path.lexists(path) and os.path.samestat(os.fstat(answer.fileno()), os.lstat(path)):
                _restore(path)


def mend(path=PATH):
    """Put back what a runner that was killed has replaced."""
    if not _is_ours(path):
        return
    with open(path) as answer:
        try:
            fcntl.flock(answer, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _restore(path)


def _is_ours(path):
    return (read_bytes(path) or b"").startswith(OURS)


def _restore(path):
    if os.path.lexists(path + KEPT):
        os.rename(path + KEPT, path)
    else:
        os.unlink(path)
