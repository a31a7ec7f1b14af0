"""dpkg_divert: with the real dpkg-divert on a database of its own, where there is one."""

import os
import shutil

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import dpkg_divert
from fleet.remote.host import Host

real = pytest.mark.skipif(not shutil.which("dpkg-divert") or os.geteuid() != 0, reason="needs dpkg-divert and root")
# dpkg-divert writes nowhere but below this folder, and moves nothing but files in the test's folder.


@pytest.fixture
def call(tmp_path, monkeypatch):
    admin = tmp_path / "admin"
    (admin / "info").mkdir(parents=True)
    for name in ("status", "diversions"):
        (admin / name).write_text("")
    monkeypatch.setattr(dpkg_divert, "DATABASE", str(admin / "diversions"))
    plain = Host.run

    def elsewhere(self, argv, **options):
        return plain(self, [*argv[:1], "--admindir", str(admin), *argv[1:]], **options)

    monkeypatch.setattr(Host, "run", elsewhere)

    def run(name="f", check=False, **args):
        return run_module("dpkg_divert", {"path": str(tmp_path / name), **args}, check=check, diff=True)

    return run


@real
def test_a_diversion_comes_moves_and_goes(call, tmp_path):
    path = f"{tmp_path}/f"
    program = shutil.which("dpkg-divert")
    (tmp_path / "f").write_text("packaged")
    looked = call(check=True)
    told = call()
    assert told == looked and told["changed"] and (tmp_path / "f").exists()
    assert told["commands"] == [f"{program} --no-rename --local --add {path}"]
    assert told["messages"] == [f"Adding 'local diversion of {path} to {path}.distrib'"]
    here = {"path": path, "divert": f"{path}.distrib", "holder": "LOCAL", "state": "present"}
    gone = {"path": path, "divert": None, "holder": None, "state": "absent"}
    assert told["diversion"] == here and told["diff"] == {"before": gone, "after": here}
    again = call()
    assert not again["changed"] and again["messages"] == [f"Leaving 'local diversion of {path} to {path}.distrib'"]
    held = call(holder="pkg", divert=f"{path}.x", rename=True)
    assert held["messages"] == [
        f"Removing 'local diversion of {path} to {path}.distrib'", f"Adding 'diversion of {path} to {path}.x by pkg'",
    ]  # fmt: skip
    assert (tmp_path / "f").exists(), "a diversion that leads elsewhere moves no file"
    assert call(holder="LOCAL", check=True)["messages"][1:] == ["Running in check mode"]
    looked = call(state="absent", check=True)
    assert looked == call(state="absent") and looked["diversion"] == gone
    assert call(state="absent")["messages"] == [f"No diversion 'any diversion of {path}', none removed."]


@real
def test_files_are_moved_and_what_is_in_the_way_needs_force(call, tmp_path):
    ours, theirs = tmp_path / "f", tmp_path / "f.distrib"
    ours.write_text("packaged")
    theirs.write_text("in the way")
    for check in (True, False):
        told = call(rename=True, check=check)
        assert told["failed"] and told["msg"] == "Set 'force' param to True to force renaming of files."
        assert told["diversion"]["state"] == "absent" and ours.exists()
    assert call(rename=True, force=True, check=True)["changed"] and theirs.read_text() == "in the way"
    assert call(rename=True, force=True)["changed"] and theirs.read_text() == "packaged" and not ours.exists()
    ours.write_text("own")
    assert call(rename=True, state="absent")["msg"].startswith("Set 'force'") and ours.read_text() == "own"
    assert call(rename=True, state="absent", force=True)["changed"] and ours.read_text() == "packaged"


@real
def test_a_folder(call, tmp_path):
    (tmp_path / "d").mkdir()
    for check in (True, False):
        told = call("d", check=check)
        assert told["failed"] and "cannot divert directories" in told["msg"]


def test_the_database():
    text = "/a\n/a.distrib\n:\n/b\n/b.x\npkg\n"
    assert dpkg_divert.parse(text.splitlines()) == {"/a": ("/a.distrib", "LOCAL"), "/b": ("/b.x", "pkg")}
    assert dpkg_divert.parse(["/cut", "/off"]) == {}


def test_an_old_dpkg(tmp_path, monkeypatch):
    monkeypatch.setattr(dpkg_divert, "DATABASE", str(tmp_path / "diversions"))

    def add(_):
        (tmp_path / "diversions").write_text("/f\n/f.distrib\n:\n")
        return "Adding 'local diversion of /f to /f.distrib'\n"

    host = FakeHost({"dpkg-divert --no-rename": (2, "", "dpkg-divert: error: unknown option --no-rename\n"),
                     "dpkg-divert --local": add})  # fmt: skip
    assert run_on(host, "dpkg_divert", {"path": "/f"})["changed"]
    assert host.calls == ["dpkg-divert --no-rename --local --add /f", "dpkg-divert --local --add /f"]


def test_bad_calls(monkeypatch):
    assert 'filename "f" is not absolute' in run_module("dpkg_divert", {"path": "f"})["msg"]
    assert "missing required arguments: path" in run_module("dpkg_divert", {})["msg"]
    assert "unable to convert to bool" in run_module("dpkg_divert", {"path": "/f", "rename": "x"})["msg"]
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package dpkg" in run_module("dpkg_divert", {"path": "/f"})["msg"]
