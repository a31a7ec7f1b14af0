"""``fleet check``: find the mistakes that can be seen without connecting to a host, all at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.cli import options as o
from fleet.cli.apply import apply
from fleet.cli.compose import borrow, given_of
from fleet.errors import InputError, OptionsError

if TYPE_CHECKING:
    from fleet.cli.session import Session
    from fleet.source.diagnostics import Diagnostic, Diagnostics

EPILOG = """
Examples:

  fleet check -i inventory/ site.yml

  fleet check -i inventory/ playbooks/*.yml --format json

The exit code is 0 when nothing is wrong, 4 when there are mistakes (1, as with ansible-playbook --syntax-check, when
all that is wrong is a role or a file of tasks that is not there, or a vault that cannot be opened). Warnings do not
count.
"""
SETTINGS = {"epilog": EPILOG}
TAKEN = (
    "inventory", "limit", "extra_vars", "tags", "skip_tags", "vault_password_file", "vault_id", "ask_vault_pass",
)  # fmt: skip
Shape = Annotated[str, typer.Option("--format", help="text, or json: a list of what was found.")]


@borrow(apply, only=TAKEN)
def check(playbooks: o.Playbooks, format_: Shape = "text", **given: Any) -> None:
    """Check playbooks, roles, inventory and variable files without connecting to a host."""
    from fleet.source.diagnostics import Diagnostics, code_of
    from fleet.vault.crypt import VaultError

    if format_ not in ("text", "json"):
        raise OptionsError(f"--format {format_!r} is not known", hint="use text or json")
    problems = Diagnostics()
    summary = ""
    try:
        summary = _read(given_of(given, playbooks=playbooks), problems)
    except (InputError, VaultError) as error:
        problems.add(error)
    if format_ == "json":
        sys.stdout.write(as_json([*problems.errors, *problems.warnings]))
    else:
        _say(problems.errors, problems.warnings, summary)
    if problems.errors:
        raise typer.Exit(code_of(problems.errors))


def _read(given: Any, problems: Diagnostics) -> str:
    """Load everything, mistakes go to ``problems``; give the line that says how much there was."""
    from fleet.cli.session import examine, open_session

    session = open_session(given)
    try:
        session.inventory.read_all(session.problems)
        examine(session)
    finally:
        problems.found += session.problems.found
    return _summary(session)


def _summary(session: Session) -> str:
    from fleet.plan.tree import tasks_of

    written = [node for one in session.plays for node in tasks_of(one.plan.nodes) if not node.implicit]
    hosts = {host for one in session.plays for host in one.hosts}
    parts = [(len(session.plays), "play"), (len(written), "task"), (len(hosts), "host")]
    return "ok: " + ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts)


def _say(errors: list[Diagnostic], warnings: list[Diagnostic], summary: str) -> None:
    from fleet.cli.complain import listed

    sys.stderr.write(listed([*warnings, *errors]))
    if errors:
        sys.stderr.write(f"{len(errors)} mistake{'' if len(errors) == 1 else 's'} found\n")
    else:
        sys.stdout.write(f"{summary}\n")


def as_json(found: Iterable[Diagnostic]) -> str:
    """Diagnostics as a JSON list; ``line`` and ``column`` are null where they are not known."""
    import json

    shown = [
        {
            "file": item.at.path if item.at else None,
            "line": item.at.line or None if item.at else None,
            "column": item.at.column or None if item.at else None,
            "what": item.what,
            "hint": item.hint,
            "severity": "warning" if item.warning else "error",
        }
        for item in found
    ]
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"
