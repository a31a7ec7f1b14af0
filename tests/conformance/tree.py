"""A target's surroundings, as ansible-test lays them: a private copy of the targets, an inventory, commands under test."""

from __future__ import annotations

import fnmatch
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from source import CONSTRAINTS

HERE = Path(__file__).resolve().parent
NAMES = ("ansible", "ansible-playbook", "ansible-inventory", "ansible-vault", "ansible-config", "ansible-doc",
         "ansible-galaxy", "ansible-console", "ansible-pull")  # fmt: skip
LEFT_OUT = ("ansible-test*", "ansible-galaxy*", "win_*", "module_utils_Ansible*", "windows-*", "connection_psrp")
KEPT = ("HOME", "TERM", "LD_LIBRARY_PATH")
KEPT_BEGINNINGS = ("PIP_", "SSL_CERT_")
INVENTORY = """\
[testgroup]
testhost ansible_connection="local" ansible_pipelining="yes" ansible_python_interpreter="{python}"
"""
# ansible-test's virtual environments for scripts that need libraries of their own.
VIRTUALENV = """\
rm -rf "${OUTPUT_DIR}/venv"
"${ANSIBLE_TEST_PYTHON_INTERPRETER}" -m venv --system-site-packages "${OUTPUT_DIR}/venv" >/dev/null
set +ux
. "${OUTPUT_DIR}/venv/bin/activate"
set -ux
"""


@dataclass(frozen=True)
class Tool:
    """What is tested: the words of each of Ansible's commands; those it has none of say so."""

    name: str
    commands: Mapping[str, Sequence[str]]
    python: str
    """The interpreter of the suite's own helper scripts."""
    path: str = ""
    """Where that interpreter finds what the scripts import of Ansible."""


def fleet() -> Tool:
    """This checkout's fleet under the names of Ansible's commands."""
    words = [sys.executable, "-m", "fleet"]
    commands = {
        # Where the suite plays the user it has a terminal, on which fleet would show its own view.
        "ansible-playbook": [*words, "apply", "--format", "plain"],
        "ansible": [*words, "run"],
        "ansible-inventory": [*words, "inventory"],
        "ansible-vault": [*words, "vault"],
        "ansible-config": [*words, "settings"],
    }
    return Tool("fleet", commands, sys.executable, str(HERE.parents[1] / "fleet" / "compat"))


def checking(log: Path) -> Tool:
    """As ``fleet``; what ``fleet check`` has against plays that end well goes to ``log``."""
    tool = fleet()
    playbook = [sys.executable, str(HERE / "checked.py"), str(log)]
    return replace(tool, commands={**tool.commands, "ansible-playbook": playbook})


def ansible(folder: Path) -> Tool:
    """Real Ansible, installed in ``folder``."""
    commands = {name: [str(folder / name)] for name in NAMES if (folder / name).exists()}
    return Tool("ansible", commands, str(folder / "python"))


@dataclass(frozen=True)
class Tree:
    """A private copy. ``work`` holds ``targets``, the inventory and what the suite expects beside them."""

    top: Path

    @property
    def work(self) -> Path:
        return self.top / "test" / "integration"

    @property
    def calls(self) -> Path:
        """A line a command: its exit code, a tab, its words."""
        return self.top / "calls.log"

    @property
    def output(self) -> Path:
        return self.top / "output_dir"


def lay(targets: Path, name: str, tool: Tool, folder: Path, plain: bool, inventory: Path | None = None) -> Tree:
    """Make the private copy for target ``name`` below ``folder``."""
    suffix = "" if plain else "-ÅÑŚÌβŁÈ"
    tree = Tree(Path(tempfile.mkdtemp(prefix=f"{name}-", suffix=suffix, dir=folder)))
    tree.top.chmod(0o755)
    tree.work.mkdir(parents=True)

    def left_out(where: str, names: list[str]) -> list[str]:
        if Path(where) != targets:
            return []
        return [each for each in names if each != name and any(fnmatch.fnmatch(each, part) for part in LEFT_OUT)]

    shutil.copytree(targets, tree.work / "targets", symlinks=True, ignore=left_out)
    constraints = targets.parents[2] / CONSTRAINTS
    if constraints.exists():
        (tree.top / CONSTRAINTS).parent.mkdir(parents=True)
        shutil.copy(constraints, tree.top / CONSTRAINTS)
    text = inventory.read_text() if inventory else INVENTORY.format(python="/usr/bin/python3")
    (tree.work / "inventory").write_text(text)
    (tree.work / "integration.cfg").write_text("[defaults]\n")
    _commands(tree, tool)
    return tree


