"""The one way errors are printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fleet.errors import FleetError

if TYPE_CHECKING:
    from fleet.source.diagnostics import Diagnostic


def complain(error: FleetError) -> None:
    """Print an error, or all the mistakes it carries, to standard error."""
    sys.stdout.flush()
    carried: Any = getattr(error, "diagnostics", None)
    # What goes to a log is read elsewhere.
    full = not sys.stderr.isatty()
    sys.stderr.write(listed(carried, full) if carried else f"[ERROR]: {error}\n")


def listed(found: Iterable[Diagnostic], full: bool = False) -> str:
    """Mistakes as text. Those with a place begin with it, as editors and terminals like it; ``full``: whole paths."""
    from fleet.source.diagnostics import show

    return "".join(f"{show(item, full)}\n" if item.at or item.warning else f"[ERROR]: {show(item)}\n" for item in found)
