"""openssl_privatekey_info, openssl_publickey, openssl_dhparam."""

import os
import shutil
import subprocess

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import openssl_dhparam
from fleet.remote import der, pem, privkey
from fleet.remote.host import Host

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
KINDS = [
    ({"size": 1024}, {"p", "q", "exponent"}, True),
    ({"type": "ECC", "curve": "secp256r1"}, {"multiplier"}, True),
    ({"type": "DSA", "size": 1024}, {"x"}, True),
    ({"type": "Ed25519"}, set(), True),
    ({"type": "X25519"}, set(), None),
]


@pytest.mark.parametrize(("args", "secrets", "consistent"), KINDS)
def test_a_key_is_described(args, secrets, consistent, tmp_path):
    path = str(tmp_path / "k")
    made = run_module("openssl_privatekey", {"path": path, **args})
    told = run_module("openssl_privatekey_info", {"path": path})
    assert told["public_key_fingerprints"] == made["fingerprint"] and told["type"] == made["type"]
    assert "private_data" not in told and told["key_is_consistent"] is None and told["can_parse_key"]
    more = {"path": path, "return_private_key_data": True, "check_consistency": True}
    told = run_module("openssl_privatekey_info", more)
    assert set(told["private_data"]) == secrets and told["key_is_consistent"] is consistent
    public = subprocess.run(["openssl", "pkey", "-in", path, "-pubout"], capture_output=True, text=True, check=True)
    assert told["public_key"] == public.stdout


def test_a_faked_key_is_found_out(tmp_path):
    run_module("openssl_privatekey", {"path": str(tmp_path / "k"), "size": 1024})
    key = privkey.load(Host(), (tmp_path / "k").read_bytes())
    numbers = [part.integer() for part in der.whole(key.inner).parts()]
    numbers[1] += 2
    fake = pem.write("RSA PRIVATE KEY", der.sequence(*map(der.integer, numbers))).decode()
    told = run_module("openssl_privatekey_info", {"content": fake, "check_consistency": True})
    assert told["failed"] and told["key_is_consistent"] is False and told["type"] == "RSA"
    assert told["msg"].startswith("Private key is not consistent!")


def test_keys_that_cannot_be_read(tmp_path):
    run_module("openssl_privatekey", {"path": str(tmp_path / "k"), "size": 1024, "passphrase": "x"})
    told = run_module("openssl_privatekey_info", {"path": str(tmp_path / "k")})
    assert told["msg"] == "Wrong or empty passphrase provided for private key"
    assert (told["can_load_key"], told["can_parse_key"]) == (True, False)
    assert run_module("openssl_privatekey_info", {"path": str(tmp_path / "k"), "passphrase": "x"})["type"] == "RSA"
    told = run_module("openssl_privatekey_info", {"path": str(tmp_path / "none")})
    assert told["can_load_key"] is False and "No such file or directory" in told["msg"]
    assert "private key cannot be parsed" in run_module("openssl_privatekey_info", {"content": "junk"})["msg"]
    assert "one of the following is required: path, content" in run_module("openssl_privatekey_info", {})["msg"]


def test_the_public_half(tmp_path):
    key, path = str(tmp_path / "k"), tmp_path / "pub"
    made = run_module("openssl_privatekey", {"path": key, "size": 1024})
    args = {"path": str(path), "privatekey_path": key}
    looked = run_module("openssl_publickey", args, check=True)
    assert looked["changed"] and looked["fingerprint"] == {} and not path.exists()
    told = run_module("openssl_publickey", {**args, "return_content": True})
    assert told["changed"] and told["fingerprint"] == made["fingerprint"] and told["publickey"] == path.read_text()
    assert path.read_text().startswith("-----BEGIN PUBLIC KEY-----\n")
    host = FakeHost({})
    assert not run_on(host, "openssl_publickey", args)["changed"] and host.calls == []
    told = run_module("openssl_publickey", {**args, "format": "OpenSSH", "backup": True})
    assert told["changed"] and path.read_text().startswith("ssh-rsa AAAA") and os.path.exists(told["backup_file"])
    assert not run_module("openssl_publickey", {**args, "format": "OpenSSH"})["changed"]
    assert run_module("openssl_publickey", {**args, "format": "OpenSSH", "force": True})["changed"]
    gone = run_module("openssl_publickey", {"path": str(path), "state": "absent"})
    assert gone["changed"] and gone["fingerprint"] == {} and gone["privatekey"] is None and not path.exists()


def test_public_keys_that_cannot_be(tmp_path):
    path = str(tmp_path / "pub")
    told = run_module("openssl_publickey", {"path": path})
    assert "state is present but any of the following are missing: privatekey_path, privatekey_content" in told["msg"]
    told = run_module("openssl_publickey", {"path": path, "privatekey_content": "junk"})
    assert "private key cannot be parsed" in told["msg"]
    run_module("openssl_privatekey", {"path": str(tmp_path / "k"), "type": "X25519"})
    told = run_module("openssl_publickey", {"path": path, "privatekey_path": str(tmp_path / "k"), "format": "OpenSSH"})
    assert told["msg"] == "OpenSSH has no such keys: X25519" and not os.path.exists(path)


def test_parameters(tmp_path):
    path = tmp_path / "dh"
    args = {"path": str(path), "size": 512}
    assert run_module("openssl_dhparam", args, check=True)["changed"] and not path.exists()
    told = run_module("openssl_dhparam", {**args, "return_content": True, "mode": "0640"})
    assert told["changed"] and told["size"] == 512 and told["dhparams"] == path.read_text()
    assert os.stat(path).st_mode & 0o777 == 0o640
    assert subprocess.run(["openssl", "dhparam", "-in", str(path), "-noout"], capture_output=True).returncode == 0
    host = FakeHost({})
    assert not run_on(host, "openssl_dhparam", args)["changed"] and host.calls == []
    assert run_module("openssl_dhparam", {**args, "size": 520}, check=True)["changed"]
    content = path.read_bytes()
    told = run_module("openssl_dhparam", {**args, "force": True, "backup": True})
    assert told["changed"] and path.read_bytes() != content and os.path.exists(told["backup_file"])
    path.write_bytes(b"\xffjunk")
    assert run_module("openssl_dhparam", args)["changed"]
    assert run_module("openssl_dhparam", {**args, "state": "absent"})["changed"] and not path.exists()
    assert not run_module("openssl_dhparam", {**args, "state": "absent"})["changed"]


@pytest.mark.parametrize(
    "content", [None, b"", b"junk", pem.write("DH PARAMETERS", b"0\3\2\1"), pem.write("DH PARAMETERS", b"0\0")]
)
def test_what_are_no_parameters(content):
    assert openssl_dhparam.size_of(content) is None


def test_bad_calls(tmp_path):
    path = str(tmp_path / "dh")
    assert run_module("openssl_dhparam", {"path": path, "size": 10})["msg"] == "DH key_size must be at least 512 bits"
    assert "argument 'size' is of type" in run_module("openssl_dhparam", {"path": path, "size": "big"})["msg"]
    told = run_on(FakeHost({}), "openssl_dhparam", {"path": path, "size": 512})
    assert told["msg"] == "the program openssl was not found; install the package openssl on the host"
