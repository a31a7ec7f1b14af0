"""Lookups that run a command on the controller: ``pipe`` and ``lines``."""

from __future__ import annotations

import os
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall


def pipe(call: LookupCall) -> list[Any]:
    """What each command prints, without the line break at its end."""
    return [_output(call, command, "pipe").rstrip() for command in call.texts()]


def lines(call: LookupCall) -> list[Any]:
    """The lines that the commands print."""
    return [line for command in call.texts() for line in _output(call, command, "lines").splitlines()]


def _output(call: LookupCall, command: str, name: str) -> str:
    import subprocess  # 5 ms that runs without this lookup save

    place = call.scope.search_path[-1] if call.scope.search_path else None
    done = subprocess.run(
        command,
        shell=True,
        cwd=place if place and os.path.isdir(place) else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise TemplateError(f"lookup_plugin.{name}({command}) returned {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
