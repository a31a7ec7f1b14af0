"""Everything a user can type is explained: verbs, options, modules and their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from fleet.cli import moduledocs
from fleet.cli.main import GROUPS, VERBS, build
from fleet.playbook import registry

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield f"{path} {name}".strip(), inner
        yield from commands(inner, f"{path} {name}".strip())


ALL = dict(commands(typer.main.get_command(build())))


@pytest.mark.parametrize("name", ALL)
def test_verbs_and_their_options_have_help(name: str) -> None:
    assert (ALL[name].help or "").strip(), name
    bare = [param.name for param in ALL[name].params if not (getattr(param, "help", "") or "").strip()]
    assert bare == []


@pytest.mark.parametrize("name", [*VERBS, *GROUPS])
def test_verbs_stand_in_the_readmes_table(name: str) -> None:
    assert re.search(rf"^\| `fleet {name}\b", README, re.MULTILINE), f"README.md has no row for fleet {name}"


@pytest.mark.parametrize("name", VERBS)
def test_verbs_show_examples(name: str) -> None:
    assert "fleet " + name in (ALL[name].epilog or "")


@pytest.mark.parametrize("name", registry.known())
def test_modules_are_explained(name: str) -> None:
    doc = moduledocs.describe(name)
    assert doc.title.endswith("."), "the first line of the docstring is a sentence"
    assert doc.title == moduledocs.title(name)
    bare = [arg for arg, spec in doc.spec.args.items() if not spec.help and not arg.startswith("_")]
    assert bare == []
    assert doc.examples or name in registry.ENGINE


def test_the_module_pages_are_those_of_the_specifications(tmp_path: Path) -> None:
    moduledocs.write(str(tmp_path))
    shown = Path(__file__).parents[2] / "docs" / "modules"
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in shown.iterdir()}
    assert made.keys() == kept.keys() and [name for name in made if made[name] != kept[name]] == [], (
        "run: fleet modules --markdown docs/modules"
    )
