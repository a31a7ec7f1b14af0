"""Text in the user's editor: in a folder of their own that is wiped afterwards, in memory where there is some."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile

from fleet.vault.crypt import VaultError


def edit(plain: bytes, command: str, suffix: str = "") -> bytes:
    """``plain`` as the user leaves it. ``suffix`` tells the editor the kind of file.

    Raises VaultError when the editor cannot be started or ends with an error.
    """
    folder = tempfile.mkdtemp(prefix="fleet-vault-", dir=_memory())
    path = os.path.join(folder, f"text{suffix}")
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(plain)
        _run([*shlex.split(command), path])
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise VaultError(f"cannot edit: {error.strerror or error}") from None
    finally:
        wipe(folder)


def _run(command: list[str]) -> None:
    try:
        code = subprocess.call(command)
    except OSError as error:
        raise VaultError(
            f'Unable to execute the command "{command[0]}": {error.strerror}', hint="set EDITOR to another editor"
        ) from None
    if code:
        raise VaultError(f"the editor {command[0]} ended with exit code {code}, nothing was saved")


def _memory() -> str | None:
    """A folder that is never written to a disk, if there is one."""
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK):
            return folder
    return None


def wipe(folder: str) -> None:
    """Overwrite the files below ``folder`` (the text, an editor's swap and backup files) and remove them all."""
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.islink(path):
                _overwrite(path)
    shutil.rmtree(folder, ignore_errors=True)


def _overwrite(path: str) -> None:
    try:
        with open(path, "r+b", buffering=0) as file:
            file.write(os.urandom(os.fstat(file.fileno()).st_size))
            os.fsync(file.fileno())
    except OSError:
        pass  # It is removed all the same.
