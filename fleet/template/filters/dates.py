"""Filters on dates and times."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fleet.template.filters.guard import refuse, volatile

if TYPE_CHECKING:
    from datetime import datetime


def to_datetime(value: Any, format: str = "%Y-%m-%d %H:%M:%S") -> datetime:
    """The moment written in ``value``."""
    from datetime import datetime

    return datetime.strptime(str(value), str(format))


@volatile
def strftime(pattern: str, second: Any = None, utc: bool = False) -> str:
    """Now, or ``second`` seconds since the epoch, written as ``pattern`` says."""
    moment = time.gmtime if utc else time.localtime
    if second is None:
        return time.strftime(pattern, moment())
    try:
        seconds = float(second)
    except (TypeError, ValueError):
        refuse(f"Invalid value for epoch value ({second!r})")
    return time.strftime(pattern, moment(seconds))


FILTERS: dict[str, Callable[..., Any]] = {"to_datetime": to_datetime, "strftime": strftime}
