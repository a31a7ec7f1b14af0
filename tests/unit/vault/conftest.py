"""The frozen files of the real ansible-vault, and fleet's command line in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def cases() -> Path:
    """The folder of files that ansible-vault made (see freeze.py)."""
    return CASES


@pytest.fixture
def password(cases: Path) -> bytes:
    """What the files are encrypted with."""
    return (cases / "password").read_bytes().strip()


@pytest.fixture
def fleet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ran]:
    """``fleet("vault", "view", ...)`` in an empty folder, with no settings of this machine."""
    from fleet.cli.main import main

    for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANSIBLE_CONFIG", "/dev/null/none")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pw").write_text("secret\n")
    (tmp_path / "pw2").write_text("other\n")

    def run(*words: str) -> Ran:
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capfdbinary.readouterr()
        return Ran(int(ended.value.code or 0), out.decode("utf-8", "surrogateescape"), err.decode())

    return run
