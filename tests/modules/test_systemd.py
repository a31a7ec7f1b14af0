"""systemd units: what is read, which verbs follow, services that die."""

import pytest
from run_module import run_module

from fleet.modules import systemd as module
from fleet.remote import systemd
from fleet.remote.host import Failed, Host

SHOW = """Type=simple
ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c a=b
c=d ; ignore_errors=no }
ExecStart={ path=/bin/true ; argv[]=/bin/true }
Id=nginx.service
Names=nginx.service
LoadState=loaded
ActiveState=active
SubState=running
Description=A = B
UnitFileState=enabled
Environment=
"""


def given(**args):
    return module.SPEC.complete(module.SPEC.normalize(dict({"name": "x"}, **args), "systemd"))


def test_properties_are_read_with_values_over_several_lines():
    found = systemd.parse_show(SHOW)
    assert found["ActiveState"] == "active" and found["Description"] == "A = B" and found["Environment"] == ""
    assert "c=d" in found["ExecStart"] and "/bin/true" in found["ExecStart"]
    assert "c" not in found


@pytest.mark.parametrize(
    "name, unit",
    [
        ("nginx", "nginx.service"),
        ("a.timer", "a.timer"),
        ("a.b", "a.b.service"),
        ("getty@tty1", "getty@tty1.service"),
        ("sshd.socket", "sshd.socket"),
    ],
)
def test_names(name, unit):
    assert systemd.full_name(name) == unit


def test_templates_are_told_from_instances():
    assert systemd.is_template("getty@.service") and systemd.is_template("getty@")
    assert not systemd.is_template("getty@tty1.service") and not systemd.is_template("cron.service")


def unit(active="inactive", load="loaded"):
    return {"ActiveState": active, "LoadState": load, "Id": "x.service"}


def enabled(state, on=None):
    return {"state": state, "is": state in systemd.ON if on is None else on}


@pytest.mark.parametrize(
    "args, status, state, expected",
    [
        ({"state": "started"}, unit("active"), "enabled", []),
        ({"state": "started"}, unit("activating"), "enabled", []),
        ({"state": "started"}, unit(), "enabled", ["start"]),
        ({"state": "started"}, unit("failed"), "enabled", ["start"]),
        ({"state": "stopped"}, unit(), "enabled", []),
        ({"state": "stopped"}, unit("active"), "enabled", ["stop"]),
        ({"state": "stopped"}, unit("deactivating"), "enabled", ["stop"]),
        ({"state": "restarted"}, unit("active"), "enabled", ["restart"]),
        ({"state": "restarted"}, unit(), "enabled", ["start"]),
        ({"state": "reloaded"}, unit("active"), "enabled", ["reload"]),
        ({"state": "reloaded"}, unit(), "enabled", ["start"]),
        ({"enabled": True}, unit(), "disabled", ["enable"]),
        ({"enabled": True}, unit(), "enabled", []),
        ({"enabled": True}, unit(), "enabled-runtime", ["enable"]),
        ({"enabled": True}, unit(), "alias", []),
        ({"enabled": True}, unit(), "static", []),
        ({"enabled": False}, unit(), "static", []),
        ({"enabled": False}, unit(), "enabled", ["disable"]),
        ({"enabled": False}, unit(), "disabled", []),
        ({"masked": True}, unit(), "enabled", ["mask"]),
        ({"masked": True}, unit(load="masked"), "masked", []),
        ({"masked": False}, unit(load="masked"), "masked", ["unmask"]),
        (
            {"masked": False, "enabled": True, "state": "started"},
            unit(load="masked"),
            "masked",
            ["unmask", "enable", "start"],
        ),
        (
            {"masked": True, "enabled": False, "state": "stopped"},
            unit("active"),
            "enabled",
            ["disable", "mask", "stop"],
        ),
        ({"enabled": False}, unit(load="masked"), "masked", []),
    ],
)
def test_the_verbs_that_make_it_true(args, status, state, expected):
    assert module.orders(given(**args), "x.service", status, enabled(state)) == expected


def test_offline_only_links_are_changed():
    assert module.orders(given(state="started", enabled=True), "x.service", {}, enabled("disabled"), True) == ["enable"]


def test_a_state_that_cannot_be_known_is_a_failure():
    with pytest.raises(Failed, match="Service is in unknown state"):
        module.orders(given(state="started"), "x@.service", {}, enabled("enabled"))


@pytest.mark.parametrize(
    "status, died",
    [
        ({"ActiveState": "failed", "Result": "exit-code"}, True),
        ({"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code"}, True),
        ({"ActiveState": "activating", "SubState": "auto-restart", "Result": "success"}, False),
        ({"ActiveState": "active", "SubState": "running"}, False),
        ({"ActiveState": "inactive", "Result": "success"}, False),
    ],
)
def test_who_has_died(status, died):
    assert systemd.has_died(status) is died


def test_how_it_ended():
    assert systemd.how_ended({"ExecMainCode": "1", "ExecMainStatus": "3"}) == "exit code 3"
    assert systemd.how_ended({"ExecMainCode": "2", "ExecMainStatus": "9"}) == "signal 9"
    assert systemd.how_ended({"Result": "timeout"}) == "timeout"


