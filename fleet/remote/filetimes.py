"""Access and modification times as the `file` module wants, compares and sets them."""

import os
import time

from fleet.remote.host import Failed


class Moment(int):
    """A time in nanoseconds. A file system that keeps whole seconds makes it equal to one 2 s away."""

    def __eq__(self, other):
        if not isinstance(other, int):
            return False
        apart = abs(int(self) - int(other))
        coarse = (int(self) % 10**9 == 0) != (int(other) % 10**9 == 0)
        return apart < 2 * 10**9 if coarse else apart == 0

    def __ne__(self, other):
        return not self == other

    __hash__ = int.__hash__


def parse(text, form):
    """A Moment for `now` or a time in the strptime(3) format ``form``; None for `preserve`. Raises Failed."""
    if text == "preserve":
        return None
    if text == "now":
        return Moment(time.time() * 10**9)
    try:
        return Moment(time.mktime(time.strptime(text, form)) * 10**9)
    except (ValueError, OverflowError) as error:
        raise Failed("Error while obtaining timestamp for time %s using format %s: %s" % (text, form, error))


def set_times(path, change, follow):
    """Set ``mtime`` and ``atime``, as far as ``change`` has them. Raises Failed."""
    if "mtime" not in change and "atime" not in change:
        return
    try:
        info = os.stat(path, follow_symlinks=follow)
        times = (int(change.get("atime", info.st_atime_ns)), int(change.get("mtime", info.st_mtime_ns)))
        os.utime(path, ns=times, follow_symlinks=follow)
    except OSError as error:
        raise Failed("Error while updating modification or access time of %s: %s" % (path, error.strerror), path=path)
