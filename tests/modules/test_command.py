"""command, shell and script: real processes, Ansible's return keys."""

import os
import time

import pytest
from run_module import run_module

from fleet.remote import process
from fleet.remote.host import Host


def test_a_command_is_split_and_its_variables_expanded():
    result = run_module("command", {"_raw_params": "echo $FOO 'a b' ~"}, env={"FOO": "bar"})
    assert result["cmd"] == ["echo", "$FOO", "a b", "~"]
    assert result["stdout"] == "bar a b " + os.path.expanduser("~")
    assert (result["rc"], result["changed"], result["msg"], result["stderr_lines"]) == (0, True, "", [])
    assert {"start", "end", "delta"} <= set(result)
    assert "FOO" not in os.environ


def test_variables_stay_when_asked():
    assert run_module("command", {"cmd": "echo $HOME", "expand_argument_vars": False})["stdout"] == "$HOME"


def test_another_exit_code_is_a_failure_with_everything_said():
    result = run_module("command", {"argv": ["sh", "-c", "echo a; echo b >&2; exit 3"]})
    assert result["failed"] and result["changed"] and result["msg"] == "non-zero return code"
    assert (result["rc"], result["stdout"], result["stderr_lines"]) == (3, "a", ["b"])


def test_a_missing_program_names_itself():
    result = run_module("command", {"cmd": "/no/such thing"})
    assert result["failed"] and result["rc"] == 2 and not result["changed"]
    assert result["msg"].startswith("Error executing command") and "No such file or directory" in result["msg"]


@pytest.mark.parametrize(
    "args, check, wanted",
    [
        ({"creates": "/etc/pass*"}, False, (False, None, "Did not run command since '/etc/pass*' exists")),
        ({"removes": "/nope"}, False, (False, None, "Did not run command since '/nope' does not exist")),
        ({"creates": "/etc/passwd"}, True, (False, None, "Would not run command since '/etc/passwd' exists")),
        ({"creates": "/nope"}, True, (True, None, "Command would have run if not in check mode")),
        ({}, True, (False, True, "Command would have run if not in check mode")),
    ],
)
def test_guards_and_check_mode(args, check, wanted):
    result = run_module("command", dict(args, cmd="false"), check=check)
    assert (result["changed"], result.get("skipped"), result["msg"]) == wanted
    assert result["rc"] == 0 and result["start"] is None


def test_guards_are_relative_to_chdir(tmp_path):
    (tmp_path / "done").write_text("")
    assert not run_module("shell", {"cmd": "pwd", "chdir": str(tmp_path), "creates": "done"})["changed"]
    assert run_module("shell", {"cmd": "pwd", "chdir": str(tmp_path)})["stdout"] == str(tmp_path)


def test_a_missing_folder_is_told():
    result = run_module("command", {"cmd": "ls", "chdir": "/nonexistent"})
    assert result["failed"] and result["msg"].startswith("Unable to change directory before execution.")


def test_stdin_and_empty_ends():
    result = run_module("shell", {"cmd": "cat; printf '\\n\\nx\\n\\n'", "stdin": "hello"})
    assert result["stdout"] == "hello\n\n\nx"
    kept = run_module("shell", {"cmd": "cat", "stdin": "hi\n\n", "stdin_add_newline": False, "strip_empty_ends": False})
    assert kept["stdout"] == "hi\n\n"


def test_bytes_that_are_no_text_survive_and_a_signal_is_told():
    assert run_module("shell", {"cmd": "printf 'a\\377b'"})["stdout"] == "a\udcffb"
    assert run_module("shell", {"cmd": "kill -9 $$"})["rc"] == -9


def test_a_daemon_that_keeps_the_pipes_is_not_waited_for():
    start = time.monotonic()
    assert run_module("shell", {"cmd": "sleep 3 & echo done"})["stdout"] == "done"
    assert time.monotonic() - start < 2


def test_a_command_that_does_not_read_its_input_is_no_problem():
    assert run_module("shell", {"cmd": "head -c 1 > /dev/null", "stdin": "x" * 5000000})["rc"] == 0


def test_output_is_bounded_and_the_loss_is_told():
    result = run_module("shell", {"cmd": "head -c 15000000 /dev/zero | tr '\\0' x; echo end"})
    assert len(result["stdout"]) < 11000000 and result["stdout"].endswith("xend")
    assert "bytes left out" in result["stdout"] and "left out" in result["warnings"][0]


def test_a_stream_keeps_head_and_tail():
    stream = process.Stream(half=4)
    for part in (b"abc", b"defgh", b"ijklmnop", b"qr"):
        stream.feed(part)
    assert stream.text() == "abcd\n... 10 bytes left out ...\nopqr"


@pytest.mark.parametrize("args", [{}, {"cmd": "a", "argv": ["a"]}])
def test_exactly_one_way_to_give_the_command(args):
    assert run_module("command", args)["failed"]


def test_nothing_to_run():
    assert run_module("shell", {"_raw_params": " "})["msg"] == "no command given"
    assert "No closing quotation" in run_module("command", {"cmd": "echo 'a"})["msg"]


def test_the_locale_of_the_user_is_not_touched(monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    assert "LC_ALL" not in run_module("command", {"cmd": "env"})["stdout"]


SCRIPT = '#!/bin/sh\necho "$0 $*"; pwd; exit ${1:-0}\n'


def script(**args):
    return run_module("script", dict({"cmd": "s.sh", "_name": "s.sh", "_content": {"text": SCRIPT}}, **args))


def test_a_script_runs_from_a_private_file_that_is_gone_afterwards(tmp_path):
    result = script(_words="0 'b c'", chdir=str(tmp_path))
    path = result["stdout_lines"][0].split()[0]
    assert path.endswith("/s.sh") and result["stdout_lines"][0].endswith(" 0 b c")
    assert result["stdout_lines"][1] == str(tmp_path) and not os.path.exists(os.path.dirname(path))


def test_a_script_that_fails_and_one_that_need_not_run():
    assert script(_words="4")["rc"] == 4
    assert script(creates="/etc/passwd") == {
        "changed": False,
        "skipped": True,
        "msg": "/etc/passwd exists, matching creates option",
    }
    assert script(removes="/nope")["msg"] == "/nope does not exist, matching removes option"


def test_a_script_without_first_line_is_read_by_a_shell_and_executable_wins():
    assert script(_content={"text": "echo plain\n"})["stdout"] == "plain\n"
    python = script(_content={"data": "cHJpbnQoIm9rIikK"}, executable="python3")
    assert python["stdout"] == "ok\n"


def test_a_script_with_a_missing_interpreter_names_the_reason():
    result = script(_content={"text": "#!/no/such/shell\n"})
    assert result["failed"] and "does its first line name an interpreter" in result["msg"]


def test_what_the_controller_offers_is_asked_for_by_its_hash():
    asked = []

    def content(name):
        asked.append(name)
        yield b"#!/bin/sh\n"
        yield b"echo streamed\n"

    from fleet.modules import script as module

    args = module.SPEC.complete({"cmd": "big.sh", "_name": "big.sh", "_content": {"sha1": "abc", "size": 24}})
    assert module.run(Host(content=content), args)["stdout"] == "streamed\n"
    assert asked == ["abc"]
