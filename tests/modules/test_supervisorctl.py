"""supervisorctl: what is done to which process. supervisorctl is a fake with a table of processes and output in the form the
real one prints; the real one runs in the differential tests."""

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import supervisorctl


@pytest.fixture
def call():
    known = {"one": "RUNNING", "two": "STOPPED", "g:a": "RUNNING", "g:b": "EXITED"}
    ready = {"new": "STOPPED"}
    said = {"start": "started", "stop": "stopped", "restart": "stopped\n{0}: started", "signal": "signalled"}

    def control(line):
        words = line.split()[1:]
        while words[0].startswith("-"):
            words = words[2:]
        verb, name = words[0], words[-1]
        if verb == "status":
            return "".join(f"{process:32} {state:9} pid 1, uptime 0:00:01\n" for process, state in known.items())
        if verb == "add":
            known.update({name: ready[name]} if name in ready else {})
            return f"{name}: added process group\n" if name in ready else f"ERROR: no such process/group: {name}\n"
        if verb == "remove":
            mine = [each for each in known if each.partition(":")[0] == name]
            if any(known[each] == "RUNNING" for each in mine):
                return f"ERROR: process/group still running: {name}\n"
            for each in mine:
                del known[each]
            return f"{name}: removed process group\n"
        if verb in said:
            for each in [process for process in known if process == name or process.startswith(name + "-")]:
                known[each] = {"stop": "STOPPED", "start": "RUNNING"}.get(verb, known[each])
            if name.endswith(":"):
                known.update({each: "STOPPED" for each in known if each.startswith(name)})
            return f"{name}: " + said[verb].format(name) + "\n"
        return ""

    def run(name, state, check=False, answers=(), **args):
        host = FakeHost({"supervisorctl": control, **dict(answers)}, check=check)
        told = run_on(host, "supervisorctl", {"name": name, "state": state, **args})
        return told, [line[len("supervisorctl ") :] for line in host.calls if not line.endswith("status")]

    return run


@pytest.mark.parametrize(
    ("name", "state", "affected", "calls"),
    [
        ("one", "started", None, []),
        ("two", "started", ["two"], ["start two"]),
        ("one", "stopped", ["one"], ["stop one"]),
        ("two", "stopped", None, []),
        ("two", "restarted", ["two"], ["update", "restart two"]),
        ("g:", "started", ["g:b"], ["start g:b"]),
        ("g:", "restarted", ["g:a", "g:b"], ["update", "restart g:a", "restart g:b"]),
        ("g:a", "stopped", ["g:a"], ["stop g:a"]),
        ("all", "stopped", ["one", "g:a"], ["stop one", "stop g:a"]),
        ("g:", "signalled", ["g:a"], ["signal HUP g:a"]),
    ],
)
def test_what_is_done(call, name, state, affected, calls):
    looked, none = call(name, state, check=True, signal="HUP")
    assert looked["changed"] == (affected is not None) and none == []
    told, done = call(name, state, signal="HUP")
    assert done == calls and told["changed"] == looked["changed"]
    assert told.get("affected") == affected and (told["name"], told["state"]) == (name.rstrip(":"), state)


def test_programs_come_and_go(call):
    assert call("new", "present", check=True) == ({"changed": True}, [])
    assert call("new", "present") == ({"changed": True, "name": "new", "state": "present"}, ["reread", "add new"])
    assert call("new", "present")[1] == [] and call("g", "present")[1] == [] and call("g:", "present")[1] == []
    assert call("new", "absent", check=True) == ({"changed": True}, [])
    assert call("new", "absent")[1] == ["reread", "remove new"] and not call("new", "absent")[0]["changed"]
    assert call("g:", "absent")[0]["msg"] == "ERROR: process/group still running: g"
    assert call("g:", "absent", stop_before_removing=True)[1] == ["reread", "stop g:", "remove g"]
    assert call("nosuch", "present")[0]["msg"] == "ERROR: no such process/group: nosuch"


def test_how_supervisord_is_reached(call, tmp_path):
    given = {"config": "/c", "server_url": "http://x", "username": "u"}
    assert call("two", "started", **given)[1] == ["-c /c -s http://x -u u start two"]
    told, calls = call("two", "stopped", answers={}, **given, password="se%cret")
    assert "secret" not in "".join(calls)
    args = {**given, "password": "se%cret"}
    text = supervisorctl.configuration(args)
    assert text == "[supervisorctl]\nserverurl=http://x\nusername=u\npassword=se%%cret\n"
    (tmp_path / "c").write_text("[supervisorctl]\nserverurl=unix://%(here)s/s.sock ; the socket\n")
    args |= {"config": str(tmp_path / "c"), "server_url": None}
    assert f"serverurl=unix://{tmp_path}/s.sock\n" in supervisorctl.configuration(args)


BAD = [
    ({"name": "one", "state": "signalled"}, "state is signalled but all of the following are missing: signal"),
    ({"name": "one", "state": "up"}, "value of state must be one of"),
    ({"name": "none", "state": "started"}, "ERROR (no such process)"),
    ({"name": "one", "state": "started", "supervisorctl_path": "/no/such"}, "does not exist or isn't executable"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told, calls = call(**args)
    assert told["failed"] and message in told["msg"] and not calls


def test_what_supervisorctl_says(call):
    def answer(verb, text, rc=0):
        return {f"supervisorctl {verb}": (rc, text, "")}

    told, _ = call("two", "started", answers=answer("start", "two: ERROR (spawn error)\n", 7))
    assert told["msg"] == "two: ERROR (spawn error)" and told["failed"]
    refused = answer("status", "http://127.0.0.1:1 refused connection\n", 4)
    assert call("two", "started", answers=refused)[0]["msg"] == "http://127.0.0.1:1 refused connection"
    missing = answer("status", "Error: could not find config file /x\nFor help, use supervisorctl -h\n", 2)
    assert call("two", "started", answers=missing)[0]["msg"] == "Error: could not find config file /x"


def test_without_supervisor(monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package supervisor" in run_module("supervisorctl", {"name": "x", "state": "started"})["msg"]
