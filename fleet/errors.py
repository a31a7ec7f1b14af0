"""Every error fleet raises on purpose: what happened, where, and what to do about it.

The class says whose fault it is, and so which exit code a run ends with (the numbers are
ansible-playbook's)::

    FleetError            1    anything that has no better class
      OptionsError        5    the command line or a setting is wrong
      InputError          4    a playbook, an inventory or a variable file is wrong
        Rejected          4    ... several mistakes, collected by the offline check
        NotThere          1    ... or names a file or a role that is not there
      EndsRun             1    what shows while hosts run and ends the run for all of them
      HostError           2    a host refused or failed something
        Unreachable       4    a host could not be reached at all
      FleetBug          250    fleet itself is wrong
"""

from __future__ import annotations

from fleet.record import record


@record
class Location:
    """A place in a file a user wrote. ``line`` and ``column`` count from 1; 0 means unknown."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"


class FleetError(Exception):
    """An error with a place and a next step. ``str()`` of it is one readable line."""

    code = 1

    def __init__(self, what: str, *, at: Location | None = None, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.at = at
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.at}: " if self.at else ""
        return f"{where}{self.what}" + (f" ({self.hint})" if self.hint else "")


class OptionsError(FleetError):
    """The command line, ``ansible.cfg`` or an ``ANSIBLE_*`` variable asks for something impossible."""

    code = 5


class InputError(FleetError):
    """A file the user wrote cannot be understood."""

    code = 4


class NotThere(InputError):
    """A role, a file of tasks, a playbook that is imported, or a file of extra variables is not there."""

    code = 1


class EndsRun(FleetError):
    """A mistake that shows while hosts run and is no host's own: nothing rescues it, and all hosts end."""


class HostError(FleetError):
    """A host answered, but refused or failed what was asked."""

    code = 2


class Unreachable(HostError):
    """A host could not be reached: connect, host key, authentication, become or a lost connection."""

    code = 4


class FleetBug(FleetError):
    """Something that cannot happen did."""

    code = 250
