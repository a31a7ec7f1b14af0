"""yum_repository: the section as Ansible writes it, other sections untouched, file gone with its last section."""

from run_module import run_module

from fleet.remote import repofile

TEXT = "# mine\n[one]\nname = One\nbaseurl = http://a\n\thttp://b\n\n[two]\nname=Two\n"


def test_write_and_write_again(tmp_path):
    args = {
        "name": "epel",
        "description": "EPEL",
        "baseurl": ["http://a", "http://b"],
        "gpgcheck": False,
        "exclude": ["x", "y"],
        "reposdir": str(tmp_path),
        "mode": "0600",
    }
    checked = run_module("yum_repository", args, check=True, diff=True)
    assert checked["changed"] and not list(tmp_path.iterdir())
    result = run_module("yum_repository", args, diff=True)
    assert (result["changed"], result["repo"], result["state"]) == (True, "epel", "present")
    path = tmp_path / "epel.repo"
    expected = "[epel]\nbaseurl = http://a\n\thttp://b\nexclude = x y\ngpgcheck = 0\nname = EPEL\n\n"
    assert path.read_text() == expected == checked["diff"]["after"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert run_module("yum_repository", args)["changed"] is False
    gone = run_module("yum_repository", {"name": "epel", "state": "absent", "reposdir": str(tmp_path)})
    assert gone["changed"] and not path.exists()


def test_other_sections_stay(tmp_path):
    path = tmp_path / "f.repo"
    path.write_text(TEXT)
    args = {"name": "one", "description": "Uno", "metalink": "m", "file": "f", "reposdir": str(tmp_path)}
    run_module("yum_repository", args)
    assert path.read_text() == "# mine\n[one]\nmetalink = m\nname = Uno\n\n[two]\nname=Two\n"
    run_module("yum_repository", {"name": "one", "state": "absent", "file": "f", "reposdir": str(tmp_path)})
    assert path.read_text() == "# mine\n[two]\nname=Two\n"


def test_reading_continued_lines():
    assert repofile.read(TEXT, "one") == {"name": "One", "baseurl": "http://a\nhttp://b"}
    assert repofile.read(TEXT, "three") is None


def test_what_is_refused(tmp_path):
    both = {"name": "a", "reposdir": str(tmp_path)}
    assert "all of the following are missing: description" in run_module("yum_repository", both)["msg"]
    both["description"] = "a"
    assert "any of the following are missing: baseurl, mirrorlist" in run_module("yum_repository", both)["msg"]
    both.update(baseurl="x", reposdir="/nosuch")
    assert run_module("yum_repository", both)["msg"] == "Repo directory '/nosuch' does not exist."
    both.update(reposdir=str(tmp_path), proxy="a\n[evil]")
    assert run_module("yum_repository", both)["msg"] == "the value of proxy must be one line"
