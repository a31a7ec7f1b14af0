"""Two tools, the same playbooks, and nothing that may differ but what README.md lists."""

from __future__ import annotations

import difflib
import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

import compare
import oracle
import tools

_spec = importlib.util.spec_from_file_location("fleet_e2e_lab", HERE.parent / "e2e" / "conftest.py")
_e2e = importlib.util.module_from_spec(_spec)
sys.modules["fleet_e2e_lab"] = _e2e
_spec.loader.exec_module(_e2e)
lab = _e2e.lab


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("differential")
            item.add_marker("slow")


@dataclass(frozen=True)
class Side:
    """A tool with a copy of the playbooks, an inventory and words of its own that are evened out."""

    tool: tools.Tool
    folder: Path
    inventory: Path
    own: dict[str, str]

    def play(self, name: str, *args: str, **more: str) -> tuple[int, list[str], tools.Ran]:
        ran = self.tool.play(self.folder / name, self.inventory, args, **more)
        return ran.code, compare.blocks(compare.evened(ran.out, self.own)), ran


def sides(
    home: Path,
    books: Path,
    inventories: tuple[str, str],
    own: tuple[dict[str, str], dict[str, str]],
    package: tuple[str, str] = oracle.CORE,
) -> tuple[Side, Side]:
    made = []
    for index, make in enumerate((tools.fleet, lambda place: tools.ansible(place, oracle.find(package)))):
        place = home / f"side{index}"
        place.mkdir()
        folder = place / "books"
        shutil.copytree(books, folder)
        inventory = place / "inventory.ini"
        inventory.write_text(inventories[index].replace("PLACE", str(place)))
        made.append(Side(make(place), folder, inventory, {str(place): "PLACE", **own[index]}))
    return made[0], made[1]


@pytest.fixture(scope="session")
def ansible_bin() -> Path:
    return oracle.find()


@pytest.fixture(scope="session")
def ansible_collections_bin() -> Path:
    return oracle.find(oracle.WHOLE)


LOCAL = """\
[group]
a x=1
b x=2
c x=3
[other]
c
[all:vars]
ansible_connection=local
ansible_python_interpreter={python}
place=PLACE
"""


@pytest.fixture
def flow(tmp_path: Path, ansible_bin: Path) -> tuple[Side, Side]:
    """Both tools on three hosts that are this machine: for what depends on the engine alone."""
    text = LOCAL.format(python=sys.executable)
    return sides(tmp_path, HERE / "playbooks" / "flow", (text, text), ({}, {}))


@pytest.fixture
def make_sides() -> Callable[..., tuple[Side, Side]]:
    return sides


@pytest.fixture
def same() -> Callable[..., list[str]]:
    """``same(sides, playbook, *args)``: run it with both tools, fail where they differ; fleet's lines."""

    def run(both: tuple[Side, Side], name: str, *args: str) -> list[str]:
        (code, lines, ran), (oracle_code, oracle_lines, oracle_ran) = (side.play(name, *args) for side in both)
        assert any(line.startswith("PLAY RECAP") for line in oracle_lines), oracle_ran.err
        if lines != oracle_lines:
            diff = difflib.unified_diff(oracle_lines, lines, "ansible", "fleet", lineterm="", n=2)
            pytest.fail("\n".join([*diff, ran.err[-800:], oracle_ran.err[-800:]]), pytrace=False)
        assert code == oracle_code, f"{ran.err}\n{oracle_ran.err}"
        return lines

    return run
