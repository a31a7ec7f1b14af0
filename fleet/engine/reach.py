"""Where a task runs and as whom: keywords, connection variables and options -> Reach."""

from __future__ import annotations

from typing import Any

from fleet.engine.bind import flag
from fleet.engine.connectionvars import ConnectionDefaults
from fleet.engine.instructions import Reach
from fleet.engine.variables import PlayContext
from fleet.errors import InputError
from fleet.inventory.connection import INTERPRETERS, ConnectionSettings, Defaults, settings, unknown_kind
from fleet.inventory.model import LOCALHOSTS
from fleet.plan.tree import TaskNode
from fleet.source.nodes import Trusted
from fleet.template.plain import OMIT
from fleet.template.scope import Scope
from fleet.transport.base import Identity, Target

KEYWORDS = ("connection", "remote_user", "port", "become", "become_user", "become_method", "become_flags", "become_exe")
NOWHERE = frozenset(
    "add_host assert debug fail group_by include_vars meta pause set_fact set_stats validate_argument_spec".split()
)
"""Actions that need no host, and so none that can be reached."""


def reach(
    node: TaskNode,
    host: str,
    variables: Scope,
    keywords: Scope,
    play: PlayContext,
    templates: set[str] | None = None,
) -> Reach:
    """How to run ``node`` on ``host``.

    ``variables`` are the variables of the host it runs on, ``keywords`` those its keywords are rendered
    with; they differ for delegated tasks. ``templates`` takes the names of the variables that are
    templates, and so may come to something else for the next task. Raises TemplateError, InputError, Pending.
    """
    found = settings(host, _getter(variables, templates), _defaults(node, host, keywords, play))
    if found.kind not in ("ssh", "local") and node.action not in NOWHERE:
        raise InputError(
            f"connection {found.kind!r} of {host} is not one fleet has",
            at=node.task.at,
            hint=play.world.templar.foreign_hint("connection", found.kind) or unknown_kind(found.kind),
        )
    idle = play.world.options.connection.idle_timeout
    return Reach(_target(found, idle), _identity(found), _interpreter(found, variables))


def _getter(scope: Scope, templates: set[str] | None) -> Any:
    def get(name: str) -> Any:
        if not scope.above(name, ConnectionDefaults):
            return None
        value = scope[name]
        if templates is not None:
            raw = scope.raw(name)
            if not isinstance(raw, str) or (isinstance(raw, Trusted) and raw.is_template):
                templates.add(name)
        return None if value is OMIT else value

    return get


def _defaults(node: TaskNode, host: str, scope: Scope, play: PlayContext) -> Defaults:
    options = play.world.options.connection
    templar = play.world.templar

    def text(name: str, default: Any) -> Any:
        value = node.kw.get(name)
        if value is None:
            return default
        rendered = templar.render(value, scope)
        if rendered is OMIT and node.outer.get(name) is not value:
            rendered = templar.render(node.outer.get(name), scope)
        return default if rendered is OMIT or rendered is None or rendered == "" else rendered

    implicit_local = host in LOCALHOSTS and host not in play.world.inventory.hosts
    port = text("port", options.port)
    return Defaults(
        kind=str(text("connection", "local" if implicit_local else options.kind)),
        port=int(port) if port is not None else None,
        user=text("remote_user", options.user),
        password=options.password,
        key_file=options.key_file,
        timeout=options.timeout,
        host_key_checking=options.host_key_checking,
        interpreter=options.interpreter,
        ssh_common_args=options.common_args,
        become=flag(node, "become", scope, play, options.become),
        become_method=str(text("become_method", options.become_method)),
        become_user=str(text("become_user", options.become_user)),
        become_password=options.become_password,
        become_flags=text("become_flags", options.become_flags or None),
        become_exe=text("become_exe", options.become_exe or None),
    )


def _target(found: ConnectionSettings, idle: float) -> Target:
    ssh = found.ssh
    lax = not found.host_key_checking or ssh.strict in ("no", "off", "accept-new")
    return Target(
        name=found.name,
        address=found.host,
        kind="local" if found.kind == "local" else "ssh",
        port=found.port,
        user=found.user,
        password=found.password,
        key_files=found.key_files,
        passphrase=found.passphrase,
        identities_only=bool(ssh.identities_only),
        known_hosts=ssh.known_hosts,
        new_keys="accept" if lax else "refuse",
        jump=tuple(part for part in ssh.proxy_jump.split(",") if part and part != "none"),
        proxy_command=ssh.proxy_command if ssh.proxy_command != "none" else "",
        ssh_config=ssh.config_file or None,
        connect_timeout=found.timeout,
        auth_timeout=max(found.timeout, 20.0),
        idle_timeout=idle,
    )


def _identity(found: ConnectionSettings) -> Identity:
    become = found.become
    # Becoming the user one already is would cost a process and change nothing.
    if not become.wanted or (found.user == become.user and become.flags is None):
        return Identity()
    return Identity(
        become.user, become.method, become.exe or "", become.flags or "", become.password, become.chdir, become.prompts
    )


def _interpreter(found: ConnectionSettings, variables: Scope) -> str:
    if found.interpreter in INTERPRETERS:
        return str(variables["ansible_playbook_python"]) if found.kind == "local" and found.name in LOCALHOSTS else ""
    return found.interpreter
