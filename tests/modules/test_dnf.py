"""dnf on a host whose programs are played back: what is asked, what is started, what is told."""

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import dnf
from fleet.remote import dnfrun

HAVE = "bash\t0\t5.2\t1\tx86_64\nmawk\t0\t1.0\t1\tx86_64\n"
TABLE = "Installing:\n zsh  noarch  1.0-1  flt  5 k\n\nTransaction Summary\nOperation aborted.\n"
UPGRADE = "Upgrading:\n bash  x86_64  5.3-1  flt  5 k\n\nTransaction Summary\nOperation aborted.\n"


@pytest.fixture(autouse=True)
def as_root(monkeypatch):
    monkeypatch.setattr(dnf.os, "geteuid", lambda: 0)


def host(answers=None, after=HAVE, **kwargs):
    """rpm tells HAVE until dnf -y ran, ``after`` from then on."""

    def packages(_):
        return after if any("dnf -y" in line for line in made.calls) else HAVE

    missing = (1, "no package provides it\n", "")
    made = FakeHost({"rpm -qa": packages, "rpm -q --whatprovides": missing, "dnf": "", **(answers or {})}, **kwargs)
    return made


def test_nothing_to_do_asks_rpm_only():
    here = host()
    result = run_on(here, "dnf", {"name": ["bash", "mawk >= 0.9", "bash-5.1"]})
    assert result == {"changed": False, "msg": "Nothing to do", "rc": 0, "results": [], "packages": []}
    assert {line.split()[0] for line in here.calls} == {"rpm"}


def test_installing_tells_what_rpm_has_afterwards():
    here = host(after=HAVE + "zsh\t0\t1.0\t1\tnoarch\n")
    result = run_on(here, "dnf", {"name": "zsh,bash", "enablerepo": "epel", "exclude": "x*"})
    assert result["results"] == ["Installed: zsh-1.0-1.noarch"] and result["changed"] and result["msg"] == ""
    assert "dnf -y --enablerepo=epel --exclude=x* --setopt=exit_on_lock=True install zsh" in here.calls


def test_check_mode_plans_and_shows_versions():
    here = host({"dnf --assumeno": (1, UPGRADE, "")}, check=True, diff=True)
    result = run_on(here, "dnf", {"name": "bash", "state": "latest"})
    assert result["packages"] == [
        {"name": "bash", "arch": "x86_64", "old": "5.2-1", "new": "5.3-1", "action": "upgrade"}
    ]
    assert result["diff"] == {"before": "bash 5.2-1\n", "after": "bash 5.3-1\n"}
    assert result["msg"].startswith("Check mode: No changes made")
    assert not any("dnf -y" in line for line in here.calls)


def test_what_something_provides_is_there():
    here = host({"rpm -q --whatprovides": "have mawk\n"})
    assert run_on(here, "dnf", {"name": "awk"})["changed"] is False


def test_a_group_is_planned_package_by_package():
    table = "Installing group/module packages:\n zsh  noarch  1.0-1  flt  5 k\nInstalling Groups:\n The Team\n\nTransaction Summary\n"
    here = host({"dnf --assumeno": (1, table + "Operation aborted.\n", "")}, check=True)
    result = run_on(here, "dnf", {"name": "@team"})
    assert result["results"] == ["Group team installed.", "Installed: zsh-1.0-1.noarch"]


def test_excluded_names_are_not_available():
    told = "All matches were filtered out by exclude filtering for argument: zsh\n"
    result = run_on(
        host({"dnf -y": (1, told, "Error: Unable to find a match: zsh")}), "dnf", {"name": "zsh", "exclude": "zsh"}
    )
    assert result["failures"] == ["No package zsh available."]


def test_removing_names_what_is_installed():
    here = host(after="bash\t0\t5.2\t1\tx86_64\n")
    result = run_on(here, "dnf", {"name": ["mawk", "nosuch"], "state": "absent"})
    assert result["results"] == ["No match for argument: nosuch", "Removed: mawk-1.0-1.x86_64"]
    assert "--setopt=clean_requirements_on_remove=False remove mawk-1.0-1.x86_64" in " ".join(here.calls)


@pytest.mark.parametrize(
    "answer, msg",
    [
        (
            (1, "No match for argument: zsh\n", "Error: Unable to find a match"),
            "Failed to install some of the specified",
        ),
        ((1, "", "Module or Group 'zsh' is not available.\n"), "No group zsh available."),
        ((1, "", "Error: \n Problem: conflicting requests\n"), "Depsolve Error occurred"),
        (
            (1, "", "Package zsh-1.rpm is not signed\nError: GPG check FAILED"),
            "Failed to validate GPG signature for zsh-1",
        ),
        (
            (1, "", "Error: Failed to download metadata for repo 'epel': x"),
            "Failed to download metadata for repo 'epel': x; check",
        ),
        ((200, "", "Failed to obtain the transaction lock"), "lockfile is held by another process"),
    ],
)
def test_failures_in_plain_words(answer, msg):
    result = run_on(host({"dnf -y": answer}), "dnf", {"name": "zsh", "lock_timeout": 0})
    assert result["failed"] and result["msg"].startswith(msg) and result["changed"] is False


def test_download_only_changes_nothing_installed():
    here = host({"dnf --assumeno": (1, TABLE, "")})
    result = run_on(here, "dnf", {"name": "zsh", "download_only": True, "download_dir": "/srv"})
    assert result["results"] == ["Downloaded: zsh-1.0-1.noarch"]
    assert "--downloadonly --downloaddir=/srv" in here.calls[-1]


@pytest.mark.parametrize(
    "given, msg",
    [
        ({"name": "a", "autoremove": True}, "Autoremove should be used alone or with state=absent"),
        ({"name": "a", "best": True, "nobest": True}, "mutually exclusive"),
        ({}, "one of the following is required"),
        ({"name": "/nosuch/x.rpm"}, "Could not open: /nosuch/x.rpm"),
    ],
)
def test_what_is_refused(given, msg):
    assert msg in run_on(host(), "dnf", given)["msg"]


def test_dnf5_takes_solver_options_behind_the_command(monkeypatch):
    here = FakeHost({"dnf5": ""})
    args = dnf.SPEC.complete(dnf.SPEC.normalize({"name": "a", "allowerasing": True, "best": True}, "dnf"))
    monkeypatch.setattr(dnfrun, "is_five", lambda path: True)
    dnfrun.call(here, "/usr/bin/dnf5", args, ["install", "a"])
    assert here.calls == ["dnf5 -y install --allowerasing --best a"]


def test_a_host_without_dnf_is_told():
    assert "this host does not use dnf" in run_on(FakeHost({}), "dnf", {"name": "a"})["msg"]
