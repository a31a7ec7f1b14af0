"""openssl_privatekey: keys made, kept, converted, refused; each kind read without the program that made it."""

import base64
import os
import shutil
import subprocess

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import der, pem, privkey, pubkey
from fleet.remote.host import Failed, Host

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
QUICK = {"size": 1024}
KINDS = [
    ("RSA", QUICK, "RSA PRIVATE KEY"),
    ("ECC", {"curve": "secp256r1"}, "EC PRIVATE KEY"),
    ("ECC", {"curve": "secp384r1", "format": "pkcs8"}, "PRIVATE KEY"),
    ("DSA", QUICK, "DSA PRIVATE KEY"),
    ("Ed25519", {}, "PRIVATE KEY"),
    ("X448", {}, "PRIVATE KEY"),
]


def call(path, check=False, **args):
    return run_module("openssl_privatekey", {"path": str(path), **args}, check=check, diff=True)


def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True, check=True).stdout


@pytest.mark.parametrize(("kind", "args", "label"), KINDS)
def test_every_kind_is_made_and_kept(kind, args, label, tmp_path):
    path = tmp_path / "key.pem"
    looked = call(path, True, type=kind, **args)
    assert looked["changed"] and looked["fingerprint"] is None and not path.exists()
    made = call(path, type=kind, **args)
    assert made["changed"] and made["type"] == kind and made["filename"] == str(path)
    assert path.read_text().startswith(f"-----BEGIN {label}-----\n")
    assert os.stat(path).st_mode & 0o777 == 0o600
    public = openssl("pkey", "-in", str(path), "-pubout", "-outform", "DER")
    assert made["fingerprint"] == pubkey.fingerprints(public)
    again = call(path, type=kind, **args)
    assert not again["changed"] and again["fingerprint"] == made["fingerprint"]


def test_a_key_without_passphrase_is_read_without_a_program(tmp_path):
    path = tmp_path / "key.pem"
    call(path, type="ECC", curve="secp256r1")
    host = FakeHost({})
    told = run_on(host, "openssl_privatekey", {"path": str(path), "type": "ECC", "curve": "secp256r1"})
    assert not told["changed"] and host.calls == []


PLANS = [
    ({}, {"size": 2048}, "changed"),
    ({}, {"type": "ECC", "curve": "secp256r1"}, "changed"),
    ({}, {"size": 2048, "regenerate": "never"}, "kept"),
    ({}, {"size": 2048, "regenerate": "fail"}, "Key has wrong type and/or size. Will not proceed."),
    ({}, {"size": 2048, "regenerate": "partial_idempotence"}, "changed"),
    ({}, {"regenerate": "always"}, "changed"),
    ({}, {"force": True, "regenerate": "fail"}, "changed"),
    ({}, {"passphrase": "other"}, "changed"),
    ({}, {"passphrase": "other", "regenerate": "partial_idempotence"}, "Unable to read the key."),
    ({}, {"passphrase": "other", "regenerate": "never"}, "Unable to read the key."),
    ({}, {"format": "pkcs8"}, "changed"),
    ({}, {"format": "pkcs8", "regenerate": "fail"}, "Key has wrong format."),
    ({}, {"format": "pkcs8", "format_mismatch": "convert", "regenerate": "fail"}, "converted"),
    ({"format": "pkcs8"}, {"format": "auto", "format_mismatch": "convert"}, "converted"),
    ({"format": "pkcs8"}, {}, "kept"),
    ({"passphrase": "pässword"}, {"passphrase": "pässword"}, "kept"),
    ({"passphrase": "pässword", "format": "pkcs8"}, {"passphrase": "pässword", "format": "pkcs1",
                                                     "format_mismatch": "convert"}, "converted"),
    ({"passphrase": "a"}, {"passphrase": "b", "regenerate": "fail"}, "Unable to read the key."),
    ({"passphrase": "a"}, {"passphrase": "b"}, "changed"),
    ({"passphrase": "a"}, {}, "changed"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "outcome"), PLANS)
def test_what_becomes_of_a_key_that_is_there(first, second, outcome, tmp_path):
    path = tmp_path / "key.pem"
    before = call(path, **{**QUICK, **first})
    content = path.read_bytes()
    told = call(path, **{**QUICK, **second})
    if outcome not in ("changed", "kept", "converted"):
        assert told["failed"] and told["msg"].startswith(outcome)
        assert path.read_bytes() == content
        return
    assert told["changed"] == (outcome != "kept")
    assert (path.read_bytes() == content) == (outcome == "kept")
    assert (told["fingerprint"] == before["fingerprint"]) == (outcome != "changed")
    if not (second.get("force") or second.get("regenerate") == "always"):
        assert not call(path, **{**QUICK, **second})["changed"]


def test_raw_keys(tmp_path):
    path = tmp_path / "raw"
    made = call(path, type="Ed25519", format="raw", return_content=True)
    assert len(path.read_bytes()) == 32 and base64.b64decode(made["privatekey"]) == path.read_bytes()
    assert not call(path, type="Ed25519", format="raw")["changed"]
    told = call(path, type="Ed25519", format="auto", format_mismatch="convert")
    assert told["fingerprint"] == made["fingerprint"] and path.read_text().startswith("-----BEGIN PRIVATE KEY")


