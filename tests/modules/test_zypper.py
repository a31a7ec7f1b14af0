"""zypper and zypper_repository on played-back programs; XML as zypper 1.14 writes it."""

import pytest
from fake_host import FakeHost, run_on

from fleet.remote import zyppxml

HAVE = "flt-a\t0\t1.0\t1\tnoarch\n"
UPGRADE = """<?xml version='1.0'?>
<stream>
<message type="info">Loading repository data...</message>
<install-summary download-size="6013" space-usage-diff="0" packages-to-change="2">
<to-upgrade>
<solvable type="package" name="flt-a" edition="1.1-1" arch="noarch" edition-old="1.0-1" arch-old="noarch">
<description>t</description></solvable>
</to-upgrade>
<to-remove><solvable type="package" name="old" edition="3-1" arch="noarch"/></to-remove>
<to-install><solvable type="pattern" name="lamp" edition="1" arch="noarch"/></to-install>
</install-summary>
<prompt id="0"><text>Continue?</text><option default="1" value="y" desc="Yes"/></prompt>
</stream>
"""
MISSING = """<?xml version='1.0'?>
<stream><message type="error">No provider of &apos;+nosuch&apos; found.</message></stream>"""
PROBLEM = """<?xml version='1.0'?>
<stream><prompt id="1"><description>Problem: nothing provides requested glibc
</description><text>Choose</text></prompt></stream>"""
REPOS = """<?xml version='1.0'?>
<stream><repo-list>
<repo alias="fltz" name="Flt" priority="50" enabled="1" autorefresh="1" gpgcheck="0"><url>file:/srv/rpms</url></repo>
</repo-list></stream>"""


def test_the_summary():
    assert [(each["name"], each["old"], each["new"], each["action"]) for each in zyppxml.changes(UPGRADE)] == [
        ("flt-a", "1.0-1", "1.1-1", "upgrade"),
        ("old", "3-1", "", "remove"),
    ]
    assert zyppxml.others(UPGRADE) == ["lamp"]
    assert zyppxml.errors(PROBLEM) == "Problem: nothing provides requested glibc"
    assert zyppxml.changes("<?xml version='1.0'?><stream><to-up") == []


def host(answers, after=HAVE, **kwargs):
    def packages(_):
        return after if any(line.startswith("zypper") for line in made.calls) else HAVE

    made = FakeHost({"rpm -qa": packages, "rpm -q --whatprovides": (1, "", ""), **answers}, **kwargs)
    return made


def test_what_is_there_starts_no_zypper():
    here = host({}, there=["zypper"])
    assert run_on(here, "zypper", {"name": ["flt-a>=1.0", "-gone"]})["changed"] is False
    assert not any(line.startswith("zypper") for line in here.calls)


def test_check_mode_names_versions():
    here = host({"zypper": UPGRADE}, check=True, diff=True)
    result = run_on(here, "zypper", {"name": "flt-a", "state": "latest"})
    assert result["diff"]["prepared"] == "upgrade flt-a 1.0-1 -> 1.1-1\nremove old 3-1\n"
    assert here.calls[-1] == (
        "zypper --non-interactive --xmlout --quiet install --type package --dry-run --auto-agree-with-licenses "
        "--no-recommends -- +flt-a"
    )


def test_what_changed_comes_from_rpm():
    here = host({"zypper": UPGRADE}, after="flt-a\t0\t1.1\t1\tnoarch\n")
    result = run_on(here, "zypper", {"name": "flt-a", "state": "latest"})
    assert [(each["old"], each["new"]) for each in result["packages"]] == [("1.0-1", "1.1-1")]


