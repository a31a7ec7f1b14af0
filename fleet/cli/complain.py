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
    sys.stderr.write(listed(carried) if carried else f"[ERROR]: {error}\n")


def listed(found: Iterable[Diagnostic]) -> str:
    """Mistakes as text. Those with a place begin with it, as editors and terminals like it."""
    from fleet.source.diagnostics import show

    return "".join(f"{show(item)}\n" if item.at or item.warning else f"[ERROR]: {show(item)}\n" for item in found)
