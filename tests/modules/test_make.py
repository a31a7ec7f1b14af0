"""make: asked first whether something is to do, and only then run."""

import shutil

import pytest
from run_module import run_module

from fleet.modules import make

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
MAKEFILE = "out: in\n\tcp in out\necho:\n\t@echo '$(WORD)'; exit $(CODE)\n"


@pytest.fixture
def call(tmp_path, monkeypatch):
    # The tests may be run by a make themselves.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / "Other").write_text("other:\n\t@echo '  from the other  '\n")
    (tmp_path / "in").write_text("content")

    def run(check=False, **args):
        return run_module("make", {"chdir": str(tmp_path), **args}, check=check)

    return run


def test_a_target_is_made_once(call, tmp_path):
    looked = call(check=True)
    assert looked["changed"] and looked["stdout"] == "" and not (tmp_path / "out").exists()
    made = call()
    assert made["changed"] and made["stdout"] == "cp in out" and (tmp_path / "out").read_text() == "content"
    again = call(target="out", jobs=2)
    assert not again["changed"] and again["command"].endswith("make -j 2 out") and again["jobs"] == 2
    assert not call(targets=["out"], check=True)["changed"]


def test_variables_and_another_makefile(call):
    told = call(target="echo", params={"WORD": "two words", "CODE": 0})
    assert told["stdout"] == "two words" and told["params"] == {"WORD": "two words", "CODE": 0}
    assert told["command"].endswith("make echo 'WORD=two words' CODE=0")
    assert call(target="other", file="Other")["stdout"] == "from the other"


def test_the_command_line():
    args = dict.fromkeys(make.SPEC.args)
    assert make.command("m", {**args, "targets": ["a", "b"], "params": {"X": None, "Y": True}}) == [
        "m", "a", "b", "X", "Y=True",
    ]  # fmt: skip


BAD = [
    ({"target": "echo", "params": {"CODE": 3}}, "Error 3"),
    ({"target": "none"}, "No rule to make target 'none'"),
    ({"chdir": "/no/such"}, "cannot work in /no/such"),
    ({"make": "/no/such/make"}, "/no/such/make: there is no such program"),
    ({"target": "a", "targets": ["b"]}, "parameters are mutually exclusive: target|targets"),
    ({"jobs": "many"}, "unable to convert to int"),
    ({"params": 3}, "unable to convert to dict"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told = call(**args)
    assert told["failed"] and message in told["msg"] and not told["changed"]


def test_a_failure_tells_all(call):
    told = call(target="echo", params={"WORD": "said", "CODE": 3})
    assert (told["rc"], told["stdout"]) == (2, "said\n") and "Error 3" in told["stderr"]


def test_without_make(call, monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package make" in call()["msg"]
