"""Consumers of events, ignorant of each other. Names to classes; a class is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

SINKS = {
    "plain": "fleet.sinks.plain:Plain",
    "terminal": "fleet.sinks.terminal:Terminal",
    "jsonl": "fleet.sinks.jsonl:JsonLines",
    "junit": "fleet.sinks.junit:JUnit",
    "log": "fleet.sinks.logfile:LogFile",
}


def sink_class(name: str) -> Any:
    """The class behind a name of ``SINKS``. Raises KeyError for an unknown name."""
    module, _, attribute = SINKS[name].partition(":")
    return getattr(import_module(module), attribute)
