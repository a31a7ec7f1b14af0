"""The format: what the real ansible-vault wrote is read, and what is written is what it would have written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.errors import Location
from fleet.vault.crypt import Keys, VaultError, WrongSecret, derive, encrypt, is_vault, parse, unseal

CONTENT = {
    "text": b"user: admin\npassword: '{{ not_a_template }}'\n",
    "empty": b"",
    "block": b"sixteen bytes...",
    "binary": bytes(range(256)),
    "unicode": "schlüssel: ☃\n".encode(),
    "labelled": b"user: admin\npassword: '{{ not_a_template }}'\n",
}
SALT = b"pepper"
FAST: Keys = derive(b"pw", b"salt")


def opened(data: bytes, password: bytes) -> bytes:
    envelope = parse(data)
    return unseal(envelope, derive(password, envelope.salt))


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("ending", ["vault", "salted"])
def test_files_of_ansible_vault_are_opened(cases: Path, password: bytes, name: str, ending: str) -> None:
    assert opened((cases / f"{name}.{ending}").read_bytes(), password) == CONTENT[name]


@pytest.mark.parametrize("name", CONTENT)
def test_the_same_salt_gives_the_bytes_ansible_vault_writes(cases: Path, password: bytes, name: str) -> None:
    label = "dev" if name == "labelled" else "default"
    assert encrypt(CONTENT[name], password, label, SALT) == (cases / f"{name}.salted").read_bytes()


def test_only_a_label_of_ones_own_makes_version_1_2() -> None:
    heads = [encrypt(b"x", b"pw", label, b"s").split(b"\n")[0] for label in ("", "default", "dev")]
    assert heads == [b"$ANSIBLE_VAULT;1.1;AES256", b"$ANSIBLE_VAULT;1.1;AES256", b"$ANSIBLE_VAULT;1.2;AES256;dev"]


def test_salts_are_random_and_lines_are_80_wide() -> None:
    one, two = encrypt(b"x" * 100, b"pw"), encrypt(b"x" * 100, b"pw")
    assert one != two and parse(one).salt != parse(two).salt and len(parse(one).salt) == 32
    assert {len(line) for line in one.split(b"\n")[1:-2]} == {80}
    assert one.endswith(b"\n") and is_vault(one)


def test_another_password_is_noticed(cases: Path) -> None:
    with pytest.raises(WrongSecret):
        opened((cases / "text.vault").read_bytes(), b"wrong")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\n      "),
        lambda data: data.rstrip(b"\n"),
        lambda data: data + b"\n\n",
        lambda data: data.replace(b"1.1", b"1.2"),
    ],
    ids=["crlf", "indented", "no last newline", "blank lines", "1.2 without a label"],
)
def test_what_editors_do_to_a_file_does_no_harm(cases: Path, password: bytes, change) -> None:
    assert opened(change((cases / "text.vault").read_bytes()), password) == CONTENT["text"]


def test_a_label_is_read_and_may_hold_blanks() -> None:
    assert parse(encrypt(b"x", b"pw", "my label", b"s")).label == "my label"
    assert parse(encrypt(b"x", b"pw", "dev", b"s").replace(b"\n", b"\r\n")).label == "dev"
    assert parse(encrypt(b"x", b"pw", "", b"s")).label == ""


def damaged(data: bytes) -> list[tuple[bytes, str]]:
    lines = data.split(b"\n")
    return [
        (b"", "Input is not vault encrypted data"),
        (b"plain: text\n", "Input is not vault encrypted data"),
        (b"\n" + data, "Input is not vault encrypted data"),
        (lines[0], "Vault vaulttext format error"),
        (b"\n".join(lines[:2]), "Vault vaulttext format error"),
        (data.replace(lines[1], b"zz" + lines[1][2:]), "unhexlify error: Non-hexadecimal digit found"),
        (data.rstrip(b"\n")[:-1], "unhexlify error: Odd-length string"),
        (data.replace(b"AES256", b"AES"), "Cipher 'AES' could not be found"),
        (data.replace(b";AES256", b""), "Vault envelope format error"),
    ]


def test_damage_is_named_with_its_place(cases: Path) -> None:
    at = Location("secrets.yml", 3)
    for data, what in damaged((cases / "text.vault").read_bytes()):
        with pytest.raises(VaultError, match=re.escape(what)) as caught:
            parse(data, at)
        assert caught.value.at == at


def test_a_changed_byte_anywhere_in_the_body_is_refused(cases: Path, password: bytes) -> None:
    envelope = parse((cases / "block.vault").read_bytes())
    keys = derive(password, envelope.salt)
    for field in ("digest", "sealed"):
        broken = bytearray(getattr(envelope, field))
        broken[0] ^= 1
        kept = {name: getattr(envelope, name) for name in ("label", "salt", "digest", "sealed")}
        with pytest.raises(WrongSecret):
            unseal(type(envelope)(**{**kept, field: bytes(broken)}), keys)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=100), st.sampled_from(["", "dev", "ünï"]))
def test_any_bytes_come_back(plain: bytes, label: str) -> None:
    envelope = parse(encrypt(plain, b"pw", label, b"salt"))
    assert unseal(envelope, FAST) == plain and envelope.label == label