def _commands(tree: Tree, tool: Tool) -> None:
    """Put the tool under Ansible's names; each call leaves a line."""
    folder = tree.top / "bin"
    folder.mkdir()
    log = shlex.quote(str(tree.calls))
    for name in NAMES:
        words = tool.commands.get(name)
        missing = f'echo "{name}: {tool.name} has no such command" >&2\nrc=127'
        # The search path of this command alone: a target's own Python programs get what the suite gives them.
        own = str(HERE.parents[1]) if tool.path else ""
        call = f'PYTHONPATH={shlex.quote(own)} {shlex.join(words)} "$@"\nrc=$?' if words else missing
        line = f'printf "%s\\t%s\\n" "$rc" "{name} $(printf "%s " "$@" | tr "\\n\\t" "  ")" >>{log}\nexit $rc'
        _script(folder / name, f"#!/bin/sh\n{call}\n{line}\n")
    _script(folder / "python", f'#!/bin/sh\nexec {shlex.quote(tool.python)} "$@"\n')
    _script(folder / "python.py", '#!/bin/sh\nexec python "$@"\n')
    _script(folder / "virtualenv.sh", VIRTUALENV)


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def environment(tree: Tree, cwd: Path, own: Mapping[str, str], tool: Tool) -> dict[str, str]:
    """The environment of a target: ansible-test's settings, hardly anything of this process's."""
    env = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_BEGINNINGS)}
    env |= {
        "PATH": os.pathsep.join([str(tree.top / "bin"), os.environ.get("PATH", os.defpath)]),
        "LC_ALL": "C.UTF-8", "PAGER": "/bin/cat", "PYTHONPATH": tool.path,
        "ANSIBLE_PYTHON_MODULE_RLIMIT_NOFILE": "1024", "ANSIBLE_FORCE_COLOR": "false",
        "ANSIBLE_FORCE_HANDLERS": "true", "ANSIBLE_HOST_PATTERN_MISMATCH": "error", "ANSIBLE_INVENTORY": "/dev/null",
        "ANSIBLE_DEPRECATION_WARNINGS": "false", "ANSIBLE_HOST_KEY_CHECKING": "false",
        "ANSIBLE_RETRY_FILES_ENABLED": "false", "ANSIBLE_LIBRARY": "/dev/null", "ANSIBLE_DEVEL_WARNING": "false",
        "ANSIBLE_CONFIG": str(tree.work / "integration.cfg"),
        "ANSIBLE_PYTHON_INTERPRETER": "/set/ansible_python_interpreter/in/inventory",
        "ANSIBLE_PLAYBOOK_DIR": str(cwd), "ANSIBLE_ROLES_PATH": str(tree.work / "targets"),
        "ANSIBLE_TEST_PYTHON_INTERPRETER": tool.python,
        "ANSIBLE_TEST_PYTHON_VERSION": f"{sys.version_info.major}.{sys.version_info.minor}",
        "ANSIBLE_TEST_CI": "", "ANSIBLE_TEST_COVERAGE": "", "JUNIT_OUTPUT_DIR": str(tree.top / "junit"),
        "OUTPUT_DIR": str(tree.output), "INVENTORY_PATH": str(tree.work / "inventory"),
    }  # fmt: skip
    if not own.get("role"):
        env.pop("ANSIBLE_ROLES_PATH")
    return env | {name: value for name, value in own.items() if name != "role"}
