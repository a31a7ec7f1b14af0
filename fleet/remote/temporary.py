"""Hidden names beside a target for what is not finished, and what a writer that was killed left under them.

The name tells the target, so its next writer finds a leftover without looking through the folder. Who works under a
name holds a lock on what is there (flock(2)), which ends with the process: where the lock can be had the writer is
dead, whatever became of its process number, and what it left goes. Beside a living one a name of chance is taken.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat

PREFIX = ".fleet-"
FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
THERE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
TRIES = 20


class Place(object):
    """A file, or with ``folder`` a folder, that is ours until ``clear``: an open handle of it and its path.

    It lies beside the target, or in the folder ``above``.
    """

    def __init__(self, target, folder=False, above=None):
        fixed = name_of(target, above)
        self.path = fixed
        for _ in range(TRIES):
            try:
                self.handle = _made(self.path, folder)
            except FileExistsError:
                if not _cleared(self.path):
                    self.path = fixed + "_" + os.urandom(8).hex()
                continue
            except FileNotFoundError:
                # Our new folder was taken for a leftover before it was locked; else the folder above is missing.
                if not os.path.isdir(os.path.dirname(fixed)):
                    raise
                continue
            if _lock(self.handle) is not False and _is_still(self.handle, self.path):
                return
            os.close(self.handle)
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), self.path)

    def clear(self):
        """Let go, and remove what was not renamed."""
        try:
            if _is_still(self.handle, self.path):
                _remove(self.handle, self.path)
        except OSError:
            pass
        finally:
            os.close(self.handle)


@contextlib.contextmanager
def folder(target):
    """The path of a folder beside ``target`` that only we can look into; it goes with all in it. Raises OSError."""
    place = Place(target, folder=True)
    try:
        yield place.path
    finally:
        place.clear()


def name_of(target, above=None):
    """The hidden name of a target, in the same folder or in another one. Pure."""
    name = target
    if above is None:
        above, name = os.path.split(target.rstrip("/"))
    return os.path.join(above or ".", PREFIX + hashlib.sha1(os.fsencode(name)).hexdigest()[:12])


def _made(path, folder):
    if not folder:
        return os.open(path, FILE, 0o600)
    os.mkdir(path, 0o700)
    return os.open(path, FOLDER)


def _lock(handle):
    """True with the lock, False where another process has it, None where the file system knows no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_still(handle, path):
    """Whether the path leads to what the handle is of."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _cleared(path):
    """Remove what a dead writer left; False where there is something else."""
    try:
        info = os.lstat(path)
        # A file may have got its owner already, which only root can give.
        if info.st_uid != os.geteuid() and (os.geteuid() != 0 or not stat.S_ISREG(info.st_mode)):
            return False
        handle = os.open(path, THERE)
    except OSError as error:
        return error.errno == errno.ENOENT
    try:
        if not (os.path.samestat(info, os.fstat(handle)) and _lock(handle) and _is_still(handle, path)):
            return False
        _remove(handle, path)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _remove(handle, path):
    """Raises OSError where there is a folder in the folder: no writer makes any."""
    if not stat.S_ISDIR(os.fstat(handle).st_mode):
        return os.unlink(path)
    for name in os.listdir(handle):
        os.unlink(name, dir_fd=handle)
    os.rmdir(path)
