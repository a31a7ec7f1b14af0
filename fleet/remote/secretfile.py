"""Secrets for a program that reads them from a file: a file without a name, inherited as an open descriptor.

The program is told ``/proc/self/fd/N``. There is nothing on a disk, nothing in its command line or
environment, and no other user can open it; it is gone when both sides have closed it.
"""

import contextlib
import os
import tempfile


@contextlib.contextmanager
def offered(text):
    """Yield (path, descriptor) of a nameless file that holds ``text``; hand the descriptor to the child."""
    descriptor = _nameless()
    try:
        # MySQL's programs ignore option files that everybody may write, libpq password files that others may read.
        os.fchmod(descriptor, 0o600)
        data = text.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(descriptor, data):]
        yield "/proc/self/fd/%d" % descriptor, descriptor
    finally:
        os.close(descriptor)


def _nameless():
    """A descriptor of a file in memory that has no name (memfd_create is there from Python 3.8 on)."""
    try:
        return os.memfd_create("fleet")
    except (AttributeError, OSError):
        folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryFile(dir=folder) as file:
            return os.dup(file.fileno())
