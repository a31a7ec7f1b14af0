"""openssl_privatekey_pipe: keys made and returned, kept, refused."""

import base64
import shutil

import pytest
from run_module import run_module

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def call(check=False, **args):
    return run_module("openssl_privatekey_pipe", args, check=check, diff=True)


def test_a_key_is_made_and_kept():
    looked = call(True, size=1024)
    assert looked["changed"] and looked["privatekey"] and looked["fingerprint"]
    made = call(size=1024)
    assert made["changed"] and made["privatekey"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    kept = call(size=1024, content=made["privatekey"])
    assert not kept["changed"] and kept["fingerprint"] == made["fingerprint"] and "privatekey" not in kept
    kept = call(size=1024, content=made["privatekey"], return_current_key=True)
    assert not kept["changed"] and kept["privatekey"] == made["privatekey"]
    other = call(size=1024, type="ECC", curve="secp256r1", content=made["privatekey"])
    assert other["changed"] and other["diff"]["before"]["type"] == "RSA" and other["diff"]["after"]["type"] == "ECC"
    converted = call(size=1024, content=made["privatekey"], format="pkcs8", format_mismatch="convert")
    assert converted["changed"] and converted["fingerprint"] == made["fingerprint"]


def test_raw_keys_come_in_base64():
    made = call(type="X25519", format="raw")
    assert len(base64.b64decode(made["privatekey"])) == 32
    kept = call(type="X25519", format="raw", content=made["privatekey"], content_base64=True)
    assert not kept["changed"] and kept["fingerprint"] == made["fingerprint"]


def test_refusals():
    made = call(size=1024)["privatekey"]
    assert call(size=2048, content=made, regenerate="fail")["msg"].startswith("Key has wrong type and/or size.")
    assert call(size=1024, content="junk", regenerate="never")["msg"].startswith("Unable to read the key.")
    assert call(size=1024, content="!", content_base64=True)["msg"].startswith("Cannot decode Base64 encoded data")
    assert call(type="ECC")["msg"] == "type is ECC but all of the following are missing: curve"
