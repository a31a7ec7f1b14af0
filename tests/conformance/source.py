"""The suite itself: ansible-core's integration targets, out of its source distribution. Fetched, never committed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

VERSION = "2.19.14"
SHA256 = "1e7612788eaa6b3c87a3670ce86c64b830eba0ae2b3fcb25a772f276704163b4"
NAME = f"ansible_core-{VERSION}"
NEEDS = ("passlib", "pexpect")
"""What the suite itself wants beside Ansible."""
CONSTRAINTS = "test/lib/ansible_test/_data/requirements/constraints.txt"
"""Of ansible-test's own files the one that targets read."""
QUIET = ("--quiet", "--disable-pip-version-check")


class NotFetched(Exception):
    """The source distribution could not be had; the text says why."""


def cache() -> Path:
    """The folder for what is fetched: ``FLEET_CONFORMANCE_CACHE``, else below the user's cache."""
    given = os.environ.get("FLEET_CONFORMANCE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(base) / "fleet" / "conformance"


def targets() -> Path:
    """The folder of the targets, fetched where it is not there yet. Raises NotFetched."""
    found = cache() / NAME / "test" / "integration" / "targets"
    if not found.is_dir():
        fetch(cache())
    return found


def fetch(folder: Path) -> None:
    """Download and unpack the source distribution below ``folder``, whole or not at all. Raises NotFetched."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        words = [sys.executable, "-m", "pip", "download", *QUIET, "--no-deps", "--no-binary", "ansible-core",
                 "--dest", name, f"ansible-core=={VERSION}"]  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True)
        archive = Path(name) / f"{NAME}.tar.gz"
        if not archive.exists():
            raise NotFetched(f"pip download ansible-core=={VERSION}: {done.stderr.strip()[-300:]}")
        if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
            raise NotFetched(f"{archive.name} is not the file that was expected (SHA-256)")
        with tarfile.open(archive) as tar:
            tar.extractall(name, filter="fully_trusted")
        (Path(name) / NAME).rename(folder / NAME)


def oracle() -> Path:
    """The folder of ansible-core's own commands, in an environment of its own. Raises NotFetched."""
    home = cache() / f"oracle-{VERSION}"
    if not (home / "bin" / "ansible-playbook").exists():
        venv.create(home, with_pip=True, clear=True)
        words = [str(home / "bin" / "python"), "-m", "pip", "install", *QUIET, f"ansible-core=={VERSION}", *NEEDS]  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise NotFetched(f"pip install ansible-core=={VERSION}: {done.stderr.strip()[-300:]}")
    return home / "bin"
