"""What a lab remembers on disk, below its home: its settings, its hosts, and the files for its users."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path

from fleet.errors import FleetError, OptionsError
from fleet.lab.hosts import Host, inventory_text, is_name, known_hosts_text, number_of
from fleet.lab.nspawn import Folder
from fleet.lab.run import run
from fleet.lab.settings import Settings


@dataclass(frozen=True, slots=True)
class Saved:
    """What ``up`` chose for the whole lab."""

    bridge: str
    network: str
    user: str


def saved(home: Path) -> Saved | None:
    """What the lab in ``home`` was started with, or None when there is no lab."""
    try:
        note = json.loads((home / "lab.json").read_text())
        return Saved(note["bridge"], note["network"], note["user"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise FleetError(f"cannot read the lab's settings: {error}", hint=f"look at {home / 'lab.json'}") from None


def adopt(settings: Settings, asked: Mapping[str, str | None]) -> Settings:
    """The settings with those that the lab already runs with; what the user asked for must not differ."""
    note = saved(settings.home)
    if note is None:
        return settings
    kept = {"bridge": note.bridge, "network": note.network}
    for name, now in kept.items():
        wanted = asked.get(name)
        if not wanted or wanted == now:
            continue
        if hosts(settings):
            raise OptionsError(
                f"the lab runs with {name} {now}, not {wanted}", hint="take it down first: fleet lab down"
            )
        # A first ``up`` that failed, perhaps for this very name, binds nobody.
        kept[name] = wanted
    return replace(settings, bridge=kept["bridge"], network=IPv4Network(kept["network"]))


def save(settings: Settings, user: str) -> None:
    """Remember the lab's settings, and make the key that opens its hosts."""
    note = {"bridge": settings.bridge, "network": str(settings.network), "user": user}
    _write(settings.home / "lab.json", json.dumps(note) + "\n")
    if not settings.key.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "fleet-lab", "-f", str(settings.key)])


def folder_of(settings: Settings, name: str) -> Folder:
    """Where the host ``name`` keeps its things."""
    return Folder(settings.home / "hosts" / name)


def hosts(settings: Settings) -> list[Host]:
    """The hosts of the lab, running or not, by number."""
    folder = settings.home / "hosts"
    if not folder.is_dir():
        return []
    numbers = sorted(number_of(entry.name) for entry in folder.iterdir() if is_name(entry.name))
    return [host_of(settings, number) for number in numbers]


def host_of(settings: Settings, number: int) -> Host:
    """The host ``number`` as it was made."""
    suite = (settings.home / "hosts" / f"lab{number}" / "suite").read_text().strip()
    return Host(number, suite, settings.address(number))


def find(settings: Settings, name: str) -> Host:
    """The host called ``name``. Raises ``OptionsError`` when the lab has none."""
    have = hosts(settings)
    for host in have:
        if host.name == name:
            return host
    known = ", ".join(host.name for host in have)
    hint = f"the lab has {known}" if known else "start the lab first: fleet lab up"
    raise OptionsError(f"the lab has no host {name!r}", hint=hint)


def publish(settings: Settings, user: str) -> None:
    """Write ``known_hosts`` and ``inventory.ini`` for the hosts there are."""
    have = hosts(settings)
    keys = [(host, _public_key(settings, host)) for host in have]
    _write(settings.known_hosts, known_hosts_text(keys))
    _write(settings.inventory, inventory_text(settings, have, user))


def forget(settings: Settings) -> None:
    """Remove everything the lab remembers; its hosts must be gone. Other people's files in its home stay."""
    shutil.rmtree(settings.home / "hosts", ignore_errors=True)
    for name in ("id_ed25519", "id_ed25519.pub", "known_hosts", "inventory.ini", "lab.json", "lock"):
        (settings.home / name).unlink(missing_ok=True)
    if settings.home.is_dir() and not any(settings.home.iterdir()):
        settings.home.rmdir()


def _public_key(settings: Settings, host: Host) -> str:
    path = folder_of(settings, host.name).upper / "etc/ssh/ssh_host_ed25519_key.pub"
    return path.read_text() if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    making = path.with_name(f".{path.name}.new")
    making.write_text(text)
    os.replace(making, path)
