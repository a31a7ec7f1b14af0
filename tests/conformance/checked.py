#!/usr/bin/env python3
"""``checked.py LOG WORD...``: plays as ``fleet apply WORD...`` does, and notes what ``fleet check`` says against a play
that ends well: every error is a false alarm. A line of JSON a play with false alarms goes to LOG."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from fleet.cli.check import TAKEN
from fleet.cli.main import build

FLEET = [sys.executable, "-m", "fleet"]


def of_check(words: Sequence[str]) -> list[str] | None:
    """The words of ``fleet check`` for those of ``fleet apply``; None where they are no play, or one that asks for a
    vault password."""
    command = typer.main.get_command(build()).commands["apply"]  # type: ignore[attr-defined]
    context = command.make_context("apply", list(words), resilient_parsing=True)
    made = list(context.params.get("playbooks") or ())
    # A password is typed to a play once, and not to its check.
    if not made or context.params.get("ask_vault_pass"):
        return None
    for parameter in command.params:
        value = context.params.get(parameter.name)
        if parameter.name not in TAKEN or not value:
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            made += [max(parameter.opts, key=len), str(item)]
    return made


def alarms(words: Sequence[str]) -> list[str]:
    """The errors that ``fleet check`` shows for a play."""
    asked = of_check(words)
    if asked is None:
        return []
    done = subprocess.run([*FLEET, "check", "--format", "json", *asked], capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return [f"no answer, exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}"]
    return [
        f"{item.get('file')}:{item.get('line')}: {item.get('what')}"
        for item in found
        if item.get("severity") == "error"
    ]


def main(log: str, *words: str) -> int:
    """The exit code of the play."""
    # The play may change what is checked.
    found = alarms(words)
    code = subprocess.call([*FLEET, "apply", "--format", "plain", *words])
    if code == 0 and found:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": os.getcwd(), "call": list(words), "alarms": found}) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
