"""Services without systemd: init scripts."""

import pytest
from run_module import run_module

from fleet.modules import service
from fleet.remote import systemd, sysv
from fleet.remote.host import Host, Ran


@pytest.mark.parametrize(
    "rc, out, running",
    [
        (0, "app is running", True),
        (3, "app is stopped", False),
        (0, "app is not running", False),
        (0, "", True),
        (1, "dead", False),
        (5, "app (pid 12) is running", True),
        (5, "?", False),
    ],
)
def test_status_is_read_from_code_and_words(rc, out, running):
    assert sysv.parse_status(Ran([], rc, out, ""), "app") is running


@pytest.mark.parametrize(
    "state, running, verb",
    [
        ("started", True, None),
        ("started", False, "start"),
        ("stopped", True, "stop"),
        ("stopped", False, None),
        ("restarted", True, "restart"),
        ("restarted", False, "start"),
        ("reloaded", True, "reload"),
        ("reloaded", False, "start"),
    ],
)
def test_verbs(state, running, verb):
    assert sysv.verb_for(state, running) == verb


@pytest.fixture
def init(tmp_path, monkeypatch):
    """A host with one init script and no systemd."""
    (tmp_path / "service").write_text(
        f"""#!/bin/sh
shift; echo "$@" >> {tmp_path}/calls
case $1 in start|restart) touch {tmp_path}/up;; stop) rm -f {tmp_path}/up;; status) test -e {tmp_path}/up || exit 3;; esac
"""
    )
    (tmp_path / "update-rc.d").write_text(f'#!/bin/sh\necho rc "$@" >> {tmp_path}/calls\n')
    for name in ("service", "update-rc.d"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(
        Host,
        "which",
        lambda self, name, more=(): str(tmp_path / name) if (tmp_path / name).exists() else None,
    )
    monkeypatch.setattr(systemd, "is_booted", lambda: False)
    monkeypatch.setattr(sysv, "script", lambda host, name: name)
    monkeypatch.setattr(systemd, "sysv_enabled", lambda name: (tmp_path / "linked").exists())
    return tmp_path


def calls(folder):
    return (folder / "calls").read_text().splitlines()


def test_an_init_script_is_started_once(init):
    args = {"name": "app", "state": "started", "arguments": "--fast now"}
    assert run_module("service", args) == {"changed": True, "name": "app", "state": "started"}
    assert calls(init) == ["status", "start --fast now"]
    assert run_module("service", args)["changed"] is False


def test_a_restart_with_a_pause_is_a_stop_and_a_start(init, monkeypatch):
    slept = []
    monkeypatch.setattr(sysv.time, "sleep", slept.append)
    (init / "up").write_text("")
    assert run_module("service", {"name": "app", "state": "restarted", "sleep": 2})["changed"]
    assert calls(init) == ["status", "stop", "start"] and slept == [2]


def test_enabling_uses_update_rc_d(init):
    assert run_module("service", {"name": "app", "enabled": True})["changed"]
    assert calls(init) == ["rc app defaults", "rc app enable"]
    (init / "linked").write_text("")
    assert run_module("service", {"name": "app", "enabled": True})["changed"] is False


def test_check_mode_only_asks_for_the_status(init):
    assert run_module("service", {"name": "app", "state": "started", "enabled": True}, check=True)["changed"]
    assert calls(init) == ["status"]


def test_a_pattern_stands_in_for_the_status(init):
    result = run_module("service", {"name": "app", "state": "started", "pattern": "no such command line at all"})
    assert result["changed"] and calls(init) == ["start"]


def test_an_unknown_init_is_named():
    assert "cannot be managed with 'launchd'" in run_module("service", {"name": "a", "use": "launchd"})["msg"]


def test_every_argument_of_systemd_can_be_given_to_service():
    from fleet.modules import systemd as units

    assert set(units.SPEC.args) <= set(service.SPEC.args)
