"""What is known of a host while a run lasts: facts, variables set on the way, roles that ran."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet.remote import facts as remote_facts
from fleet.template.errors import Pending

EVERYTHING = "*"
ABSENT = object()
"""In the place of the value of a variable that is not set."""
PREFIX = "ansible_"
NEVER_FACTS = re.compile(
    r"(become|sudo|su|ssh|paramiko|python_interpreter|shell|connection|host|port|user|password|timeout|managed|"
    r"group_priority|remote_tmp|async|loop|index|parent_role|private_key|failed_|check_mode|diff_mode|play_|run_tags|"
    r"skip_tags|version$|verbosity|search_path|role_name|delegated|config_file|inventory|forks|limit|dependent)"
)
"""Names with the prefix that are settings or magic variables: asking for them fetches no facts."""


LOCAL = "ansible_local"
"""The one fact that keeps its prefix in ``ansible_facts``."""


def plain_name(name: str) -> str:
    """A fact's name in ``ansible_facts``."""
    bare = name.removeprefix(PREFIX)
    return LOCAL if bare == "local" else bare


class Facts(Mapping[str, Any]):
    """``ansible_facts``: what was gathered. A fact that was asked for but not fetched yet is Pending.

    Names are without ``ansible_``. ``open`` subjects were promised by a gathering step (setup) and are
    fetched when one of their names is read; ``known`` holds the rest, including facts modules return.
    ``bare`` are the names modules gave without the prefix (``packages``): they are variables as they are.
    """

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.open: set[str] = set()
        self.bare: set[str] = set()

    def promise(self, subjects: set[str]) -> None:
        """A gathering step has run; ``subjects`` can be fetched when they are read."""
        for name in [name for name in self.known if remote_facts.SUBJECT_OF.get(name.removeprefix(PREFIX)) in subjects]:
            del self.known[name]
        self.open |= subjects

    def add(self, facts: Mapping[str, Any], subjects: set[str] | None = None) -> None:
        """Take in facts (names with or without prefix) and close the subjects they are all of."""
        for name, value in facts.items():
            self.known[plain_name(name)] = value
            if subjects is None and not name.startswith(PREFIX):
                self.bare.add(name)
        self.open -= subjects or set()

    def clear(self) -> None:
        """Forget everything (meta: clear_facts)."""
        self.known.clear()
        self.bare.clear()
        self.open.clear()

    def _missing(self, name: str) -> str | None:
        if self.open:
            subject: str = remote_facts.subject_of(name.removeprefix(PREFIX) if name == LOCAL else name)
            if subject == remote_facts.INTERFACES and name not in remote_facts.SUBJECT_OF and NEVER_FACTS.match(name):
                return None
            if subject in self.open:
                return subject
        return None

    def __getitem__(self, name: str) -> Any:
        if name in self.known:
            return self.known[name]
        if isinstance(name, str) and (subject := self._missing(name)):
            raise Pending(("facts", subject))
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        if name in self.known:
            return True
        if isinstance(name, str) and (subject := self._missing(name)):
            raise Pending(("facts", subject))
        return False

    def __iter__(self) -> Iterator[str]:
        if self.open:
            raise Pending(("facts", EVERYTHING))
        return iter(self.known)

    def __len__(self) -> int:
        if self.open:
            raise Pending(("facts", EVERYTHING))
        return len(self.known)


class Injected(Mapping[str, Any]):
    """Facts as variables with the prefix ``ansible_``, and ``ansible_facts`` itself."""

    def __init__(self, facts: Facts, inject: bool = True) -> None:
        self.facts = facts
        self.inject = inject

    def __getitem__(self, name: str) -> Any:
        if name == "ansible_facts":
            return self.facts
        if self.inject and name in self.facts.bare:
            return self.facts.known[name]
        if self.inject and name.startswith(PREFIX):
            return self.facts[plain_name(name)]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        if name == "ansible_facts":
            return True
        if not self.inject or not isinstance(name, str):
            return False
        return name in self.facts.bare or (name.startswith(PREFIX) and plain_name(name) in self.facts)

    def __iter__(self) -> Iterator[str]:
        yield "ansible_facts"
        if self.inject:
            as_they_are = self.facts.bare | {LOCAL}
            yield from (name if name in as_they_are else PREFIX + name for name in self.facts)

    def __len__(self) -> int:
        return 1 + (len(self.facts) if self.inject else 0)


class HostState:
    """One host's variables that change during the run; it outlives plays.

    ``assigned``: set_fact and register; ``included``: include_vars; ``gathered``: a gathering step has run.
    """

    def __init__(self, name: str, inject: bool = True) -> None:
        self.name = name
        self.facts = Facts()
        self.injected = Injected(self.facts, inject)
        self.assigned: dict[str, Any] = {}
        self.included: dict[str, Any] = {}
        self.gathered = False
        self.roles_done: set[str] = set()
        self.roles_at_work: set[int] = set()
        self.failed = False
        self.unreachable = False
        self.interpreter = ""

    def restore(self, name: str, value: Any) -> None:
        """Give a variable that was set the value it had before, ABSENT for none."""
        if value is ABSENT:
            self.assigned.pop(name, None)
        else:
            self.assigned[name] = value

    @property
    def usable(self) -> bool:
        """False once the host failed or was lost; later plays leave it out."""
        return not (self.failed or self.unreachable)
