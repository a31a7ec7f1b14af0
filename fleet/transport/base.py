"""What every way to reach a host can do, in bytes. Errors are ``Unreachable`` with the cause in plain words."""

from __future__ import annotations

from typing import Literal, Protocol

from fleet.record import record


@record
class Target:
    """Where a host is and how it is reached. Times are seconds; empty values mean "as ssh_config says".

    ``known_hosts`` are files; none means the user's and the system's. ``new_keys``: what happens to a
    host key nobody knows yet: refuse it, or add it to the first file. A changed key is always refused.
    """

    name: str
    address: str
    kind: Literal["ssh", "local"] = "ssh"
    port: int | None = None
    user: str | None = None
    password: str | None = None
    key_files: tuple[str, ...] = ()
    passphrase: str | None = None
    identities_only: bool = False
    known_hosts: tuple[str, ...] = ()
    new_keys: Literal["refuse", "accept"] = "refuse"
    jump: tuple[str, ...] = ()
    proxy_command: str = ""
    ssh_config: str | None = None
    connect_timeout: float = 10.0
    auth_timeout: float = 20.0
    idle_timeout: float = 30.0


@record
class Identity:
    """Who a runner is: the connecting user (``method`` "") or somebody become by sudo or su.

    ``chdir``: the folder to become it in; ``prompts``: other words for "password" that the method asks with.
    """

    user: str = ""
    method: str = ""
    exe: str = ""
    flags: str = ""
    password: str | None = None
    chdir: str = ""
    prompts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Identity({self.user!r}, {self.method!r})"


@record
class Executed:
    """A shell command that ended."""

    code: int
    out: bytes
    err: bytes


class Channel(Protocol):
    """A running program's stdin and its stdout and stderr joined."""

    def send(self, data: bytes) -> None:
        """Write all of ``data``. Raises Unreachable when the connection is gone."""

    def receive(self, timeout: float) -> bytes:
        """The next bytes, b"" at the end. Raises TimeoutError, Unreachable."""

    def close(self) -> None:
        """End the program's input and let go of it."""


class Connection(Protocol):
    """An open way to one host. Not thread-safe: one worker, one connection."""

    def open(self, command: str) -> Channel:
        """Start a shell command with an open stdin. Raises Unreachable."""

    def execute(self, command: str, stdin: bytes, timeout: float) -> Executed:
        """Run a shell command to its end. Raises Unreachable, TimeoutError."""

    def close(self) -> None:
        """Close everything. Never raises."""
