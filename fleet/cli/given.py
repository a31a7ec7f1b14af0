"""What was given on the command line, and the options of a run that come of it and of the settings."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fleet.cli import settings as config
from fleet.errors import Location, OptionsError
from fleet.source.nodes import Map, trust_all
from fleet.source.yaml import Read, read_text

if TYPE_CHECKING:
    from fleet.engine.options import ConnectionOptions, RunOptions


@dataclass(slots=True)
class Given:
    """What was given on the command line; None where nothing was."""

    playbooks: Sequence[str] = ()
    inventory: Sequence[str] | None = None
    limit: Sequence[str] | None = None
    extra_vars: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    skip_tags: Sequence[str] | None = None
    start_at_task: str | None = None
    step: bool = False
    force_handlers: bool = False
    flush_cache: bool = False
    check: bool = False
    diff: bool = False
    forks: int | None = None
    verbose: int = 0
    format: str | None = None
    junit: str | None = None
    log: str | None = None
    user: str | None = None
    private_key: str | None = None
    connection: str | None = None
    timeout: float | None = None
    task_timeout: float | None = None
    ask_pass: bool = False
    pass_file: str | None = None
    ssh_common_args: str | None = None
    become: bool = False
    become_user: str | None = None
    become_method: str | None = None
    ask_become_pass: bool = False
    become_pass_file: str | None = None
    vault_password_file: Sequence[str] | None = None
    vault_id: Sequence[str] | None = None
    ask_vault_pass: bool = False
    playbook_dir: str | None = None
    module_path: str | None = None


def run_options(given: Given, settings: config.Settings, sources: Sequence[str], read: Read) -> RunOptions:
    """The frozen options of the run. ``read`` gives the text of files named by ``-e``."""
    from fleet.engine.options import RunOptions
    from fleet.plan.sources import Places

    return RunOptions(
        playbooks=tuple(given.playbooks),
        limit=",".join(given.limit) if given.limit else None,
        tags=_names(given.tags, settings["RUN_TAGS"]),
        skip_tags=_names(given.skip_tags, settings["SKIP_TAGS"]),
        extra_vars=extra_vars(given.extra_vars or (), read),
        forks=given.forks or settings["FORKS"],
        check=given.check,
        diff=given.diff or settings["DIFF_ALWAYS"],
        verbosity=given.verbose or settings["VERBOSITY"],
        start_at_task=given.start_at_task,
        step=given.step,
        debugger=settings["ENABLE_TASK_DEBUGGER"],
        debugger_ignore_errors=settings["TASK_DEBUGGER_IGNORE_ERRORS"],
        force_handlers=given.force_handlers or settings["FORCE_HANDLERS"],
        any_errors_fatal=settings["ANY_ERRORS_FATAL"],
        flush_cache=given.flush_cache,
        fact_cache=(
            settings["CACHE_PLUGIN"],
            settings["CACHE_PLUGIN_CONNECTION"],
            settings["CACHE_PLUGIN_PREFIX"],
            settings["CACHE_PLUGIN_TIMEOUT"],
        ),
        gathering=settings["GATHERING"],
        inject_facts=settings["INJECT_FACTS_AS_VARS"],
        merge_hashes=settings["HASH_BEHAVIOUR"] == "merge",
        missing_handler_fatal=settings["ERROR_ON_MISSING_HANDLER"],
        strategy=settings["STRATEGY"],
        task_timeout=given.task_timeout or settings["TASK_TIMEOUT"],
        connection=connection_options(given, settings),
        places=Places(tuple(settings["ROLES_PATH"]), tuple(settings["COLLECTIONS_PATH"])),
        playbook_dir=given.playbook_dir,
        inventory_sources=tuple(os.path.abspath(path) if "," not in path else path for path in sources),
        no_log=settings["NO_LOG"],
        private_role_vars=settings["PRIVATE_ROLE_VARS"],
        setting=settings.named,
    )


def connection_options(given: Given, settings: config.Settings) -> ConnectionOptions:
    """How hosts are reached, with passwords asked for or read where that was wanted."""
    from fleet.engine.options import ConnectionOptions

    password = secret_file(given.pass_file or settings["CONNECTION_PASSWORD_FILE"])
    if given.ask_pass or settings["ASK_PASS"]:
        password = ask("SSH password: ")
    become_password = secret_file(given.become_pass_file or settings["BECOME_PASSWORD_FILE"])
    if given.ask_become_pass or settings["BECOME_ASK_PASS"]:
        method = (given.become_method or settings["BECOME_METHOD"]).upper()
        shown = f"{method} password{'[defaults to SSH password]' if password else ''}: "
        become_password = ask(shown) or password
    return ConnectionOptions(
        kind=given.connection or settings["TRANSPORT"],
        user=given.user or settings["REMOTE_USER"],
        port=settings["REMOTE_PORT"],
        key_file=given.private_key or settings["PRIVATE_KEY_FILE"],
        password=password,
        common_args=given.ssh_common_args or settings["SSH_COMMON_ARGS"],
        host_key_checking=settings["HOST_KEY_CHECKING"],
        timeout=given.timeout or settings["TIMEOUT"],
        idle_timeout=settings["IDLE_TIMEOUT"],
        become=given.become or settings["BECOME"],
        become_method=given.become_method or settings["BECOME_METHOD"],
        become_user=given.become_user or settings["BECOME_USER"],
        become_password=become_password,
        become_flags=settings["BECOME_FLAGS"],
        become_exe=settings["BECOME_EXE"],
        interpreter=settings["INTERPRETER_PYTHON"],
    )


def ask(prompt: str) -> str:
    """Ask for a password on the terminal. Raises OptionsError where there is none."""
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise OptionsError("no terminal to ask for a password on", hint="give it in a file") from None


def secret_file(path: str | None) -> str | None:
    """The first line of a file, or of what a script of that name prints."""
    if not path:
        return None
    full = os.path.expanduser(path)
    try:
        if os.access(full, os.X_OK) and os.path.isfile(full):
            ran = subprocess.run([full], capture_output=True, check=True)
            return ran.stdout.decode().rstrip("\r\n")
        with open(full, encoding="utf-8") as source:
            return source.read().strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise OptionsError(f"cannot read the password file {path}: {error}") from None


def extra_vars(texts: Sequence[str], read: Read = read_text) -> Mapping[str, Any]:
    """``-e``: k=v words, YAML or JSON text, or @file; later ones win. Raises OptionsError, InputError."""
    from fleet.playbook.arguments import split_words, unquote
    from fleet.source.tagged import UNSAFE, tagged
    from fleet.source.yaml import load

    merged = Map()
    for text in texts:
        if text.startswith("@"):
            path = os.path.expanduser(text[1:])
            value = load(read(path), path)
        elif text[:1] in "[{":
            value = load(text, "-e")
            if UNSAFE in text:
                value = tagged(value, Location("-e"))
        elif "=" in text:
            try:
                words = [word.partition("=") for word in split_words(text) if word != "\n"]
            except ValueError as error:
                raise OptionsError(f"-e {text!r}: {error}") from None
            value = trust_all({key: unquote(item) for key, equals, item in words if equals}, Location("-e"))
        else:
            value = None
        if not isinstance(value, dict):
            raise OptionsError(f"-e {text!r} is not key=value, a mapping, or @file")
        merged.update(value)
    return merged


def _names(given: Sequence[str] | None, default: Sequence[str]) -> frozenset[str]:
    texts = default if given is None else given
    return frozenset(part.strip() for text in texts for part in text.split(",") if part.strip())
