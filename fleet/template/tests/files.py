"""Tests on paths. They look at the controller's files."""

from __future__ import annotations

import os.path
from collections.abc import Callable
from typing import Any

from fleet.template.filters.guard import volatile

VAULT_MARK = b"$ANSIBLE_VAULT;"


@volatile
def is_file(value: Any) -> bool:
    """A file, or a link to one."""
    return not isinstance(value, int) and os.path.isfile(value)


@volatile
def is_directory(value: Any) -> bool:
    """A directory, or a link to one."""
    return not isinstance(value, int) and os.path.isdir(value)


@volatile
def is_link(value: Any) -> bool:
    """A symbolic link, broken or not."""
    return not isinstance(value, int) and os.path.islink(value)


@volatile
def exists(value: Any) -> bool:
    """Something is there; links are followed."""
    return not isinstance(value, int) and os.path.exists(value)


@volatile
def link_exists(value: Any) -> bool:
    """Something is there, be it a broken link."""
    return not isinstance(value, int) and os.path.lexists(value)


@volatile
def is_mount(value: Any) -> bool:
    """A file system is mounted there."""
    return not isinstance(value, int) and os.path.ismount(value)


@volatile
def same_file(value: Any, other: Any) -> bool:
    """Two paths of the same file."""
    return os.path.samefile(value, other)


@volatile
def vaulted_file(value: Any) -> bool:
    """A file that Ansible Vault encrypted."""
    with open(value, "rb") as source:
        return source.read(len(VAULT_MARK)) == VAULT_MARK


TESTS: dict[str, Callable[..., bool]] = {
    "file": is_file,
    "is_file": is_file,
    "directory": is_directory,
    "is_dir": is_directory,
    "link": is_link,
    "is_link": is_link,
    "exists": exists,
    "link_exists": link_exists,
    "mount": is_mount,
    "is_mount": is_mount,
    "same_file": same_file,
    "is_same_file": same_file,
    "abs": os.path.isabs,
    "is_abs": os.path.isabs,
    "vaulted_file": vaulted_file,
}
