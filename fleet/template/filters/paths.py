"""Filters on paths. What looks at files looks at the controller's."""

from __future__ import annotations

import glob
import ntpath
import os.path
from collections.abc import Callable
from typing import Any

from fleet.template.filters.guard import is_list, refuse, volatile


def path_join(value: Any) -> str:
    """Join a list of parts; an absolute part drops what stands before it."""
    if isinstance(value, str):
        return os.path.join(value)
    if not is_list(value):
        refuse(f"|path_join expects string or sequence, got {type(value).__name__} instead")
    return str(os.path.join(*value))


def commonpath(value: Any) -> str:
    """The longest path all the given ones start with."""
    if not is_list(value):
        refuse(f"|commonpath expects sequence, got {type(value).__name__} instead")
    return str(os.path.commonpath(list(value)))


@volatile
def fileglob(value: str) -> list[str]:
    """The files (no directories) that match a pattern, sorted."""
    return sorted(path for path in glob.glob(value) if os.path.isfile(path))


@volatile
def realpath(value: str) -> str:
    """The path with every link followed."""
    return os.path.realpath(value)


@volatile
def expanduser(value: str) -> str:
    """``~`` and ``~name`` replaced by a home directory."""
    return os.path.expanduser(value)


@volatile
def expandvars(value: str) -> str:
    """``$NAME`` replaced by the controller's environment."""
    return os.path.expandvars(value)


@volatile
def relpath(value: str, start: str | None = None) -> str:
    """The path as seen from ``start``, by default the current directory."""
    return os.path.relpath(value, start)


FILTERS: dict[str, Callable[..., Any]] = {
    "basename": os.path.basename,
    "dirname": os.path.dirname,
    "splitext": os.path.splitext,
    "normpath": os.path.normpath,
    "realpath": realpath,
    "relpath": relpath,
    "expanduser": expanduser,
    "expandvars": expandvars,
    "path_join": path_join,
    "commonpath": commonpath,
    "fileglob": fileglob,
    "win_basename": ntpath.basename,
    "win_dirname": ntpath.dirname,
    "win_splitdrive": ntpath.splitdrive,
}
