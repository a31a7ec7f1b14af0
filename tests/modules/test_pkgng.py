"""pkgng: the right commands, and what is told of them. pkg is a fake here, written from pkg(8) and its manual's pages for
info, upgrade, autoremove and annotate. Nothing of this ran on FreeBSD."""

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import pkgng

AUTO = "Checking integrity... done (0 conflicting)\nDeinstallation has been requested for the following 2 packages:\n"


@pytest.fixture
def call():
    have, old = {"tree", "sudo", "vim"}, {"vim"}
    notes = {"sudo": {"team": "ops"}}

    def pkg(line):
        words = [
            word
            for word in line.split()[1:]
            if not word.startswith(("--rootdir", "--chroot", "--jail", "--repository"))
        ]
        verb, names = words[0], [word for word in words[1:] if not word.startswith("-")]
        if verb == "info" and "-A" in words:
            tags = notes.get(names[0], {})
            return f"{names[0]}-1.0:\n" + "".join(f"\t{key:15}: {value}\n" for key, value in tags.items())
        if verb == "info":
            return (0 if names[0] in have else 70), "", ""
        if verb == "upgrade" and "-n" in words:
            due = old & set(names) if names else old
            return (1, f"Number of packages to be upgraded: {len(due)}\n", "") if due else (0, "up to date\n", "")
        if "bad" in names:
            return 70, "", "pkg: No packages available to install matching 'bad'\n"
        if verb in ("install", "upgrade", "delete"):
            have.update(names if verb == "install" else ())
            old.difference_update(names or set(old))
            have.difference_update(names if verb == "delete" else ())
        if verb == "annotate":
            tags = notes.setdefault(names[0], {})
            tags.pop(names[1], None) if "-D" in words else tags.update({names[1]: names[2]})
        return f"{verb} done\n"

    def run(name, check=False, answers=(), **args):
        host = FakeHost({"pkg": pkg, "pkg autoremove -n": AUTO, **dict(answers)}, check=check)
        told = run_on(host, "pkgng", {"name": name, **args})
        reads = ("pkg info", "pkg autoremove -n")
        calls = [line for line in host.calls if not line.startswith(reads) and " info " not in line]
        return told, [line[len("pkg ") :] for line in calls if not (" -n" in line and "upgrade" in line)]

    return run


def test_packages_come_and_go(call):
    assert call("a,b,tree", check=True)[0]["msg"] == "installed 2 packages" and call("a", check=True)[1] == []
    told, calls = call("a,b,tree")
    assert calls == ["update", "install -g -U -y a b"] and told["changed"]
    assert told == {
        "changed": True,
        "msg": "installed 2 packages",
        "stdout": "update done\ninstall done\n",
        "stderr": "",
    }
    told, calls = call("a,b,tree")
    assert (told["changed"], told["msg"], calls) == (False, "package(s) already present", [])
    assert call("c", cached=True, use_globs=False)[1] == ["install -U -y c"]
    assert call("a", state="absent", check=True) == (
        {"changed": True, "msg": "removed 1 package(s)", "stdout": "", "stderr": ""}, [],
    )  # fmt: skip
    told, calls = call("a,b,none", state="absent")
    assert told["msg"] == "removed 2 package(s)" and calls == ["delete -y -g a", "delete -y -g b"]
    assert call("a", state="absent")[0]["msg"] == "package(s) already absent"


def test_latest(call):
    assert call("vim,tree", state="latest", check=True)[0]["msg"] == "upgraded 1 package"
    told, calls = call("vim,tree,new", state="latest")
    assert calls == ["update", "install -g -U -y new", "upgrade -g -U -y vim"]
    assert told["msg"] == "upgraded 1 package; installed 1 package"
    assert call("vim", state="latest")[0]["msg"] == "package(s) already latest"


def test_everything(call):
    assert call("*", state="latest", check=True)[0]["msg"] == "updated 1 package(s)"
    told, calls = call("*", state="latest")
    assert told["changed"] and calls == ["update", "upgrade -U -y"]
    assert call("*", state="latest")[0]["msg"] == "no packages need upgrades"
    for state in ("present", "absent"):
        assert call("*", state=state) == ({"changed": False, "msg": "", "stdout": "", "stderr": ""}, [])


def test_where_it_works_and_from_what(call):
    told, calls = call("a", rootdir="/r", pkgsite="ours", ignore_osver=True)
    assert calls == ["--rootdir=/r update --repository=ours", "--rootdir=/r install --repository=ours -g -U -y a"]
    assert call("b", jail="j")[1][0] == "--jail=j update" and call("c", chroot="/c")[1][0] == "--chroot=/c update"


def test_autoremove(call):
    told, calls = call("tree", autoremove=True)
    assert told["msg"] == "package(s) already present, autoremoved 2 package(s)" and calls == ["autoremove -y"]
    assert call("tree", autoremove=True, check=True)[1] == []
    told, calls = call("tree", autoremove=True, answers={"pkg autoremove -n": "Nothing to do.\n"})
    assert not told["changed"] and told["msg"].endswith("no package(s) to autoremove") and calls == []


def test_annotations(call):
    given = ["+new=a b", ":team=dev", "-gone"]
    assert call("sudo", annotation=given, check=True)[0]["msg"] == "package(s) already present, added 2 annotations."
    told, calls = call("sudo", annotation=["+new=v", ":team=dev", "-gone"])
    assert calls == ["annotate -q -y -A sudo new v", "annotate -q -y -M sudo team dev"] and told["changed"]
    assert not call("sudo", annotation=["+new=v", ":team=dev", "-gone"])[0]["changed"]
    assert call("sudo", annotation="-new")[1] == ["annotate -q -y -D sudo new"]
    assert "is already set to dev" in call("sudo", annotation="+team=x")[0]["msg"]
    assert "tag none does not exist" in call("sudo", annotation=":none=x")[0]["msg"]


BAD = [
    ({"name": "bad"}, "failed to install bad"),
    ({"name": "a", "annotation": "nonsense"}, "failed to annotate a, invalid annotate string: nonsense"),
    ({"name": "a", "chroot": "/c", "jail": "j"}, "parameters are mutually exclusive: rootdir|chroot|jail"),
    ({"name": "a", "state": "on"}, "value of state must be one of"),
    ({"name": None}, "missing required arguments: name"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told = call(**args)[0]
    assert told["failed"] and message in told["msg"]


def test_a_catalogue_that_cannot_be_fetched(call):
    told = call("a", answers={"pkg update": (1, "", "pkg: no route\n")})[0]
    assert told["msg"].startswith("Could not update catalogue [1]:") and "no route" in told["msg"]


def test_the_texts_of_pkg():
    assert pkgng.upgrades("Number of packages to be upgraded: 3\nNumber of packages to be reinstalled: 1\n") == 4
    assert pkgng.parse_annotations("a-1:\n\trepository     : FreeBSD\n\tx              : y : z\n") == {
        "repository": "FreeBSD", "x": "y : z",
    }  # fmt: skip


def test_without_pkg(monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package pkg" in run_module("pkgng", {"name": "a"})["msg"]
