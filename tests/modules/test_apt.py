"""The module apt: command lines, and whole calls against a status file and a stand-in for apt-get."""

import os
import subprocess
import sys
import time

import pytest
from run_module import run_module
from test_dpkg import STATUS

from fleet.modules import apt
from fleet.remote import aptget, dpkg, policyrcd


def given(**args):
    return apt.SPEC.complete(apt.SPEC.normalize(args, "apt"))


@pytest.mark.parametrize(
    "args, order, part",
    [
        (
            {},
            ["install", "x"],
            "-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install x",
        ),
        ({"dpkg_options": "force-confnew"}, ["install"], "-o Dpkg::Options::=--force-confnew install"),
        ({"install_recommends": False}, ["install"], "-o APT::Install-Recommends=no"),
        ({"install_recommends": True}, ["install"], "-o APT::Install-Recommends=yes"),
        ({"default_release": "bookworm-backports"}, ["install"], "-t bookworm-backports"),
        ({"purge": True, "autoremove": True}, ["remove", "x"], "--auto-remove --purge remove x"),
        ({"allow_downgrade": True}, ["install"], "--allow-downgrades"),
        ({"allow-downgrades": True}, ["install"], "--allow-downgrades"),
        ({"fail_on_autoremove": True}, ["install"], "--no-remove"),
        ({"only_upgrade": True}, ["install"], "--only-upgrade"),
        ({"lock_timeout": 7}, ["install"], "-o DPkg::Lock::Timeout=7"),
        (
            {"force": True},
            ["install"],
            "--allow-unauthenticated --allow-downgrades --allow-change-held-packages",
        ),
    ],
)
def test_command_lines(args, order, part):
    assert part in " ".join(apt.command("apt-get", given(**args), order))


def test_no_remove_is_not_asked_of_what_removes():
    assert "--no-remove" not in apt.command("apt-get", given(fail_on_autoremove=True), ["remove", "x"])
    both = apt.command("apt-get", given(fail_on_autoremove=True, autoremove=True), ["install", "x"])
    assert "--no-remove" in both and "--auto-remove" not in both


def test_yes_of_yaml_is_a_choice_of_upgrade():
    assert given(upgrade=True)["upgrade"] == "yes"
    assert given(upgrade=False)["upgrade"] == "no"


def test_automatic_packages_are_read_from_extended_states():
    text = "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 0\n\n"
    assert apt.parse_automatic(text) == {"a"}


@pytest.fixture
def debian(tmp_path, monkeypatch):
    """A status file and an apt-get that installs by writing into it."""
    status = tmp_path / "status"
    status.write_bytes(STATUS)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "apt-get").write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
