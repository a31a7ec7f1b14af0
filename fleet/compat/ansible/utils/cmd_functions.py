"""Programs of the controller."""

from __future__ import annotations

import shlex
import subprocess


def run_cmd(cmd: str, live: bool = False, readsize: int = 10) -> tuple[int, bytes, bytes]:
    """Run a command line without a shell: exit code, output, errors."""
    ran = subprocess.run(shlex.split(cmd), capture_output=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr
