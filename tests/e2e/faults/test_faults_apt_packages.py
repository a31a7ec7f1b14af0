"""apt with packages of our own: plans, holds, questions, settings somebody changed, a run that was cut off."""

import base64
import json

import pytest

pytestmark = pytest.mark.e2e

BUILD = r"""
import hashlib, os, subprocess, sys

def build(folder, name, version, files, scripts, more):
    root = "/srv/build/%s-%s" % (name, version)
    os.makedirs(root + "/DEBIAN", exist_ok=True)
    control = "Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: t <t@example.org>\nDescription: test\n%s" % (
        name, version, more)
    open(root + "/DEBIAN/control", "w").write(control)
    for path, text in files.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        open(root + path, "w").write(text)
    if any(path.startswith("/etc/") for path in files):
        open(root + "/DEBIAN/conffiles", "w").write("".join(path + "\n" for path in files if path.startswith("/etc/")))
    for script, text in scripts.items():
        open(root + "/DEBIAN/" + script, "w").write("#!/bin/sh\nset -e\n" + text)
        os.chmod(root + "/DEBIAN/" + script, 0o755)
    subprocess.check_call(["dpkg-deb", "--build", root, folder], stdout=subprocess.DEVNULL)
    deb = "%s_%s_all.deb" % (name, version)
    data = open(folder + "/" + deb, "rb").read()
    return control + "Filename: ./%s\nSize: %d\nSHA256: %s\n\n" % (deb, len(data), hashlib.sha256(data).hexdigest())

import json
os.makedirs("/srv/debs", exist_ok=True)
subprocess.call("rm -rf /srv/build /srv/debs/*", shell=True)
text = "".join(build("/srv/debs", *each) for each in json.load(open("/srv/packages.json")))
open("/srv/debs/Packages", "w").write(text)
"""
SOURCE = "deb [trusted=yes] file:/srv/debs ./"
REFRESH = (
    "apt-get update -qq -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/own.list -o Dir::Etc::sourceparts=- "
    "-o APT::Get::List-Cleanup=0"
)


def package(name, version, files=None, scripts=None, more=""):
    return [name, version, files or {}, scripts or {}, more]


@pytest.fixture
def repository(site):
    """``repository(package(...), ...)`` makes these the only ones the host can have of ours; all goes afterwards."""
    host = site.sick
    script = base64.b64encode(BUILD.encode()).decode()

    def offer(*packages):
        data = base64.b64encode(json.dumps(packages).encode()).decode()
        host.run(f"echo {data} | base64 -d >/srv/packages.json; echo {script} | base64 -d | python3 -")
        host.run(f"echo '{SOURCE}' >/etc/apt/sources.list.d/own.list; {REFRESH}", timeout=120)

    yield offer
    host.run(
        "apt-mark unhold own-a own-b >/dev/null 2>&1; rm -f /var/lib/dpkg/info/own-*.p*; "
        "dpkg --purge --force-all own-a own-b >/dev/null 2>&1; rm -rf /srv/build /srv/debs /srv/packages.json "
        f"/etc/own.conf* /etc/apt/sources.list.d/own.list; {REFRESH} || true"
    )


def apt(site, *options, **args):
    """Run one apt task on the sick host; its result, or why it failed."""
    task = json.dumps({"apt": {"update_cache": False, **args}, "register": "done"})
    show = (
        '- copy: {content: "{{ done | to_json }}", dest: DEST}\n      delegate_to: localhost\n      check_mode: false'
    )
    dest = site.folder / "result.json"
    book = f"    - {task}\n    {show.replace('DEST', str(dest))}\n"
    line = site.line("sick", site.sick.address)
    ran = site.run(book, *options, inventory=site.inventory(line, "localhost ansible_connection=local"))
    return ran, json.loads(dest.read_text()) if dest.exists() else None


def moves(result):
    return [(each["name"], each["old"], each["new"]) for each in result["packages"]]


def installed(site, name):
    return site.sick.run(f"dpkg-query -W -f '${{Version}} ${{db:Status-Status}}' {name} 2>&1; true").stdout


