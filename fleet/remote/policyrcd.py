"""Answer for a while every package that asks whether it may start its service (policy-rc.d)."""

import contextlib
import os

from fleet.remote.files import write_atomic

PATH = "/usr/sbin/policy-rc.d"


@contextlib.contextmanager
def held(code, path=PATH):
    """Inside the block ``path`` exits with ``code``; afterwards what was there is there again."""
    kept = path + ".fleet-kept"
    existed = os.path.lexists(path)
    # A kept file from a run that was killed is the real one; never overwrite it with ours.
    if existed and not os.path.lexists(kept):
        os.rename(path, kept)
    try:
        write_atomic(path, ("#!/bin/sh\nexit %d\n" % code).encode("ascii"), mode=0o755)
        yield
    finally:
        if os.path.lexists(kept):
            os.rename(kept, path)
        elif os.path.lexists(path):
            os.unlink(path)
