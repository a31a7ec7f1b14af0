"""Hosts that cannot be reached or logged in to: one line says why, nothing is sent, the others go on."""

import socket
import subprocess
import threading
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.e2e
TOUCH = "    - command: touch /root/was-here\n"


@pytest.fixture(autouse=True)
def clean(site):
    site.sick.run("rm -f /root/was-here")


def refused(site, ran, *words):
    """``sick`` was not reached, for a reason that has ``words``; ``well`` did its part."""
    assert ran.code == 4, ran.text
    assert ran.recap("sick") == dict(ran.recap("sick"), ok=0, unreachable=1, failed=0)
    assert ran.recap("well") == dict(ran.recap("well"), ok=1, unreachable=0, failed=0)
    line = ran.fatal("sick")
    assert "UNREACHABLE" in line
    for word in words:
        assert word in line, line
    assert site.sick.run("ls /root").stdout.count("was-here") == 0


def test_private_key_that_cannot_be_read(site):
    refused(
        site, site.run(TOUCH, inventory=site.inventory(ansible_ssh_private_key_file="/nowhere/key")), "/nowhere/key"
    )


def test_private_key_that_is_none(site):
    key = site.folder / "bad"
    key.write_text("this is not a key\n")
    refused(site, site.run(TOUCH, inventory=site.inventory(ansible_ssh_private_key_file=key)), str(key))


def test_encrypted_key_without_agent(site):
    key = site.folder / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "passphrase", "-f", key], check=True)
    refused(site, site.run(TOUCH, inventory=site.inventory(ansible_ssh_private_key_file=key)), "encrypted", "ssh-add")


def test_key_nobody_accepts(site):
    key = site.folder / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    refused(site, site.run(TOUCH, inventory=site.inventory(ansible_ssh_private_key_file=key)), "permission denied")


def test_wrong_password(site):
    sick = {"ansible_user": "pw", "ansible_ssh_private_key_file": None, "ansible_password": "Wrong-Secret-44"}
    ran = site.run(TOUCH, inventory=site.inventory(**sick))
    refused(site, ran, "permission denied", "password")
    assert "Wrong-Secret-44" not in ran.text


def test_right_password(site):
    sick = {"ansible_user": "pw", "ansible_ssh_private_key_file": None, "ansible_password": "Login-Secret-11"}
    ran = site.run(
        "    - command: id -un\n      register: me\n    - debug: var=me.stdout\n", inventory=site.inventory(**sick)
    )
    assert ran.code == 0 and '"me.stdout": "pw"' in ran.out, ran.text


def test_changed_host_key(site):
    """Never connects, whatever was said about keys that are not known."""
    other = site.folder / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    wrong = site.folder / "wrong_hosts"
    wrong.write_text(f"{site.sick.address} {' '.join((site.folder / 'other.pub').read_text().split()[:2])}\n")
    before = wrong.read_text()
    for strict in ("yes", "accept-new", "no"):
        args = f"-o UserKnownHostsFile={wrong} -o StrictHostKeyChecking={strict}"
        ran = site.run(TOUCH, inventory=site.inventory(ansible_ssh_common_args=args))
        refused(site, ran, "host key", "has changed", "ssh-keygen -R")
    site.env["ANSIBLE_HOST_KEY_CHECKING"] = "False"
    refused(site, site.run(TOUCH, inventory=site.inventory(ansible_ssh_common_args=args)), "has changed")
    assert wrong.read_text() == before


def test_unknown_host_key(site):
    empty = site.folder / "empty"
    args = f"-o UserKnownHostsFile={empty} -o StrictHostKeyChecking=yes"
    refused(site, site.run(TOUCH, inventory=site.inventory(ansible_ssh_common_args=args)), "not known", "ssh-keyscan")
    assert not empty.exists()


@pytest.mark.parametrize("way", ["accept-new", "host_key_checking"])
def test_new_host_keys_are_stored_where_the_user_wants_that(site, way):
    file = site.folder / "new" / "hosts"
    args = f"-o UserKnownHostsFile={file}"
    if way == "accept-new":
        args += " -o StrictHostKeyChecking=accept-new"
    else:
        site.env["ANSIBLE_HOST_KEY_CHECKING"] = "False"
    ran = site.run(TOUCH, inventory=site.inventory(ansible_ssh_common_args=args))
    assert ran.code == 0, ran.text
    key = site.sick.run("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub").stdout.strip()
    assert f"{site.sick.address} {key}" in file.read_text()
    strict = f"-o UserKnownHostsFile={file} -o StrictHostKeyChecking=yes"
    site.env.pop("ANSIBLE_HOST_KEY_CHECKING", None)
    assert site.run(TOUCH, inventory=site.inventory(ansible_ssh_common_args=strict)).code == 0