[ -e {tmp_path}/policy-rc.d ] && cp {tmp_path}/policy-rc.d {tmp_path}/policy-seen
case " $* " in
*" nosuch "*) echo "E: Unable to locate package nosuch" >&2; exit 100;;
*" -s "*) echo "Inst htop (3.2.2-2 Debian:12 [amd64])";;
*" install "*htop*) printf '\\nPackage: htop\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: 3.2.2-2\\n' >> {tmp_path}/status;;
*" remove "*) sed -i 's/^Status: hold ok installed/Status: deinstall ok config-files/' {tmp_path}/status;;
*" update "*) touch {tmp_path}/lists/new;;
esac
exit 0
"""
    )
    (programs / "apt-get").chmod(0o755)
    (tmp_path / "lists").mkdir()
    os.utime(str(tmp_path / "lists"), (1000, 1000))
    monkeypatch.setenv("PATH", str(programs) + ":/usr/bin:/bin")
    monkeypatch.setattr(apt, "mark_manual", lambda *_: None)
    monkeypatch.setattr(aptget, "LISTS", str(tmp_path / "lists"))
    monkeypatch.setattr(aptget, "STAMP", str(tmp_path / "stamp"))
    read = dpkg.read_status
    monkeypatch.setattr(dpkg, "read_status", lambda host: read(host, str(status), str(tmp_path / "updates")))
    return tmp_path


def calls(folder):
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_what_is_installed_starts_no_program(debian):
    result = run_module("apt", {"name": ["bash", "mawk", "libc6:i386", "bash>=5"]})
    assert result == {"changed": False, "cache_updated": False, "cache_update_time": 1000}
    assert calls(debian) == []


def test_missing_packages_are_installed_together_and_told(debian):
    result = run_module("apt", {"name": "bash,htop"}, diff=True)
    assert result["changed"] is True
    assert result["packages"] == [{"name": "htop", "old": "", "new": "3.2.2-2", "action": "install"}]
    assert len(calls(debian)) == 1 and calls(debian)[0].endswith(" install htop")
    assert run_module("apt", {"name": "bash,htop"})["changed"] is False


def test_check_mode_simulates_and_tells_the_same(debian):
    result = run_module("apt", {"name": "htop"}, check=True, diff=True)
    assert result["changed"] is True and " -s install htop" in calls(debian)[0]
    assert result["packages"] == [{"name": "htop", "old": "", "new": "3.2.2-2", "action": "install"}]
    assert "Inst htop" in result["diff"]["prepared"]
    assert b"htop" not in (debian / "status").read_bytes()


def test_unknown_packages_fail_as_ansible_words_it(debian):
    result = run_module("apt", {"name": "nosuch"})
    assert result["failed"] and result["msg"] == "No package matching 'nosuch' is available"


def test_apt_get_that_did_nothing_is_no_success(debian):
    result = run_module("apt", {"name": "half"})
    assert result["failed"] and "half is not installed (it is half-configured 2.0)" in result["msg"]


def test_removing(debian):
    assert run_module("apt", {"name": ["nosuch", "gone"], "state": "absent"}) == {"changed": False}
    result = run_module("apt", {"name": "mawk", "state": "absent"})
    assert result["changed"] and result["packages"][0]["action"] == "remove"
    assert calls(debian)[-1].endswith("remove mawk")


def test_the_cache_is_fetched_when_it_is_too_old(debian):
    result = run_module("apt", {"cache_valid_time": 3600})
    assert result["changed"] and result["cache_updated"] and result["cache_update_time"] >= time.time() - 5
    again = run_module("apt", {"update_cache": True, "cache_valid_time": 3600, "name": "bash"})
    assert set(again) == {"changed", "cache_updated", "cache_update_time"}
    assert not again["changed"] and not again["cache_updated"]
    assert len(calls(debian)) == 1


def test_the_stamp_counts_more_than_the_lists(debian):
    (debian / "stamp").write_text("")
    assert run_module("apt", {"update_cache": True, "cache_valid_time": 3600})["cache_updated"] is False
    assert calls(debian) == []


def test_check_mode_fetches_nothing(debian):
    result = run_module("apt", {"update_cache": True}, check=True)
    assert result == {"changed": True, "cache_updated": True, "cache_update_time": 1000}
    assert calls(debian) == []


def test_services_are_kept_from_starting_and_the_policy_put_back(debian, monkeypatch):
    path = debian / "policy-rc.d"
    path.write_text("#!/bin/sh\nexit 0 # mine\n")
    held = policyrcd.held
    monkeypatch.setattr(policyrcd, "held", lambda code: held(code, str(path)))
    assert run_module("apt", {"name": "htop", "policy_rc_d": 101})["changed"]
    assert (debian / "policy-seen").read_text() == "#!/bin/sh\n# From fleet, while apt runs\nexit 101\n"
    assert path.read_text() == "#!/bin/sh\nexit 0 # mine\n" and not [*debian.glob("*fleet-kept")]


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0 # mine\n"])
def test_the_policy_of_a_killed_runner_is_taken_away(tmp_path, before):
    path = tmp_path / "policy-rc.d"
    if before:
        path.write_text(before)
    script = "import sys; from fleet.remote import policyrcd as p\nwith p.held(101, sys.argv[1]): print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        policyrcd.mend(str(path))
        assert "exit 101" in path.read_text(), "of one that lives"
        child.kill()
    policyrcd.mend(str(path))
    assert (path.read_text() if path.exists() else None) == before
    assert [each.name for each in tmp_path.iterdir()] == ([path.name] if before else [])


def test_the_last_of_two_runs_puts_the_policy_back(tmp_path):
    path = tmp_path / "policy-rc.d"
    path.write_text("mine")
    one, two = policyrcd.held(101, str(path)), policyrcd.held(0, str(path))
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    assert "exit 0" in path.read_text()
    two.__exit__(None, None, None)
    assert path.read_text() == "mine" and len([*tmp_path.iterdir()]) == 1


def test_name_deb_and_upgrade_exclude_each_other():
    assert "mutually exclusive" in run_module("apt", {"name": "x", "deb": "/x"})["msg"]


@pytest.mark.skipif(not os.access("/usr/bin/dpkg-deb", os.X_OK), reason="needs dpkg-deb")
@pytest.mark.parametrize(
    "version, args, expected",
    [
        ("5.2.15-2+b7", {}, False),
        ("5.2.16", {}, True),
        ("5.0", {}, "A later version is already installed"),
        ("5.0", {"allow_downgrade": True}, True),
    ],
)
def test_a_package_file_is_compared_with_what_is_installed(debian, version, args, expected):
    control = debian / "x" / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    control.write_text(
        "Package: bash\nVersion: %s\nArchitecture: amd64\nMaintainer: a <a@b>\nDescription: x\n" % version
    )
    subprocess.check_call(["/usr/bin/dpkg-deb", "-b", str(debian / "x"), str(debian / "x.deb")])
    result = run_module("apt", dict(args, deb=str(debian / "x.deb")), check=True)
    assert expected in (result["changed"], result.get("msg"))


def test_a_missing_package_file_is_told(debian):
    result = run_module("apt", {"deb": "/nosuch/x.deb"})
    assert result["failed"] and result["msg"].startswith("Unable to install package: ")


def test_a_failure_tells_what_had_changed_by_then(debian):
    program = debian / "bin" / "apt-get"
    program.write_text(program.read_text().replace("exit 0", "exit 100"))
    result = run_module("apt", {"name": "htop"})
    assert result["failed"] and result["changed"] and [each["name"] for each in result["packages"]] == ["htop"]
