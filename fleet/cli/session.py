"""From the command line's values to a run: settings, inventory, variables, sinks. Used by every verb that runs."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fleet.cli import settings as config
from fleet.errors import FleetError, Location, OptionsError
from fleet.source.diagnostics import Diagnostic, Diagnostics, show
from fleet.source.nodes import Map, trust_all
from fleet.source.yaml import Read, read_text

if TYPE_CHECKING:
    from fleet.engine.options import ConnectionOptions, RunOptions
    from fleet.engine.prepare import Prepared
    from fleet.engine.variables import World
    from fleet.inventory.model import Inventory
    from fleet.plugins.table import Plugins
    from fleet.sinks.base import Sink
    from fleet.sinks.secrets import Secrets
    from fleet.vault.vault import Vault

FORMATS = ("terminal", "plain", "jsonl")


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


@dataclass(slots=True)
class Session:
    """Everything a verb needs. ``problems`` collects mistakes until the verb shows them."""

    given: Given
    settings: config.Settings
    options: RunOptions
    inventory: Inventory
    world: World
    problems: Diagnostics
    secrets: Secrets
    missing: tuple[str, ...] = ()
    """Inventory sources that do not exist; only plays that need no inventory may run then."""
    plays: list[Prepared] = field(default_factory=list)


def open_session(given: Given, *, may_miss: bool = False) -> Session:
    """Read settings and inventory and make the world. Raises FleetError.

    ``may_miss``: an inventory source that does not exist only gives a warning, unless that is configured.
    """
    from fleet.cli.reading import inventory_options, plugins_of
    from fleet.engine.variables import World
    from fleet.inventory.load import load
    from fleet.sinks.secrets import Secrets
    from fleet.template.templar import Templar

    settings = config.read(os.environ)
    secrets = Secrets()
    vault = open_vault(given, settings, secrets)
    problems = Diagnostics()
    given.playbooks = [playbook_file(path, settings) for path in given.playbooks]
    for path in given.playbooks:
        if not os.path.exists(path):
            raise FleetError(f"the playbook: {path} could not be found")
        if os.path.isdir(path):
            raise FleetError(f"the playbook: {path} does not appear to be a file")
    if settings.ignored and (given.verbose or settings["VERBOSITY"]) >= 2:
        sys.stderr.write(f"settings that mean nothing here: {', '.join(settings.ignored)}\n")
    sources = list(given.inventory or default_inventory(settings))
    folders = [os.path.dirname(path) or "." for path in given.playbooks] or [given.playbook_dir or "."]
    options = run_options(given, settings, sources, vault.text)
    missing = () if may_miss or settings["INVENTORY_ANY_UNPARSED_IS_FAILED"] is False else absent(sources)
    # Whether a play needs an inventory that is not there is seen when the plays are read.
    soft = may_miss or (bool(given.playbooks) and len(missing) == len(sources))
    warned: set[str] = set()

    def warn(text: str) -> None:
        if text not in warned:
            warned.add(text)
            sys.stderr.write(f"[WARNING]: {text}\n")

    templar = Templar(
        vault=vault,
        match_hosts=lambda pattern: _match(inventory, pattern),
        setting=options.setting,
        warn=warn,
        allow_broken_conditionals=bool(settings["ALLOW_BROKEN_CONDITIONALS"]),
    )
    plugins = plugins_of(settings, templar, options.verbosity)
    if given.playbook_dir:
        plugins.beside(os.path.abspath(given.playbook_dir))

    def of_inventory() -> Plugins:
        for path in given.playbooks:
            plugins.beside(os.path.dirname(os.path.abspath(path)))
        return plugins

    reading = inventory_options(
        settings, options.extra_vars, may_miss=soft, decrypt=vault.open,
        plugins=of_inventory, flush_cache=given.flush_cache,
    )  # fmt: skip
    inventory = load(sources, playbook_dirs=list(dict.fromkeys(folders)), options=reading, problems=problems)
    if inventory.unparsed:
        show_warnings(problems.warnings)
        problems.found[:] = problems.errors

    def reread() -> Inventory:
        found = Diagnostics()
        fresh = load(sources, playbook_dirs=list(dict.fromkeys(folders)), options=reading, problems=found)
        found.stop()
        return fresh

    world = World(inventory, options, templar, plugins.beside, reread=reread)
    for secret in (options.connection.password, options.connection.become_password):
        if secret:
            secrets.add(secret)
    return Session(given, settings, options, inventory, world, problems, secrets, missing if soft else ())


def playbook_file(name: str, settings: config.Settings) -> str:
    """The file of a playbook; ``namespace.collection.play`` is looked for in the installed collections."""
    from fleet.playbook.load import in_collection
    from fleet.plugins import routing

    if "." not in name or os.sep in name:
        return name
    return in_collection(name, routing.roots(["collections", *settings["COLLECTIONS_PATH"]])) or name


def absent(sources: Sequence[str]) -> tuple[str, ...]:
    """The inventory sources that name files which do not exist."""
    return tuple(source for source in sources if "," not in source and not os.path.lexists(source))


def needs_inventory(session: Session) -> None:
    """Record sources that do not exist, unless all plays are for the controller alone."""
    local = {"localhost", "127.0.0.1", "::1"}
    if session.missing and not all(str(prepared.play.hosts) in local for prepared in session.plays):
        for source in session.missing:
            session.problems.error(f"inventory {source!r} does not exist", hint=f"for a single host write '{source},'")


def open_vault(given: Given, settings: config.Settings, secrets: Secrets) -> Vault:
    """What opens encrypted files and values. The passwords and what is decrypted are kept out of all outputs."""
    from fleet.cli.vaults import secrets_of, vault_of, wanted_of

    ask_for_it = given.ask_vault_pass or settings["ASK_VAULT_PASS"]
    wanted = wanted_of(settings, given.vault_id, given.vault_password_file, ask_for_it)
    return vault_of(settings, secrets_of(wanted), secrets.add)


def _match(inventory: Inventory, pattern: str) -> list[str]:
    from fleet.inventory.patterns import select

    return select(inventory, pattern)


def default_inventory(settings: config.Settings) -> list[str]:
    """The configured sources, or ./inventory where nothing was configured and that exists."""
    sources: list[str] = settings["INVENTORY"]
    # What somebody configured must exist; /etc/ansible/hosts is only where one may lie.
    if sources != config.TABLE["INVENTORY"].default or os.path.exists(sources[0]):
        return sources
    return ["inventory"] if os.path.exists("inventory") else []


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


def prepare(session: Session, *, dynamic_roles: bool = False) -> None:
    """Load and check the playbooks; show all mistakes at once and stop if there are any. Raises Rejected.

    Those that a run may never come to are shown, and do not stop it: Ansible runs such playbooks.
    """
    examine(session, dynamic_roles=dynamic_roles)
    eased = session.problems.ease()
    show_warnings(eased)
    session.problems.stop()
    # What only might be wrong is for `fleet check`; a run says it when it comes to it.
    if session.options.verbosity:
        show_warnings(item for item in session.problems.warnings if item not in eased)


def examine(session: Session, *, dynamic_roles: bool = False) -> None:
    """Load and check the playbooks; mistakes go to the session's problems. Raises OptionsError
    for a limit that leaves no host."""
    from fleet.engine.prepare import prepare as load_all
    from fleet.inventory.patterns import require, select
    from fleet.plan.check import check

    world, options = session.world, session.options
    if options.limit is not None:
        require(select(world.inventory, "all", options.limit), options.limit)
    session.plays = load_all(options, world, session.problems)
    needs_inventory(session)
    duplicates(session.problems, session.settings["DUPLICATE_YAML_DICT_KEY"])
    check(
        session.plays, world.templar, session.problems, world.inventory, options.extra_vars,
        missing_handler_fatal=options.missing_handler_fatal, kept_facts=bool(world.cache),
        dynamic_roles=dynamic_roles,
    )  # fmt: skip


def duplicates(problems: Diagnostics, policy: str) -> None:
    """Keys that stand twice in a mapping: warned about now, a mistake, or passed over."""
    from fleet.source.yaml import DUPLICATE

    mine = [item for item in problems.found if item.warning and item.what.startswith(DUPLICATE)]
    if policy == "error":
        problems.found[:] = [replace(item, warning=False, hint="") if item in mine else item for item in problems.found]
    else:
        problems.found[:] = [item for item in problems.found if item not in mine]
    if policy == "warn":
        for item in dict.fromkeys(mine):
            sys.stderr.write(f"[WARNING]: {item.what}\nOrigin: {item.at}\n\n{item.hint}\n")


def show_warnings(warnings: Iterable[Diagnostic]) -> None:
    for warning in warnings:
        sys.stderr.write(f"[WARNING]: {show(replace(warning, warning=False))}\n")


def sinks(session: Session, more: Sequence[Sink] = ()) -> Sink:
    """What shows the run, and ``more``."""
    from fleet.sinks import sink_class
    from fleet.sinks.fanout import Fanout

    given, settings = session.given, session.settings
    shape = given.format or ("terminal" if sys.stdout.isatty() else "plain")
    if shape not in FORMATS:
        raise OptionsError(f"--format {shape!r} is not known", hint=f"use one of: {', '.join(FORMATS)}")
    made: list[Any] = [*more]
    if shape == "plain":
        made.append(sink_class("plain")(plain_options(session)))
    elif shape == "terminal":
        made.append(sink_class("terminal")())
    else:
        made.append(sink_class("jsonl")())
    if given.junit:
        made.append(sink_class("junit")(given.junit))
    if given.log or settings["LOG_PATH"]:
        loud = settings["LOG_VERBOSITY"]
        options = replace(plain_options(session), **({} if loud is None else {"verbosity": loud}))
        made.append(sink_class("log")(given.log or settings["LOG_PATH"], options))
    return Fanout(made, session.secrets)


def plain_options(session: Session) -> Any:
    from fleet.sinks.plain import PlainOptions

    settings = session.settings
    return PlainOptions(
        verbosity=session.options.verbosity,
        notes=5 if settings["DEBUG"] else session.options.verbosity,
        color=bool(settings["FORCE_COLOR"] or (sys.stdout.isatty() and not settings["NOCOLOR"])),
        result_format=settings["RESULT_FORMAT"],
        format_pretty=settings["FORMAT_PRETTY"],
        display_skipped_hosts=settings["DISPLAY_SKIPPED_HOSTS"],
        display_ok_hosts=settings["DISPLAY_OK_HOSTS"],
        display_failed_stderr=settings["DISPLAY_FAILED_STDERR"],
        display_args_to_stdout=settings["DISPLAY_ARGS_TO_STDOUT"],
        check_mode_markers=settings["CHECK_MODE_MARKERS"],
        show_task_path_on_failure=settings["SHOW_TASK_PATH_ON_FAILURE"],
        show_custom_stats=settings["SHOW_CUSTOM_STATS"],
        heading=heading(settings),
    )


def heading(settings: config.Settings) -> str:
    """Which settings count, as the first line with ``-v`` says it."""
    return f"Using {settings.config} as config file" if settings.config else "No config file found; using defaults"


def execute(session: Session, *more: Sink, alone: bool = False) -> int:
    """Run the prepared plays; give the exit code. ``more`` sinks see the run too, or ``alone``."""
    from fleet.engine.control import Control
    from fleet.engine.run import Run
    from fleet.events import Warned
    from fleet.sinks.fanout import Fanout

    every = Fanout(more, session.secrets) if alone else sinks(session, more)
    run = Run(session.world, session.plays, every, Control(session.options.forks), session.secrets)
    templar, settings = session.world.templar, session.settings
    if settings["DEPRECATION_WARNINGS"]:
        templar.deprecated = lambda text, at: run.tell(Warned(text, at=at, deprecation=True))
    if settings["UNTRUSTED_TEMPLATES"] == "warning":
        kept = "Encountered untrusted template: data that looks like one is kept as it is."
        templar.untrusted = lambda at: run.tell(Warned(kept, at=at))
    return run.run()