def test_closed_port(site):
    refused(
        site, site.run(TOUCH, inventory=site.inventory(ansible_port=2)), f"{site.sick.address}:2", "Connection refused"
    )


def test_no_such_host(site):
    ran = site.run(TOUCH, inventory=site.inventory(ansible_host="no-such-host.invalid"))
    refused(site, ran, "no-such-host.invalid")


def test_nobody_at_the_address(site):
    """An address of the lab's network that nobody has: the connect deadline ends it, if the kernel does not first."""
    nobody = site.sick.address.rsplit(".", 1)[0] + ".250"
    ran = site.run(TOUCH, "-T", "2", inventory=site.inventory(ansible_host=nobody))
    refused(site, ran, nobody)
    assert ran.seconds < 8


@contextmanager
def mute():
    """A listener that accepts and says nothing; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def accept():
            try:
                while True:
                    held.append(server.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        for connection in held:
            connection.close()


def test_host_that_accepts_and_says_nothing(site):
    with mute() as port:
        ran = site.run(TOUCH, "-T", "2", inventory=site.inventory(ansible_host="127.0.0.1", ansible_port=port))
    refused(site, ran, "does not speak SSH")
    assert ran.seconds < 10


def test_agent(site):
    """A key that is only in the agent."""
    socket_path = site.folder / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket_path)], stdout=subprocess.DEVNULL)
    try:
        site.env["SSH_AUTH_SOCK"] = str(socket_path)
        while subprocess.run(["ssh-add", "-q", site.key], env=site.environ(), stderr=subprocess.DEVNULL).returncode:
            assert agent.poll() is None
        ran = site.run(TOUCH, inventory=site.inventory(ansible_ssh_private_key_file=None))
        assert ran.code == 0, ran.text
    finally:
        agent.terminate()
        agent.wait()


def test_ssh_config(site):
    """~/.ssh/config gives user, port, key, address and jump host; each hop's key is checked."""
    ssh = site.folder / ".ssh"
    ssh.mkdir(mode=0o700)
    ssh.joinpath("known_hosts").write_text(site.known_hosts.read_text())
    ssh.joinpath("config").write_text(
        f"Host target\n  HostName {site.sick.address}\n  User plain\n  Port 22\n  IdentityFile {site.key}\n  ProxyJump hop\n"
        f"Host hop\n  HostName {site.well.address}\n  User plain\n  IdentityFile {site.key}\n"
    )
    tasks = "    - shell: whoami; echo $SSH_CONNECTION\n      register: me\n    - debug: var=me.stdout_lines\n"
    ran = site.run(tasks, inventory=site.inventory("target"))
    assert ran.code == 0 and '"plain"' in ran.out and f'"{site.well.address} ' in ran.out, ran.text
    ssh.joinpath("known_hosts").write_text("")
    ran = site.run(tasks, inventory=site.inventory("target"))
    assert ran.code == 4 and site.well.address in ran.fatal("target") and "not known" in ran.fatal("target")


@pytest.mark.parametrize("missing", ["", "well", "sick"])
def test_jump_host(site, missing):
    """-J, with the host key of the hop and that of the host checked."""
    if missing:
        address = getattr(site, missing).address
        lines = site.known_hosts.read_text().splitlines()
        site.known_hosts.write_text("\n".join(line for line in lines if not line.startswith(f"{address} ")) + "\n")
    args = f"-o UserKnownHostsFile={site.known_hosts} -o StrictHostKeyChecking=yes -J root@{site.well.address}:22"
    line = site.line("sick", site.sick.address, ansible_ssh_common_args=args)
    tasks = "    - shell: echo $SSH_CONNECTION\n      register: me\n    - debug: var=me.stdout\n"
    ran = site.run(tasks, inventory=site.inventory(line))
    if missing:
        assert ran.code == 4 and address in ran.fatal("sick") and "not known" in ran.fatal("sick"), ran.text
    else:
        assert ran.code == 0 and f'"me.stdout": "{site.well.address} ' in ran.out, ran.text
