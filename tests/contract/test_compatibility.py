"""docs/compatibility.md is what the code's tables say, and what it says of variables is so."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from fleet.cli.main import main
from fleet.playbook.keywords import KEYWORDS
from fleet.template.filters import FILTERS
from fleet.template.lookups import LOOKUPS
from fleet.template.tests import TESTS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compatibility", DOCS / "compatibility.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_the_tables(made: ModuleType) -> None:
    shown = (DOCS / "compatibility.md").read_text(encoding="utf-8")
    assert shown == made.page(), "run python docs/compatibility.py"


def test_notes_are_about_what_exists(made: ModuleType) -> None:
    assert set(made.KEYWORD_NOTES) <= set(KEYWORDS)
    assert set(made.FILTER_NOTES) <= set(FILTERS)
    assert set(made.TEST_NOTES) <= set(TESTS)
    assert set(made.LOOKUP_NOTES) <= set(LOOKUPS)


def test_the_most_used_modules_are_there(made: ModuleType) -> None:
    used = dict(made.most_used())
    assert len(used) == 120
    assert sum(used.values()) >= 110, [name for name, own in used.items() if not own]


def test_special_variables_are_there(made: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everywhere = [name for name, note in made.MAGIC.items() if not note.startswith("in ")]
    task = {"assert": {"that": [f"{name} is defined" for name in everywhere]}}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    (tmp_path / "inventory").write_text("localhost\n")
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    with pytest.raises(SystemExit) as end:
        main(["apply", "-i", str(tmp_path / "inventory"), str(tmp_path / "play.yml")])
    assert end.value.code == 0, capsys.readouterr().out
