"""Run one shell command as somebody whose password is asked for: no Python on the host, as ``raw`` needs it."""

from __future__ import annotations

import secrets
import time

from fleet.errors import Unreachable
from fleet.transport.base import Connection, Executed, Identity
from fleet.transport.become import Dialogue, Ready, become

PATIENCE = 20.0
"""Seconds until the password was taken."""


def answered(connection: Connection, identity: Identity, command: str, stdin: bytes, limit: float) -> Executed:
    """Run ``command`` to its end. What it writes to either stream comes as its output, as on a terminal.

    Raises Refused for a wrong password, TimeoutError where the command takes longer than ``limit``, Unreachable.
    """
    mark = "fleet-" + secrets.token_hex(8)
    channel = connection.open(become(identity, script(mark, command, len(stdin)), mark))
    try:
        dialogue = Dialogue(mark, identity)
        deadline = time.monotonic() + PATIENCE
        answer: bytes | Ready | None = None
        while not isinstance(answer, Ready):
            try:
                answer = dialogue.feed(channel.receive(max(deadline - time.monotonic(), 0.05)))
            except TimeoutError:
                who = f"{identity.method} to {identity.user or 'root'}"
                what = "Timed out waiting for become success or become password prompt"
                raise Unreachable(f"{who}: {what} ({PATIENCE:g} s)") from None
            if isinstance(answer, bytes):
                channel.send(answer)
        channel.send(stdin)
        said = answer.rest
        deadline = time.monotonic() + limit
        while data := channel.receive(max(deadline - time.monotonic(), 0.05)):
            said += data
    except TimeoutError:
        raise TimeoutError(f"{command!r} did not end within {limit:g} s") from None
    finally:
        channel.close()
    return ended(said, mark)


def script(mark: str, command: str, size: int) -> str:
    """``command`` between two marks, the second with its exit code; it reads ``size`` bytes and no more."""
    source, into = (f"head -c {size} | ", "") if size else ("", " </dev/null")
    return f"echo; echo {mark} 0 0; {source}{{ ({command}\n){into}; printf '\\n%s %s\\n' {mark} $?; }}"


def ended(said: bytes, mark: str) -> Executed:
    """The outcome, out of all that came behind the first mark. Raises Unreachable where the second is missing."""
    out, _, last = said.rpartition(b"\n" + mark.encode() + b" ")
    if not last.strip().isdigit():
        raise Unreachable(f"the command ended early: {said.decode('utf-8', 'replace').strip()[-300:]}")
    return Executed(int(last), out, b"")
