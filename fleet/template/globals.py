"""The functions and constants every template sees below the variables."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from jinja2.defaults import DEFAULT_NAMESPACE

from fleet.template.plain import OMIT
from fleet.template.undefined import Missing

__all__ = ["OMIT", "base_globals"]


def now(utc: bool = False, fmt: str | None = None) -> datetime.datetime | str:
    """The time now, as text when ``fmt`` (strftime) is given. Without a zone, as Ansible's."""
    moment = datetime.datetime.now(datetime.UTC if utc else None).replace(tzinfo=None)
    return moment.strftime(fmt) if fmt else moment


def undef(hint: str | None = None) -> Missing:
    """A value that is undefined; ``hint`` tells the user what to set."""
    return Missing(hint=hint or "Mandatory variable has not been overridden")


def base_globals(lookup: Callable[..., Any], query: Callable[..., Any]) -> dict[str, Any]:
    """All globals. ``lookup`` and ``query`` are Jinja functions that get the context."""
    return {
        **DEFAULT_NAMESPACE,
        "lookup": lookup,
        "query": query,
        "q": query,
        "now": now,
        "undef": undef,
        "omit": OMIT,
        "ansible_managed": "Ansible managed",
    }
