"""Run one tool of the machine: its text, or a clear error."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from fleet.errors import FleetError


def run(command: Sequence[str], *, text: str | None = None) -> str:
    """Run ``command`` with ``text`` on its standard input and give what it prints.

    Raises ``FleetError`` with the tool's own words when it fails.
    """
    done = attempt(command, text=text)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise FleetError(f"{' '.join(command)}: exit code {done.returncode}: {said}")
    return done.stdout


def attempt(command: Sequence[str], *, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``command`` whatever it answers; a missing tool counts as exit code 127."""
    try:
        return subprocess.run(
            list(command),
            check=False,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment(),
        )
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(list(command), 127, "", str(error))


def environment() -> dict[str, str]:
    """The environment tools run with: English, and the system tools on the path even where ``su`` left them out."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {**os.environ, "LC_ALL": "C", "PATH": f"{path}:/usr/sbin:/sbin"}
