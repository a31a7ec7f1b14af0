"""``Vault``: which password opens what, what is kept, and what becomes a secret."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from fleet.errors import Location
from fleet.source.nodes import Encrypted
from fleet.vault import vault as module
from fleet.vault.crypt import VaultError, encrypt
from fleet.vault.secrets import Secret
from fleet.vault.vault import Vault

BAD = Secret("bad", b"bad")


def value(plain: str, password: bytes = b"pw", label: str = "") -> Encrypted:
    return Encrypted(encrypt(plain.encode(), password, label).decode(), Location("vars.yml", 7, 3))


def test_a_password_of_any_label_opens_unless_they_must_match() -> None:
    secret = Secret("dev", b"pw")
    assert Vault([BAD, secret]).reveal(value("x", label="prod")) == "x"
    assert Vault([BAD, secret], only_matching=True).reveal(value("x", label="dev")) == "x"
    for closed in (value("x", label="prod"), value("x")):
        with pytest.raises(VaultError, match="no vault secrets were found that could decrypt"):
            Vault([BAD, secret], only_matching=True).reveal(closed)


def test_the_label_is_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bytes] = []
    derive = module.derive
    monkeypatch.setattr(module, "derive", lambda text, salt: tried.append(text) or derive(text, salt))
    Vault([BAD, Secret("dev", b"pw")]).reveal(value("x", label="dev"))
    assert tried == [b"pw"]


def test_errors_stand_at_the_value_and_say_what_to_do() -> None:
    with pytest.raises(VaultError, match="Attempting to decrypt but no vault secrets found") as caught:
        Vault().reveal(value("x"))
    assert caught.value.at == Location("vars.yml", 7, 3) and "--vault-password-file" in caught.value.hint
    with pytest.raises(VaultError) as caught:
        Vault([BAD]).reveal(value("x", label="dev"))
    assert "'dev'" in caught.value.hint and "bad" in caught.value.hint and caught.value.code == 1


def test_each_value_is_opened_once_for_all_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []
    derive = module.derive
    monkeypatch.setattr(module, "derive", lambda text, salt: calls.append(salt) or derive(text, salt))
    vault, closed = Vault([Secret("default", b"pw")]), value("x")
    threads = [threading.Thread(target=lambda: [vault.reveal(closed) for _ in range(50)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    before = len(calls)
    vault.open(closed.encode())
    vault.open(closed.encode())
    assert len(calls) == before  # the key of a salt is kept, too


def test_values_are_secrets_before_anybody_has_them() -> None:
    hidden: list[str] = []
    vault = Vault([Secret("default", b"pw")], on_secret=hidden.append)
    assert hidden == []
    assert vault.reveal(value("multi\nlinë")) == "multi\nlinë" and hidden == ["multi\nlinë"]


@pytest.mark.parametrize(
    ("plain", "hide", "expected"),
    [
        ("user: root\npw: hunter22\nport: 5432\npin: 12345678\nl: [{k: deep-secret}]\n", False,
         ["hunter22", "12345678", "deep-secret"]),
        ("url: 'http://{{ host }}/'\nown: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  33\n", False, []),
        ("- hosts: everybody\n  tasks: []\n", False, []),
        ("[web]\nhost1 ansible_user=administrator\n", False, []),
        ("one line of a token\n", True, ["one line of a token\n"]),
        ("-----BEGIN KEY-----\nabcdef: ghi: j\n", True, ["-----BEGIN KEY-----\nabcdef: ghi: j\n"]),
        ("key: long enough\n", True, ["long enough"]),
    ],
    ids=["variables", "no templates", "plays", "inventory", "token", "not yaml", "copied variables"],
)  # fmt: skip
def test_what_of_an_encrypted_file_is_a_secret(plain: str, hide: bool, expected: list[str]) -> None:
    hidden: list[str] = []
    vault = Vault([Secret("default", b"pw")], on_secret=hidden.append)
    assert vault.open(encrypt(plain.encode(), b"pw"), "f", hide=hide).decode() == plain
    assert hidden == expected


def test_text_of_files(tmp_path: Path, cases: Path, password: bytes) -> None:
    (tmp_path / "plain").write_text("a: 1\n")
    vault = Vault([Secret("default", password)])
    assert vault.text(str(tmp_path / "plain")) == "a: 1\n"
    assert vault.text(str(cases / "unicode.vault")) == "schlüssel: ☃\n"
    with pytest.raises(VaultError, match="not UTF-8") as caught:
        vault.text(str(cases / "binary.vault"))
    assert caught.value.at == Location(str(cases / "binary.vault"))
    assert vault.open((cases / "binary.vault").read_bytes()) == bytes(range(256))
    assert vault.open(b"not encrypted") == b"not encrypted"
