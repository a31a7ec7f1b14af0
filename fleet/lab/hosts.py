"""What one host of a lab is: its name, address, own files, and its lines in the inventory. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from fleet.errors import OptionsError
from fleet.lab.settings import Settings

ADMIN_ID = 1000
_NAME = re.compile(r"lab([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Host:
    """Host ``number`` (from 1) of a lab, made from the base tree of ``suite``."""

    number: int
    suite: str
    address: IPv4Address

    @property
    def name(self) -> str:
        """What the inventory and the host itself call it."""
        return f"lab{self.number}"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a host has of its own, over those of its base tree."""

    path: str
    content: str
    mode: int = 0o644
    owner: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """What must differ between two hosts, and the machine's resolver settings."""

    machine_id: str
    host_key: str
    host_key_public: str
    authorized_key: str
    resolver: str


def number_of(name: str) -> int:
    """The number in ``labN``. Raises ``OptionsError`` for any other name."""
    match = _NAME.fullmatch(name)
    if not match:
        raise OptionsError(f"{name!r} is no host of the lab", hint="its hosts are called lab1, lab2 and so on")
    return int(match[1])


def is_name(name: str) -> bool:
    """True for ``labN``."""
    return _NAME.fullmatch(name) is not None


def machine_name(bridge: str, host: str) -> str:
    """The name systemd-nspawn knows a host by: unique on the machine, as bridges are."""
    return f"{bridge}-{host}"


def own_files(host: Host, identity: Identity, network: IPv4Network) -> list[File]:
    """The files that make a copy of a base tree this very host."""
    link = (
        f"[Match]\nName=host0\n[Network]\nAddress={host.address}/{network.prefixlen}\n"
        f"Gateway={network[1]}\nLinkLocalAddressing=no\n"
    )
    names = f"127.0.0.1 localhost\n127.0.1.1 {host.name}\n"
    keys = identity.authorized_key
    return [
        File("etc/hostname", f"{host.name}\n"),
        File("etc/hosts", names),
        File("etc/machine-id", f"{identity.machine_id}\n", 0o444),
        File("etc/resolv.conf", identity.resolver),
        File("etc/systemd/network/10-lab.network", link),
        File("etc/ssh/ssh_host_ed25519_key", identity.host_key, 0o600),
        File("etc/ssh/ssh_host_ed25519_key.pub", identity.host_key_public),
        File("root/.ssh/authorized_keys", keys, 0o600),
        File("home/admin/.ssh/authorized_keys", keys, 0o600, ADMIN_ID),
    ]


def known_hosts_text(keys: Iterable[tuple[Host, str]]) -> str:
    """A known_hosts file for hosts and the text of their public host keys."""
    lines = (f"{host.address} {' '.join(public.split()[:2])}\n" for host, public in keys)
    return "".join(lines)


def inventory_text(settings: Settings, hosts: Iterable[Host], user: str) -> str:
    """An INI inventory: the hosts as group ``lab``, and how to log in as ``user``."""
    lines = [f"{host.name} ansible_host={host.address}" for host in hosts]
    check = f"-o UserKnownHostsFile={settings.known_hosts} -o StrictHostKeyChecking=yes"
    return "\n".join(
        [
            "[lab]",
            *lines,
            "",
            "[lab:vars]",
            f"ansible_user={user}",
            f"ansible_ssh_private_key_file={settings.key}",
            f'ansible_ssh_common_args="{check}"',
            "",
        ]
    )


def resolver_text(candidates: Iterable[str]) -> str:
    """The first resolv.conf text that a host can use too: one with a name server off the machine's loopback."""
    texts = list(candidates)
    for text in texts:
        servers = re.findall(r"^\s*nameserver\s+(\S+)", text, re.MULTILINE)
        if any(not server.startswith("127.") and server != "::1" for server in servers):
            return text
    return texts[0] if texts else ""


def ssh_command(settings: Settings, host: Host, user: str, words: Sequence[str]) -> list[str]:
    """The OpenSSH client's command line that logs in as ``user``, to run ``words`` or a shell."""
    return [
        "ssh",
        *("-i", str(settings.key), "-o", "IdentitiesOnly=yes"),
        *("-o", f"UserKnownHostsFile={settings.known_hosts}", "-o", "StrictHostKeyChecking=yes"),
        f"{user}@{host.address}",
        *words,
    ]
