"""apt's sources: one-line files, deb822 files, debconf's answers, dpkg's selections."""

import os

import pytest
from run_module import run_module
from test_dpkg import STATUS

from fleet.modules import apt_repository, deb822_repository, debconf
from fleet.remote import aptget, aptsources, dpkg, ppa
from fleet.remote.host import Failed

LINE = "deb [arch=amd64 signed-by=/k.gpg]  http://deb.debian.org/debian   bookworm main  contrib"


@pytest.mark.parametrize(
    "line, shown",
    [
        (LINE, "deb [arch=amd64 signed-by=/k.gpg] http://deb.debian.org/debian bookworm main contrib"),
        ("# deb-src http://x/y stable main # why", "deb-src http://x/y stable main"),
        ("deb https://a.b.c/x ./", "deb https://a.b.c/x ./"),
        ("deb cdrom:[Debian 12]/ bookworm main", "deb cdrom:[Debian 12]/ bookworm main"),
    ],
)
def test_lines(line, shown):
    source = aptsources.parse(line)
    if "cdrom" not in line:
        assert aptsources.render(source) == shown
    assert source.enabled is not line.startswith("#")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "garbage here",
        "# a comment",
        "deb http://x/y",
        "deb http://x/y stable",
        "ftp http://x/y stable main",
    ],
)
def test_lines_that_are_no_source(line):
    assert aptsources.parse(line) is None


@pytest.mark.parametrize(
    "line, name",
    [
        ("deb http://deb.debian.org/debian bookworm main", "deb_debian_org_debian.list"),
        ("deb https://a.b.c/x/y/ stable main", "a_b_c_x_y.list"),
        ("deb https://user:pw@a.b/c stable main", "a_b_c.list"),
    ],
)
def test_names_of_new_files(line, name):
    assert aptsources.file_name(aptsources.parse(line)) == name


def test_a_source_is_added_once_wherever_it_is():
    source = aptsources.parse(LINE)
    texts = {"/a.list": "deb http://x/y z main\n", "/b.list": "# " + LINE + "\n"}
    assert aptsources.add(texts, source, "/c.list") == {
        "/a.list": texts["/a.list"],
        "/b.list": aptsources.render(source) + "\n",
    }
    assert aptsources.add({"/a.list": LINE}, source, "/c.list") == {"/a.list": LINE}
    assert aptsources.add({"/c.list": "# mine"}, source, "/c.list") == {
        "/c.list": "# mine\n" + aptsources.render(source) + "\n"
    }


def test_removing_keeps_what_is_switched_off_and_comments():
    texts = {"/a.list": "# mine\n" + LINE + "\n# " + LINE + "\n", "/b.list": LINE + "\n"}
    assert aptsources.remove(texts, aptsources.parse(LINE)) == {
        "/a.list": "# mine\n# " + LINE + "\n",
        "/b.list": "",
    }


@pytest.fixture
def etc(tmp_path, monkeypatch):
    """apt's folder in a scratch place, updates only counted."""
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    updates = []
    monkeypatch.setattr(aptsources, "files", lambda root=None: sorted(map(str, folder.glob("*.list"))))
    monkeypatch.setattr(
        apt_repository,
        "file_path",
        lambda args, source: str(
            folder / ((args["filename"] + ".list") if args["filename"] else aptsources.file_name(source))
        ),
    )
    monkeypatch.setattr(aptget, "update", lambda *_: updates.append(1))
    monkeypatch.setattr(deb822_repository, "SOURCES", str(folder))
    monkeypatch.setattr(deb822_repository, "KEYRINGS", str(tmp_path / "keyrings"))
    return folder, updates


def test_a_repository_comes_and_goes(etc):
    folder, updates = etc
    args = {"repo": "deb http://x/y stable main", "mode": "0600"}
    path = str(folder / "x_y.list")
    assert run_module("apt_repository", args, check=True)["sources_added"] == [path]
    assert os.listdir(str(folder)) == [] and updates == []
    result = run_module("apt_repository", args, diff=True)
    assert (result["changed"], result["sources_added"], result["state"]) == (True, [path], "present")
    assert result["diff"][0]["before_header"] == "/dev/null" and "stable main" in result["diff"][0]["after"]
    assert open(path).read() == "deb http://x/y stable main\n" and os.stat(path).st_mode & 0o777 == 0o600
    assert updates == [1]
    assert run_module("apt_repository", args)["changed"] is False
    gone = run_module("apt_repository", dict(args, state="absent", update_cache=False))
    assert gone["changed"] and gone["sources_removed"] == [path] and not os.path.exists(path)
    assert run_module("apt_repository", dict(args, state="absent"))["changed"] is False and updates == [1]


def test_a_source_that_cannot_be_fetched_is_taken_back(etc, monkeypatch):
    folder, _ = etc

    def refuse(*_):
        raise Failed("Failed to update apt cache")

    monkeypatch.setattr(aptget, "update", refuse)
    (folder / "x_y.list").write_text("deb http://x/y old main\n")
    assert run_module("apt_repository", {"repo": "deb http://x/y stable main"})["failed"]
    assert run_module("apt_repository", {"repo": "deb http://z/y stable main"})["failed"]
    assert os.listdir(str(folder)) == ["x_y.list"] and (folder / "x_y.list").read_text() == "deb http://x/y old main\n"


def test_a_bad_line_is_refused(etc):
    assert run_module("apt_repository", {"repo": "nonsense"})["msg"] == "Invalid repository string: nonsense"


