"""Known host keys, read once for all connections of a run. File format: sshd(8), SSH_KNOWN_HOSTS."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import hmac
import os
import threading
from pathlib import Path

from fleet.record import record

DEFAULT_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts")


@record
class KnownKey:
    """One line: the host patterns, the key type, the key in base64, and the marker (@revoked) if any."""

    hosts: str
    type: str
    key: str
    marker: str = ""


class KnownHosts:
    """The keys of one or more files. Safe to use from several threads."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self.files = tuple(os.path.expanduser(name) for name in files or DEFAULT_FILES)
        self._lock = threading.Lock()
        self._plain: dict[str, list[KnownKey]] = {}
        self._patterns: list[KnownKey] = []
        for name in self.files:
            self._read(name)

    def _read(self, name: str) -> None:
        try:
            text = Path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for line in text.splitlines():
            self._add(line)

    def _add(self, line: str) -> None:
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            return
        marker = fields.pop(0) if fields[0].startswith("@") else ""
        if len(fields) < 3:
            return
        known = KnownKey(fields[0], fields[1], fields[2], marker)
        if fields[0].startswith("|") or any(sign in fields[0] for sign in "*?!"):
            self._patterns.append(known)
            return
        for host in fields[0].split(","):
            self._plain.setdefault(host.lower(), []).append(known)

    def of(self, host: str, port: int) -> list[KnownKey]:
        """The keys known for a host as it is dialled; ``@cert-authority`` lines are not used."""
        name = host.lower() if port == 22 else f"[{host.lower()}]:{port}"
        with self._lock:
            found = list(self._plain.get(name, ()))
            found += [known for known in self._patterns if _matches(known.hosts, name)]
        return [known for known in found if known.marker != "@cert-authority"]

    def remember(self, host: str, port: int, type_: str, key: str) -> str:
        """Add a new key to the first file and give that file's name."""
        name = host if port == 22 else f"[{host}]:{port}"
        line = f"{name} {type_} {key}"
        path = Path(self.files[0])
        with self._lock:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as sink:
                sink.write(line + "\n")
            self._add(line)
        return str(path)


def _matches(patterns: str, name: str) -> bool:
    if patterns.startswith("|1|"):
        _, _, salt, digest = patterns.split("|", 3)
        mac = hmac.new(base64.b64decode(salt), name.encode(), hashlib.sha1).digest()
        return hmac.compare_digest(base64.b64encode(mac).decode(), digest)
    hit = False
    for pattern in patterns.lower().split(","):
        if pattern.startswith("!"):
            if fnmatch.fnmatchcase(name, pattern[1:].replace("[", "[[]")):
                return False
        elif fnmatch.fnmatchcase(name, pattern.replace("[", "[[]")):
            hit = True
    return hit
