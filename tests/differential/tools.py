"""Both tools with the same command line, configuration and environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
[defaults]
host_key_checking = True
retry_files_enabled = False
interpreter_python = /usr/bin/python3
nocows = True
deprecation_warnings = False
localhost_warning = False
[ssh_connection]
pipelining = True
"""
LOCAL = """\
[group]
a
[all:vars]
ansible_connection=local
ansible_python_interpreter={python}
place=PLACE
"""
"""One host that is this machine."""
PATIENCE = 600
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """A run: its exit code and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Tool:
    """One of the two. ``words`` is the command before the arguments."""

    name: str
    words: tuple[str, ...]
    home: Path

    def play(self, playbook: Path, inventory: Path, args: Sequence[str] = (), **more: str) -> Ran:
        """Run a playbook in the folder it lies in; ``more`` is put into the environment."""
        config = self.home / "ansible.cfg"
        config.write_text(CONFIG)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "FLEET_"))}
        env = {**kept, "ANSIBLE_CONFIG": str(config), "ANSIBLE_HOME": str(self.home / "dot-ansible"), "ANSIBLE_NOCOLOR": "1",
               "LC_ALL": "C.UTF-8", "PYTHONPATH": str(CHECKOUT) if self.name == "fleet" else "", "COLUMNS": "80", **more}  # fmt: skip
        words = [*self.words, "-i", str(inventory), str(playbook), *args]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env,
                              cwd=playbook.parent, timeout=PATIENCE)  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)


def fleet(home: Path) -> Tool:
    return Tool("fleet", (sys.executable, "-m", "fleet", "apply", "--format", "plain"), home)


def ansible(home: Path, folder: Path) -> Tool:
    return Tool("ansible", (str(folder / "ansible-playbook"),), home)
