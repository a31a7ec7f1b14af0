"""The ``fleet`` command: its verbs, and how errors end it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer

from fleet.errors import FleetError

app = typer.Typer(
    name="fleet",
    help="Bring fleets of hosts to their declared state over SSH, from Ansible playbooks as they are.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
VERBS = ("apply",)
GROUPS = ("inventory", "lab")


def build() -> typer.Typer:
    """The application with all its verbs."""
    for name in VERBS:
        module = import_module(f"fleet.cli.{name}")
        command: Callable[..., Any] = getattr(module, name if name != "run" else "run_")
        settings = getattr(module, "SETTINGS", {})
        app.command(name, **settings)(command)
    for name in GROUPS:
        app.add_typer(import_module(f"fleet.cli.{name}").app, name=name)
    return app


def main() -> None:
    """Run the command line; end with ansible-playbook's exit codes."""
    try:
        build()(standalone_mode=True)
    except FleetError as error:
        sys.stderr.write(f"ERROR: {error}\n" if "\n" not in str(error) else f"{error}\n")
        sys.exit(error.code)
    except KeyboardInterrupt:
        sys.exit(99)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