def test_ppa_names():
    assert ppa.line("ppa:foo/bar", "jammy") == "deb https://ppa.launchpadcontent.net/foo/bar/ubuntu jammy main"
    assert ppa.file_name("ppa:foo", "jammy") == "ppa_foo_ppa_jammy.list"


def test_the_deb822_file_is_written_as_ansible_writes_it(etc):
    folder, _ = etc
    args = {
        "name": "My_Repo.x (a)",
        "uris": "http://deb.debian.org/debian",
        "suites": ["bookworm"],
        "components": ["main", "contrib"],
        "enabled": False,
        "date_max_future": 10,
        "signed_by": "-----BEGIN PGP-----\n\nabc=\n-----END PGP-----",
    }
    assert run_module("deb822_repository", args, check=True)["changed"] and os.listdir(str(folder)) == []
    result = run_module("deb822_repository", args)
    assert result["dest"] == str(folder / "my-repox-a.sources") and result["mode"] == "0644"
    assert (
        open(result["dest"]).read()
        == result["repo"]
        == (
            "Components: main contrib\nDate-Max-Future: 10\nEnabled: no\nX-Repolib-Name: My_Repo.x (a)\n"
            "Signed-By:\n    -----BEGIN PGP-----\n    .\n    abc=\n    -----END PGP-----\n"
            "Suites: bookworm\nTypes: deb\nURIs: http://deb.debian.org/debian\n"
        )
    )
    assert run_module("deb822_repository", args)["changed"] is False
    assert run_module("deb822_repository", {"name": args["name"], "state": "absent"})["changed"]
    assert os.listdir(str(folder)) == []
    assert run_module("deb822_repository", {"name": args["name"], "state": "absent"})["changed"] is False


def test_a_key_is_fetched_beside_the_source(etc, monkeypatch, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"\x99\x01binary")
    args = {"name": "k", "uris": "http://x", "suites": "s", "components": "main", "signed_by": key.as_uri()}
    result = run_module("deb822_repository", args)
    assert result["key_filename"] == str(tmp_path / "keyrings" / "k.gpg")
    assert open(result["key_filename"], "rb").read() == b"\x99\x01binary"
    assert "Signed-By: %s\n" % result["key_filename"] in result["repo"]
    assert run_module("deb822_repository", args)["changed"] is False
    run_module("deb822_repository", {"name": "k", "state": "absent"})
    assert os.listdir(str(tmp_path / "keyrings")) == []


DATABASE = """Name: tzdata/Areas
Template: tzdata/Areas
Value: Etc
Owners: d-i, tzdata
Flags: seen

Name: tzdata/Zones/Etc
Template: tzdata/Zones/Etc
Value: UTC, GMT
Owners: tzdata
Variables:
 choices = a: b

Name: other/q
Value: x
Owners: other
"""


@pytest.fixture
def answers(tmp_path, monkeypatch):
    (tmp_path / "config.dat").write_text(DATABASE)
    (tmp_path / "passwords.dat").write_text("Name: tzdata/pw\nValue: s3cret\nOwners: tzdata\n")
    monkeypatch.setattr(debconf, "DATABASE", str(tmp_path / "config.dat"))
    monkeypatch.setattr(debconf, "PASSWORDS", str(tmp_path / "passwords.dat"))


def test_answers_are_read_from_the_database(answers):
    assert run_module("debconf", {"name": "tzdata"})["current"] == {
        "tzdata/Areas": "Etc",
        "tzdata/Zones/Etc": "UTC, GMT",
        "tzdata/pw": "(password omitted)",
    }


@pytest.mark.parametrize(
    "question, value, vtype, changed",
    [
        ("tzdata/Areas", "Etc", "select", False),
        ("tzdata/Areas", "Europe", "select", True),
        ("tzdata/Zones/Etc", ["GMT", "UTC"], "multiselect", False),
        ("tzdata/Zones/Etc", ["UTC"], "multiselect", True),
        ("tzdata/pw", "s3cret", "password", False),
        ("tzdata/pw", "new", "password", True),
        ("tzdata/Areas", "true", "seen", False),
        ("tzdata/Areas", "false", "seen", True),
        ("tzdata/new", True, "boolean", True),
    ],
)
def test_which_answers_are_a_change(answers, question, value, vtype, changed):
    result = run_module(
        "debconf",
        {"name": "tzdata", "question": question, "value": value, "vtype": vtype},
        check=True,
        diff=True,
    )
    assert result["changed"] is changed
    assert "s3cret" not in str(result) and (vtype != "password" or "new'" not in str(result["current"]))


def test_selections(tmp_path, monkeypatch):
    read = dpkg.read_status
    (tmp_path / "status").write_bytes(STATUS)
    monkeypatch.setattr(dpkg, "read_status", lambda host: read(host, str(tmp_path / "status")))
    assert run_module("dpkg_selections", {"name": "mawk", "selection": "hold"}) == {
        "changed": False,
        "before": "hold",
        "after": "hold",
    }
    assert run_module("dpkg_selections", {"name": "bash", "selection": "hold"}, check=True) == {
        "changed": True,
        "before": "install",
        "after": "hold",
    }
    assert run_module("dpkg_selections", {"name": "nosuch", "selection": "hold"})["msg"] == (
        "Failed to find package 'nosuch' to perform selection 'hold'."
    )
