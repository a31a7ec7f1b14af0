"""A user puts links into the home directory that lead to what is root's: nothing there is read, written or given away."""

import pytest

pytestmark = pytest.mark.e2e
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxpbmUxbGluZTFsaW5lMWxpbmUxbGluZTFsaW5lMWxp one"
TASKS = {
    "authorized_key": f"authorized_key: {{user: plain, key: {KEY}}}",
    "user": "user: {name: plain, generate_ssh_key: true, ssh_key_type: ed25519}",
    "user, replaced": "user: {name: plain, generate_ssh_key: true, ssh_key_type: ed25519, force: true}",
}


@pytest.fixture
def home(site):
    site.sick.run("mv /home/plain/.ssh /home/plain/kept; mkdir -m 755 /etc/roots; echo secret >/etc/roots/file")
    yield site
    site.sick.run("rm -rf /home/plain/.ssh /etc/roots; mv /home/plain/kept /home/plain/.ssh")


@pytest.mark.parametrize("name", TASKS)
def test_a_folder_of_roots(home, name):
    home.sick.run("ln -s /etc/roots /home/plain/.ssh; chown -h plain /home/plain/.ssh")
    ran = home.run(f"    - {TASKS[name]}\n", "--limit", "sick")
    assert ran.code == 2 and "/home/plain/.ssh leads to /etc/roots" in ran.fatal("sick").replace("/authorized_keys", "")
    assert home.sick.run("ls /etc/roots; stat -c '%U %a' /etc/roots").stdout == "file\nroot 755\n"


def test_a_file_of_roots(home):
    home.sick.run("install -d -o plain -m 700 /home/plain/.ssh; cd /home/plain/.ssh; chmod 600 /etc/roots/file")
    home.sick.run("ln -s /etc/roots/file /home/plain/.ssh/authorized_keys; chown -h plain /home/plain/.ssh/*")
    ran = home.run(f"    - {TASKS['authorized_key']}\n", "--limit", "sick", "--diff")
    assert ran.code == 2 and "leads to /etc/roots/file" in ran.fatal("sick") and "secret" not in ran.text, ran.text
    assert home.sick.run("readlink /home/plain/.ssh/authorized_keys").stdout == "/etc/roots/file\n"


def test_a_folder_of_the_users_own(home):
    """A link to where the user may write anyway is as good as a folder."""
    home.sick.run(
        "mkdir /mnt/own; chown plain /mnt/own; ln -s /mnt/own /home/plain/.ssh; chown -h plain /home/plain/.ssh"
    )
    try:
        for _ in range(2):
            ran = home.run("".join(f"    - {TASKS[name]}\n" for name in ("authorized_key", "user")), "--limit", "sick")
            assert ran.code == 0, ran.text
        assert ran.recap("sick")["changed"] == 0
        told = home.sick.run("cd /mnt/own; stat -c '%n %U %G %a' . *; su plain -c 'ssh-keygen -y -f id_ed25519'").stdout
        assert told.splitlines()[:4] == [
            ". plain plain 700", "authorized_keys plain plain 600", "id_ed25519 plain plain 600",
            "id_ed25519.pub plain plain 644",
        ]  # fmt: skip
        assert told.splitlines()[4].startswith("ssh-ed25519 ")
    finally:
        home.sick.run("rm -rf /mnt/own")
