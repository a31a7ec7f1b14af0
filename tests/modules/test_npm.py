"""npm: packages that are there are seen without it; otherwise the right command. npm itself is a fake here, with
output written by hand in the form its manual describes; real ones run in the differential tests."""

import json

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import npm


def package(folder, name, version):
    place = folder / "node_modules" / name
    place.mkdir(parents=True)
    (place / "package.json").write_text(json.dumps({"name": name, "version": version}))


@pytest.fixture
def call(tmp_path):
    (tmp_path / "app").mkdir()
    package(tmp_path / "app", "dep", "1.0.0")
    package(tmp_path / "app", "@scope/dep", "2.0.0")

    def run(answers=(), check=False, **args):
        host = FakeHost({"npm ": "", **dict(answers)}, check=check)
        told = run_on(host, "npm", {"path": str(tmp_path / "app"), **args})
        return told, [line[len("npm ") :] for line in host.calls]

    return run


@pytest.mark.parametrize(
    ("args", "command"),
    [
        ({"name": "dep"}, None),
        ({"name": "dep", "version": "1.0.0"}, None),
        ({"name": "@scope/dep", "version": "2.0.0"}, None),
        ({"name": "dep", "version": "1.1.0"}, "install dep@1.1.0"),
        ({"name": "new"}, "install new"),
        ({"name": "../dep"}, "install ../dep"),
        ({"name": "dep", "state": "absent"}, "uninstall dep"),
        ({"name": "new", "state": "absent"}, None),
        ({"ci": True}, "ci"),
        (
            {"name": "new", "production": True, "force": True, "ignore_scripts": True, "unsafe_perm": True,
             "no_bin_links": True, "no_optional": True, "registry": "http://r"},
            "install new --production --force --ignore-scripts --unsafe-perm --no-bin-links --no-optional --registry http://r",
        ),
    ],
)  # fmt: skip
def test_the_command_for_a_project(call, args, command):
    told, calls = call(**args)
    assert told == {"changed": command is not None} and calls == ([command] if command else [])
    looked, calls = call(check=True, **args)
    assert looked == told and calls == []


def test_all_that_package_json_asks_for(call):
    fine = {"dependencies": {"dep": {"version": "1.0.0"}}}
    for entry in ({"missing": True, "required": "^1"}, {"version": "0.1", "invalid": '"^1" from the root'}):
        listed = (
            1,
            json.dumps({"dependencies": {**fine["dependencies"], "x": entry}, "error": {"code": "ELSPROBLEMS"}}),
            "npm ERR! missing: x",
        )
        told, calls = call({"npm list": listed})
        assert told["changed"] and calls == ["list --json --long", "install"]
    told, calls = call({"npm list": json.dumps(fine)})
    assert not told["changed"] and calls == ["list --json --long"]


def test_latest(call):
    newer = {"dep": {"current": "1.0.0", "wanted": "1.1.0", "latest": "2.0.0"}}
    outdated = {"npm outdated": (1, json.dumps(newer), "")}
    assert call(outdated, name="dep", state="latest")[1] == ["outdated --json", "update dep"]
    held = {"npm outdated": (1, json.dumps({"dep": {"current": "1.0.0", "wanted": "1.0.0", "latest": "2.0.0"}}), "")}
    assert not call(held, name="dep", state="latest")[0]["changed"], "package.json allows no newer one"
    assert call(outdated, name="@scope/dep", state="latest")[0] == {"changed": False}
    assert call({**outdated, "npm list": "{}"}, state="latest")[1][-1] == "update"
    assert call(name="new", state="latest")[1] == ["install new"]


def test_globally(call, tmp_path):
    root = {"npm root": str(tmp_path / "app" / "node_modules") + "\n"}
    told, calls = call(root, name="dep", path=None, **{"global": True})
    assert not told["changed"] and calls == ["root --global"]
    told, calls = call(root, name="dep", version="3.0.0", path=None, **{"global": True})
    assert calls == ["root --global", "install dep@3.0.0 --global"]


def test_a_folder_is_made(call, tmp_path):
    assert call(path=str(tmp_path / "new"), name="dep", check=True)[0]["changed"] and not (tmp_path / "new").exists()
    assert call(path=str(tmp_path / "new"), name="dep")[1] == ["install dep"] and (tmp_path / "new").is_dir()


BAD = [
    ({"path": None}, "path must be specified when not using global"),
    ({"path": "/etc/passwd"}, "path /etc/passwd is not a directory"),
    ({"state": "absent"}, "state is absent but all of the following are missing: name"),
    ({"executable": "/no/such"}, "cannot run /no/such: there is no such program"),
    ({"global": "maybe"}, "unable to convert to bool"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told, calls = call(**args)
    assert told["failed"] and message in told["msg"] and not calls


def test_what_npm_says(call):
    told, _ = call({"npm install": (1, "", "npm ERR! code E404\n")}, name="new")
    assert (told["msg"], told["rc"], told["cmd"]) == ("npm ERR! code E404", 1, "/usr/bin/npm install new")
    assert "Failed to parse NPM output" in call({"npm list": "no json"})[0]["msg"]
    broken = json.dumps({"error": {"code": "EJSONPARSE", "summary": "Invalid package.json"}})
    assert call({"npm list": (1, broken, "npm ERR! Invalid package.json")})[0]["msg"] == "npm ERR! Invalid package.json"


def test_without_npm(monkeypatch, tmp_path):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package npm" in run_module("npm", {"path": str(tmp_path)})["msg"]


def test_names_that_are_no_plain_names():
    for name in ("../x", "git+ssh://x", "/abs", "a/b", "@x", "..", "a@1"):
        assert not npm.PLAIN.match(name), name
