"""htpasswd: users of a web server's user file, hashes as Apache's own htpasswd and passlib make them."""

import os

import pytest
from run_module import run_module

from fleet.modules import htpasswd as module
from fleet.remote import webpasswords as hashes

RECORDED = [
    ("s4", "$apr1$SrcfPW6G$6M4sgduTg5SxjjE8Hbe5Y1"),
    ("s3", "{SHA}3TOghLoiPdIxsKqWL3elkgAXvIs="),
    ("s3", "$1$15XLV3vI$KhxN5aLZJYERkr5PHKVJz."),
    ("s3", "4L4u1rw7AUJh6"),
    ("s3", "s3"),
    ("", ""),
]


@pytest.mark.parametrize(("password", "entry"), RECORDED)
def test_hashes_of_other_programs_are_right(password, entry):
    assert hashes.verify(password, entry)
    assert not hashes.verify("wrong", entry)


def test_bcrypt_where_the_host_has_it():
    if not hashes.crypt("s3", "$2b$04$" + "." * 22):
        pytest.skip("crypt(3) without bcrypt")
    made = hashes.make("s3", "bcrypt")
    assert made.startswith("$2b$12$") and hashes.verify("s3", made) and not hashes.verify("s4", made)


@pytest.mark.parametrize("scheme", ["apr_md5_crypt", "md5_crypt", "des_crypt", "ldap_sha1", "plaintext", "portable"])
def test_what_is_made_is_right(scheme):
    assert hashes.verify("pä ss", hashes.make("pä ss", scheme))


LINES = [
    (b"a:1\nb:2\na:3\n", "a", "a:x\n", b"a:x\nb:2\n"),
    (b"# a:1\n\nb:2", "a", "a:x\n", b"# a:1\n\nb:2\na:x\n"),
    (b"ab:1\na:2\n", "a", None, b"ab:1\n"),
    (b"\xff:1\n", "a", "a:x\n", b"\xff:1\na:x\n"),
]


@pytest.mark.parametrize(("before", "name", "line", "after"), LINES)
def test_lines(before, name, line, after):
    assert module.with_line(before, name, line) == after


def call(path, check=False, **args):
    return run_module("htpasswd", {"path": str(path), "name": "ann", **args}, check=check, diff=True)


def test_a_user_comes_changes_and_goes(tmp_path):
    path = tmp_path / "users"
    assert call(path, True, password="s3")["msg"] == f"Create {path}" and not path.exists()
    assert call(path, password="s3", mode="0640")["msg"] == (
        f"Created {path} and added ann and ownership, perms or SE linux context changed"
    )
    first = path.read_bytes()
    assert first.startswith(b"ann:$apr1$") and os.stat(path).st_mode & 0o777 == 0o640
    told = call(path, password="s3", hash_scheme="ldap_sha1")
    assert (told["changed"], told["msg"]) == (False, "ann already present")
    assert not call(path)["changed"]
    told = call(path, password="s4")
    assert (told["changed"], told["msg"]) == (True, "Add/update ann")
    assert "$apr1$" not in str(told["diff"]) and path.read_bytes() != first
    assert call(path, True, state="absent")["changed"] and path.read_bytes()
    assert call(path, state="absent")["msg"] == "Remove ann" and path.read_bytes() == b""
    assert call(path, state="absent") == {"changed": False, "msg": "ann not present"}


BAD = [
    ({"name": "a:b", "password": "x"}, "user contains invalid characters: 'a:b'"),
    ({"password": "x\ny"}, "line end"),
    ({"password": "x", "create": False}, "does not exist"),
    ({}, "password is needed: the user ann is not in"),
    ({"password": "x", "hash_scheme": "rot13"}, "no crypt handler found for algorithm: 'rot13'"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(args, message, tmp_path):
    told = call(tmp_path / "users", **args)
    assert told["failed"] and message in told["msg"] and list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path):
    assert "cannot read" in call(tmp_path, password="x")["msg"]
