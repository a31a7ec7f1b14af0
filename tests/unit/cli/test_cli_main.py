"""The command itself: version, misuse, completion, options, and how fast its help comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from fleet import __version__
from fleet.cli.main import build

from .conftest import CASES, Fleet

ROOT = Path(__file__).parents[3]
EXPECTED = json.loads((Path(__file__).parent / "expected.json").read_text())
# scp and sftp are not used.
WITHOUT = {
    "--scp-extra-args",
    "--sftp-extra-args",
    "--ssh-extra-args",
    "--version",
    "--task-timeout",
}
PROGRAM = "import sys; sys.argv[0] = 'fleet'; from fleet.cli.main import main; main()"


def test_version(fleet: Fleet) -> None:
    assert fleet("--version").out.startswith(f"fleet {__version__} (Python 3.")
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("bogus",), "No such command 'bogus'"),
        (("run", "x", "--bogus"), "No such option: --bogus"),
        (("apply",), "Missing argument 'PLAYBOOK...'"),
        (("ping", "-f", "0"), "'-f' / '--forks'"),
    ],
)
def test_misuse_is_one_line_and_code_5(fleet: Fleet, words: tuple[str, ...], text: str) -> None:
    ran = fleet(*words)
    assert ran.code == 5 and ran.err.startswith("[ERROR]: ") and text in ran.err
    assert ran.err.count("\n") == 1 and "--help)" in ran.err


@pytest.mark.parametrize(
    ("tool", "verb"), [("ansible-playbook", "apply"), ("ansible", "run"), ("ansible-playbook", "plan")]
)
def test_ansibles_options_are_known(tool: str, verb: str) -> None:
    command = typer.main.get_command(build()).commands[verb]  # type: ignore[attr-defined]
    known = {name for param in command.params for name in param.opts} | {"-h", "--help"}
    left = set(EXPECTED["options"][tool]) - known - WITHOUT
    implied = {
        "--check",
        "-C",
        "--diff",
        "-D",
        "--list-hosts",
        "--list-tasks",
        "--list-tags",
        "--syntax-check",
        "--step",
    }
    assert left - (implied if verb == "plan" else set()) == {"-R"} & left


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ping -i local.ini l", ["l1", "l2"]),
        ("apply second.yml -i inventory.ini -l web,d", ["web,db", "web,d1", "web,d2"]),
        ("run -i local.ini all -m pin", ["ping"]),
        ("modules ansible.builtin.fet", ["ansible.builtin.fetch"]),
        ("apply start.yml --start-at-task s", ["six", "seven"]),
        ("apply site.yml -t zed,al", ["zed,all", "zed,alpha", "zed,always"]),
        ("apply nosuch.yml -t q", []),
        ("ping -i nosuch.ini l", []),
    ],
)
def test_completion(words: str, found: list[str]) -> None:
    line = f"fleet {words}"
    environment = {
        **os.environ, "_FLEET_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1),
        "PYTHONPATH": str(ROOT), "ANSIBLE_CONFIG": "/nonexistent",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=CASES, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout.split("\n")[:-1] == found or (not found and not ran.stdout.strip())
    assert ran.stderr == ""


def test_completion_is_installed(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    words = [sys.executable, "-c", PROGRAM, "--install-completion", "bash"]
    subprocess.run(words, env=environment, capture_output=True, check=True)
    assert "complete -o default -F _fleet_completion fleet" in (tmp_path / ".bash_completions" / "fleet.sh").read_text()


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom fleet.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'jinja2', 'yaml', 'paramiko', 'fabric', 'fleet.engine', 'fleet.template'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
