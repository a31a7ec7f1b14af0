"""package_facts and service_facts."""

from run_module import run_module
from test_dpkg import STATUS

from fleet.modules import package_facts, service_facts
from fleet.remote import dpkg

UNITS = """cron.service            loaded    active   running Regular background program
bad.service             loaded    failed   failed  bad.service
● lost.service          not-found inactive dead    lost.service
one.service             loaded    active   exited  Once
modprobe@loop.service   loaded    inactive dead    Load Kernel Module loop
"""
FILES = """cron.service enabled enabled
bad.service  static  -
one.service  disabled enabled
getty@.service disabled enabled
off.service  masked enabled
sshd.service alias -
"""


def test_debian_packages_have_ansibles_keys():
    found = package_facts.from_dpkg(dpkg.Status(STATUS), "Debian")
    assert found[0] == {
        "name": "bash",
        "version": "5.2.15-2+b7",
        "arch": "amd64",
        "category": "shells",
        "origin": "Debian",
    }
    names = [package["name"] for package in found]
    assert names.count("libc6") == 2 and "gone" not in names


def test_rpm_packages():
    found = package_facts.parse_rpm("kernel\t5.14.0\t70.el9\t(none)\tx86_64\ngpg-pubkey\t1\t2\t0\t(none)\n")
    assert found[0] == {
        "name": "kernel",
        "version": "5.14.0",
        "release": "70.el9",
        "epoch": None,
        "arch": "x86_64",
    }
    assert found[1]["epoch"] == 0 and found[1]["arch"] is None


def test_apk_packages():
    found = package_facts.parse_apk("C:Q1\nP:musl\nV:1.2.4-r2\nA:x86_64\n\nP:odd\nV:1.0\nA:noarch\n")
    assert found == [
        {"name": "musl", "version": "1.2.4", "release": "2", "arch": "x86_64"},
        {"name": "odd", "version": "1.0", "release": "", "arch": "noarch"},
    ]


def test_services_from_both_listings():
    services = service_facts.parse_units(UNITS)
    service_facts.merge(
        services, service_facts.parse_unit_files(FILES), {"off.service": "inactive", "sshd.service": "active"}
    )
    shown = {name: (each["state"], each["status"], each["source"]) for name, each in services.items()}
    assert shown == {
        "cron.service": ("running", "enabled", "systemd"),
        "bad.service": ("stopped", "failed", "systemd"),
        "lost.service": ("stopped", "not-found", "systemd"),
        "one.service": ("stopped", "disabled", "systemd"),
        "modprobe@loop.service": ("stopped", "inactive", "systemd"),
        "getty@.service": ("unknown", "disabled", "systemd"),
        "off.service": ("inactive", "masked", "systemd"),
        "sshd.service": ("active", "alias", "systemd"),
    }


def test_init_scripts_are_what_can_be_run(tmp_path):
    for name, mode in (("app", 0o755), ("README", 0o755), ("data", 0o644), ("functions", 0o755)):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    assert service_facts.init_scripts(str(tmp_path)) == ["app"]
    assert service_facts.init_scripts(str(tmp_path / "none")) == []


def test_a_manager_that_was_asked_for_and_tells_nothing_is_named(monkeypatch, tmp_path):
    for program, words in (
        (None, "Requested package manager pacman was not usable by this module"),
        ("/bin/false", "Failed to retrieve packages with apk: Unable to list packages"),
    ):
        monkeypatch.setattr("fleet.remote.host.Host.which", lambda self, name, found=program: found)
        manager = "pacman" if program is None else "apk"
        warned = []
        monkeypatch.setattr("fleet.remote.host.Host.warn", lambda self, text, said=warned: said.append(text))
        assert run_module("package_facts", {"manager": manager})["failed"]
        assert warned[0].startswith(words)
