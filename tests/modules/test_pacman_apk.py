"""pacman and apk: what is installed read from their own files, plans and failures from output as those programs word it."""

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import apk, pacman

STEPS = """(1/4) Upgrading musl (1.2.4-r1 -> 1.2.4-r2)
(2/4) Installing zsh (5.9-r2)
(3/4) Purging mawk (1.3-r0)
(4/4) Downgrading curl (8.5-r0 -> 8.4-r0)
OK: 8 MiB in 15 packages
"""


@pytest.fixture
def arch(tmp_path, monkeypatch):
    """pacman's folder with flt-a 1.0-1, there as a dependency."""
    folder = tmp_path / "local"
    (folder / "flt-a-1.0-1").mkdir(parents=True)
    (folder / "flt-a-1.0-1" / "desc").write_text("%NAME%\nflt-a\n\n%REASON%\n1\n")
    (folder / "ALPM_DB_VERSION").write_text("9")
    monkeypatch.setattr(pacman, "LOCAL", str(folder))
    original = pacman.installed
    monkeypatch.setattr(pacman, "installed", lambda: original(str(folder)))
    monkeypatch.setattr(pacman, "reasons", lambda names, real=pacman.reasons: {"flt-a": "dependency"})
    return folder


def test_pacman_starts_nothing_for_what_is_there(arch):
    here = FakeHost({}, there=["pacman"])
    assert run_on(here, "pacman", {"name": "flt-a"})["msg"] == "package(s) already installed"
    assert run_on(here, "pacman", {"name": "flt-a"})["changed"] is False and here.calls == []


def test_pacman_reads_names_and_versions(arch):
    (arch / "lib32-gcc-libs-14.2.1+r134-1").mkdir()
    assert pacman.installed() == {"flt-a": "1.0-1", "lib32-gcc-libs": "14.2.1+r134-1"}


def test_pacman_plans_and_shows_versions(arch):
    here = FakeHost({"pacman --sync": "flt-a 1.1-1\nflt-b 1.0-1\n"}, check=True, diff=True)
    result = run_on(here, "pacman", {"name": ["flt-a", "flt-b"], "state": "latest"})
    assert result["msg"] == "Would have installed 2 packages"
    assert result["packages"] == ["flt-a", "flt-b"]
    assert result["changes"][0] == {"name": "flt-a", "old": "1.0-1", "new": "1.1-1", "action": "upgrade"}
    assert result["diff"] == {"before": "flt-a-1.0-1\n", "after": "flt-a-1.1-1\nflt-b-1.0-1\n"}


def test_pacman_installs(arch):
    def really(line):
        if "--print-format" not in line:
            (arch / "flt-b-2-1").mkdir()
        return "flt-b 2-1\n"

    here = FakeHost({"pacman --deptest": (127, "flt-b\n", ""), "pacman --sync": really})
    result = run_on(here, "pacman", {"name": ["flt-a", "flt-b"]})
    assert (result["changed"], result["msg"]) == (True, "Installed 1 package(s)")
    assert here.calls[-1] == "pacman --sync --noconfirm --noprogressbar --needed flt-b"


def test_pacman_removes(arch):
    def really(line):
        assert not ("--print-format" in line and "--nosave" in line), "pacman refuses both together"
        if "--print-format" not in line:
            (arch / "flt-a-1.0-1" / "desc").unlink()
            (arch / "flt-a-1.0-1").rmdir()
        return "flt-a 1.0-1\n"

    here = FakeHost({"pacman --remove": really, "pacman --query --groups": (1, "", "")})
    result = run_on(here, "pacman", {"name": ["flt-a", "gone"], "state": "absent", "remove_nosave": True})
    assert here.calls[-1] == "pacman --remove --noconfirm --noprogressbar --nosave flt-a"
    assert (result["packages"], result["msg"]) == (["flt-a-1.0-1"], "Removed 1 package(s)")
    assert run_on(here, "pacman", {"name": "flt-a", "state": "absent"})["msg"] == "package(s) already absent"


def test_pacman_notes_the_reason(arch):
    here = FakeHost({"pacman --database": ""})
    given = {"name": "flt-a", "reason": "explicit", "reason_for": "all"}
    assert run_on(here, "pacman", given)["changed"] is True
    assert here.calls == ["pacman --database --asexplicit flt-a"]
    assert run_on(here, "pacman", dict(given, reason="dependency"))["changed"] is False


def test_pacman_unknown_names(arch):
    answers = {"pacman --deptest": (127, "nosuch\n", ""), "pacman --sync": (1, "", "error: target not found: nosuch\n")}
    msg = run_on(FakeHost(answers), "pacman", {"name": "nosuch"})["msg"]
    assert msg == "Failed to list package nosuch: target not found: nosuch"