@pytest.mark.parametrize(
    "answer, msg",
    [
        ((104, MISSING, ""), "No provider of '+nosuch' found."),
        ((4, PROBLEM, ""), "Zypper run command failed with return code 4. Problem: nothing provides requested glibc"),
        (
            (7, "", "System management is locked by the application with pid 9 (zypper).\n"),
            "Zypper run command failed with return code 7. System management is locked",
        ),
    ],
)
def test_failures_are_zyppers_words(answer, msg):
    result = run_on(host({"zypper": answer}), "zypper", {"name": "nosuch"})
    assert result["failed"] and result["msg"].startswith(msg) and result["changed"] is False


@pytest.mark.parametrize(
    "given, words",
    [
        ({"name": "*", "state": "latest"}, "update --type package --auto-agree-with-licenses --no-recommends"),
        ({"name": "*", "state": "latest", "type": "patch"}, "patch --auto-agree-with-licenses --no-recommends"),
        (
            {"name": "*", "state": "dist-upgrade", "allow_vendor_change": True, "disable_recommends": False},
            "dist-upgrade --auto-agree-with-licenses --allow-vendor-change",
        ),
        ({"name": "flt-a", "state": "absent", "clean_deps": True}, "remove --type package --clean-deps flt-a"),
    ],
)
def test_the_command(given, words):
    here = host({"zypper": "<?xml version='1.0'?><stream/>"})
    assert run_on(here, "zypper", given)["changed"] is False
    assert any(line.endswith(words) for line in here.calls), here.calls


def test_a_repository_that_is_there_stays():
    here = FakeHost({"zypper --quiet --xmlout lr": REPOS})
    given = {"name": "fltz", "repo": "file:///srv/rpms/", "disable_gpg_check": True, "priority": 50}
    assert run_on(here, "zypper_repository", given)["changed"] is False
    assert run_on(here, "zypper_repository", {"name": "other", "state": "absent"})["changed"] is False


def test_a_repository_that_differs_is_added_anew():
    here = FakeHost({"zypper --quiet --xmlout lr": REPOS, "zypper": ""})
    result = run_on(here, "zypper_repository", {"name": "fltz", "repo": "file:/srv/rpms", "priority": 10})
    assert result["changed"] and result["repodata"]["gpgcheck"] == "1"
    assert here.calls[1:] == [
        "zypper --quiet rr fltz",
        "zypper --quiet --non-interactive ar --check --priority 10 --refresh --gpgcheck file:/srv/rpms fltz",
    ]
    checked = FakeHost({"zypper --quiet --xmlout lr": REPOS}, check=True)
    assert run_on(checked, "zypper_repository", {"name": "fltz", "state": "absent"})["changed"] is True


def test_what_a_repository_needs():
    here = FakeHost({}, there=["zypper"])
    assert run_on(here, "zypper_repository", {"name": "a"})["msg"] == "Module option state=present requires repo"
    assert "Name required" in run_on(here, "zypper_repository", {"repo": "http://a"})["msg"]


def test_a_repo_file_tells_its_repository(tmp_path):
    place = tmp_path / "a.repo"
    place.write_text("[more]\nname=More\nbaseurl=http://m.example/x\nenabled=0\nautorefresh=0\ngpgcheck=1\n")
    listed = '<?xml version="1.0"?><stream><repo-list><repo alias="more" name="More" enabled="0" autorefresh="0"'
    listed += ' gpgcheck="1"><url>http://m.example/x</url></repo></repo-list></stream>'
    here = FakeHost({"zypper --quiet --xmlout lr": listed})
    result = run_on(here, "zypper_repository", {"repo": str(place)})
    assert not result["changed"] and result["repodata"]["alias"] == "more" and len(here.calls) == 1
    place.write_text("")
    assert "could not be parsed" in run_on(here, "zypper_repository", {"repo": str(place)})["msg"]


def test_all_repositories_are_refreshed():
    here = FakeHost({"zypper": ""})
    assert run_on(here, "zypper_repository", {"repo": "*", "runrefresh": True})["changed"] is False
    assert [line.split()[-1] for line in here.calls] == ["refresh"]
    assert "only be used with the runrefresh" in run_on(here, "zypper_repository", {"repo": "*"})["msg"]
