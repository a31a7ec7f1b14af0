"""The bootstrap dialogue: find a Python, become the wanted user, answer a password prompt. Pure; no I/O.

``command`` gives the shell command, ``Dialogue.feed`` takes what comes back until the runner is ready.
A password goes out only after its prompt was seen, the runner only after the ready mark.
"""

from __future__ import annotations

import re
import shlex

from fleet.errors import Unreachable
from fleet.record import record
from fleet.remote.bootstrap import STUB
from fleet.transport.base import Identity

PYTHONS = [
    "python3",
    "/usr/bin/python3",
    "/usr/local/bin/python3",
    "/usr/libexec/platform-python",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.9",
    "python3.8",
    "python3.7",
    "python3.6",
]
NO_PYTHON = "NO-PYTHON"
METHODS = ("sudo", "su", "doas")
_PYTHON_FLAGS = "-B -E -S -X utf8"
_SU_PROMPT = re.compile(rb"(?i)(password|passwort|mot de passe|contrase\w+)[^\n]*:\s*$")


def command(mark: str, identity: Identity, interpreter: str = "") -> str:
    """The command that starts a runner as ``identity``. ``mark`` is a random word; ``interpreter`` "" looks for one."""
    stub = f"MARK={mark!r}\n{STUB}"
    candidates = " ".join(shlex.quote(name) for name in ([interpreter] if interpreter else PYTHONS))
    script = (
        f"for p in {candidates}; do "
        f'c=$(command -v "$p") && '
        f"\"$c\" {_PYTHON_FLAGS} -c 'import sys;sys.exit(sys.version_info<(3,6))' 2>/dev/null && "
        f'exec "$c" {_PYTHON_FLAGS} -c {shlex.quote(stub)}; done; echo; echo {mark} {NO_PYTHON}'
    )
    if interpreter:
        quoted = interpreter if " " in interpreter else shlex.quote(interpreter)
        script = (
            f"command -v {quoted.split(' ')[0]} >/dev/null || {{ echo; echo {mark} {NO_PYTHON}; exit 127; }}; "
            f"exec {quoted} {_PYTHON_FLAGS} -c {shlex.quote(stub)}"
        )
    return become(identity, script, mark)


class Refused(Unreachable):
    """The host is there, but lets nobody become the wanted user."""


def become(identity: Identity, script: str, mark: str) -> str:
    """``script`` wrapped so that it runs as ``identity``."""
    inner = f"/bin/sh -c {shlex.quote(script)}"
    if not identity.method:
        return inner
    wrapped = _by_method(identity, inner, mark)
    return f"cd {shlex.quote(identity.chdir)} && {wrapped}" if identity.chdir else wrapped


def _by_method(identity: Identity, inner: str, mark: str) -> str:
    user = shlex.quote(identity.user or "root")
    exe = identity.exe or identity.method
    if identity.method == "sudo":
        flags = identity.flags or "-H -S"
        words = flags.split()
        if identity.password is not None and ("-n" in words or "--non-interactive" in words):
            # Flags are often written for no password; one that is given is to be asked for.
            flags = " ".join(word for word in words if word not in ("-n", "--non-interactive"))
        elif identity.password is None and "-n" not in words:
            flags += " -n"
        return f"{exe} {flags} -p {shlex.quote(prompt(mark))} -u {user} {inner}"
    if identity.method == "su":
        return f"{exe} {identity.flags} {user} -c {shlex.quote(inner)}"
    if identity.method == "doas":
        return f"{exe} {identity.flags or '-n'} -u {user} {inner}"
    raise Unreachable(f"become method {identity.method!r} is not supported", hint=f"use one of: {', '.join(METHODS)}")


def prompt(mark: str) -> str:
    return f"[{mark}] password: "


@record
class Ready:
    """The stub runs: the host's Python version and bytecode magic. ``rest`` came behind the mark."""

    version: str
    magic: str
    rest: bytes


class Dialogue:
    """Follows what the bootstrap says. ``feed`` gives bytes to send, a Ready, or None to wait for more."""

    def __init__(self, mark: str, identity: Identity, interpreter: str = "") -> None:
        self.identity = identity
        self.interpreter = interpreter
        self._mark = mark.encode()
        self._prompt = prompt(mark).encode()
        self._seen = b""
        self._answered = False

    def feed(self, data: bytes) -> bytes | Ready | None:
        """Raises Unreachable when the dialogue cannot end well; ``data`` b"" means the program ended."""
        self._seen += data
        if ready := self._ready():
            return ready
        if not data:
            raise (Refused if self.identity.method else Unreachable)(self.ended())
        if not (self._prompt in self._seen or (self.identity.method == "su" and self._su_asks())):
            return None
        if self.identity.password is None:
            raise Unreachable(f"{self._who()}: Missing {self.identity.method} password", hint=_GIVE_PASSWORD)
        if self._answered:
            raise Refused(f"{self._who()}: Incorrect {self.identity.method} password")
        self._answered = True
        self._seen = b""
        return self.identity.password.encode() + b"\n"

    def _su_asks(self) -> bool:
        """Whether what came last asks for a password, in the words of the host's language where they are told."""
        if not self.identity.prompts:
            return _SU_PROMPT.search(self._seen) is not None
        words = "|".join(map(re.escape, self.identity.prompts))
        asked = re.compile(f"(?i)({words})[^\n]*[:：]\\s*$".encode())
        return asked.search(self._seen) is not None

    def _ready(self) -> Ready | None:
        start = self._seen.find(b"\n" + self._mark + b" ")
        end = self._seen.find(b"\n", start + 1)
        if start < 0 or end < 0:
            return None
        fields = self._seen[start + 1 : end].decode("ascii", "replace").split()
        if fields[1] == NO_PYTHON:
            wanted = self.interpreter or "a Python >= 3.6"
            raise Unreachable(
                f"{wanted} was not found on the host",
                hint="install python3 there (a play of raw tasks with gather_facts: false can do it), "
                "or set ansible_python_interpreter",
            )
        return Ready(fields[1], fields[2], self._seen[end + 1 :])

    def ended(self) -> str:
        """Why the program ended before the mark, as far as its output tells."""
        lines = [line.strip() for line in self._seen.decode("utf-8", "replace").splitlines() if line.strip()]
        text = "; ".join(lines[-5:])[-600:]
        low = text.lower()
        if self.identity.method:
            if "a password is required" in low or "a terminal is required" in low:
                return f"{self._who()}: Missing {self.identity.method} password ({_GIVE_PASSWORD})"
            if "sorry, try again" in low or "incorrect password" in low or "authentication failure" in low:
                return f"{self._who()}: Incorrect {self.identity.method} password"
            if "not in the sudoers" in low or "not allowed" in low:
                return f"{self._who()}: refused: {text}"
            return f"{self._who()}: {text or 'ended without a word'}"
        return f"the bootstrap ended early: {text or 'no output'}"

    def _who(self) -> str:
        return f"{self.identity.method} to {self.identity.user or 'root'}"


_GIVE_PASSWORD = "give it with -K or ansible_become_password"
