"""updates and reboot_required on a real host, against what apt and /proc themselves say."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

# Keeps the library mapped as code, as a service does that was started before its upgrade.
SERVICE = """import ctypes, time
ctypes.CDLL("/usr/lib/fleet-test/libz.so.1")
time.sleep(900)
"""


@pytest.fixture
def host(lab):
    return lab.hosts(1)[0]


@pytest.fixture
def ask(lab, host, tmp_path):
    """The result of a module on the host."""

    def run(module, **args):
        book = tmp_path / "book.yml"
        shown = "r | to_json"
        book.write_text(
            "- hosts: %s\n  gather_facts: false\n  tasks:\n    - fleet.builtin.%s: %s\n      register: r\n"
            "    - copy: {dest: /run/fleet-test.json, content: '{{ %s }}'}\n"
            % (host.name, module, json.dumps(args), shown)
        )
        argv = [sys.executable, "-m", "fleet", "apply", "-i", str(lab.inventory), str(book)]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=200)
        assert done.returncode == 0, done.stdout
        return json.loads(host.run("cat /run/fleet-test.json").stdout)

    return run


def test_updates_are_those_of_apt(ask, host):
    host.run("apt-get update -qq", timeout=200)
    host.run("apt-mark hold tzdata")
    try:
        result = ask("updates")
        simulated = host.run("apt-get --simulate --with-new-pkgs upgrade").stdout
    finally:
        host.run("apt-mark unhold tzdata")
    lines = [line for line in simulated.splitlines() if line.startswith("Inst ")]
    assert len(result["updates"]) == len(lines)
    assert result["security"] == sum("-security" in line for line in lines)
    assert result["held"] == ["tzdata"]
    for each in result["updates"]:
        assert any(
            each["name"] in line and "[%s] (%s " % (each["old"], each["new"]) in line for line in lines if each["old"]
        )


def test_a_service_on_a_replaced_library_is_found_until_it_is_restarted(ask, host):
    host.run("mkdir -p /usr/lib/fleet-test && cp -L /usr/lib/x86_64-linux-gnu/libz.so.1 /usr/lib/fleet-test/")
    host.run("printf '%%s' '%s' > /usr/lib/fleet-test/main.py" % SERVICE)
    host.run("systemd-run --unit=fleet-old --service-type=exec python3 /usr/lib/fleet-test/main.py; sleep 1")
    try:
        assert "fleet-old.service" not in ask("updates")["services"]
        # As dpkg does it: a new file takes the name of the old one.
        host.run("cd /usr/lib/fleet-test && cp libz.so.1 new && mv new libz.so.1")
        result = ask("updates")
        assert "fleet-old.service" in result["services"]
        (process,) = [each for each in result["processes"] if each["unit"] == "fleet-old.service"]
        assert (process["user"], process["files"]) == ("root", ["/usr/lib/fleet-test/libz.so.1"])
        assert ask("updates", restarts=False)["services"] == []
    finally:
        host.run("systemctl stop fleet-old; rm -r /usr/lib/fleet-test")
    assert "fleet-old.service" not in ask("updates")["services"]


def test_a_restart_is_due_while_packages_ask_for_it(ask, host):
    assert ask("reboot_required")["required"] is False
    host.run("touch /run/reboot-required; echo libc6 > /run/reboot-required.pkgs")
    try:
        result = ask("reboot_required")
    finally:
        host.run("rm /run/reboot-required /run/reboot-required.pkgs")
    assert result["required"] and result["packages"] == ["libc6"]
    assert result["reasons"] == ["/run/reboot-required is there, for libc6"]
