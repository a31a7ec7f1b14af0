"""``fleet apply``: run playbooks."""

from __future__ import annotations

import sys

import typer

from fleet.cli import options as o

SETTINGS = {"epilog": "Example: fleet apply -i inventory/ playbooks/site.yml --limit web --check --diff"}


def apply(
    playbooks: o.Playbooks,
    inventory: o.Inventory = None,
    limit: o.Limit = None,
    tags: o.Tags = None,
    skip_tags: o.SkipTags = None,
    extra_vars: o.ExtraVars = None,
    forks: o.Forks = None,
    check: o.Check = False,
    diff: o.Diff = False,
    become: o.Become = False,
    become_user: o.BecomeUser = None,
    become_method: o.BecomeMethod = None,
    ask_become_pass: o.AskBecomePass = False,
    become_pass_file: o.BecomePassFile = None,
    ask_pass: o.AskPass = False,
    pass_file: o.PassFile = None,
    user: o.User = None,
    private_key: o.PrivateKey = None,
    connection: o.Transport = None,
    timeout: o.Timeout = None,
    ssh_common_args: o.CommonArgs = None,
    module_path: o.ModulePath = None,
    verbose: o.Verbose = 0,
    format_: o.Format = None,
    junit: o.JUnit = None,
    log: o.Log = None,
    list_hosts: o.ListHosts = False,
    list_tasks: o.ListTasks = False,
    list_tags: o.ListTags = False,
    syntax_check: o.Syntax = False,
    start_at_task: o.StartAt = None,
    step: o.Step = False,
    force_handlers: o.ForceHandlers = False,
    flush_cache: o.FlushCache = False,
    vault_password_file: o.VaultPasswordFile = None,
    vault_id: o.VaultId = None,
    ask_vault_pass: o.AskVaultPass = False,
) -> None:
    """Run playbooks: bring the hosts to the state they declare."""
    from fleet.cli.given import Given
    from fleet.cli.session import execute, open_session, prepare

    if list_tags and not (tags or skip_tags):
        tags = ["all", "never"]  # tags are listed of all tasks, those that never run unasked too
    session = open_session(
        Given(
            playbooks=playbooks, inventory=inventory, limit=limit, tags=tags, skip_tags=skip_tags,
            extra_vars=extra_vars, forks=forks, check=check, diff=diff, become=become, become_user=become_user,
            become_method=become_method,
            ask_become_pass=ask_become_pass, become_pass_file=become_pass_file, ask_pass=ask_pass, pass_file=pass_file,
            user=user, private_key=private_key, connection=connection, timeout=timeout, ssh_common_args=ssh_common_args,
            module_path=module_path, verbose=verbose, format=format_, junit=junit, log=log,
            start_at_task=start_at_task, step=step,
            force_handlers=force_handlers, flush_cache=flush_cache,
            vault_password_file=vault_password_file, vault_id=vault_id, ask_vault_pass=ask_vault_pass,
        )
    )  # fmt: skip
    prepare(session, dynamic_roles=True)
    if list_hosts or list_tasks or list_tags:
        from fleet.cli.listing import listing

        sys.stdout.write(listing(session.plays, list_hosts, list_tasks, list_tags))
        return
    if syntax_check:
        for path in playbooks:
            sys.stdout.write(f"\nplaybook: {path}\n")
        return
    raise typer.Exit(execute(session))
