"""openssh_keypair: pairs made, kept, given another comment, refused; keys read without ssh-keygen."""

import os
import shutil
import subprocess

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import sshprivate
from fleet.remote.host import Host

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
ED = {"type": "ed25519"}
KINDS = [
    ("rsa", {"size": 1024}, 1024),
    ("ecdsa", {}, 256),
    ("ecdsa", {"size": 521}, 521),
    ("ed25519", {"size": 77}, 256),
]


def call(path, check=False, **args):
    return run_module("openssh_keypair", {"path": str(path), **args}, check=check, diff=True)


def said(*words):
    return subprocess.run(["ssh-keygen", *words], capture_output=True, check=True, text=True).stdout


@pytest.mark.parametrize(("kind", "args", "size"), KINDS)
def test_every_kind_is_made_and_kept(kind, args, size, tmp_path):
    path = tmp_path / "id"
    looked = call(path, True, type=kind, **args)
    assert looked["changed"] and looked["fingerprint"] == "" and os.listdir(tmp_path) == []
    told = call(path, type=kind, comment="ä b", **args)
    assert told["changed"] and (told["size"], told["type"], told["comment"]) == (size, kind, "ä b")
    assert told["fingerprint"] == said("-l", "-f", str(path)).split()[1]
    assert told["public_key"] == " ".join(said("-y", "-P", "", "-f", str(path)).split()[:2])
    assert (tmp_path / "id.pub").read_text() == told["public_key"] + " ä b\n"
    assert [os.stat(tmp_path / name).st_mode & 0o777 for name in ("id", "id.pub")] == [0o600, 0o644]
    host = FakeHost({})
    again = run_on(host, "openssh_keypair", {"path": str(path), "type": kind, **args})
    assert not again["changed"] and again["fingerprint"] == told["fingerprint"] and host.calls == []
    assert sorted(os.listdir(tmp_path)) == ["id", "id.pub"]


def test_the_public_half_and_its_comment(tmp_path):
    path, public = tmp_path / "id", tmp_path / "id.pub"
    made = call(path, comment="one", **ED)
    assert not call(path, comment="one", **ED)["changed"]
    private = path.read_bytes()
    assert call(path, True, comment="two", **ED)["changed"] and "one" in public.read_text()
    told = call(path, comment="two", **ED)
    assert told["changed"] and told["fingerprint"] == made["fingerprint"] and path.read_bytes() != private
    assert said("-l", "-f", str(path)).split()[2] == "two" and public.read_text().endswith(" two\n")
    public.unlink()
    assert call(path, **ED)["changed"] and public.read_text() == made["public_key"] + "\n"
    public.write_text("junk\n")
    assert call(path, comment="three", **ED)["comment"] == "three"
    assert not call(path, comment="three", **ED)["changed"]


PLANS = [
    ({}, {"type": "ecdsa"}, "changed"),
    ({}, {"type": "ecdsa", "regenerate": "fail"}, "Key has wrong type and/or size."),
    ({}, {"type": "ecdsa", "regenerate": "never"}, "kept"),
    ({}, {"regenerate": "always"}, "changed"),
    ({}, {"force": True}, "changed"),
    ({}, {"passphrase": "other"}, "Unable to read the key."),
    ({}, {"passphrase": "other", "regenerate": "full_idempotence"}, "changed"),
    ({"passphrase": "phräse"}, {"passphrase": "phräse"}, "kept"),
    ({"passphrase": "phrase"}, {"passphrase": "other"}, "Unable to read the key."),
    ({"passphrase": "phrase"}, {}, "Unable to read the key."),
    ({"passphrase": "phrase"}, {"regenerate": "never"}, "Unable to read the key."),
    ({"passphrase": "phrase"}, {"regenerate": "full_idempotence"}, "changed"),
    ({"type": "ecdsa"}, {"type": "ecdsa", "private_key_format": "pkcs8"}, "kept"),
    ({"type": "ecdsa"}, {"type": "ecdsa", "private_key_format": "pkcs8", "backend": "cryptography"}, "changed"),
]


