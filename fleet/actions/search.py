"""Where files named in tasks are on the controller, in Ansible's order, and what they hold."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from fleet.actions.base import INLINE, ActionFailed, Call, Source
from fleet.vault.crypt import VaultError, is_vault
from fleet.vault.vault import NO_SECRETS


def candidates(kind_folder: str, name: str, search_path: tuple[str, ...]) -> list[str]:
    """Every place ``name`` may be at, best first: each folder's ``kind_folder``, then the folder itself."""
    name = os.path.expanduser(name)
    if os.path.isabs(name):
        return [name]
    places = []
    for folder in search_path:
        places += [os.path.join(folder, kind_folder, name), os.path.join(folder, name)]
    return list(dict.fromkeys(os.path.normpath(place) + ("/" if name.endswith("/") else "") for place in places))


def find_source(kind_folder: str, name: str, search_path: tuple[str, ...]) -> str:
    """The path of the file or folder ``name``; a trailing slash is kept. Raises ActionFailed."""
    places = candidates(kind_folder, name, search_path)
    for place in places:
        if os.path.exists(place):
            return place
    where = "" if places == [name] else "\nSearched in:\n\t" + "\n\t".join(places)
    raise ActionFailed(
        f"Could not find or access '{name}'{where} on the Ansible Controller.\n"
        "If you are using a module and expect the file to exist on the remote, see the remote_src option"
    )


def read_source(path: str, call: Call, decrypt: bool = True) -> bytes | None:
    """The content of a file that must be looked into: small, or a vault. None for a large plain file."""
    try:
        with open(path, "rb") as file:
            head = file.read(INLINE + 1)
            if decrypt and is_vault(head):
                return call.templar.vault.open(head + file.read(), path, hide=True)
    except OSError as error:
        raise ActionFailed(f"cannot read {path}: {error.strerror}") from None
    except VaultError as error:
        if error.what == NO_SECRETS:
            raise ActionFailed(f"A vault password or secret must be specified to decrypt {path}") from None
        raise ActionFailed(f"{error.what} ({path})") from None
    return head if len(head) <= INLINE else None


def as_content(data: bytes) -> tuple[dict[str, Any], tuple[Source, ...]]:
    """``data`` as the ``_content`` of a copy, and what the controller has to offer for it."""
    made: dict[str, Any] = {"sha1": hashlib.sha1(data).hexdigest(), "size": len(data)}
    if len(data) > INLINE:
        return made, (Source(made["sha1"], len(data), data=data),)
    try:
        made["text"] = data.decode("utf-8")
    except UnicodeDecodeError:
        made["data"] = base64.b64encode(data).decode("ascii")
    return made, ()


def offer(path: str) -> Source:
    """A file as something the host may ask for. Raises ActionFailed."""
    try:
        info = os.stat(path)
        return Source(_digest(path, info.st_mtime_ns, info.st_size, info.st_ino), info.st_size, path=path)
    except OSError as error:
        raise ActionFailed(f"cannot read {path}: {error.strerror}") from None


@lru_cache(maxsize=4096)
def _digest(path: str, changed: int, size: int, inode: int) -> str:
    """SHA1 of a file's content; one reading serves all hosts as long as the file stays the same."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()


def walk(top: str, follow: bool) -> Iterator[tuple[str, str, bool]]:
    """All below a folder as (path, path relative to it, whether it counts as a link), sorted, folders before what is
    in them. Where links are followed, those to nowhere and those that lead back stay links."""
    waiting = [(top, "")]
    first = os.path.realpath(top)
    while waiting:
        folder, short = waiting.pop()
        for name in sorted(os.listdir(folder)):
            path, inner = os.path.join(folder, name), os.path.join(short, name)
            link = os.path.islink(path) and (not follow or _stays(path, folder, first))
            yield path, inner, link
            if os.path.isdir(path) and not link:
                waiting.append((path, inner))


def _stays(link: str, folder: str, top: str) -> bool:
    """True where following ``link`` in ``folder`` leads nowhere, or to a folder that holds it."""
    if not os.path.exists(link):
        return True
    real = os.path.realpath(link)
    return real == top or f"{os.path.realpath(folder)}/".startswith(f"{real.rstrip('/')}/")


def given(args: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The arguments that go on to the host: all but ``names``."""
    return {name: value for name, value in args.items() if name not in names}