def test_pacman_upgrade(arch):
    here = FakeHost({"pacman --sync": "flt-a 1.1-1\n"}, check=True)
    assert run_on(here, "pacman", {"upgrade": True})["msg"] == "1 packages would be upgraded"
    assert run_on(FakeHost({"pacman --sync": ""}), "pacman", {"upgrade": True})["msg"] == "Nothing to upgrade"
    both = FakeHost({"pacman --sync --refresh": ":: Synchronizing\n", "pacman --sync --noconfirm": ""})
    result = run_on(both, "pacman", {"upgrade": True, "update_cache": True})
    assert (result["msg"], result["stdout"]) == ("Updated package db\nNothing to upgrade", ":: Synchronizing\n")


def test_apks_steps():
    steps = sorted((each["name"], each["old"], each["new"], each["action"]) for each in apk.parse_steps(STEPS))
    assert steps == [
        ("curl", "8.5-r0", "8.4-r0", "downgrade"),
        ("mawk", "1.3-r0", "", "remove"),
        ("musl", "1.2.4-r1", "1.2.4-r2", "upgrade"),
        ("zsh", "", "5.9-r2", "install"),
    ]


@pytest.fixture
def alpine(tmp_path, monkeypatch):
    database, world = tmp_path / "installed", tmp_path / "world"
    database.write_text("C:Q1\nP:musl\nV:1.2.4-r1\nA:x86_64\n\nC:Q2\nP:curl\nV:8.5-r0\n\n")
    world.write_text("curl\nphp83~8.3\n")
    original = apk.installed
    monkeypatch.setattr(apk, "installed", lambda: original(str(database)))
    return tmp_path


def test_apk_starts_nothing_for_what_is_there(alpine):
    here = FakeHost({}, there=["apk"])
    result = run_on(here, "apk", {"name": "curl", "world": str(alpine / "world")})
    assert (result["changed"], result["msg"], here.calls) == (False, "package(s) already installed", [])
    assert run_on(here, "apk", {"name": "gone", "state": "absent"})["msg"] == "package(s) already removed"


def test_apk_latest_names_what_is_behind_only(alpine):
    told = "Installed:                                Available:\ncurl-8.5-r0                             < 8.6-r0 \n"
    here = FakeHost(
        {"apk version": told, "apk add": "(1/1) Upgrading curl (8.5-r0 -> 8.6-r0)\nOK: 8 MiB in 15 packages\n"}
    )
    given = {"name": ["curl", "php83~8.3"], "state": "latest", "world": str(alpine / "world")}
    (alpine / "installed").write_text("P:curl\nV:8.5-r0\n\nP:php83\nV:8.3.1-r0\n\n")
    run_on(here, "apk", given)
    assert here.calls == ["apk version curl php83", "apk add --upgrade curl"]
    here = FakeHost({"apk version": "Installed:      Available:\ncurl-8.5-r0     = 8.5-r0 \n"})
    assert run_on(here, "apk", given)["changed"] is False


def test_apk_a_dependency_becomes_wanted(alpine):
    here = FakeHost({"apk add": "OK: 8 MiB in 15 packages\n"})
    result = run_on(here, "apk", {"name": "musl", "world": str(alpine / "world")})
    assert result["changed"] and here.calls == ["apk add musl"]


def test_apk_plans_and_upgrades(alpine):
    here = FakeHost({"apk": STEPS}, check=True, diff=True)
    result = run_on(here, "apk", {"upgrade": True, "available": True, "repository": "http://a"})
    assert here.calls == ["apk --repository http://a --repositories-file /dev/null upgrade --simulate --available"]
    assert sorted(result["packages"]) == ["curl", "mawk", "musl", "zsh"] and result["msg"] == "upgraded packages"
    assert "musl-1.2.4-r2" in result["diff"]["after"] and "mawk" not in result["diff"]["after"]


def test_apk_installs_what_its_database_shows_afterwards(alpine):
    def add(_):
        (alpine / "installed").write_text("P:musl\nV:1.2.4-r2\n\nP:curl\nV:8.4-r0\n\nP:zsh\nV:5.9-r2\n\n")
        return STEPS

    here = FakeHost({"apk add": add, "apk update": "OK"})
    result = run_on(here, "apk", {"name": "zsh", "state": "latest", "update_cache": True})
    assert [(each["name"], each["action"]) for each in result["changes"]] == [
        ("curl", "downgrade"),
        ("musl", "upgrade"),
        ("zsh", "install"),
    ]


def test_apk_failures(alpine):
    answer = (1, "ERROR: unable to select packages:\n  nosuch (no such package):\n", "")
    result = run_on(FakeHost({"apk add": answer}), "apk", {"name": "nosuch", "world": str(alpine / "world")})
    assert result["msg"].startswith("failed to install ['nosuch']: ERROR: unable to select") and not result["changed"]
    assert "install the package apk-tools" in run_on(FakeHost({}), "apk", {"name": "a"})["msg"]
