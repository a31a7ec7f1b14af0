"""snap: what is installed from where, and options. snap is a fake here, written from its manual: it keeps a table of snaps
and prints it as `snap list` does. Nothing of this ran with a real snapd."""

import json

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import snap

VERSION = {"snap": "2.61.3", "snapd": "2.61.3", "series": "16"}


@pytest.fixture
def call():
    table = {
        "jq": ["latest/stable", "-"],
        "lxd": ["5.0/stable/ubuntu-22.04", "-"],
        "code": ["latest/edge", "disabled,classic"],
    }
    settings = {"jq": {"a": {"b": 1, "on": True}, "text": "t"}}

    def listed(_):
        if not table:
            return 0, "", "No snaps are installed yet. Try 'snap install hello-world'.\n"
        rows = "".join(
            f"{name:8} 1.0      12   {track}  canonical✓  {notes}\n" for name, (track, notes) in table.items()
        )
        return "Name     Version  Rev  Tracking       Publisher   Notes\n" + rows

    def change(line):
        verb, *words = line.split()[1:]
        channel = words[words.index("--channel") + 1] if "--channel" in words else None
        names = [word for word in words if not word.startswith("--") and word != channel]
        if "bad" in names:
            return 1, "", 'error: This revision of snap "bad" was published using classic confinement\n'
        for name in names if verb in ("install", "refresh") else ():
            table[name] = [snap.full_channel(channel or "stable"), "-"]
        for name in names if verb == "remove" else ():
            del table[name]
        if verb in ("enable", "disable"):
            table[names[0]][1] = "disabled" if verb == "disable" else "-"
        if verb == "set":
            settings.setdefault(names[0], {})
            settings[names[0]].update(dict(pair.split("=", 1) for pair in names[1:]))
        return ""

    def get(line):
        found = settings.get(line.split()[-1])
        return json.dumps(found) if found else (1, "", 'error: snap "x" has no configuration\n')

    def run(name, check=False, **args):
        answers = dict.fromkeys((f"snap {v}" for v in "install refresh remove enable disable set".split()), change)
        version = "".join(f"{key:8}{value}\n" for key, value in VERSION.items())
        answers |= {"snap list": listed, "snap version": version, "snap get": get, "snap info": "name:      local\n"}
        host = FakeHost(answers, check=check)
        told = run_on(host, "snap", {"name": name, **args})
        reads = ("snap list", "snap version", "snap get", "snap info")
        return told, [line[len("snap ") :] for line in host.calls if not line.startswith(reads)]

    return run


def test_snaps_come_and_go(call):
    looked, calls = call("a,b,jq", check=True)
    assert looked["changed"] and calls == []
    told, calls = call("a,b,jq")
    assert told == looked and calls == ["install a b"] and told["cmd"] == "/usr/bin/snap install a b"
    assert told["snaps_installed"] == ["a", "b"] and told["version"] == VERSION
    assert (told["channel"], told["classic"], told["snap_names"]) == ("stable", False, ["a", "b", "jq"])
    assert call("a,b,jq")[0]["changed"] is False and call("a")[1] == []
    told, calls = call("a,b,none", state="absent")
    assert calls == ["remove a b"] and told["snaps_removed"] == ["a", "b"]
    assert call("a", state="absent")[0] == {"changed": False, "version": VERSION}


def test_channels(call):
    assert call("x,y", channel="edge", classic=True)[1] == [
        "install --classic --channel edge x", "install --classic --channel edge y",
    ]  # fmt: skip
    for channel in ("stable", "latest/stable"):
        assert not call("jq", channel=channel)[0]["changed"], channel
    told, calls = call("jq", channel="beta")
    assert calls == ["refresh --channel beta jq"] and told["snaps_installed"] == ["jq"]
    assert not call("jq", channel="latest/beta")[0]["changed"] and not call("jq")[0]["changed"]


@pytest.mark.parametrize(
    ("written", "full"),
    [("stable", "latest/stable"), ("2.0", "2.0/stable"), ("2.0/edge", "2.0/edge"), ("edge/fix", "latest/edge/fix")],
)
def test_names_of_channels(written, full):
    assert snap.full_channel(written) == full


def test_a_file(call):
    assert call("/srv/local_1.snap", dangerous=True)[1] == ["install --dangerous /srv/local_1.snap"]


def test_enabled_and_disabled(call):
    assert call("code", state="disabled")[1] == [] and call("code", state="enabled", check=True)[0]["changed"]
    told, calls = call("code", state="enabled")
    assert calls == ["enable code"] and told["snaps_enabled"] == ["code"]
    assert call("code", state="disabled")[0]["snaps_disabled"] == ["code"]
    assert call("none", state="enabled")[0]["msg"] == "snap none is not installed"
    assert call("none", state="disabled")[0]["changed"] is False


def test_options(call):
    told, calls = call("jq,lxd", options=["a.b=1", "jq:a.on=true", "jq:text=new=er", "lxd:a.b=2"])
    assert calls == ["set jq text=new=er", "set lxd a.b=1 a.b=2"]
    assert told["options_changed"] == ["jq:text=new=er", "lxd:a.b=1", "lxd:a.b=2"]
    assert call("jq", options=["a.b=1", "text=new=er"])[1] == []
    assert call("jq", options=["a.b=3"], check=True)[0]["options_changed"] == ["jq:a.b=3"]
    assert not call("code", options=["a=1"])[0]["changed"], "a disabled snap takes none"


BAD = [
    ({"name": "jq", "options": ["nonsense"]}, "Cannot parse set option 'nonsense'"),
    (
        {"name": "jq", "options": ["lxd:a=1"]},
        "Snap option 'lxd:a=1' refers to snap which is not in the list of snap names",
    ),
    ({"name": "jq", "state": "on"}, "value of state must be one of"),
    ({"name": "jq", "classic": "x"}, "unable to convert to bool"),
    ({"name": None}, "missing required arguments: name"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told, calls = call(**args)
    assert told["failed"] and message in told["msg"] and not calls


def test_what_snap_says(call):
    told = call("bad")[0]
    assert told["msg"] == "Couldn't install bad because it requires classic confinement: set `classic`"
    assert told["rc"] == 1 and "classic" in told["stderr"]


def test_without_snapd(monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package snapd" in run_module("snap", {"name": "jq"})["msg"]
