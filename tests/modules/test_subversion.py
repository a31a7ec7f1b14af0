"""subversion: the right commands in each situation. svn is a fake with output in the form `svn info` and `svn status` print;
the real one runs in the differential tests."""

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import subversion

REPO = "file:///svn/trunk"
FLAGS = "svn --non-interactive --no-auth-cache --trust-server-cert "


def info(revision, url=REPO):
    return f"Path: x\nURL: {url}\nRelative URL: ^/trunk\nRevision: {revision}\nLast Changed Rev: 1\n"


@pytest.fixture
def call(tmp_path):
    def run(answers=(), check=False, **args):
        (tmp_path / "wc").mkdir(exist_ok=True)
        texts = {"svn": "", **{FLAGS + words: text for words, text in dict(answers).items()}}
        host = FakeHost(texts, check=check)
        told = run_on(host, "subversion", {"repo": REPO, "dest": str(tmp_path / "wc"), **args})
        calls = [line[len(FLAGS) :].replace(str(tmp_path), "") for line in host.calls]
        return told, [line for line in calls if not line.startswith(("info", "status"))]

    return run


def test_a_new_checkout(call, tmp_path):
    new = {"dest": str(tmp_path / "new")}
    assert call(check=True, **new) == ({"changed": True}, [])
    told, calls = call({"info": info(7)}, **new)
    assert calls == [f"checkout -r HEAD {REPO} /new"]
    assert told == {"changed": True, "before": None, "after": ["Revision: 7", f"URL: {REPO}"]}
    assert call(checkout=False, **new) == ({"changed": False}, [])
    assert call(export=True, revision=3, force=True, **new)[1] == [f"export --force -r 3 {REPO} /new"]


def test_a_working_copy(call, tmp_path):
    here = {f"info {tmp_path}": info(7)}
    told, calls = call(here)
    assert not told["changed"] and calls == ["update -r HEAD /wc"] and told["before"] == told["after"]
    assert call(here, update=False) == ({"changed": False}, [])
    told, calls = call({**here, "info -r HEAD": info(9)}, check=True)
    assert told == {"changed": True, "before": "Revision: 7", "after": "Revision: 9"} and calls == []
    assert not call({**here, "info -r HEAD": info(7)}, check=True)[0]["changed"]
    told, calls = call({**here, "info -r 3": info(3, "file:///svn/b")}, repo="file:///svn/b", revision=3, check=True)
    assert told["changed"] and calls == []
    assert call(here, repo="file:///svn/b")[1] == ["switch --revision HEAD file:///svn/b /wc"]
    assert call(here, repo="file:///svn/b", switch=False)[1] == ["update -r HEAD /wc"]


def test_local_changes(call, tmp_path):
    here = {f"info {tmp_path}": info(7), "info -r HEAD": info(7), "status": f"M       {tmp_path}/wc/f\n"}
    for check in (True, False):
        told, calls = call(here, check=check)
        assert told["failed"] and told["msg"] == "ERROR: modified files exist in the repository." and calls == []
    assert call(here, force=True, check=True)[0]["changed"]
    told, calls = call(here, force=True)
    assert told["changed"] and calls == ["revert -R /wc", "update -r HEAD /wc"]
    assert not call({**here, "status": "X       ext\n        > moved\n"})[0]["changed"], "nothing of ours changed"
    assert call({**here, "status": " M      .\n"})[0]["failed"], "a property counts"


def test_a_folder_that_is_none(call):
    no_copy = {"info": (1, "", "svn: E155007: not a working copy")}
    assert "its not a subversion repository" in call(no_copy)[0]["msg"]
    assert call(no_copy, in_place=True, check=True) == ({"changed": True}, [])


def test_in_place(call, monkeypatch):
    monkeypatch.setattr(subversion.Svn, "is_copy", lambda self: False)
    told, calls = call({"info": info(7)}, in_place=True, force=True)
    assert told["changed"] and calls == [f"checkout --force -r HEAD {REPO} /wc", "revert -R /wc"]


def test_without_a_folder(call):
    told, _ = call({"info": info(7)}, dest=None, checkout=False, update=False)
    assert told == {"changed": False, "after": "Revision: 7"}
    assert "the destination directory must be specified" in call(dest=None)[0]["msg"]


def test_a_password_is_in_no_command_line():
    given = {"repo": REPO, "checkout": False, "update": False, "username": "joe", "password": "secret"}
    host = FakeHost({"svn": info(1), "svn --version": "1.14.2\n"})
    run_on(host, "subversion", given)
    assert "--password-from-stdin" in host.calls[-1] and "secret" not in "".join(host.calls)
    host = FakeHost({"svn": info(1), "svn --version": "1.9.7\n"})
    assert "svn 1.9.7 cannot take a password" in run_on(host, "subversion", given)["msg"]


def test_bad_calls(call, monkeypatch):
    assert "missing required arguments: repo" in run_module("subversion", {})["msg"]
    assert "unable to convert to bool" in call(force="x")[0]["msg"]
    assert "there is no such program" in call(executable="/no/such")[0]["msg"]
    told = call({"checkout": (1, "", "svn: E170013: Unable to connect\n")}, dest="/no/such/wc")[0]
    assert told["msg"] == "svn: E170013: Unable to connect" and told["rc"] == 1
    assert "told none" in call({"info": "nothing\n"})[0]["msg"]
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package subversion" in run_module("subversion", {"repo": REPO, "dest": "/x"})["msg"]
