"""Random plays, as in the property tests of the engine, run by both tools."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "engine"))

from random_plays import SCRIPT, Author, write_files

FIRST = int(os.environ.get("FLEET_TEST_SEED", "1000"))
PLAYS = 6


@pytest.mark.parametrize("first", [FIRST, FIRST + PLAYS])
def test_random_plays_tell_the_same_story(flow, same, first):
    for side in flow:
        tool = side.folder.parent / "do"
        tool.write_text(SCRIPT)
        tool.chmod(0o755)
        write_files(side.folder)
    for seed in range(first, first + PLAYS):
        text = Author(seed, size=10).play()
        for side in flow:
            (side.folder / "random.yml").write_text(text)
        try:
            same(flow, "random.yml", "-e", "DO={{ place }}/do", "--limit", "a")
        except pytest.fail.Exception as error:
            pytest.fail(f"seed {seed}\n{text}\n{error}", pytrace=False)
