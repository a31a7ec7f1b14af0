"""The module package: the manager is found and gets the arguments."""

import pytest
from run_module import run_module

from fleet.modules import package
from fleet.remote.host import Failed, Host


@pytest.mark.parametrize(
    "there, use, expected",
    [
        (["apt-get"], None, "apt"),
        (["dnf", "yum"], "auto", "dnf"),
        (["yum"], None, "dnf"),
        (["apk"], None, "apk"),
        (["apt-get"], "dnf", "dnf"),
        ([], "apt", "apt"),
        (["zypper"], None, "zypper"),
        (["apt-get"], "ansible.builtin.yum", "dnf"),
    ],
)
def test_the_manager(monkeypatch, there, use, expected):
    monkeypatch.setattr(Host, "which", lambda self, name, more=(): "/x" if name in there else None)
    assert package.choose(Host(), use) == expected


def test_no_manager_is_told(monkeypatch):
    monkeypatch.setattr(Host, "which", lambda *_: None)
    with pytest.raises(Failed, match="Could not find a matching package manager"):
        package.choose(Host(), "auto")


def test_a_manager_without_module_is_told():
    told = run_module("package", {"name": "a", "use": "xbps"})["msg"]
    assert told.startswith("Could not find a matching action for the 'xbps' package manager")


def test_arguments_are_checked_by_the_managers_module():
    result = run_module("package", {"name": "a", "use": "apt", "enablerepo": "x"})
    assert result["msg"].startswith("Unsupported parameters for (apt) module: enablerepo")
    assert "value of state must be one of" in run_module("package", {"name": "a", "use": "apt", "state": "x"})["msg"]
