"""Keys apt trusts: packets, fingerprints, keyrings."""

import base64
import hashlib

import pytest
from run_module import run_module

from fleet.modules import apt_key
from fleet.remote import openpgp


def key_packet(text, tag=6):
    body = b"\x04" + text
    return bytes([0x80 | (tag << 2) | 1]) + len(body).to_bytes(2, "big") + body


def user(text):
    return bytes([0xC0 | 13, len(text)]) + text


ONE = key_packet(b"one") + user(b"a@b") + key_packet(b"sub", 14)
TWO = key_packet(b"two" * 100) + user(b"c" * 180)


def print_of(text):
    body = b"\x04" + text
    return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()


def armored(data, headers=b"Version: x\n\n"):
    return (
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
        + headers
        + base64.encodebytes(data)
        + b"=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
    )


def test_keys_and_subkeys_have_fingerprints():
    found = openpgp.keys(ONE + TWO)
    assert [key.fingerprint for key in found] == [print_of(b"one"), print_of(b"two" * 100)]
    assert found[0].subkeys == [print_of(b"sub")] and found[0].data == ONE and found[1].data == TWO


@pytest.mark.parametrize("headers", [b"Version: x\n\n", b"\n", b""])
def test_armor_is_taken_off(headers):
    assert openpgp.dearmor(b"text before\n" + armored(ONE, headers)) == ONE
    assert openpgp.dearmor(armored(ONE) + armored(TWO)) == ONE + TWO


@pytest.mark.parametrize("data", [b"xx", b"<html>", ONE[:-1], b"\xc6", armored(b"")[:40], key_packet(b"x", 5)])
def test_what_is_no_key_is_refused(data):
    with pytest.raises(ValueError):
        openpgp.keys(data)


def test_ids_of_all_lengths_name_a_key():
    key, whole = openpgp.keys(ONE)[0], print_of(b"one")
    for name in (whole, whole[-16:], whole[-8:], "0x" + whole[-8:].lower(), print_of(b"sub")[-8:]):
        assert openpgp.is_named(key, name), name
    assert not openpgp.is_named(key, print_of(b"two" * 100))


def test_cutting_out_a_key_keeps_the_others():
    assert openpgp.without(ONE + TWO, print_of(b"one")) == TWO


def test_a_key_is_added_once_and_removed(tmp_path):
    ring, name = tmp_path / "ring.gpg", print_of(b"one")
    args = {"data": armored(ONE).decode(), "keyring": str(ring)}
    assert run_module("apt_key", args, check=True)["changed"] and not ring.exists()
    result = run_module("apt_key", args)
    assert (result["changed"], result["fp"], result["short_id"]) == (True, name[-16:], name[-8:])
    assert result["before"] == [] and name[-16:] in result["after"] and ring.read_bytes() == ONE
    assert run_module("apt_key", args)["changed"] is False
    run_module("apt_key", {"data": armored(TWO).decode(), "keyring": str(ring)})
    assert ring.read_bytes() == ONE + TWO
    gone = {"id": name, "state": "absent", "keyring": str(ring)}
    assert run_module("apt_key", gone)["changed"] and ring.read_bytes() == TWO
    assert run_module("apt_key", gone)["changed"] is False


def test_what_is_no_keyring_is_not_added_to(tmp_path):
    ring = tmp_path / "ring.gpg"
    ring.write_bytes(b"old\n")
    told = run_module("apt_key", {"data": armored(ONE).decode(), "keyring": str(ring)})
    assert told["failed"] and f"{ring} is no keyring" in told["msg"] and ring.read_bytes() == b"old\n"


def test_an_armored_keyring_stays_armored(tmp_path):
    """apt ignores a file of the ending .asc that is binary."""
    ring = tmp_path / "ring.asc"
    ring.write_bytes(armored(ONE))
    assert run_module("apt_key", {"data": armored(TWO).decode(), "keyring": str(ring)})["changed"]
    assert ring.read_bytes().startswith(b"-----BEGIN PGP") and openpgp.dearmor(ring.read_bytes()) == ONE + TWO
    assert run_module("apt_key", {"id": print_of(b"one"), "state": "absent", "keyring": str(ring)})["changed"]
    assert ring.read_bytes().startswith(b"-----BEGIN PGP") and openpgp.dearmor(ring.read_bytes()) == TWO


def test_nothing_is_fetched_for_a_key_that_is_there(tmp_path):
    ring = tmp_path / "ring.gpg"
    ring.write_bytes(ONE)
    args = {"id": print_of(b"one")[-16:], "url": "http://nosuch.invalid/key", "keyring": str(ring)}
    assert run_module("apt_key", args)["changed"] is False


def test_a_key_that_is_not_the_one_named_is_refused(tmp_path):
    args = {"id": print_of(b"two" * 100), "data": armored(ONE).decode(), "keyring": str(tmp_path / "r")}
    assert "not " + print_of(b"two" * 100) in run_module("apt_key", args)["msg"]
    assert run_module("apt_key", {"data": "xx", "keyring": str(tmp_path / "r")})["msg"].startswith(
        "Unable to extract key from 'inline data'"
    )


@pytest.mark.parametrize(
    "server, url",
    [
        ("keyserver.ubuntu.com", "https://keyserver.ubuntu.com"),
        ("hkp://pool.example:80", "http://pool.example:80"),
        ("hkp://pool.example", "http://pool.example:11371"),
        ("hkps://k.example", "https://k.example"),
        ("http://k.example/", "http://k.example"),
    ],
)
def test_addresses_of_key_servers(server, url):
    assert apt_key.keyserver_url(server, "0xAB CD") == url + "/pks/lookup?op=get&options=mr&search=0xABCD"
