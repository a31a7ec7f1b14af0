"""``fleet settings``: what is set, where, and what could be set. ansible-config's ``list``, ``dump`` and ``view``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fleet.errors import OptionsError

app = typer.Typer(help="Settings: what is in force and where it was set.", no_args_is_help=True)
Config = Annotated[str | None, typer.Option("-c", "--config", metavar="FILE", help="The ansible.cfg to read.")]
Only = Annotated[bool, typer.Option("--only-changed", "--changed-only", help="Only what somebody has set.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_() -> None:
    """Print every setting: its variables, its places in ansible.cfg, its default and what it is for."""
    from fleet.cli.settings import TABLE

    for name, setting in sorted(TABLE.items()):
        places = [*setting.env, *(f"[{section}] {key}" for section, key in setting.ini)]
        sys.stdout.write(f"{name}\n    {setting.help}\n    {', '.join(places)}\n    default: {setting.default!r}\n")


@app.command("dump")
def dump(config: Config = None, only_changed: Only = False, as_json: AsJson = False) -> None:
    """Print the settings in force, each with where it comes from."""
    from fleet.cli.settings import TABLE, origins
    from fleet.sinks.values import json_text

    settings, found = origins(_environ(config))
    names = [name for name in sorted(TABLE) if found[name] != "default" or not only_changed]
    if as_json:
        data: list[dict[str, Any]] = [{"name": name, "value": settings[name], "origin": found[name]} for name in names]
        sys.stdout.write(json_text(data, indent=4) + "\n")
        return
    if settings.config:
        sys.stdout.write(f"CONFIG_FILE() = {settings.config}\n")
    for name in names:
        sys.stdout.write(f"{name}({found[name]}) = {settings[name]}\n")


@app.command("view")
def view(config: Config = None) -> None:
    """Print the ansible.cfg that counts."""
    from fleet.cli.settings import find_config

    path = find_config(_environ(config), ".")
    if path is None:
        raise OptionsError(
            "there is no ansible.cfg", hint="it is looked for here, as ~/.ansible.cfg and in /etc/ansible"
        )
    sys.stdout.write(Path(path).read_text(encoding="utf-8"))


def _environ(config: str | None) -> dict[str, str]:
    if config is None:
        return dict(os.environ)
    if not os.path.isfile(config):
        raise OptionsError(f"no file {config}")
    return {**os.environ, "ANSIBLE_CONFIG": os.path.abspath(config)}
