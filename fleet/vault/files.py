"""Reading and replacing the files that ``fleet vault`` works on."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile

from fleet.errors import Location
from fleet.vault.crypt import VaultError

PRIVATE = 0o600


def read(path: str) -> bytes:
    """The content of a file. Raises VaultError."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise VaultError(f"Unable to read source file ({os.path.abspath(path)}): {error.strerror}") from None


def replace(path: str, data: bytes, *, private: bool = False) -> None:
    """Write ``data`` to ``path`` in one step: a file that is there keeps its owner and its mode.

    A new file, and with ``private`` any, is for its owner alone. Links are followed. Raises VaultError.
    """
    target = os.path.realpath(path)
    try:
        before = os.stat(target) if os.path.exists(target) else None
        handle, made = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".fleet-vault-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                _keep(handle, before, private)
                os.fsync(handle)
            os.replace(made, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(made)
            raise
    except OSError as error:
        raise VaultError(f"cannot write: {error.strerror}", at=Location(path)) from None


def _keep(handle: int, before: os.stat_result | None, private: bool) -> None:
    if before is None:
        return
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        # Only root may give files away; anybody else's file is his own already, but for the group.
        with contextlib.suppress(PermissionError):
            os.fchown(handle, before.st_uid, before.st_gid)
    mode = stat.S_IMODE(before.st_mode)
    os.fchmod(handle, mode & ~0o077 if private else mode)
