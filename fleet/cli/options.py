"""Options that several verbs share, under ansible-playbook's names."""

from __future__ import annotations

from typing import Annotated

import typer

from fleet.cli import complete

_HOSTS, _TASKS, _CONNECT, _BECOME, _OUTPUT, _VAULT = (
    "Hosts and variables", "Which tasks", "Connection", "Become", "Output", "Vault",
)  # fmt: skip

Playbooks = Annotated[list[str], typer.Argument(metavar="PLAYBOOK...", help="Playbooks, run one after the other.")]
Pattern = Annotated[
    str,
    typer.Argument(metavar="PATTERN", help="Which hosts: a name, a group, 'web:&prod:!web3', '*.example.org'.",
                   autocompletion=complete.hosts),
]  # fmt: skip
AnyPattern = Annotated[
    str,
    typer.Argument(metavar="[PATTERN]", help="Which hosts: a name, a group, 'web:&prod:!web3', '*.example.org'.",
                   autocompletion=complete.hosts),
]  # fmt: skip
Inventory = Annotated[
    list[str] | None,
    typer.Option("-i", "--inventory", "--inventory-file", help="Inventory file, folder, script, or 'host1,host2,'. Repeatable.",
                 rich_help_panel=_HOSTS),
]  # fmt: skip
Limit = Annotated[
    list[str] | None,
    typer.Option(
        "-l",
        "--limit",
        help="Only these hosts: a pattern, or @file.",
        rich_help_panel=_HOSTS,
        autocompletion=complete.hosts,
    ),
]
ExtraVars = Annotated[
    list[str] | None,
    typer.Option("-e", "--extra-vars", help="key=value, YAML, JSON, or @file. Repeatable.", rich_help_panel=_HOSTS),
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "-t", "--tags", help="Only tasks with these tags.", rich_help_panel=_TASKS, autocompletion=complete.tags
    ),
]
SkipTags = Annotated[
    list[str] | None,
    typer.Option(
        "--skip-tags", help="Not the tasks with these tags.", rich_help_panel=_TASKS, autocompletion=complete.tags
    ),
]
StartAt = Annotated[
    str | None,
    typer.Option(
        "--start-at-task", help="Begin at the task of this name.", rich_help_panel=_TASKS, autocompletion=complete.tasks
    ),
]
Step = Annotated[bool, typer.Option("--step", help="Ask before each task.", rich_help_panel=_TASKS)]
ForceHandlers = Annotated[
    bool,
    typer.Option("--force-handlers", help="Run notified handlers on hosts that fail, too.", rich_help_panel=_TASKS),
]
FlushCache = Annotated[bool, typer.Option("--flush-cache", help="Forget cached facts first.", rich_help_panel=_TASKS)]
Check = Annotated[bool, typer.Option("-C", "--check", help="Change nothing, tell what would be changed.")]
Diff = Annotated[bool, typer.Option("-D", "--diff", help="Show what changes in files and packages.")]
Forks = Annotated[int | None, typer.Option("-f", "--forks", min=1, help="Hosts at work at the same time.")]
ListHosts = Annotated[bool, typer.Option("--list-hosts", help="List the hosts of each play and stop.")]
ListTasks = Annotated[bool, typer.Option("--list-tasks", help="List the tasks and stop.")]
ListTags = Annotated[bool, typer.Option("--list-tags", help="List the tags and stop.")]
Syntax = Annotated[bool, typer.Option("--syntax-check", help="Check the playbooks and stop (see fleet check).")]
Verbose = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="More detail; up to -vvv.", rich_help_panel=_OUTPUT)
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="terminal, plain or jsonl. Default: terminal on a terminal, else plain.",
                 rich_help_panel=_OUTPUT),
]  # fmt: skip
JUnit = Annotated[
    str | None, typer.Option("--junit", metavar="FILE", help="Also write a JUnit report.", rich_help_panel=_OUTPUT)
]
Log = Annotated[
    str | None,
    typer.Option("--log", metavar="FILE", help="Also write everything to this file.", rich_help_panel=_OUTPUT),
]
User = Annotated[str | None, typer.Option("-u", "--user", help="Connect as this user.", rich_help_panel=_CONNECT)]
PrivateKey = Annotated[
    str | None,
    typer.Option("--private-key", "--key-file", help="Private key to connect with.", rich_help_panel=_CONNECT),
]
Transport = Annotated[str | None, typer.Option("-c", "--connection", help="ssh or local.", rich_help_panel=_CONNECT)]
ModulePath = Annotated[
    str | None,
    typer.Option(
        "-M", "--module-path", metavar="DIR[:DIR]", help="Folders with modules of your own, before the settings'."
    ),
]
Timeout = Annotated[
    float | None, typer.Option("-T", "--timeout", help="Seconds to wait for a connection.", rich_help_panel=_CONNECT)
]
AskPass = Annotated[
    bool, typer.Option("-k", "--ask-pass", help="Ask for the connection password.", rich_help_panel=_CONNECT)
]
PassFile = Annotated[
    str | None,
    typer.Option(
        "--connection-password-file", "--conn-pass-file", help="File or script with it.", rich_help_panel=_CONNECT
    ),
]
CommonArgs = Annotated[
    str | None,
    typer.Option("--ssh-common-args", help="OpenSSH options, such as '-J jump.example.org'.", rich_help_panel=_CONNECT),
]
Become = Annotated[bool, typer.Option("-b", "--become", help="Become another user.", rich_help_panel=_BECOME)]
BecomeUser = Annotated[
    str | None, typer.Option("--become-user", help="Whom to become (root).", rich_help_panel=_BECOME)
]
BecomeMethod = Annotated[str | None, typer.Option("--become-method", help="sudo, su or doas.", rich_help_panel=_BECOME)]
AskBecomePass = Annotated[
    bool, typer.Option("-K", "--ask-become-pass", help="Ask for the become password.", rich_help_panel=_BECOME)
]
BecomePassFile = Annotated[
    str | None,
    typer.Option(
        "--become-password-file", "--become-pass-file", help="File or script with it.", rich_help_panel=_BECOME
    ),
]
VaultPasswordFile = Annotated[
    list[str] | None,
    typer.Option(
        "--vault-password-file",
        "--vault-pass-file",
        help="File or script with a vault password. Repeatable.",
        rich_help_panel=_VAULT,
    ),
]
VaultId = Annotated[
    list[str] | None,
    typer.Option(
        "--vault-id", help="Vault password as [LABEL@]FILE, script or 'prompt'. Repeatable.", rich_help_panel=_VAULT
    ),
]
AskVaultPass = Annotated[
    bool,
    typer.Option(
        "-J", "--ask-vault-pass", "--ask-vault-password", help="Ask for the vault password.", rich_help_panel=_VAULT
    ),
]
