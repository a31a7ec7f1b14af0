"""Facts kept between runs: ``fact_caching = jsonfile``, one JSON file a host, facts by their full names.

The files are those of ansible-core 2.19, which reads what fleet has written and the other way round. Files of older
releases (of either) are read too.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

from fleet.compat.ansible.parsing.ajson import untagged
from fleet.engine.state import LOCAL, PREFIX, HostState
from fleet.errors import InputError

GATHERED = "_ansible_facts_gathered"
"""Stands among cached facts once they were gathered as a whole, not only set by some task."""
FORM = "s1_"
"""What the names of the files begin with, after the prefix."""
PAYLOAD = "__payload__"


class FactCache:
    """A folder of facts. Files that cannot be read, or are older than ``timeout`` seconds (0: never), do not count."""

    def __init__(
        self, folder: str, prefix: str = "", timeout: float = 86400, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = os.path.abspath(os.path.expanduser(os.path.expandvars(folder)))
        self.prefix = prefix
        self.timeout = timeout
        self.clock = clock
        self.kept: dict[str, Mapping[str, Any]] = {}

    def prepare(self) -> None:
        """Make the folder. Raises InputError when that cannot be."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise InputError(f"facts cannot be cached in {self.folder}: {error.strerror}") from None

    def path(self, host: str) -> str:
        return self._named(f"{self.prefix}{FORM}{host}")

    def old_path(self, host: str) -> str:
        return self._named(f"{self.prefix}{host}")

    def _named(self, name: str) -> str:
        # A name is no path, whatever the inventory calls its hosts.
        return os.path.join(self.folder, name.replace("/", "%2F"))

    def load(self, state: HostState) -> None:
        """Give a host the facts that are kept of it."""
        try:
            path = self.path(state.name)
            if not os.path.exists(path):
                path = self.old_path(state.name)
            if self.timeout and self.clock() - os.stat(path).st_mtime > self.timeout:
                return
            with open(path, encoding="utf-8") as file:
                facts = json.load(file)
            if isinstance(facts, dict) and isinstance(facts.get(PAYLOAD), str):
                facts = json.loads(facts[PAYLOAD], object_hook=untagged)
        except (OSError, ValueError):
            return
        if not isinstance(facts, dict):
            return
        state.gathered = bool(facts.pop(GATHERED, False))
        facts.pop("module_setup", None)
        state.facts.add(facts)
        self.kept[state.name] = dict(state.facts.known)

    def save(self, state: HostState) -> None:
        """Keep what is known of a host, if it is something else than before."""
        facts = state.facts
        if facts.known == self.kept.get(state.name, {}):
            return
        if not facts.known:
            self.forget(state.name)
            return
        as_they_are = facts.bare | {LOCAL}
        kept = {name if name in as_they_are else PREFIX + name: value for name, value in facts.known.items()}
        if state.gathered:
            kept[GATHERED] = True
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".facts.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({PAYLOAD: json.dumps(kept, sort_keys=True, default=str)}, file)
            os.replace(temporary, self.path(state.name))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        with contextlib.suppress(OSError):
            os.unlink(self.old_path(state.name))
        self.kept[state.name] = dict(facts.known)

    def forget(self, host: str) -> None:
        """Keep nothing of a host any more."""
        self.kept.pop(host, None)
        for path in (self.path(host), self.old_path(host)):
            with contextlib.suppress(OSError):
                os.unlink(path)


def cache_for(plugin: str, folder: str, prefix: str, timeout: float) -> FactCache | None:
    """The cache that the settings ask for; None when facts are kept in memory, which ends with the run."""
    if plugin.rpartition(".")[2] != "jsonfile":
        return None
    if not folder:
        raise InputError("fact_caching = jsonfile needs a folder", hint="set fact_caching_connection")
    return FactCache(folder, prefix, timeout)