def test_the_passphrase_is_in_no_argument_and_no_named_file(tmp_path, monkeypatch):
    seen = []
    run = Host.run

    def watched(self, argv, **more):
        seen.append((argv, self.environ()))
        return run(self, argv, **more)

    monkeypatch.setattr(Host, "run", watched)
    call(tmp_path / "key.pem", passphrase="s3cr3t-phrase", **QUICK)
    call(tmp_path / "key.pem", passphrase="s3cr3t-phrase", **QUICK)
    assert len(seen) > 2 and "s3cr3t-phrase" not in str(seen)
    assert "ENCRYPTED" in (tmp_path / "key.pem").read_text()
    assert os.listdir(tmp_path) == ["key.pem"]


def test_attributes_backup_and_absence(tmp_path):
    path = tmp_path / "key.pem"
    call(path, mode="0640", **QUICK)
    assert os.stat(path).st_mode & 0o777 == 0o640
    content = path.read_bytes()
    assert call(path, **QUICK)["changed"], "without a mode it is 0600"
    assert os.stat(path).st_mode & 0o777 == 0o600 and path.read_bytes() == content
    told = call(path, backup=True, type="Ed25519", return_content=True)
    assert told["privatekey"] == path.read_text()
    with open(told["backup_file"], "rb") as kept:
        assert kept.read() == content
    assert os.stat(told["backup_file"]).st_mode & 0o777 == 0o600
    assert call(path, True, state="absent")["changed"] and path.exists()
    gone = call(path, state="absent", backup=True)
    assert gone["changed"] and gone["fingerprint"] is None and gone["backup_file"] and not path.exists()
    assert not call(path, state="absent")["changed"]


def test_a_planted_link_is_replaced_not_written_through(tmp_path):
    target = tmp_path / "elsewhere"
    target.write_bytes(b"mine\n")
    path = tmp_path / "key.pem"
    path.symlink_to(target)
    assert call(path, type="Ed25519")["changed"]
    assert target.read_bytes() == b"mine\n" and not path.is_symlink()


def test_the_diff_shows_the_public_side(tmp_path):
    path = tmp_path / "key.pem"
    told = call(path, return_content=True, **QUICK)
    assert told["diff"]["before"] == {}
    shown = told["diff"]["after"]
    assert shown["type"] == "RSA" and shown["public_data"]["exponent"] == 65537
    secret = privkey.load(Host(), path.read_bytes())
    numbers = [part.integer() for part in der.whole(secret.inner).parts()]
    assert not any(str(number) in str(told["diff"]) for number in numbers[3:])
    path.write_bytes(b"junk")
    assert call(path, **QUICK)["diff"]["before"] == {"can_parse_key": False}


BAD = [
    ({"type": "ECC"}, "type is ECC but all of the following are missing: curve"),
    ({"type": "rsa"}, "value of type must be one of: DSA, ECC"),
    ({"size": "big"}, "argument 'size' is of type"),
    ({"size": 100}, "size must be at least 512, not 100"),
    ({"type": "Ed25519", "format": "pkcs1"}, 'cannot serialize the private key in the required format "pkcs1"'),
    ({"format": "raw"}, 'cannot serialize the private key in the required format "raw"'),
    ({"passphrase": "x", "cipher": "aes256"}, 'can only use "auto" for cipher option'),
    ({"size": 512, "passphrase": "a\nb"}, "a passphrase must be a single line"),
    ({"mode": "rwx"}, "mode must be in octal or symbolic form"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(args, message, tmp_path):
    told = call(tmp_path / "key.pem", **args)
    assert told["failed"] and message in told["msg"] and os.listdir(tmp_path) == []


def test_places_where_no_file_can_be(tmp_path):
    assert call(tmp_path / "no" / "key.pem")["msg"] == (
        f"The directory {tmp_path}/no does not exist or the file is not a directory"
    )
    assert "Is a directory" in call(tmp_path)["msg"]


def test_a_host_without_openssl(tmp_path):
    told = run_on(FakeHost({}), "openssl_privatekey", {"path": str(tmp_path / "k"), "size": 1024})
    assert told["msg"] == "the program openssl was not found; install the package openssl on the host"


BROKEN = [
    b"",
    b"\xff\xfe binary",
    b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    b"-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n",
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
    b"-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n",
]


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_no_key(content):
    with pytest.raises(Failed):
        privkey.load(Host(), content)


def test_every_cut_of_a_key_is_refused(tmp_path):
    call(tmp_path / "k", **QUICK)
    data = pem.first((tmp_path / "k").read_bytes(), "PRIVATE KEY").data
    for end in range(len(data)):
        with pytest.raises(Failed):
            privkey.load(Host(), pem.write("RSA PRIVATE KEY", data[:end]))


def test_openssh_lines_are_those_of_ssh_keygen(tmp_path):
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    for kind, args in (("RSA", QUICK), ("ECC", {"curve": "secp521r1"})):
        path = tmp_path / kind
        call(path, type=kind, **args)
        told = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, check=True).stdout
        assert told.split()[:2] == pubkey.as_openssh(privkey.load(Host(), path.read_bytes()).public).split()
