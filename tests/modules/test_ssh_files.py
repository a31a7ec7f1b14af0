"""authorized_key and known_hosts: lines of keys, and real files."""

import pytest
from run_module import run_module

from fleet.modules import known_hosts
from fleet.remote import authkeys

ONE = "ssh-ed25519 AAAAone one@x"
TWO = 'no-pty,command="echo \\"a, b\\"" ssh-rsa AAAAtwo two words'


def test_options_may_hold_blanks_commas_and_quotes():
    key = authkeys.parse(TWO)
    assert key.options == ["no-pty", 'command="echo \\"a, b\\""'] and key.comment == "two words"
    assert key.line() == TWO
    assert authkeys.parse("# c") is None and authkeys.parse("garbage here") is None


@pytest.mark.parametrize(
    "lines, keys, more, wanted",
    [
        ([ONE], [ONE], {}, [ONE]),
        (["# c", ONE], [TWO], {}, ["# c", ONE, TWO]),
        (["# c", ONE], [TWO], {"exclusive": True}, ["# c", TWO]),
        ([ONE, TWO], [ONE], {"present": False}, [TWO]),
        ([ONE, TWO], ["no-pty " + ONE], {}, ["no-pty " + ONE, TWO]),
        ([ONE, ONE], [ONE], {}, [ONE]),
        ([TWO], [TWO.replace("no-pty,", "").replace(" ssh-rsa", ",no-pty ssh-rsa")], {}, [TWO]),
    ],
)
def test_merged(lines, keys, more, wanted):
    assert authkeys.merged(lines, [authkeys.parse(key) for key in keys], **more) == wanted


def test_keys_of_a_user(tmp_path):
    path = tmp_path / "keys"
    args = {"user": "root", "key": ONE + "\n" + TWO, "path": str(path), "manage_dir": False}
    assert run_module("authorized_key", args)["keyfile"] == str(path)
    assert path.read_text() == ONE + "\n" + TWO + "\n" and path.stat().st_mode & 0o777 == 0o600
    assert run_module("authorized_key", args)["changed"] is False
    assert run_module("authorized_key", dict(args, key=ONE, comment="new"))["changed"]
    assert path.read_text().splitlines()[0] == "ssh-ed25519 AAAAone new"
    assert run_module("authorized_key", dict(args, key="nonsense"))["msg"] == "invalid key specified: nonsense"
    missing = run_module("authorized_key", {"user": "nobody-here", "key": ONE})
    assert missing["msg"].startswith("Failed to lookup user nobody-here")


HASHED = "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg="
"""192.168.1.61 as ssh-keygen(1) hashes it."""


def test_hashed_names_are_recognised():
    assert known_hosts.covers(HASHED, "192.168.1.61") and not known_hosts.covers(HASHED, "192.168.1.62")
    made = known_hosts.hashed("a.example", b"x" * 20)
    assert known_hosts.covers(made, "a.example")
    assert known_hosts.covers("b,a.example", "a.example") and not known_hosts.covers("|1|bad", "a.example")


def test_a_host_has_one_key_of_a_kind(tmp_path):
    path = tmp_path / "kh"
    path.write_text("# c\na ssh-rsa AAAA\na ssh-ed25519 OLD\nb ssh-ed25519 BBBB\n")
    args = {"name": "a", "key": "a ssh-ed25519 NEW", "path": str(path)}
    assert run_module("known_hosts", args)["changed"]
    assert path.read_text() == "# c\na ssh-rsa AAAA\nb ssh-ed25519 BBBB\na ssh-ed25519 NEW\n"
    assert run_module("known_hosts", args)["changed"] is False
    assert run_module("known_hosts", dict(args, hash_host=True))["changed"]
    assert run_module("known_hosts", dict(args, hash_host=True))["changed"] is False
    assert run_module("known_hosts", {"name": "a", "path": str(path), "state": "absent"})["changed"]
    assert path.read_text() == "# c\nb ssh-ed25519 BBBB\n"
    assert run_module("known_hosts", {"name": "a", "path": str(path)})["msg"] == "No key specified when adding a host"
