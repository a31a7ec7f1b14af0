"""Paths on the controller."""

from __future__ import annotations

import os
from typing import Any

from ..errors import AnsibleError


def unfrackpath(path: Any, follow: bool = True, basedir: str | None = None) -> str:
    """``path`` absolute, with ~, variables and (``follow``) symlinks resolved."""
    text = os.path.expanduser(os.path.expandvars(os.fsdecode(path)))
    if not os.path.isabs(text):
        base = basedir or os.getcwd()
        text = os.path.join(os.path.dirname(base) if os.path.isfile(base) else base, text)
    return os.path.normpath(os.path.realpath(text) if follow else text)


def makedirs_safe(path: Any, mode: int | None = None) -> None:
    """Make a folder and those above it."""
    try:
        os.makedirs(unfrackpath(path), mode if mode is not None else 0o777, exist_ok=True)
    except OSError as error:
        raise AnsibleError(f"Unable to create local directories {path!r}: {error}") from error


def is_subpath(child: Any, parent: Any, real: bool = False) -> bool:
    """True when ``child`` lies below ``parent``."""
    inner, outer = (unfrackpath(each, follow=real) for each in (child, parent))
    return os.path.commonpath([inner, outer]) == outer
