"""Everything a run was asked for, in one frozen value. Nobody below the CLI reads argv, settings or the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from fleet.plan.sources import Places
from fleet.record import record


@record
class ConnectionOptions:
    """How hosts are reached where their variables do not say otherwise. Times are seconds."""

    kind: str = "ssh"
    user: str | None = None
    port: int | None = None
    key_file: str | None = None
    password: str | None = None
    common_args: str = ""
    host_key_checking: bool = True
    timeout: float = 10.0
    idle_timeout: float = 30.0
    become: bool = False
    become_method: str = "sudo"
    become_user: str = "root"
    become_password: str | None = None
    become_flags: str = ""
    become_exe: str = ""
    interpreter: str = "auto"


@record
class RunOptions:
    """One run. ``extra_vars`` hold trusted text; ``settings`` answers ``lookup('config', ...)``."""

    playbooks: tuple[str, ...] = ()
    limit: str | None = None
    tags: frozenset[str] = frozenset()
    skip_tags: frozenset[str] = frozenset()
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    forks: int = 50
    check: bool = False
    diff: bool = False
    verbosity: int = 0
    start_at_task: str | None = None
    step: bool = False
    debugger: bool = False
    debugger_ignore_errors: bool = True
    force_handlers: bool = False
    any_errors_fatal: bool = False
    flush_cache: bool = False
    fact_cache: tuple[str, str, str, float] = ("memory", "", "", 86400)
    """Where facts are kept between runs: plugin, its connection, prefix of names, seconds they count."""
    gathering: str = "implicit"
    inject_facts: bool = True
    merge_hashes: bool = False
    missing_handler_fatal: bool = True
    strategy: str = ""
    task_timeout: float = 0
    connection: ConnectionOptions = field(default_factory=ConnectionOptions)
    no_log: bool = False
    private_role_vars: bool | None = None
    places: Places = field(default_factory=Places)
    playbook_dir: str | None = None
    inventory_sources: tuple[str, ...] = ()
    setting: Callable[[str], Any] | None = None
