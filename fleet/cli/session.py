"""From the command line's values to a run: settings, inventory, variables, sinks. Used by every verb that runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fleet.cli import settings as config
from fleet.cli.given import Given, run_options
from fleet.cli.outputs import duplicates, show_warnings, sinks
from fleet.errors import FleetError
from fleet.source.diagnostics import Diagnostics

if TYPE_CHECKING:
    from fleet.engine.options import RunOptions
    from fleet.engine.prepare import Prepared
    from fleet.engine.variables import World
    from fleet.inventory.model import Inventory
    from fleet.plugins.table import Plugins
    from fleet.sinks.base import Sink
    from fleet.sinks.secrets import Secrets
    from fleet.template.templar import Templar
    from fleet.vault.vault import Vault


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

    settings = config.read(os.environ)
    secrets = Secrets()
    vault = open_vault(given, settings, secrets)
    problems = Diagnostics()
    given.playbooks = playbook_files(given.playbooks, settings)
    if settings.ignored and (given.verbose or settings["VERBOSITY"]) >= 2:
        sys.stderr.write(f"settings that mean nothing here: {', '.join(settings.ignored)}\n")
    sources = list(given.inventory or default_inventory(settings))
    options = run_options(given, settings, sources, vault.text)
    missing = () if may_miss or settings["INVENTORY_ANY_UNPARSED_IS_FAILED"] is False else absent(sources)
    # Whether a play needs an inventory that is not there is seen when the plays are read.
    soft = may_miss or (bool(given.playbooks) and len(missing) == len(sources))
    templar = _templar(settings, options, vault, lambda pattern: _match(inventory, pattern))
    plugins = plugins_of(settings, templar, options.verbosity)
    if given.module_path:
        plugins.modules.first(given.module_path.split(os.pathsep))
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
    folders = [os.path.dirname(path) or "." for path in given.playbooks] or [given.playbook_dir or "."]
    folders = list(dict.fromkeys(folders))
    inventory = load(sources, playbook_dirs=folders, options=reading, problems=problems)
    if inventory.unparsed:
        show_warnings(problems.warnings)
        problems.found[:] = problems.errors

    def reread() -> Inventory:
        found = Diagnostics()
        fresh = load(sources, playbook_dirs=folders, options=reading, problems=found)
        found.stop()
        return fresh

    world = World(inventory, options, templar, plugins.beside, reread=reread)
    for secret in (options.connection.password, options.connection.become_password):
        if secret:
            secrets.add(secret)
    return Session(given, settings, options, inventory, world, problems, secrets, missing if soft else ())


def _templar(
    settings: config.Settings, options: RunOptions, vault: Vault, match_hosts: Callable[[str], list[str]]
) -> Templar:
    """What renders templates; each of its warnings is shown once."""
    from fleet.template.templar import Templar

    warned: set[str] = set()

    def warn(text: str) -> None:
        if text not in warned:
            warned.add(text)
            sys.stderr.write(f"[WARNING]: {text}\n")

    return Templar(
        vault=vault,
        match_hosts=match_hosts,
        setting=options.setting,
        warn=warn,
        allow_broken_conditionals=bool(settings["ALLOW_BROKEN_CONDITIONALS"]),
    )


def playbook_files(names: Sequence[str], settings: config.Settings) -> list[str]:
    """The files of playbooks. Raises FleetError for one that is not there."""
    paths = [playbook_file(name, settings) for name in names]
    for path in paths:
        if not os.path.exists(path):
            raise FleetError(f"the playbook: {path} could not be found")
        if os.path.isdir(path):
            raise FleetError(f"the playbook: {path} does not appear to be a file")
    return paths


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
    from fleet.inventory.model import LOCALHOSTS

    if session.missing and not all(str(prepared.play.hosts) in LOCALHOSTS for prepared in session.plays):
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
