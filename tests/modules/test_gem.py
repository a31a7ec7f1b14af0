"""gem: what is installed is read from its list; the right command otherwise. gem itself is a fake here, with output in
the form `gem list` prints; the real one runs in the differential tests."""

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import gem

REMOTE = {"gem list --norc --remote": "tiny (1.2.0 ruby java, 1.1.0)\n"}


@pytest.fixture
def call():
    def run(answers=(), check=False, **args):
        programs = {"gem list": "tiny (1.1.0, 1.0.0)\n", "gem install": "", "gem uninstall": "", **dict(answers)}
        host = FakeHost(programs, check=check)
        told = run_on(host, "gem", {"name": "tiny", **args})
        return told, [line for line in host.calls if "list" not in line]

    return run


@pytest.mark.parametrize(
    ("args", "command"),
    [
        ({}, None),
        ({"version": "1.0.0"}, None),
        ({"version": "2.0"}, "install --norc --version 2.0 --user-install --no-document tiny"),
        ({"version": "~> 1.0"}, "install --norc --version ~> 1.0 --user-install --no-document tiny"),
        ({"state": "absent"}, "uninstall --norc --all --executable tiny"),
        ({"state": "absent", "version": "1.0.0", "force": True},
         "uninstall --norc --version 1.0.0 --executable --force tiny"),
        ({"state": "absent", "version": "3"}, None),
        ({"version": "9", "repository": "http://r", "include_dependencies": False, "user_install": False,
          "install_dir": "/d", "bindir": "/b", "pre_release": True, "include_doc": True, "env_shebang": True,
          "force": True, "norc": False, "build_flags": "--with-x"},
         "install --version 9 --source http://r --ignore-dependencies --no-user-install --install-dir /d --bindir /b"
         " --prerelease --env-shebang --force tiny -- --with-x"),
    ],
)  # fmt: skip
def test_the_command(call, args, command):
    told, calls = call(**args)
    assert told["changed"] == (command is not None) and calls == (["gem " + command] if command else [])
    assert (told["name"], told["state"], told.get("version")) == (
        "tiny", args.get("state", "present"), args.get("version"),
    )  # fmt: skip
    looked, calls = call(check=True, **args)
    assert looked == told and calls == []


def test_a_file(call):
    none = {"gem list": ""}
    assert call(none, gem_source="/x/tiny.gem")[1] == ["gem install --norc --user-install --no-document /x/tiny.gem"]
    assert not call(gem_source="/x/tiny.gem")[0]["changed"]


def test_latest(call):
    told, calls = call(REMOTE, state="latest")
    assert told["version"] == "1.2.0" and calls == [
        "gem install --norc --version 1.2.0 --user-install --no-document tiny"
    ]
    here = {**REMOTE, "gem list --norc ^": "tiny (1.2.0)\n"}
    assert call(here, state="latest") == ({"changed": False, "name": "tiny", "state": "latest", "version": "1.2.0"}, [])
    assert "was not found" in call({"gem list --norc --remote": "\n"}, state="latest")[0]["msg"]


def test_the_list():
    assert gem.parse("rake (13.0.6, default: 12.3.3 ruby java)\n\n*** LOCAL GEMS ***\n") == ["13.0.6", "12.3.3"]
    assert gem.parse("") == []


BAD = [
    ({"gem_source": "/x.gem", "version": "1"}, "parameters are mutually exclusive: gem_source|version"),
    ({"gem_source": "/x.gem", "state": "latest"}, "Cannot maintain state=latest when installing from local source"),
    ({"install_dir": "/d"}, "install_dir requires user_install=false"),
    ({"executable": "/no/such"}, "cannot run /no/such: there is no such program"),
    ({"force": "x"}, "unable to convert to bool"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told, calls = call(**args)
    assert told["failed"] and message in told["msg"] and not calls


def test_what_gem_says(call):
    told, _ = call({"gem install": (2, "", "ERROR:  Could not find a valid gem 'tiny'\n")}, version="9")
    assert told["msg"] == "ERROR:  Could not find a valid gem 'tiny'" and told["rc"] == 2


def test_an_old_rubygems():
    refused = (1, "", "ERROR:  While executing gem ... (OptionParser::InvalidOption)\n    invalid option: --norc\n")
    host = FakeHost({"gem list --norc": refused, "gem list ^": "", "gem install --user": ""})
    assert run_on(host, "gem", {"name": "tiny"})["changed"]
    assert host.calls[1:] == ["gem list ^tiny$", "gem install --user-install --no-document tiny"]


def test_without_ruby(monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package ruby" in run_module("gem", {"name": "tiny"})["msg"]
