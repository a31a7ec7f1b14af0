"""git_config: settings of git in every scope, compared before they are set."""

import shutil
import subprocess

import pytest
from run_module import run_module

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def call(tmp_path):
    env = {"HOME": str(tmp_path), "GIT_CONFIG_SYSTEM": str(tmp_path / "sys"), "XDG_CONFIG_HOME": str(tmp_path)}

    def run(name="user.name", check=False, **args):
        return run_module("git_config", {"name": name, **args}, check=check, diff=True, env=env)

    return run


def values(path, name="user.name"):
    argv = ["git", "config", "-f", str(path), "--get-all", name]
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False).stdout.splitlines()


def test_a_value_comes_changes_and_goes(call, tmp_path):
    path = tmp_path / ".gitconfig"
    told = call(scope="global", value="Ann B")
    assert (told["changed"], told["msg"], told["diff"]["after"]) == (True, "setting changed", "Ann B\n")
    assert not call(scope="global", value="Ann B")["changed"]
    assert call(scope="global", value="Bob", check=True)["changed"] and values(path) == ["Ann B"]
    assert call(scope="global", value="Bob", add_mode="add")["changed"] and values(path) == ["Ann B", "Bob"]
    assert not call(scope="global", value="Bob", add_mode="add")["changed"]
    assert call(scope="global", value="Bob")["changed"] and values(path) == ["Bob"]
    assert call(scope="global", state="absent")["changed"] and values(path) == []
    assert call(scope="global", state="absent")["msg"] == "no setting to unset"


def test_every_scope(call, tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    for args in (
        {"scope": "local", "repo": str(tmp_path / "repo")},
        {"scope": "file", "file": str(tmp_path / "f")},
        {"scope": "system"},
        {"scope": "global"},
    ):
        assert call(value="two\nlines", **args)["changed"] and not call(value="two\nlines", **args)["changed"]
    assert not call(value="two\nlines")["changed"], "system is the scope without one"


BAD = [
    ({}, "state is present but all of the following are missing: value"),
    ({"value": "x", "scope": "local"}, "scope is local but all of the following are missing: repo"),
    ({"value": "x", "scope": "file"}, "scope is file but all of the following are missing: file"),
    ({"value": "x", "scope": "local", "repo": "/no/such"}, "can only be used inside a git repository"),
    ({"value": "x", "scope": "global", "name": "bad"}, "key does not contain a section: bad"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told = call(**args)
    assert told["failed"] and message in told["msg"]


def test_without_git(call, monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package git" in call(value="x")["msg"]
