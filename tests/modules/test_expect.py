"""expect: real programs on a real terminal, questions found and answered."""

import sys
import time

import pytest
from run_module import run_module

from fleet.modules import expect
from fleet.remote import dialogue

ASK = """\
import sys, getpass
name = input("Name: ")
secret = getpass.getpass("Password: ")
print("hello", name, len(secret))
more = input("More? ")
print("got", more)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def call(tmp_path):
    (tmp_path / "ask.py").write_text(ASK)

    def run(command=None, responses=(), check=False, **args):
        command = command or f"{sys.executable} {tmp_path}/ask.py 0"
        given = responses or {"Name": "joe", "(?i)PASSWORD": "secret", "More": True}
        return run_module("expect", {"command": command, "responses": given, **args}, check=check)

    return run


def test_a_dialogue_with_a_password(call):
    told = call()
    assert told["changed"] and told["rc"] == 0, told
    assert told["stdout"].replace("\r", "").splitlines()[-2:] == ["hello joe 6", "More? got True"]
    assert "secret" not in told["stdout"] and told["cmd"].endswith("ask.py 0") and told["delta"] > "0:00:00"


def test_exit_codes_and_signals(call, tmp_path):
    told = call(f"{sys.executable} {tmp_path}/ask.py 3")
    assert told["failed"] and (told["rc"], told["msg"], told["changed"]) == (3, "non-zero return code", True)
    told = call("sh -c 'kill -9 $$'")
    assert told["failed"] and told["rc"] is None and "ended by a signal" in told["msg"]


def test_lists_answer_one_time_each(call):
    twice = 'sh -c \'read -p "Q? " a; read -p "Q? " b; echo $a-$b\''.replace("sh -c", "bash -c")
    assert call(twice, {"Q": ["one", 2]})["stdout"].endswith("one-2")
    assert call(twice, {"Q": "same"})["stdout"].endswith("same-same")
    told = call(twice, {"Q": ["one"]})
    assert told["failed"] and told["msg"].startswith("No remaining responses for 'Q', output was 'Q? ")


def test_echo_is_as_asked(call):
    question = "bash -c 'read -p \"Q? \" a'"
    assert call(question, {"Q": "answer"})["stdout"] == "Q? "
    assert "answer" in call(question, {"Q": "answer"}, echo=True)["stdout"]


def test_silence(call):
    start = time.monotonic()
    told = call("sh -c 'echo asking; sleep 60'", timeout=1)
    assert told["failed"] and told["msg"] == "command exceeded timeout" and told["rc"] is None
    assert told["stdout"] == "asking" and time.monotonic() - start < 20


def test_a_program_that_throws_away_what_was_typed_before(call, tmp_path):
    (tmp_path / "late.py").write_text(
        "import sys, termios, time\nprint('Password: ', end='', flush=True)\ntime.sleep(0.02)\n"
        "termios.tcflush(0, termios.TCIFLUSH)\nprint(len(input()))\n"
    )
    assert call(f"{sys.executable} {tmp_path}/late.py", {"Password": "secret"}, timeout=10)["stdout"].endswith("6")


def test_words():
    assert dialogue.split(r"""a 'b c' "d \n" e\ f '' g"'"h """) == ["a", "b c", r"d \n", "e f", "", "g'h"]
    assert dialogue.split("  ") == []


def test_null_waits_for_ever():
    full = expect.SPEC.complete
    assert full({"timeout": None})["timeout"] is None and full({})["timeout"] == 30
    assert expect.timeout(None) is None and expect.timeout("2") == 2.0


def test_much_output_and_bytes(call):
    told = call('sh -c \'head -c 300000 /dev/zero | tr "\\0" x; printf "\\377\\nQ? "; read a; echo $a\'', {"Q": "é"})
    assert told["stdout"].startswith("x" * 300000 + "\udcff") and told["stdout"].endswith("é")


def test_what_is_not_run(call, tmp_path):
    here = str(tmp_path / "ask.py")
    told = call(creates=here)
    assert not told["changed"] and told["stdout"] == f"skipped, since {here} exists" and told["rc"] == 0
    assert call(removes="/no/such")["stdout"] == "skipped, since /no/such does not exist"
    assert call("pwd", chdir=str(tmp_path))["stdout"] == str(tmp_path)


BAD = [
    ({"command": "/no/such/program"}, "The command was not found or was not executable: /no/such/program"),
    ({"command": "a 'b"}, "cannot split the command"),
    ({"command": " "}, "no command given"),
    ({"responses": {"(": "x"}}, "no regular expression"),
    ({"responses": "x"}, "unable to convert to dict"),
    ({"chdir": "/no/such"}, "Unable to change directory"),
    ({"timeout": "soon"}, "unable to convert to int: soon"),
    ({"echo": "x"}, "unable to convert to bool"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told = call(**args)
    assert told["failed"] and message in told["msg"]
