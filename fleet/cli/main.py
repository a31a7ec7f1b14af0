"""The ``fleet`` command: its verbs, and how errors end it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from fleet.cli.complain import complain
from fleet.cli.quick import Quick, QuickGroup
from fleet.errors import FleetError, OptionsError

EPILOG = """
Examples:

  fleet check -i inventory/ site.yml           find mistakes, touch nothing

  fleet plan -i inventory/ site.yml            show what would change

  fleet apply -i inventory/ site.yml           bring the hosts there

  fleet run -i inventory/ web -a 'uptime'      one command on many hosts
"""
app = typer.Typer(
    name="fleet",
    cls=QuickGroup,
    help="Bring fleets of hosts to their declared state over SSH, from Ansible playbooks as they are.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
VERBS = ("apply", "plan", "check", "run", "ping", "facts", "modules")
GROUPS = ("inventory", "vault", "settings", "lab")
HOMES = {"settings": "showsettings"}
"""Files that are not called like their group."""
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""Click's class of it; typer carries its own copy of click since 0.26."""


def build() -> typer.Typer:
    """The application with all its verbs."""
    if not app.registered_commands:
        for name in VERBS:
            if find_spec(f"fleet.cli.{name}") is None:
                continue
            module = import_module(f"fleet.cli.{name}")
            command: Callable[..., Any] = getattr(module, name if name != "run" else "run_")
            settings = getattr(module, "SETTINGS", {})
            app.command(name, cls=Quick, **settings)(command)
        for name in GROUPS:
            app.add_typer(import_module(f"fleet.cli.{HOMES.get(name, name)}").app, name=name)
    return app


def print_version(wanted: bool) -> None:
    """Print the version and stop, where that is ``wanted``."""
    if wanted:
        from fleet import __version__

        typer.echo(f"fleet {__version__} (Python {'.'.join(map(str, sys.version_info[:3]))})")
        raise typer.Exit()


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options that stand before the verb."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; end with ansible-playbook's exit codes."""
    try:
        code = build()(args, standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except FleetError as error:
        complain(error)
        sys.exit(error.code)
    except UsageError as error:
        sys.exit(misused(error))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(99)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def misused(error: Any) -> int:
    """Print what is wrong with the command line, or the help where nothing was given; give the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return 0
    path = error.ctx.command_path if error.ctx else "fleet"
    complain(OptionsError(error.format_message().rstrip("."), hint=f"see {path} --help"))
    return OptionsError.code
