"""How to reach a host and whom to become there, read from its rendered variables. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from fleet.errors import InputError
from fleet.inventory.sshargs import SshArgs, parse
from fleet.record import record
from fleet.source.diagnostics import suggest
from fleet.source.nodes import location_of

Get = Callable[[str], Any]  # A variable's rendered value; None when it is not defined.

KINDS = {
    "ssh": "ssh",
    "smart": "ssh",
    "paramiko": "ssh",
    "paramiko_ssh": "ssh",
    "local": "local",
}
INTERPRETERS = ("auto", "auto_silent", "auto_legacy", "auto_legacy_silent")

# Setting -> the variables that set it. The last one that is defined wins, as in ansible-core.
VARIABLES: dict[str, tuple[str, ...]] = {
    "kind": ("ansible_connection",),
    "host": ("ansible_host", "ansible_ssh_host"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "user": ("ansible_user", "ansible_ssh_user"),
    "password": ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"),
    "key_file": ("ansible_private_key_file", "ansible_ssh_private_key_file"),
    "key_text": ("ansible_private_key", "ansible_ssh_private_key"),
    "passphrase": ("ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase"),
    "timeout": ("ansible_timeout", "ansible_ssh_timeout"),
    "retries": ("ansible_ssh_retries",),
    "host_key_checking": ("ansible_host_key_checking", "ansible_ssh_host_key_checking"),
    "interpreter": ("ansible_python_interpreter",),
    "ssh_args": ("ansible_ssh_args",),
    "ssh_common_args": ("ansible_ssh_common_args",),
    "ssh_extra_args": ("ansible_ssh_extra_args",),
    "become": ("ansible_become",),
    "become_method": ("ansible_become_method",),
}
BECOME: dict[str, tuple[str, ...]] = {
    "user": ("ansible_become_user", "ansible_{method}_user"),
    "password": ("ansible_become_password", "ansible_become_pass", "ansible_{method}_pass"),
    "flags": ("ansible_become_flags", "ansible_{method}_flags"),
    "exe": ("ansible_become_exe", "ansible_{method}_exe"),
    "chdir": ("ansible_{method}_chdir",),
}
PROMPTS = "ansible_{method}_prompt_l10n"


@record
class Defaults:
    """What holds where no variable says otherwise: play keywords over the command line over ``ansible.cfg``."""

    kind: str = "ssh"
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    timeout: float = 10.0
    retries: int = 0
    host_key_checking: bool = True
    interpreter: str = "auto"
    ssh_args: str = ""
    ssh_common_args: str = ""
    ssh_extra_args: str = ""
    become: bool = False
    become_method: str = "sudo"
    become_user: str = "root"
    become_password: str | None = field(default=None, repr=False)
    become_flags: str | None = None
    become_exe: str | None = None


@record
class Become:
    """Whom to become, and how. ``flags`` and ``exe`` are None where the method's own default is meant.

    ``chdir`` is where to do it from; ``prompts`` how the host's language asks for the password.
    """

    wanted: bool = False
    method: str = "sudo"
    user: str = "root"
    password: str | None = field(default=None, repr=False)
    flags: str | None = None
    exe: str | None = None
    chdir: str = ""
    prompts: tuple[str, ...] = ()


@record
class ConnectionSettings:
    """Everything a transport needs to know about one host. Times are in seconds.

    ``kind`` is ``ssh``, ``local`` or, unchanged, a kind fleet does not know. ``port`` and ``user`` are
    None where ssh's own configuration decides. ``interpreter`` is a path, a name, or one of ``INTERPRETERS``.
    """

    name: str
    host: str
    kind: str = "ssh"
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    key_files: tuple[str, ...] = ()
    key_text: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    timeout: float = 10.0
    retries: int = 0
    host_key_checking: bool = True
    interpreter: str = "auto"
    ssh: SshArgs = field(default_factory=SshArgs)
    become: Become = field(default_factory=Become)

    @property
    def ignored(self) -> tuple[str, ...]:
        """ssh arguments that have no effect, for a notice."""
        return self.ssh.ignored


def settings(name: str, get: Get, defaults: Defaults | None = None) -> ConnectionSettings:
    """The settings of host ``name``. ``get`` gives a variable's rendered value, None when it is undefined.

    Raises ``InputError`` naming the variable whose value cannot be used.
    """
    defaults = defaults or Defaults()
    read = _Reader(get)
    args = ("ssh_args", "ssh_common_args", "ssh_extra_args")
    ssh = parse([read.text(VARIABLES[arg], getattr(defaults, arg)) or "" for arg in args])
    key_file = read.text(VARIABLES["key_file"], defaults.key_file)
    timeout = ssh.connect_timeout if ssh.connect_timeout is not None else defaults.timeout
    return ConnectionSettings(
        name=name,
        host=read.text(VARIABLES["host"], None) or ssh.host_name or name,
        kind=_kind(read.text(VARIABLES["kind"], defaults.kind) or "ssh"),
        port=read.port(VARIABLES["port"], defaults.port or ssh.port),
        user=read.text(VARIABLES["user"], defaults.user or ssh.user or None),
        password=read.text(VARIABLES["password"], defaults.password),
        key_files=((key_file,) if key_file else ()) + ssh.identity_files,
        key_text=read.text(VARIABLES["key_text"], None),
        passphrase=read.text(VARIABLES["passphrase"], None),
        timeout=read.number(VARIABLES["timeout"], timeout),
        retries=int(read.number(VARIABLES["retries"], defaults.retries)),
        host_key_checking=read.flag(VARIABLES["host_key_checking"], defaults.host_key_checking),
        interpreter=read.text(VARIABLES["interpreter"], defaults.interpreter) or "auto",
        ssh=ssh,
        become=become(get, defaults),
    )


def become(get: Get, defaults: Defaults | None = None) -> Become:
    """Whom to become. Variables win over the keywords in ``defaults``. Raises ``InputError``."""
    defaults = defaults or Defaults()
    read = _Reader(get)
    method = _short(read.text(VARIABLES["become_method"], defaults.become_method) or "sudo")
    variables = {key: tuple(name.format(method=method) for name in names) for key, names in BECOME.items()}
    prompts = get(PROMPTS.format(method=method)) or ()
    return Become(
        wanted=read.flag(VARIABLES["become"], defaults.become),
        method=method,
        user=read.text(variables["user"], defaults.become_user) or "root",
        password=read.text(variables["password"], defaults.become_password),
        flags=read.text(variables["flags"], defaults.become_flags),
        exe=read.text(variables["exe"], defaults.become_exe),
        chdir=read.text(variables["chdir"], None) or "",
        prompts=(prompts,) if isinstance(prompts, str) else tuple(map(str, prompts)),
    )


def unknown_kind(kind: str) -> str:
    """A hint for a connection kind that fleet does not know."""
    return suggest(kind, KINDS) or f"known kinds are {', '.join(KINDS)}"


def _kind(text: str) -> str:
    return KINDS.get(_short(text), text)


def _short(name: str) -> str:
    return name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")


_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "true", "on", "1", "y", "t", "1.0"), True),
    **dict.fromkeys(("no", "false", "off", "0", "n", "f", "0.0"), False),
}


class _Reader:
    """Reads the last defined of several variables as one kind of value."""

    def __init__(self, get: Get) -> None:
        self.get = get

    def found(self, names: tuple[str, ...]) -> tuple[str, Any]:
        for name in reversed(names):
            value = self.get(name)
            if value is not None:
                return name, value
        return "", None

    def text(self, names: tuple[str, ...], default: str | None) -> str | None:
        name, value = self.found(names)
        if isinstance(value, list | dict | tuple | set):
            raise self.bad(name, "text", value)
        return default if value is None else value if isinstance(value, str) else str(value)

    def flag(self, names: tuple[str, ...], default: bool) -> bool:
        name, value = self.found(names)
        if value is None:
            return default
        known = _BOOLEANS.get(str(value).strip().lower())
        if known is None:
            raise self.bad(name, "true or false", value)
        return known

    def number(self, names: tuple[str, ...], default: float) -> float:
        name, value = self.found(names)
        if value is None:
            return default
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise self.bad(name, "a number", value) from None
        if not 0 <= number < float("inf"):
            raise self.bad(name, "a number from 0 up", value)
        return number

    def port(self, names: tuple[str, ...], default: int | None) -> int | None:
        name, value = self.found(names)
        if value is None or value == "":
            return default
        text = str(value).strip()
        if isinstance(value, bool) or not text.isdecimal() or not 0 < int(text) < 65536:
            raise self.bad(name, "a port number between 1 and 65535", value)
        return int(text)

    @staticmethod
    def bad(name: str, wanted: str, value: Any) -> InputError:
        # A value meant as a password may stand in the wrong variable: only these kinds are shown.
        shown = f", not {value!r}" if not name.endswith(("pass", "password", "passphrase", "_key")) else ""
        return InputError(f"{name} must be {wanted}{shown}", at=location_of(value))
