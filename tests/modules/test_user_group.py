"""user and group: the pure halves (what is wanted, which options), on made-up accounts."""

import os
from pathlib import Path

import pytest
from run_module import run_module

from fleet.modules import group, user
from fleet.remote import sshkey, userfiles
from fleet.remote.host import Failed, Unmet
from fleet.remote.state import Change, difference

HAVE = {
    "exists": True,
    "uid": 1001,
    "gid": 1001,
    "comment": "A",
    "home": "/home/a",
    "shell": "/bin/sh",
    "groups": ["adm"],
    "home_exists": True,
    "ssh_key": False,
    "password": "$6$x$y",
    "locked": False,
    "stored": "$6$x$y",
    "min": 0,
    "max": 99999,
    "warn": 7,
    "inactive": None,
    "expires": None,
    "group_names": {},
    "group_numbers": {"adm": 4, "sudo": 27, "a": 1001, "27": 27, "nope": None},
}


def args(**given):
    return user.SPEC.complete(user.SPEC.normalize(dict({"name": "a"}, **given), "user"))


def change(now=None, **given):
    now = dict(HAVE if now is None else now)
    now["group_names"] = {27: "sudo"}
    asked = [name for name in [given.get("group")] + (given.get("groups") or []) if name]
    now["group_numbers"] = {name: HAVE["group_numbers"].get(name) for name in asked}
    return difference(now, user.want(args(**given), now)).after


@pytest.mark.parametrize(
    "given, wanted",
    [
        ({}, {}),
        ({"shell": "/bin/bash", "comment": "A"}, {"shell": "/bin/bash"}),
        ({"groups": ["sudo"]}, {"groups": ["sudo"]}),
        ({"groups": ["sudo"], "append": True}, {"groups": ["adm", "sudo"]}),
        ({"groups": ["adm"], "append": True}, {}),
        ({"groups": ["27", "a"]}, {"groups": ["sudo"]}),
        ({"groups": []}, {"groups": []}),
        ({"group": "sudo"}, {"gid": 27}),
        ({"password": "$6$x$y"}, {}),
        ({"password": "$6$new$z"}, {"password": "$6$new$z"}),
        ({"password": "$6$new$z", "update_password": "on_create"}, {}),
        ({"password_lock": True}, {"locked": True}),
        ({"password_lock": False}, {}),
        ({"expires": 1893456000.5}, {"expires": 21915}),
        ({"expires": -1}, {}),
        ({"password_expire_max": 90}, {"max": 90}),
        ({"generate_ssh_key": True}, {"ssh_key": True}),
        ({"state": "absent"}, {"exists": False}),
    ],
)
def test_only_what_differs_is_changed(given, wanted):
    assert change(**given) == wanted


def test_a_group_that_is_not_there_may_be_made_by_an_earlier_step():
    with pytest.raises(Unmet, match="Group nope does not exist"):
        change(groups=["nope"])


def test_an_account_without_password_is_not_unlocked():
    assert change(now=dict(HAVE, password="", locked=True, stored="!"), password_lock=False) == {}


@pytest.mark.parametrize(
    "given, argv",
    [
        ({"uid": 5, "groups": ["sudo"], "home": "/srv/a"}, "useradd -u 5 -d /srv/a -G sudo -m a"),
        ({"system": True, "create_home": False, "shell": "/bin/false"}, "useradd -s /bin/false -M -r a"),
        (
            {"uid": 0, "non_unique": True, "umask": "077", "uid_min": 9},
            "useradd -u 0 -o -m -K UMASK=077 -K UID_MIN=9 a",
        ),
        ({"expires": 1893456000, "skeleton": "/etc/sk"}, "useradd -e 2030-01-01 -m -k /etc/sk a"),
    ],
)
def test_useradd(given, argv):
    new = {"exists": False}
    asked = change(now=new, **given)
    assert user.create_command(args(**given), Change({}, asked), False) == argv.split()


@pytest.mark.parametrize(
    "given, argv",
    [
        ({"shell": "/bin/bash", "groups": ["sudo"]}, "usermod -s /bin/bash -G sudo a"),
        ({"home": "/", "move_home": True}, "usermod -d / -m a"),
        ({"expires": 1893456000}, "usermod -e 2030-01-01 a"),
        ({"password": "$6$n$n"}, ""),
    ],
)
def test_usermod_and_no_password_on_its_command_line(given, argv):
    made = user.modify_command(args(**given), Change({}, change(**given)), {"home": "/"})
    assert made == (argv.split() or None)


@pytest.mark.parametrize(
    "text, looks_plain",
    [
        ("secret", True),
        ("$6$salt$" + "a" * 86, False),
        ("$6$salt$short", True),
        ("!", False),
        ("*", False),
        ("*************", False),
        ("!*", False),
        ("*a*", True),
        ("!$5$salt$" + "b" * 43, False),
        ("$y$j9T$salt$hash", False),
        ("abcdefghijklm", False),
        ("$6$salt$a b", True),
    ],
)
def test_a_password_that_is_no_hash_is_noticed(text, looks_plain):
    assert user.suspicious(text) is looks_plain


