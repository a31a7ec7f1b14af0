"""ansible-core to compare with: one that is there, or one installed into a cached environment of its own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

CORE = ("ansible-core", "2.19.*")
WHOLE = ("ansible", "12.*")
"""The package of ansible-core 2.19 with the community's collections."""
PATIENCE = 600


def find(package: tuple[str, str] = CORE) -> Path:
    """The folder with ``ansible-playbook``. ``FLEET_TEST_ANSIBLE`` may name it; skips where there is none."""
    named = os.environ.get("FLEET_TEST_ANSIBLE")
    if named:
        assert (Path(named) / "ansible-playbook").exists(), f"no ansible-playbook in {named}"
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fleet-tests")
    cache.mkdir(parents=True, exist_ok=True)
    name, version = package
    home = cache / f"{name}-{version.removesuffix('.*')}-py{sys.version_info[0]}.{sys.version_info[1]}"
    with open(f"{home}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _install(home, "==".join(package))
    return home / "bin"


def _install(home: Path, what: str) -> None:
    for words in (
        [sys.executable, "-m", "venv", str(home)],
        [str(home / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", what],
    ):
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"ansible-core cannot be installed: {error}")
        if done.returncode:
            pytest.skip(f"ansible-core cannot be installed: {done.stderr.strip()[-300:]}")
    (home / "complete").touch()
