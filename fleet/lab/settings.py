"""Where a lab lives and which network it has: options, environment and defaults. Pure.

``FLEET_LAB_HOME``     folder of one lab's state (default ``/var/lib/fleet-lab``)
``FLEET_LAB_CACHE``    folder of the base trees, shared by all labs (default ``~/.cache/fleet/lab``)
``FLEET_LAB_BRIDGE``   name of the lab's bridge and of its nftables table (default ``fleetlab0``)
``FLEET_LAB_NETWORK``  the lab's network (default ``10.78.0.0/16``)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from fleet.errors import OptionsError

SUITES = ("bookworm", "trixie", "bullseye")
USERS = ("root", "admin")
BRIDGE = "fleetlab0"
NETWORK = "10.78.0.0/16"
HOME = "/var/lib/fleet-lab"

# A Linux interface name has at most 15 characters.
_BRIDGE_NAME = re.compile(r"[a-z][a-z0-9]{0,14}")
# overlayfs splits its options at "," and ":", ssh its known hosts files at spaces.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.@+~-]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that tells one lab from another."""

    home: Path
    cache: Path
    bridge: str
    network: IPv4Network

    @property
    def gateway(self) -> IPv4Address:
        """The machine's own address on the lab's bridge, the hosts' way out."""
        return self.network[1]

    @property
    def capacity(self) -> int:
        """How many hosts the network has addresses for."""
        # Without the network's own address, the gateway and the broadcast address.
        return self.network.num_addresses - 3

    def address(self, number: int) -> IPv4Address:
        """The address of host ``number``, counted from 1."""
        if not 1 <= number <= self.capacity:
            raise OptionsError(
                f"network {self.network} has addresses for {self.capacity} hosts, not for host {number}",
                hint="ask for fewer hosts, or give the lab a wider --network",
            )
        return self.network[number + 1]

    @property
    def key(self) -> Path:
        """The private key that opens every host of the lab."""
        return self.home / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys of the running hosts."""
        return self.home / "known_hosts"

    @property
    def inventory(self) -> Path:
        """The inventory of the running hosts."""
        return self.home / "inventory.ini"


def settings_from(env: Mapping[str, str], bridge: str | None = None, network: str | None = None) -> Settings:
    """Put settings together from options, else the environment, else the defaults.

    Raises ``OptionsError`` for a name, a path or a network that cannot work.
    """
    home = env.get("FLEET_LAB_HOME") or HOME
    cache = env.get("FLEET_LAB_CACHE") or _user_cache(env)
    return Settings(
        home=_plain(home, "FLEET_LAB_HOME"),
        cache=_plain(cache, "FLEET_LAB_CACHE"),
        bridge=_bridge(bridge or env.get("FLEET_LAB_BRIDGE") or BRIDGE),
        network=_network(network or env.get("FLEET_LAB_NETWORK") or NETWORK),
    )


def _user_cache(env: Mapping[str, str]) -> str:
    cache = env.get("XDG_CACHE_HOME") or str(Path(env.get("HOME") or "/root") / ".cache")
    return f"{cache}/fleet/lab"


def _plain(path: str, name: str) -> Path:
    if not _PLAIN_PATH.fullmatch(path):
        raise OptionsError(
            f"the lab cannot live in {path!r}",
            hint=f"set {name} to a path of letters, digits and / _ . @ + -",
        )
    return Path(path).absolute()


def _bridge(name: str) -> str:
    if not _BRIDGE_NAME.fullmatch(name):
        raise OptionsError(
            f"{name!r} is no name for a bridge", hint="use up to 15 small letters and digits, a letter first"
        )
    return name


def _network(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise OptionsError(f"{text!r} is no IPv4 network: {error}", hint=f"write it as {NETWORK}") from None
    if not 8 <= network.prefixlen <= 28:
        raise OptionsError(f"network {network} is too narrow or too wide for a lab", hint="use /8 to /28")
    return network
