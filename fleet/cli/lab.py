"""``fleet lab``: disposable Debian hosts on this machine, to try playbooks on before production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fleet.lab.settings import Settings

EPILOG = """
Examples:

  fleet lab up 3                       three hosts: lab1, lab2, lab3

  fleet lab up 4 --suite trixie        one more, of another release

  fleet lab inventory > lab.ini        then run a playbook with -i lab.ini

  fleet lab ssh lab1 -- systemctl status ssh

  fleet lab reset lab1                 lab1 as new

  fleet lab down                       nothing is left behind

The first host of a release takes a minute: its base tree is built with debootstrap, once.

Base trees are kept in ~/.cache/fleet/lab (FLEET_LAB_CACHE), all else, with a ready inventory.ini,
in /var/lib/fleet-lab (FLEET_LAB_HOME). FLEET_LAB_BRIDGE and FLEET_LAB_NETWORK stand for options of up.
"""

app = typer.Typer(
    name="lab",
    help="Start disposable Debian hosts on this machine (systemd-nspawn) to try playbooks on. Needs root.",
    epilog=EPILOG,
    no_args_is_help=True,
)

Count = Annotated[int, typer.Argument(metavar="N", min=1, help="How many hosts the lab shall have.")]
Names = Annotated[list[str], typer.Argument(metavar="HOST...", help="Hosts of the lab, such as lab1.")]
Name = Annotated[str, typer.Argument(metavar="HOST", help="A host of the lab, such as lab1.")]
Command = Annotated[
    list[str] | None, typer.Argument(metavar="[-- COMMAND]", help="Run this there, instead of a shell.")
]
Suite = Annotated[str, typer.Option(help="Debian release of new hosts: bookworm, trixie or bullseye.")]
User = Annotated[str | None, typer.Option(help="Who to log in as: root, or admin, who may sudo without password.")]
Mirror = Annotated[
    str | None,
    typer.Option(help="Debian mirror to build a base tree from.", show_default="the one apt uses here"),
]
Bridge = Annotated[str | None, typer.Option(help="Name of the lab's bridge and NAT table.", show_default="fleetlab0")]
Network = Annotated[str | None, typer.Option(help="The lab's IPv4 network.", show_default="10.78.0.0/16")]
Timeout = Annotated[float, typer.Option(help="Seconds a host may take until it answers SSH.")]
Purge = Annotated[bool, typer.Option("--purge", help="Remove the cached base trees, too.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog="Example: fleet lab up 10 --suite trixie")
def up(
    count: Count = 1,
    suite: Suite = "bookworm",
    user: User = None,
    mirror: Mirror = None,
    bridge: Bridge = None,
    network: Network = None,
    timeout: Timeout = 60.0,
) -> None:
    """Have N hosts running: start those that are missing, leave those that run alone."""
    from fleet.lab import lab, state
    from fleet.lab.settings import SUITES, USERS

    _choice("suite", suite, SUITES)
    _choice("user", user, USERS)
    settings = _settings(bridge, network)
    note = state.saved(settings.home)
    wish = lab.Wish(count, suite, user or (note.user if note else "root"), mirror, timeout)
    started = lab.up(settings, wish, _say)
    if not started:
        _say("nothing to start: the lab has that many running hosts")
    _say(f"inventory: {settings.inventory}")


@app.command(epilog="Example: fleet lab down --purge")
def down(purge: Purge = False) -> None:
    """Stop all hosts and remove the lab: processes, disks, bridge, NAT table, keys."""
    from fleet.lab import lab

    lab.down(_settings(), _say, purge=purge)


@app.command("list", epilog="Example: fleet lab list --json")
def list_hosts(as_json: Json = False) -> None:
    """Show the hosts of the lab and whether they run."""
    import json

    from fleet.lab import lab, state

    settings = _settings()
    rows = [
        {
            "name": host.name,
            "address": str(host.address),
            "suite": host.suite,
            "state": "running" if lab.running(settings, host) else "stopped",
        }
        for host in state.hosts(settings)
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']:<8} {row['address']:<16} {row['suite']:<10} {row['state']}")
    if not rows:
        _say("no lab is up")


@app.command(epilog="Example: fleet lab inventory --user admin > lab.ini")
def inventory(user: User = None) -> None:
    """Print an inventory of the lab: group lab, and how to log in."""
    from fleet.lab import state
    from fleet.lab.hosts import inventory_text
    from fleet.lab.settings import USERS

    _choice("user", user, USERS)
    settings = _settings()
    note = state.saved(settings.home)
    if note is None:
        raise _no_lab()
    typer.echo(inventory_text(settings, state.hosts(settings), user or note.user), nl=False)


@app.command(epilog="Example: fleet lab reset lab1 lab2")
def reset(names: Names, timeout: Timeout = 60.0) -> None:
    """Give hosts a fresh disk and a fresh SSH host key."""
    from fleet.lab import lab

    lab.reset(_settings(), names, _say, timeout)


@app.command(
    epilog="Example: fleet lab ssh lab1 -- journalctl -n 20",
    context_settings={"ignore_unknown_options": True},
)
def ssh(host: Name, command: Command = None, user: User = None) -> None:
    """Log in to a host, or run one command there."""
    import os

    from fleet.lab import state
    from fleet.lab.hosts import ssh_command
    from fleet.lab.settings import USERS

    _choice("user", user, USERS)
    settings = _settings()
    note = state.saved(settings.home)
    if note is None:
        raise _no_lab()
    words = ssh_command(settings, state.find(settings, host), user or note.user, command or [])
    try:
        os.execvp(words[0], words)
    except FileNotFoundError:
        from fleet.errors import FleetError

        raise FleetError("ssh is missing", hint="apt-get install openssh-client") from None


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _settings(bridge: str | None = None, network: str | None = None) -> Settings:
    import os

    from fleet.lab import state
    from fleet.lab.settings import settings_from

    asked = {"bridge": bridge, "network": network}
    return state.adopt(settings_from(os.environ, bridge, network), asked)


def _choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    from fleet.errors import OptionsError

    if value is not None and value not in choices:
        raise OptionsError(f"--{name} {value}: no such choice", hint=f"choose from {', '.join(choices)}")


def _no_lab() -> Exception:
    from fleet.errors import OptionsError

    return OptionsError("no lab is up", hint="start one: fleet lab up 3")