@pytest.mark.parametrize(("first", "second", "outcome"), PLANS)
def test_what_becomes_of_a_key_that_is_there(first, second, outcome, tmp_path):
    path = tmp_path / "id"
    before = call(path, **{**ED, **first})
    content = path.read_bytes()
    told = call(path, **{**ED, **second})
    if outcome not in ("changed", "kept"):
        assert told["failed"] and told["msg"].startswith(outcome) and path.read_bytes() == content
        return
    assert told["changed"] == (outcome == "changed")
    assert (told["fingerprint"] == before["fingerprint"]) == (outcome == "kept")
    if not (second.get("force") or second.get("regenerate") == "always"):
        assert not call(path, **{**ED, **second})["changed"]


def test_a_comment_goes_into_an_encrypted_key(tmp_path):
    path = tmp_path / "id"
    made = call(path, passphrase="phrase", **ED)
    told = call(path, passphrase="phrase", comment="c", **ED)
    assert told["changed"] and told["comment"] == "c" and told["fingerprint"] == made["fingerprint"]
    assert not call(path, passphrase="phrase", comment="c", **ED)["changed"]


def test_attributes_are_those_of_both_files(tmp_path):
    path = tmp_path / "id"
    call(path, mode="0640", **ED)
    assert [os.stat(tmp_path / name).st_mode & 0o777 for name in ("id", "id.pub")] == [0o640, 0o640]
    assert not call(path, mode="0640", **ED)["changed"]
    os.chmod(tmp_path / "id.pub", 0o600)
    assert call(path, mode="0640", **ED)["changed"] and not call(path, **ED)["changed"]


def test_absence(tmp_path):
    path = tmp_path / "id"
    made = call(path, **ED)
    told = call(path, True, state="absent", **ED)
    assert told["changed"] and told["fingerprint"] == made["fingerprint"] and path.exists()
    assert call(path, state="absent", **ED)["changed"] and os.listdir(tmp_path) == []
    assert not call(path, state="absent", **ED)["changed"]


BAD = [
    ({"size": 512}, "For RSA keys, the minimum size is 1024 bits"),
    ({"type": "dsa", "size": 2048}, "DSA keys must be exactly 1024 bits"),
    ({"type": "ecdsa", "size": 250}, "For ECDSA keys, size determines the key length"),
    ({"type": "rsa1"}, "unknown key type rsa1"),
    ({"type": "ed25519", "comment": "a\nb"}, "comment must be a single line"),
    ({"type": "ed25519", "passphrase": "abc"}, "passphrase is too short"),
    ({"size": []}, "argument 'size' is of type"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(args, message, tmp_path):
    told = call(tmp_path / "id", **args)
    assert told["failed"] and message in told["msg"] and os.listdir(tmp_path) == []


def test_places_and_missing_programs(tmp_path):
    assert call(tmp_path)["msg"] == f"{tmp_path} is a directory. Please specify a path to a file."
    assert "does not exist or the file is not a directory" in call(tmp_path / "no" / "id")["msg"]
    told = run_on(FakeHost({}), "openssh_keypair", {"path": str(tmp_path / "id"), **ED})
    assert told["msg"] == "the program ssh-keygen was not found; install the package openssh-client on the host"
    assert os.listdir(tmp_path) == []


def test_every_cut_of_a_key_is_refused(tmp_path):
    call(tmp_path / "id", **ED)
    content = (tmp_path / "id").read_bytes()
    whole = sshprivate.look(Host(), content)
    data = sshprivate.pem.first(content, "PRIVATE KEY").data
    for end in range(len(data)):
        found = sshprivate.look(Host(), sshprivate.pem.write("OPENSSH PRIVATE KEY", data[:end]))
        assert found is None or found.blob == whole.blob
    assert sshprivate.look(Host(), b"\xff\0") is None
