"""Lets the tests of this folder import ``engine_kit``, whatever the import mode."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_kit import Game


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Game]:
    """``play(TASKS, script={...})``: a game over one play whose body is the YAML text given."""

    def make(text: str, **more) -> Game:
        return Game(tmp_path, text, **more)

    return make
