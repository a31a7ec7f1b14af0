"""Raw commands behind a password prompt, with stand-ins for sudo and su that ask for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import Unreachable
from fleet.transport.answered import answered
from fleet.transport.base import Identity
from fleet.transport.become import Refused, become
from fleet.transport.local import LocalConnection

# Takes sudo's words up to the user, asks with its -p, and runs the rest.
SUDO = """#!/bin/sh
prompt=
while [ $# -gt 0 ]; do
  case $1 in
    -p) prompt=$2; shift 2 ;;
    -u) user=$2; shift 2; break ;;
    -n) echo "a password is required" >&2; exit 1 ;;
    *) shift ;;
  esac
done
tries=0
while [ $tries -lt 2 ]; do
  printf '%s' "$prompt" >&2
  read -r given
  [ "$given" = secret ] && exec "$@"
  echo "Sorry, try again." >&2
  tries=$((tries + 1))
done
exit 1
"""
SU = """#!/bin/sh
printf 'Kennwort: ' >&2
read -r given
[ "$given" = secret ] || { echo "su: Authentication failure" >&2; exit 1; }
user=$1; shift
exec /bin/sh "$@"
"""


@pytest.fixture
def tool(tmp_path: Path):
    def make(method: str = "sudo", password: str | None = "secret", **more: object) -> Identity:
        path = tmp_path / method
        path.write_text(SUDO if method == "sudo" else SU)
        path.chmod(0o755)
        return Identity("web", method, str(path), password=password, **more)

    return make


def run(identity: Identity, command: str, stdin: bytes = b""):
    return answered(LocalConnection(), identity, command, stdin, 10.0)


@pytest.mark.parametrize(
    ("command", "stdin", "code", "out"),
    [
        ("echo hi; echo there >&2; exit 3", b"", 3, b"hi\nthere\n"),
        ("printf x", b"", 0, b"x"),
        ("cat", b"", 0, b""),
        ("cat; exit 5", b"a\nb", 5, b"a\nb"),
        ("echo 'it''s' # a comment", b"", 0, b"its\n"),
    ],
)
def test_output_and_code_come_through(tool, command, stdin, code, out):
    ran = run(tool(), command, stdin)
    assert (ran.code, ran.out) == (code, out)


def test_a_wrong_password_is_refused_and_not_unreachable(tool):
    with pytest.raises(Refused, match="Incorrect sudo password"):
        run(tool(password="wrong"), "echo hi")


def test_flags_for_no_password_do_not_keep_one_from_being_asked_for(tool):
    assert run(tool(flags="-H -S -n"), "echo hi").out == b"hi\n"
    assert " -n " in become(Identity("web", "sudo"), "x", "m") and "-n" not in become(tool(), "x", "m").split("-p")[0]


def test_su_asks_in_the_words_it_is_told(tool):
    assert run(tool("su", prompts=("Kennwort",)), "echo hi").out == b"hi\n"
    with pytest.raises(Refused, match="Incorrect su password"):
        run(tool("su", password="wrong", prompts=("Kennwort",)), "echo hi")


def test_a_prompt_in_other_words_is_waited_for_in_vain(tool, monkeypatch):
    monkeypatch.setattr("fleet.transport.answered.PATIENCE", 0.3)
    with pytest.raises(Unreachable, match="Timed out waiting for become success or become password prompt"):
        run(tool("su", prompts=("NOT THIS",)), "echo hi")


def test_the_folder_to_become_in(tool, tmp_path):
    assert run(tool(chdir=str(tmp_path)), "pwd").out.decode().strip() == str(tmp_path)
    with pytest.raises(Refused, match="nonexistent"):
        run(tool(chdir="/nonexistent_dir"), "pwd")


def test_a_command_that_takes_too_long(tool):
    with pytest.raises(TimeoutError, match="did not end within"):
        answered(LocalConnection(), tool(), "sleep 3", b"", 0.5)