def test_a_plan_of_an_upgrade_is_what_the_upgrade_does(site, repository):
    repository(package("own-a", "1.0"), package("own-b", "1.0"))
    _, result = apt(site, "--limit", "sick", name=["own-a", "own-b"])
    repository(package("own-a", "1.1", more="Depends: own-b (>= 2)\n"), package("own-b", "2.0"))
    _, planned = apt(site, "--limit", "sick", "--check", "--diff", name=["own-a"], state="latest")
    assert installed(site, "own-a").startswith("1.0 "), "a check run changed something"
    ran, done = apt(site, "--limit", "sick", "--diff", name=["own-a"], state="latest")
    assert moves(planned) == moves(done) == [("own-a", "1.0", "1.1"), ("own-b", "1.0", "2.0")], ran.text
    assert moves(result) == [("own-a", "", "1.0"), ("own-b", "", "1.0")]
    assert installed(site, "own-b").startswith("2.0 ")
    _, again = apt(site, "--limit", "sick", name=["own-a"], state="latest")
    assert not again["changed"]


def test_what_is_on_hold_is_told(site, repository):
    repository(package("own-a", "1.0"))
    apt(site, "--limit", "sick", name="own-a")
    site.sick.run("apt-mark hold own-a")
    repository(package("own-a", "2.0"))
    ran, result = apt(site, "--limit", "sick", "--check", upgrade="dist")
    assert result["kept_back"] == ["own-a"], ran.text
    assert "kept back: own-a (on hold: own-a)" in ran.text
    ran, _ = apt(site, "--limit", "sick", name="own-a=2.0")
    assert ran.code == 2 and "allow_change_held_packages" in ran.fatal("sick"), ran.text
    ran, result = apt(site, "--limit", "sick", name="own-a=2.0", allow_change_held_packages=True)
    assert moves(result) == [("own-a", "1.0", "2.0")], ran.text


def test_a_package_that_asks_does_not_wait(site, repository):
    ask = ". /usr/share/debconf/confmodule\ndb_input critical own-a/what || true\ndb_go || true\n"
    question = "read answer </dev/tty || true\n"
    repository(package("own-a", "1.0", scripts={"postinst": ask + question}))
    ran, result = apt(site, "--limit", "sick", name="own-a")
    assert result and result["changed"], ran.text
    assert ran.seconds < 60


def test_settings_that_somebody_changed_stay_unless_asked_otherwise(site, repository):
    repository(package("own-a", "1.0", files={"/etc/own.conf": "one\n"}))
    apt(site, "--limit", "sick", name="own-a")
    site.sick.run("echo mine >/etc/own.conf")
    repository(package("own-a", "2.0", files={"/etc/own.conf": "two\n"}))
    ran, result = apt(site, "--limit", "sick", name="own-a", state="latest")
    assert result["changed"], ran.text
    assert site.sick.run("cat /etc/own.conf").stdout == "mine\n"
    repository(package("own-a", "3.0", files={"/etc/own.conf": "three\n"}))
    apt(site, "--limit", "sick", name="own-a", state="latest", dpkg_options="force-confnew")
    assert site.sick.run("cat /etc/own.conf").stdout == "three\n"


def test_a_run_that_was_cut_off_is_finished_when_asked(site, repository):
    repository(package("own-a", "1.0", scripts={"postinst": "test -e /srv/allowed\n"}), package("own-b", "1.0"))
    ran, _ = apt(site, "--limit", "sick", name="own-a")
    assert ran.code == 2 and "own-a" in ran.fatal("sick"), ran.text
    assert "half-configured" in installed(site, "own-a")
    site.sick.run("touch /srv/allowed")
    ran, result = apt(site, "--limit", "sick", "--check", state="fixed")
    assert result["changed"] and "own-a" in result["msg"], ran.text
    ran, result = apt(site, "--limit", "sick", state="fixed")
    assert result["changed"] and installed(site, "own-a") == "1.0 installed", ran.text
    _, again = apt(site, "--limit", "sick", state="fixed")
    assert not again["changed"]
    site.sick.run("rm /srv/allowed")


def test_the_policy_of_a_run_that_was_killed_is_taken_away(site, repository):
    """apt itself goes on; services could never be started by packages again."""
    repository(package("own-a", "1.0", scripts={"postinst": "touch /srv/began; sleep 3\n"}))
    task = "    - apt: {name: own-a, update_cache: false, policy_rc_d: 101}\n"
    process = site.start(task, "--limit", "sick")
    site.sick.run("until test -e /srv/began; do sleep 0.1; done; pkill -KILL -f 'python3 -B -[E]'")
    assert site.end(process).code in (2, 4)
    assert "exit 101" in site.sick.run("cat /usr/sbin/policy-rc.d").stdout
    site.sick.run("while pgrep -x apt-get >/dev/null; do sleep 0.1; done; rm /srv/began")
    ran = site.run(task, "--limit", "sick")
    assert ran.code == 0 and ran.recap("sick")["changed"] == 0, ran.text
    assert site.sick.run("ls /usr/sbin | grep policy-rc.d || echo none").stdout == "none\n"