def test_a_diff_shows_no_hash():
    outcome = type("Outcome", (), {"change": Change({"password": "old"}, {"password": "new", "shell": "/bin/sh"})})
    shown = user.diff(args(), outcome)
    assert "old" not in str(shown) and "new" not in str(shown) and "shell: /bin/sh" in shown["after"]


@pytest.mark.parametrize(
    "public, told",
    [
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOouzcxv5jMpwFaIqXY27tSrtZYWp8n8J1eIPssoxpoJ c",
            "256 SHA256:o6V1po11vT2pJfs3+2kn4gaKzKY/IwfLqc4uBcfe/AA c (ED25519)",
        ),
        ("garbage", ""),
    ],
)
def test_fingerprints_are_those_of_ssh_keygen(public, told):
    assert sshkey.fingerprint(public) == told


@pytest.mark.parametrize(
    "given, now, argv",
    [
        ({"gid": 7}, None, "groupadd -g 7 g"),
        ({"system": True, "gid_min": 5}, None, "groupadd -r -K GID_MIN=5 g"),
        ({"gid": 7, "non_unique": True}, 8, "groupmod -g 7 -o g"),
        ({"state": "absent", "force": True}, 8, "groupdel -f g"),
    ],
)
def test_group_commands(given, now, argv):
    full = group.SPEC.complete(group.SPEC.normalize(dict({"name": "g"}, **given), "group"))
    have = {"exists": now is not None, "gid": now}
    assert group.command(full, difference(have, group.want(full, have))) == argv.split()


@pytest.mark.parametrize(
    "umask, lines, mode",
    [
        (None, [], 0o755),
        ("077", ["HOME_MODE 0750"], 0o700),
        (None, ["HOME_MODE 0750"], 0o750),
        (None, ["UMASK 027"], 0o750),
    ],
)
def test_the_mode_of_a_home_directory(umask, lines, mode):
    assert userfiles.home_mode(umask, lines) == mode


def test_group_refuses_what_a_local_group_cannot_have():
    full = group.SPEC.complete({"name": "g", "local": True, "gid_min": 5})
    with pytest.raises(Failed, match="'gid_min' can not be used with 'local'"):
        group.want(full, {"exists": False, "gid": None})


def test_what_is_already_so_needs_nothing():
    result = run_module("user", {"name": "root", "uid": 0, "shell": _shell_of_root(), "create_home": False})
    assert result["changed"] is False and result["uid"] == 0 and result["home"] == "/root"
    assert run_module("group", {"name": "root", "gid": 0})["changed"] is False
    assert run_module("group", {"name": "no-such-group", "state": "absent"}) == {
        "changed": False,
        "name": "no-such-group",
        "state": "absent",
    }


def _shell_of_root():
    import pwd

    return pwd.getpwuid(0).pw_shell


def test_append_without_groups_is_noticed():
    told = run_module("user", {"name": "root", "append": True}, check=True)
    assert told["warnings"] == [
        "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups."
    ]
    assert "warnings" not in run_module("user", {"name": "root", "append": True, "groups": "root"}, check=True)


@pytest.mark.parametrize(("name", "value"), [("umask", "022"), ("uid_min", 1000), ("uid_max", 2000)])
def test_what_does_not_go_with_local(name, value):
    told = run_module("user", {"name": "no_such_user", "local": True, name: value}, check=True)
    assert told["failed"] and told["msg"] == f"'{name}' can not be used with 'local'"


def test_a_key_is_not_written_through_what_lies_there(tmp_path, monkeypatch):
    def generate(host, path, *_):
        for name in (path, path + ".pub"):
            with open(name, "w") as made:
                made.write("key")

    monkeypatch.setattr(sshkey, "generate", generate)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "other").write_text("mine")
    (tmp_path / ".ssh" / "id_rsa.pub").symlink_to(tmp_path / "other")
    args = user.SPEC.complete({"name": "a", "ssh_key_type": "rsa", "force": False})
    entry = {"home": str(tmp_path), "uid": os.getuid(), "gid": os.getgid()}
    with pytest.raises(Failed, match="exists already"):
        userfiles.make_key(None, args, entry)
    assert not (tmp_path / ".ssh" / "id_rsa").exists() and (tmp_path / ".ssh" / "id_rsa.pub").is_symlink()
    userfiles.make_key(None, dict(args, force=True), entry)
    assert (tmp_path / "other").read_text() == "mine" and (tmp_path / ".ssh" / "id_rsa.pub").read_text() == "key"


@pytest.mark.parametrize("user_is_owner", [True, False])
def test_a_link_out_of_a_home_leads_to_the_users_own_only(tmp_path, user_is_owner):
    (tmp_path / "home").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "home" / ".ssh").symlink_to(tmp_path / "other")
    entry = {"home": str(tmp_path / "home"), "uid": os.getuid() + (not user_is_owner), "gid": os.getgid()}
    folder = f"{tmp_path}/home/.ssh"
    if user_is_owner:
        with userfiles.pinned(folder, entry) as (_, inside):
            (tmp_path / "home" / ".ssh").unlink()
            (Path(inside) / "file").write_text("there")
        assert (tmp_path / "other" / "file").read_text() == "there"
    else:
        with pytest.raises(Failed, match=f"{folder} leads to {tmp_path}/other, which does not belong to the user"):
            with userfiles.pinned(folder, entry):
                pass
