"""A host's own layer over its base tree: write files into it before it is mounted, and remove it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from fleet.lab.hosts import File
from fleet.lab.run import attempt


def place(base: Path, upper: Path, files: Iterable[File]) -> None:
    """Write ``files`` into the layer ``upper`` over ``base``.

    A folder of the layer shows its own mode and owner through the mount, so each takes those of the
    base tree's folder; one that the base lacks belongs to the file's owner alone.
    """
    for file in files:
        target = upper / file.path
        _make_folder(base, upper, Path(file.path).parent, file.owner)
        target.write_text(file.content)
        os.chown(target, file.owner, file.owner)
        target.chmod(file.mode)


def remove(folder: Path) -> None:
    """Remove a layer whatever is in it. Its mount must be gone."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        # A file that the host made immutable.
        attempt(["chattr", "-R", "-f", "-i", "-a", str(folder)])
        shutil.rmtree(folder)


def _make_folder(base: Path, upper: Path, folder: Path, owner: int) -> None:
    for part in [*reversed(folder.parents), folder]:
        made = upper / part
        if made.is_dir():
            continue
        made.mkdir(parents=True)
        below = base / part
        if below.is_dir():
            like = below.stat()
            os.chown(made, like.st_uid, like.st_gid)
            made.chmod(like.st_mode & 0o7777)
        else:
            os.chown(made, owner, owner)
            made.chmod(0o700 if part.name == ".ssh" else 0o755)
