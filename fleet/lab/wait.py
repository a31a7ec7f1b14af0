"""Wait until a host lets people in: sshd answers, and nobody is turned away because it still boots."""

from __future__ import annotations

import re
import socket
import time
from ipaddress import IPv4Address
from pathlib import Path

from fleet.errors import HostError
from fleet.lab import nspawn
from fleet.lab.nspawn import Folder

LINES = 15


def wait_for_login(name: str, address: IPv4Address, folder: Folder, seconds: float) -> None:
    """Return once users can log in over SSH. Raises ``HostError`` with the end of the console log."""
    deadline = time.monotonic() + seconds
    while not (_lets_in(folder) and _answers(address)):
        if nspawn.supervisor(folder) is None:
            raise HostError(f"{name} stopped while it booted{_console(folder)}")
        if time.monotonic() > deadline:
            raise HostError(f"{name} did not answer SSH on {address} within {seconds:g} s{_console(folder)}")
        time.sleep(0.05)


def _answers(address: IPv4Address) -> bool:
    try:
        with socket.create_connection((str(address), 22), timeout=0.5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def _lets_in(folder: Folder) -> bool:
    """True once sshd runs and a booting system no longer refuses everybody but root.

    Asked first: a connection tried before the host has its address costs whole seconds of waiting for ARP.
    """
    init = nspawn.leader(folder)
    inside = Path(f"/proc/{init}/root/run")
    return init is not None and (inside / "sshd.pid").exists() and not (inside / "nologin").exists()


def _console(folder: Folder) -> str:
    try:
        text = folder.console.read_text(errors="replace")
    except OSError:
        return ""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\a]*\a?|\r", "", text)
    lines = [line for line in plain.splitlines() if line.strip()][-LINES:]
    return "".join(f"\n    {line}" for line in ["the end of its console:", *lines]) if lines else ""
