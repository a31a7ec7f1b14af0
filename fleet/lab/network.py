"""The lab's network on the machine: a bridge, its NAT table, and two kernel settings that are given back.

The settings are the machine's, not one lab's: ``/run/fleet-lab`` holds what they were before the
first lab, and which labs (by bridge) need them; the last one to leave restores them.
"""

from __future__ import annotations

import json
import shutil
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

from fleet.errors import OptionsError
from fleet.lab.lock import locked
from fleet.lab.run import attempt, run
from fleet.lab.settings import Settings

SHARED = Path("/run/fleet-lab")
PROC = Path("/proc/sys")
# A host takes several inotify instances; the usual limit of 128 is spent after 19 hosts.
WANTED = {"net/ipv4/ip_forward": 1, "fs/inotify/max_user_instances": 8192}


def up(settings: Settings) -> None:
    """Make bridge and NAT, if they are not there. Raises ``OptionsError`` where the network is taken."""
    bridge, own = settings.bridge, IPv4Interface(f"{settings.gateway}/{settings.network.prefixlen}")
    addresses = json.loads(run(["ip", "-j", "-4", "address"]) or "[]")
    if own not in addresses_of(addresses, bridge):
        taken = neighbour(addresses, settings.network)
        if taken:
            raise OptionsError(
                f"network {settings.network} overlaps with {taken} of this machine",
                hint="choose another one with --network",
            )
        if attempt(["ip", "link", "show", bridge]).returncode == 0:
            raise OptionsError(
                f"this machine already has a network interface {bridge}",
                hint="choose another name with --bridge",
            )
        run(["ip", "link", "add", bridge, "type", "bridge"])
        run(["ip", "address", "add", str(own), "dev", bridge])
    run(["ip", "link", "set", bridge, "up"])
    run(["nft", "-f", "-"], text=nat_rules(bridge, settings.network))
    _take_kernel_settings(bridge)


def down(settings: Settings) -> None:
    """Remove bridge and NAT, and give the kernel settings back when no other lab needs them."""
    bridge = settings.bridge
    if Path("/sys/class/net", bridge, "bridge").is_dir():
        run(["ip", "link", "delete", bridge])
    run(["nft", "-f", "-"], text=f"add table ip {bridge}\ndelete table ip {bridge}\n")
    _give_kernel_settings_back(bridge)


def nat_rules(bridge: str, network: IPv4Network) -> str:
    """What nft is told, all at once and however often: the lab's own table, nothing else."""
    return (
        f"add table ip {bridge}\ndelete table ip {bridge}\n"
        f"table ip {bridge} {{\n"
        "  chain post {\n"
        "    type nat hook postrouting priority 100\n"
        f'    ip saddr {network} oifname != "{bridge}" masquerade\n'
        "  }\n}\n"
    )


def addresses_of(addresses: list[dict[str, Any]], name: str) -> list[IPv4Interface]:
    """The addresses of interface ``name`` in what ``ip -j address`` prints."""
    return [
        IPv4Interface(f"{entry['local']}/{entry['prefixlen']}")
        for interface in addresses
        if interface.get("ifname") == name
        for entry in interface.get("addr_info", ())
    ]


def neighbour(addresses: list[dict[str, Any]], network: IPv4Network) -> str:
    """An interface and its network that overlap with ``network``, or nothing."""
    for interface in addresses:
        for address in addresses_of(addresses, interface.get("ifname", "")):
            if address.network.overlaps(network):
                return f"{address} on {interface['ifname']}"
    return ""


def _take_kernel_settings(bridge: str) -> None:
    with locked(SHARED / "lock"):
        note = _read_note()
        for name, wanted in WANTED.items():
            now = int((PROC / name).read_text())
            if now < wanted:
                note["before"].setdefault(name, now)
                (PROC / name).write_text(f"{wanted}\n")
        note["bridges"] = sorted({*note["bridges"], bridge})
        (SHARED / "kernel.json").write_text(json.dumps(note))


def _give_kernel_settings_back(bridge: str) -> None:
    if not SHARED.is_dir():
        return
    with locked(SHARED / "lock"):
        note = _read_note()
        note["bridges"] = [name for name in note["bridges"] if name != bridge]
        if note["bridges"]:
            (SHARED / "kernel.json").write_text(json.dumps(note))
            return
        for name, before in note["before"].items():
            # Somebody else may have set it since; then it is theirs.
            if int((PROC / name).read_text()) == WANTED[name]:
                (PROC / name).write_text(f"{before}\n")
        shutil.rmtree(SHARED)


def _read_note() -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((SHARED / "kernel.json").read_text())
    except (FileNotFoundError, ValueError):
        return {"before": {}, "bridges": []}
    # A lab that crashed with the machine or lost its bridge needs nothing any more.
    note["bridges"] = [name for name in note["bridges"] if Path("/sys/class/net", name).exists()]
    return note
