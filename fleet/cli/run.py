"""``fleet run``: one module, by default a command, on the hosts of a pattern."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.cli import complete
from fleet.cli import options as o
from fleet.cli.apply import apply
from fleet.cli.compose import REACH, borrow, given_of

if TYPE_CHECKING:
    from fleet.cli.session import Session


def version(wanted: bool) -> None:
    """Print the version and stop, where that is ``wanted``."""
    if wanted:
        from fleet.cli.main import print_version

        print_version(wanted)


EPILOG = """
Examples:

  fleet run -i inventory/ web -a 'uptime'

  fleet run -i inventory/ all -b -m apt -a 'name=openssl state=latest' --check --diff

  fleet run -i inventory/ 'db:!db3' -m shell -a 'df -h / | tail -1' -o

  fleet run -i inventory/ web -M library -m my_module -a 'key=value'

Exit codes: 0 fine, 2 a host failed, 4 a host could not be reached, 5 bad options.
"""
SETTINGS = {"epilog": EPILOG}
ModuleName = Annotated[
    str,
    typer.Option(
        "-m",
        "--module-name",
        metavar="MODULE",
        help="The module to run; see fleet modules.",
        autocompletion=complete.modules,
    ),
]
ModuleArgs = Annotated[
    str,
    typer.Option("-a", "--args", metavar="ARGS", help="Its arguments: a command, key=value words, or {JSON or YAML}."),
]
OneLine = Annotated[bool, typer.Option("-o", "--one-line", help="One line a host.")]
Tree = Annotated[
    str | None, typer.Option("-t", "--tree", metavar="DIR", help="Also write each host's result to a file in DIR.")
]
Background = Annotated[
    int | None,
    typer.Option("-B", "--background", metavar="SECONDS", help="Run it as a job that may take so long."),
]
Poll = Annotated[
    int, typer.Option("-P", "--poll", metavar="SECONDS", help="With -B: ask so often; 0 does not wait for the job.")
]
PlaybookDir = Annotated[
    str | None, typer.Option("--playbook-dir", help="Folder whose group_vars, roles and files count.")
]
TaskTimeout = Annotated[
    float | None, typer.Option("--task-timeout", metavar="SECONDS", help="Seconds the module may take.")
]
Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=version, help="Print the version and stop.")
]
Shape = Annotated[str | None, typer.Option("--format", help="terminal, plain or jsonl, not as ansible prints.")]


@borrow(apply, only=(*REACH, "check", "diff", "list_hosts", "module_path", "log", "junit", "flush_cache"))
def run_(
    pattern: o.Pattern,
    module_name: ModuleName = "command",
    args: ModuleArgs = "",
    one_line: OneLine = False,
    tree: Tree = None,
    background: Background = None,
    poll: Poll = 15,
    playbook_dir: PlaybookDir = None,
    format_: Shape = None,
    list_hosts: o.ListHosts = False,
    task_timeout: TaskTimeout = None,
    show_version: Version = False,
    **given: Any,
) -> None:
    """Run one module, or a command, on hosts."""
    from fleet.cli.adhoc import one_task
    from fleet.cli.session import execute, open_session

    more = given_of(given, playbook_dir=playbook_dir, format_=format_, task_timeout=task_timeout)
    session = open_session(more, may_miss=True)
    keywords = {} if background is None else {"async": background, "poll": poll}
    if list_hosts:
        module_name, args = "ping", ""  # which it is does not matter, and it may not have been given
    hosts = one_task(session, pattern, module_name, args, **keywords)
    if list_hosts:
        sys.stdout.write("".join([f"  hosts ({len(hosts)}):\n", *(f"    {name}\n" for name in hosts)]))
        return
    if not hosts:
        sys.stderr.write("[WARNING]: No hosts matched, nothing to do\n")
        return
    if format_ or given.get("log") or given.get("junit"):
        raise typer.Exit(execute(session))
    raise typer.Exit(execute(session, _output(session, one_line, tree), alone=True))


def _output(session: Session, one_line: bool, tree: str | None) -> Any:
    from fleet.cli.outputs import heading
    from fleet.sinks.adhoc import AdHoc, AdHocOptions

    settings = session.settings
    one_line = one_line or (settings["LOAD_CALLBACK_PLUGINS"] and settings["STDOUT_CALLBACK"] == "oneline")
    color = bool(settings["FORCE_COLOR"] or (sys.stdout.isatty() and not settings["NOCOLOR"]))
    return AdHoc(AdHocOptions(session.options.verbosity, one_line, color, tree, heading(settings)))
