"""Host variables become connection settings, with ansible-core's order among aliases."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.errors import InputError
from fleet.inventory.connection import Become, Defaults, settings
from fleet.inventory.sshargs import parse


def test_nothing_said() -> None:
    made = settings("web1", dict[str, Any]().get)
    assert (made.host, made.kind, made.port, made.user, made.timeout) == ("web1", "ssh", None, None, 10.0)
    assert made.interpreter == "auto" and made.host_key_checking and made.become == Become()


# Observed: of two aliases that are both set, the later in each row wins.
@pytest.mark.parametrize(
    ("weak", "strong", "field", "value"),
    [
        ("ansible_user", "ansible_ssh_user", "user", "bob"),
        ("ansible_host", "ansible_ssh_host", "host", "10.0.0.1"),
        ("ansible_port", "ansible_ssh_port", "port", 2222),
        ("ansible_password", "ansible_ssh_pass", "password", "x"),
        ("ansible_ssh_pass", "ansible_ssh_password", "password", "x"),
        ("ansible_timeout", "ansible_ssh_timeout", "timeout", 3.0),
    ],
)
def test_aliases(weak: str, strong: str, field: str, value: Any) -> None:
    assert getattr(settings("h", {weak: 1, strong: value}.get), field) == value
    assert getattr(settings("h", {weak: value}.get), field) == value


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("smart", "ssh"),
        ("paramiko", "ssh"),
        ("ansible.builtin.paramiko_ssh", "ssh"),
        ("ansible.builtin.local", "local"),
        ("community.docker.docker", "community.docker.docker"),
    ],
)
def test_connection_kind(given: str, kind: str) -> None:
    assert settings("h", {"ansible_connection": given}.get).kind == kind


def test_become_variables_of_the_method_win_over_general_ones_and_both_over_keywords() -> None:
    values = {
        "ansible_become": "yes",
        "ansible_become_method": "ansible.builtin.su",
        "ansible_become_pass": "general",
        "ansible_su_pass": "special",
        "ansible_sudo_pass": "other method",
        "ansible_su_exe": "/bin/su",
        "ansible_su_prompt_l10n": ["Kennwort"],
        "ansible_sudo_chdir": "/other",
    }
    made = settings("h", values.get, Defaults(become_user="keyword", become_flags="-l")).become
    assert made == Become(True, "su", "keyword", "special", "-l", "/bin/su", "", ("Kennwort",))
    assert settings("h", {**values, "ansible_become_method": "sudo"}.get).become.chdir == "/other"


def test_variables_win_over_defaults() -> None:
    defaults = Defaults(user="cfg", port=22, key_file="/k", become=True, timeout=30)
    made = settings("h", {"ansible_user": "var", "ansible_become": False}.get, defaults)
    assert (made.user, made.port, made.key_files, made.become.wanted) == ("var", 22, ("/k",), False)
    assert made.timeout == 30


def test_secrets_are_not_in_the_repr() -> None:
    names = (
        "ansible_password",
        "ansible_become_pass",
        "ansible_private_key",
        "ansible_private_key_passphrase",
    )
    made = settings("h", dict.fromkeys(names, "hush").get, Defaults(password="hush", become_password="hush"))
    assert made.password == made.become.password == made.key_text == "hush"
    assert "hush" not in repr(made) + repr(Defaults(password="hush"))


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("ansible_port", "ssh", "ansible_port must be a port number between 1 and 65535, not 'ssh'"),
        ("ansible_port", 70000, "ansible_port must be a port number"),
        ("ansible_timeout", "soon", "ansible_timeout must be a number"),
        ("ansible_become", "maybe", "ansible_become must be true or false"),
        ("ansible_user", ["a"], "ansible_user must be text"),
        ("ansible_ssh_common_args", "-o StrictHostKeyChecking=perhaps", "stricthostkeychecking must be"),
        ("ansible_ssh_common_args", "-o 'x", "No closing quotation"),
        ("ansible_ssh_common_args", "-J", "-J needs a value"),
    ],
)
def test_bad_value(name: str, value: Any, what: str) -> None:
    with pytest.raises(InputError) as caught:
        settings("h", {name: value}.get)
    assert what in caught.value.what


def test_a_password_in_the_wrong_shape_is_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        settings("h", {"ansible_password": ["hush"]}.get)
    assert "hush" not in str(caught.value)


def test_ssh_arguments_that_mean_something() -> None:
    made = parse(
        [
            "-C -o ControlMaster=auto -o ControlPersist=60s",
            "-o UserKnownHostsFile='/a /b' -oStrictHostKeyChecking=accept-new -J me@bastion:22 -i ~/.ssh/x",
            "-tt -vvv -p22 -o 'ConnectTimeout 1m30s' -o IdentityFile=/y -oIdentitiesOnly=yes -F /cfg -l bob",
            '-o ProxyCommand="ssh -W %h:%p b" -p 99 -o ServerAliveInterval=15 -o ProxyJump=none',
        ]
    )
    assert made.known_hosts == ("/a", "/b") and made.strict == "accept-new"
    assert made.proxy_jump == "me@bastion:22" and made.proxy_command == "ssh -W %h:%p b"
    assert made.identity_files == ("~/.ssh/x", "/y") and made.identities_only is True
    assert (made.port, made.connect_timeout, made.keepalive) == (22, 90.0, 15.0)
    assert (made.config_file, made.user, made.compression) == ("/cfg", "bob", True)
    assert made.ignored == ()


def test_ssh_arguments_without_effect_are_named() -> None:
    made = settings("h", {"ansible_ssh_extra_args": "-L 1:a:2 -o Foo=bar -k stray -R9:a:9"}.get)
    assert made.ignored == ("-L 1:a:2", "-o foo=bar", "-k", "stray", "-R 9:a:9")