def test_links_of_init_scripts_and_targets(tmp_path):
    (tmp_path / "rc2.d").mkdir()
    assert not systemd.sysv_enabled("old", str(tmp_path))
    (tmp_path / "rc2.d" / "S01old").write_text("")
    assert systemd.sysv_enabled("old", str(tmp_path)) and not systemd.sysv_enabled("ol", str(tmp_path))
    (tmp_path / "multi-user.target.wants").mkdir()
    (tmp_path / "multi-user.target.wants" / "a.service").write_text("")
    assert systemd.is_linked("a.service", str(tmp_path)) and not systemd.is_linked("b.service", str(tmp_path))


def test_also():
    assert systemd.parse_also("[Install]\nAlso=a.socket b.socket\n#Also=c\nAlso=d.timer\n") == [
        "a.socket",
        "b.socket",
        "d.timer",
    ]


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """A systemctl that keeps one unit's state in files and logs its calls."""
    (tmp_path / "active").write_text("inactive")
    (tmp_path / "file").write_text("disabled")
    (tmp_path / "systemctl").write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
case "$1" in
show) [ "$2" = app.service ] || {{ echo LoadState=not-found; echo ActiveState=inactive; exit 0; }}
  echo Type=simple; echo LoadState=loaded; echo "ActiveState=$(cat {tmp_path}/active)"; echo "UnitFileState=$(cat {tmp_path}/file)"
  echo Result=exit-code; echo ExecMainCode=1; echo ExecMainStatus=7;;
start|restart) if [ -e {tmp_path}/dies ]; then echo failed > {tmp_path}/active; else echo active > {tmp_path}/active; fi;;
stop) echo inactive > {tmp_path}/active;;
enable) echo enabled > {tmp_path}/file;;
is-enabled) exit 1;;
esac
"""
    )
    (tmp_path / "systemctl").chmod(0o755)
    (tmp_path / "journalctl").write_text("#!/bin/sh\necho 'app[1]: cannot open /etc/app.conf'\n")
    (tmp_path / "journalctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + ":/usr/bin:/bin")
    monkeypatch.setattr(systemd, "is_booted", lambda: True)
    monkeypatch.setattr(systemd, "WATCH", (0,))
    return tmp_path


def verbs(folder):
    return [line.split()[0] for line in (folder / "calls").read_text().splitlines()]


def test_a_service_is_enabled_and_started_once(systemctl):
    args = {"name": "app", "state": "started", "enabled": True}
    result = run_module("systemd", args)
    assert (result["changed"], result["state"], result["enabled"]) == (True, "started", True)
    assert result["status"]["ActiveState"] == "active"
    (systemctl / "calls").write_text("")
    assert run_module("systemd", args)["changed"] is False
    assert verbs(systemctl) == ["show"]


def test_restarts_always_change(systemctl):
    args = {"name": "app", "state": "restarted"}
    assert run_module("systemd", args)["changed"] and run_module("systemd", args)["changed"]


def test_check_mode_only_looks(systemctl):
    result = run_module(
        "systemd", {"name": "app", "state": "started", "enabled": True, "daemon_reload": True}, check=True
    )
    assert result["changed"] and verbs(systemctl) == ["show"]


def test_a_service_that_dies_fails_with_its_last_words(systemctl):
    (systemctl / "dies").write_text("")
    result = run_module("systemd", {"name": "app", "state": "started"})
    assert result["failed"] and "exit code 7" in result["msg"] and "cannot open /etc/app.conf" in result["msg"]


def test_a_service_that_is_not_there(systemctl):
    result = run_module("systemd", {"name": "nosuch", "state": "started"})
    assert result["msg"] == "Could not find the requested service nosuch: host"
    assert "masked" not in run_module("systemd", {"name": "nosuch", "masked": True}).get("msg", "")


def test_daemon_reload_alone_is_no_change(systemctl):
    assert run_module("systemd", {"daemon_reload": True}) == {"changed": False, "name": None, "status": {}}
    assert verbs(systemctl) == ["daemon-reload"]


def test_patterns_are_refused(systemctl):
    assert "glob patterns, found '*'" in run_module("systemd", {"name": "a*", "state": "started"})["msg"]


def test_a_name_is_needed_for_a_state():
    assert run_module("systemd", {"state": "started"})["msg"] == "missing parameter(s) required by 'state': name"


def test_service_hands_over_and_tells_what_it_ignores(systemctl):
    result = run_module("service", {"name": "app", "state": "started", "sleep": 3})
    assert result["changed"] and result["status"]["ActiveState"] == "active"
    assert result["warnings"] == ['Ignoring "sleep" as it is not used in "systemd"']


def test_a_changed_unit_file_is_pointed_out(systemctl):
    text = (systemctl / "systemctl").read_text()
    (systemctl / "systemctl").write_text(
        text.replace("echo Type=simple;", "echo Type=simple; echo NeedDaemonReload=yes;")
    )
    assert "daemon_reload: true" in run_module("systemd", {"name": "app"})["warnings"][0]


def test_systemctl_missing_names_the_package(monkeypatch):
    monkeypatch.setattr(Host, "which", lambda *_: None)
    assert "install the package systemd" in run_module("systemd", {"name": "x"})["msg"]
