"""What OpenSSH command-line arguments in ``ansible_ssh_*_args`` mean for a connection that is not OpenSSH's. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Any

from fleet.errors import InputError
from fleet.record import record
from fleet.source.nodes import location_of

# Flags of ssh(1) that take a value; all others stand alone.
_VALUED = frozenset("BbcDEeFIiJLlmOoPpQRSWw")
_LETTERS = {"J": "proxyjump", "i": "identityfile", "p": "port", "l": "user", "F": "configfile"}
_SWITCHES = {"A": ("forwardagent", "yes"), "C": ("compression", "yes"), "4": ("addressfamily", "inet")}
_SWITCHES["6"] = ("addressfamily", "inet6")
# These steer OpenSSH's own process, which is not there: leaving them out changes nothing.
_MOOT_LETTERS = frozenset("TtnqvNfaxy")
_MOOT = frozenset(
    (
        "batchmode",
        "challengeresponseauthentication",
        "controlmaster",
        "controlpath",
        "controlpersist",
        "escapechar",
        "exitonforwardfailure",
        "forwardx11",
        "kbdinteractiveauthentication",
        "loglevel",
        "numberofpasswordprompts",
        "permitlocalcommand",
        "requesttty",
        "sendenv",
        "tcpkeepalive",
        "updatehostkeys",
        "visualhostkey",
    )
)
_SECONDS = re.compile(r"(\d+)([smhdw]?)", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@record
class SshArgs:
    """The arguments that mean something. None, "" or () where nothing was said; times are in seconds.

    ``strict`` is ``yes``, ``no``, ``accept-new``, ``ask`` or ``off``. ``ignored`` lists what has no effect here.
    """

    known_hosts: tuple[str, ...] = ()
    strict: str = ""
    proxy_jump: str = ""
    proxy_command: str = ""
    connect_timeout: float | None = None
    identity_files: tuple[str, ...] = ()
    identities_only: bool | None = None
    config_file: str = ""
    port: int | None = None
    user: str = ""
    host_name: str = ""
    host_key_alias: str = ""
    address_family: str = ""
    forward_agent: bool | None = None
    compression: bool | None = None
    keepalive: float | None = None
    keepalive_count: int | None = None
    preferred_auth: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=())


def parse(texts: Iterable[str]) -> SshArgs:
    """The meaning of several argument texts. As in ssh, the first value given for an option wins.

    Raises ``InputError`` for bad quoting, a missing value or a value of the wrong kind.
    """
    found: dict[str, Any] = {}
    ignored: list[str] = []
    for text in texts:
        for option, value in _options(text):
            _take(option, value, text, found, ignored)
    return SshArgs(**found, ignored=tuple(dict.fromkeys(ignored)))


def _options(text: str) -> Iterable[tuple[str, str]]:
    """Pairs of option name in lower case and value; what is no known option comes as ("", as written)."""
    try:
        words = iter(shlex.split(text))
    except ValueError as error:
        hint = "close the quote"
        raise InputError(f"ssh arguments {text!r}: {error}", at=location_of(text), hint=hint) from None
    for word in words:
        if not word.startswith("-") or word == "-":
            yield "", word
            continue
        for index, letter in enumerate(word[1:], 1):
            if letter in _VALUED:
                value = word[index + 1 :] or next(words, None)
                if value is None:
                    raise InputError(f"ssh arguments {text!r}: -{letter} needs a value", at=location_of(text))
                yield _valued(letter, value)
                break
            if letter not in _MOOT_LETTERS:
                yield _SWITCHES.get(letter, ("", "-" + letter))


def _valued(letter: str, value: str) -> tuple[str, str]:
    if letter != "o":
        return (_LETTERS[letter], value) if letter in _LETTERS else ("", f"-{letter} {value}")
    name, _, setting = re.sub(r"^\s*(\w+)\s*(?:=|\s)\s*", r"\1=", value).partition("=")
    return name.lower(), setting.strip().strip('"')


def _take(option: str, value: str, text: str, found: dict[str, Any], ignored: list[str]) -> None:
    if option in _MOOT:
        return
    if option not in _FIELDS:
        ignored.append(f"-o {option}={value}" if option else value)
        return
    name, read = _FIELDS[option]
    try:
        made = read(value)
    except ValueError as error:
        what = f"ssh arguments {text!r}: {option} {error}"
        raise InputError(what, at=location_of(text)) from None
    if name == "identity_files":
        found[name] = found.get(name, ()) + made
    else:
        found.setdefault(name, made)


def _yes(value: str) -> bool:
    if value.lower() not in ("yes", "no", "true", "false"):
        raise ValueError(f"must be yes or no, not {value!r}")
    return value.lower() in ("yes", "true")


def _number(value: str) -> int:
    if not value.isdecimal():
        raise ValueError(f"must be a number, not {value!r}")
    return int(value)


def _port(value: str) -> int:
    if not 0 < _number(value) < 65536:
        raise ValueError(f"must be between 1 and 65535, not {value}")
    return int(value)


def _seconds(value: str) -> float | None:
    if value.lower() == "none":
        return None
    if not value or _SECONDS.sub("", value):
        raise ValueError(f"must be a time, not {value!r}")
    return float(sum(int(count) * _UNITS[unit.lower()] for count, unit in _SECONDS.findall(value)))


def _strict(value: str) -> str:
    if value.lower() not in ("yes", "no", "off", "ask", "accept-new"):
        raise ValueError(f"must be yes, no, ask or accept-new, not {value!r}")
    return value.lower()


_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "userknownhostsfile": ("known_hosts", lambda value: tuple(value.split())),
    "stricthostkeychecking": ("strict", _strict),
    "proxyjump": ("proxy_jump", lambda value: "" if value.lower() == "none" else value),
    "proxycommand": ("proxy_command", lambda value: "" if value.lower() == "none" else value),
    "connecttimeout": ("connect_timeout", _seconds),
    "identityfile": ("identity_files", lambda value: (value,)),
    "identitiesonly": ("identities_only", _yes),
    "configfile": ("config_file", str),
    "port": ("port", _port),
    "user": ("user", str),
    "hostname": ("host_name", str),
    "hostkeyalias": ("host_key_alias", str),
    "addressfamily": ("address_family", str.lower),
    "forwardagent": ("forward_agent", _yes),
    "compression": ("compression", _yes),
    "serveraliveinterval": ("keepalive", _seconds),
    "serveralivecountmax": ("keepalive_count", _number),
    "preferredauthentications": ("preferred_auth", lambda value: tuple(value.split(","))),
}
