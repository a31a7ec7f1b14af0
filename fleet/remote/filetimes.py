"""Access and modification times as the `file` module wants, compares and sets them."""

import os
import time

from fleet.remote.host import Failed

NOW = 60
"""Seconds around a wish for "now" that still are now."""


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


class Now(Moment):
    """The moment of a wish for "now". Where the kernel was left to choose (``near``), any time around it will do."""

    near = False

    def __eq__(self, other):
        return Moment.__eq__(self, other) or (
            self.near and isinstance(other, int) and abs(int(self) - int(other)) < NOW * 10**9
        )

    __hash__ = int.__hash__


def parse(text, form):
    """A Moment for `now` or a time in the strptime(3) format ``form``; None for `preserve`. Raises Failed."""
    if text == "preserve":
        return None
    if text == "now":
        return Now(time.time() * 10**9)
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
        try:
            os.utime(path, ns=times, follow_symlinks=follow)
        except PermissionError:
            # Who may only write a file may set both its times to now, and nothing else.
            if not (isinstance(change.get("mtime"), Now) and isinstance(change.get("atime"), Now)):
                raise
            os.utime(path, follow_symlinks=follow)
            change["mtime"].near = change["atime"].near = True
    except OSError as error:
        raise Failed("Error while updating modification or access time of %s: %s" % (path, error.strerror), path=path)
