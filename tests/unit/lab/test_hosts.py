"""A host's name, own files and inventory lines."""

from __future__ import annotations

import pytest

from fleet.errors import OptionsError
from fleet.lab.hosts import (
    Host,
    Identity,
    inventory_text,
    is_name,
    known_hosts_text,
    number_of,
    own_files,
    resolver_text,
    ssh_command,
)
from fleet.lab.settings import settings_from

SETTINGS = settings_from({"FLEET_LAB_HOME": "/srv/lab"}, network="10.9.0.0/24")
HOST = Host(2, "bookworm", SETTINGS.address(2))
IDENTITY = Identity("0" * 32, "PRIVATE", "ssh-ed25519 AAAA x\n", "ssh-ed25519 BBBB fleet-lab\n", "nameserver 9.9.9.9\n")


def test_names_and_numbers() -> None:
    assert HOST.name == "lab2"
    assert number_of("lab12") == 12
    assert not is_name(".lab1") and not is_name("lab0") and not is_name("lab01")
    with pytest.raises(OptionsError, match="'web1' is no host of the lab"):
        number_of("web1")


def test_own_files_keep_secrets_private() -> None:
    files = {file.path: file for file in own_files(HOST, IDENTITY, SETTINGS.network)}
    assert files["etc/hostname"].content == "lab2\n"
    link = files["etc/systemd/network/10-lab.network"].content
    assert "Address=10.9.0.3/24\n" in link and "Gateway=10.9.0.1\n" in link
    assert files["etc/ssh/ssh_host_ed25519_key"].mode == 0o600
    admin = files["home/admin/.ssh/authorized_keys"]
    assert (admin.mode, admin.owner, admin.content) == (0o600, 1000, IDENTITY.authorized_key)


def test_inventory() -> None:
    assert inventory_text(SETTINGS, [HOST], "admin") == (
        "[lab]\n"
        "lab2 ansible_host=10.9.0.3\n"
        "\n"
        "[lab:vars]\n"
        "ansible_user=admin\n"
        "ansible_ssh_private_key_file=/srv/lab/id_ed25519\n"
        'ansible_ssh_common_args="-o UserKnownHostsFile=/srv/lab/known_hosts -o StrictHostKeyChecking=yes"\n'
    )


def test_known_hosts_drops_the_comment() -> None:
    assert known_hosts_text([(HOST, "ssh-ed25519 AAAA root@build\n")]) == "10.9.0.3 ssh-ed25519 AAAA\n"


def test_ssh_command_ends_with_the_users_words() -> None:
    words = ssh_command(SETTINGS, HOST, "admin", ["ls", "-l"])
    assert words[0] == "ssh" and words[-3:] == ["admin@10.9.0.3", "ls", "-l"]


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        (["nameserver 127.0.0.53\n", "nameserver 10.0.0.53\n"], 1),
        (["nameserver 10.0.0.53\n", "nameserver 9.9.9.9\n"], 0),
        (["# nameserver 9.9.9.9\nnameserver ::1\n", "search x\nnameserver fd00::53\n"], 1),
        (["nameserver 127.0.0.1\n"], 0),
    ],
)
def test_a_resolver_on_loopback_is_of_no_use_to_a_host(texts: list[str], chosen: int) -> None:
    assert resolver_text(texts) == texts[chosen]
