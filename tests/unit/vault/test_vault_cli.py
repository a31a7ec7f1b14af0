"""``fleet vault`` as a user meets it: what is printed, what becomes of files, how commands end."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest
import yaml

from fleet.vault import editor
from fleet.vault.crypt import encrypt, parse

PW = ("--vault-id", "pw")


def secret_file(path: Path, plain: bytes = b"a: 1\n", label: str = "", mode: int = 0o640) -> Path:
    path.write_bytes(encrypt(plain, b"secret", label))
    path.chmod(mode)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch):
    def give(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def test_files_are_encrypted_and_decrypted_where_they_are(fleet, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"\x00\xff")
    two.write_text("zwei: ü\n")
    one.chmod(0o644)
    assert fleet("vault", "encrypt", *PW, "one", "two").code == 0
    assert one.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n") and mode_of(one) == 0o644
    assert fleet("vault", "view", *PW, "two").out == "zwei: ü\n"
    assert fleet("vault", "decrypt", *PW, "one", "two").code == 0
    assert one.read_bytes() == b"\x00\xff" and two.read_text() == "zwei: ü\n"
    assert mode_of(one) == 0o600  # what was for all to read while it was encrypted
    assert sorted(os.listdir(tmp_path)) == ["one", "pw", "pw2", "two"]


def test_links_are_followed_and_stay_links(fleet, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to("real")
    fleet("vault", "encrypt", *PW, "link")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes().startswith(b"$ANSIBLE_VAULT")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_is_kept(fleet, tmp_path: Path) -> None:
    path = secret_file(tmp_path / "f")
    os.chown(path, 1234, 5678)
    fleet("vault", "rekey", *PW, "--new-vault-id", "pw2", "f")
    assert (path.stat().st_uid, path.stat().st_gid, mode_of(path)) == (1234, 5678, 0o640)


def test_standard_input_and_output(fleet, stdin, tmp_path: Path) -> None:
    stdin(b"hello")
    armoured = fleet("vault", "encrypt", *PW).out
    assert armoured.startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    stdin(armoured.encode())
    assert fleet("vault", "decrypt", *PW, "-").out == "hello"
    secret_file(tmp_path / "f")
    assert fleet("vault", "decrypt", *PW, "f", "--output", "-").out == "a: 1\n"
    assert fleet("vault", "decrypt", *PW, "f", "--output", "plain").out == ""
    assert (tmp_path / "plain").read_text() == "a: 1\n" and mode_of(tmp_path / "plain") == 0o600


def test_rekey_changes_password_and_label_of_all_or_of_none(fleet, tmp_path: Path) -> None:
    one, two = secret_file(tmp_path / "one"), secret_file(tmp_path / "two", label="dev")
    ran = fleet("vault", "rekey", *PW, "--new-vault-id", "new@pw2", "one", "two")
    assert (ran.code, ran.out, ran.err) == (0, "", "Rekey successful\n")
    assert [parse(path.read_bytes()).label for path in (one, two)] == ["new", "new"]
    assert fleet("vault", "view", "--vault-id", "pw2", "one").out == "a: 1\n"
    secret_file(tmp_path / "three")
    before = (tmp_path / "three").read_bytes()
    ran = fleet("vault", "rekey", *PW, "--new-vault-password-file", "pw2", "three", "one")
    assert ran.code == 1 and "one: Decryption failed" in ran.err and (tmp_path / "three").read_bytes() == before


def test_edit_keeps_label_and_password(fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = secret_file(tmp_path / "f.yml", label="dev")
    monkeypatch.setenv("EDITOR", "sed -i s/1/2/")
    assert fleet("vault", "edit", "--vault-id", "x@pw2", "--vault-id", "y@pw", "f.yml").code == 0
    assert parse(path.read_bytes()).label == "dev" and fleet("vault", "view", *PW, "f.yml").out == "a: 2\n"
    same = path.read_bytes()
    monkeypatch.setenv("EDITOR", "true")
    fleet("vault", "edit", *PW, "f.yml")
    assert path.read_bytes() == same and mode_of(path) == 0o640
    monkeypatch.setenv("EDITOR", "sh -c 'echo lost > $0; exit 1'")
    ran = fleet("vault", "edit", *PW, "f.yml")
    assert ran.code == 1 and "nothing was saved" in ran.err and path.read_bytes() == same
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert 'Unable to execute the command "no-such-editor"' in fleet("vault", "edit", *PW, "f.yml").err


def test_the_text_being_edited_is_private_and_gone_afterwards(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    spy = tmp_path / "spy"
    spy.write_text(
        '#!/bin/sh\nstat -c "%a %n" "$1" "$(dirname "$1")" > ' + str(tmp_path / "seen")
        + '\ncp "$1" "$1.swp"; ln "$1" ' + str(tmp_path / "kept") + "\n"
    )  # fmt: skip
    spy.chmod(0o755)
    assert editor.edit(b"top secret", str(spy), ".yml") == b"top secret"
    file, folder = (tmp_path / "seen").read_text().splitlines()
    assert file.startswith("600 ") and file.endswith(".yml") and folder.startswith("700 ")
    assert not os.path.exists(folder.split()[1])
    assert b"secret" not in (tmp_path / "kept").read_bytes()  # a second link to it shows that it was overwritten


def test_create_needs_a_terminal_and_a_new_name(fleet, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EDITOR", "sh -c 'echo new: 1 > $0'")
    assert fleet("vault", "create", *PW, "f").code == 5
    ran = fleet("vault", "create", *PW, "--skip-tty-check", "folder/f")
    assert ran.code == 0 and "does not exist, creating" in ran.err
    assert fleet("vault", "view", *PW, "folder/f").out == "new: 1\n" and mode_of(tmp_path / "folder/f") == 0o600
    again = fleet("vault", "create", *PW, "--skip-tty-check", "folder/f")
    assert again.code == 1 and "exists, please use 'edit' instead" in again.err
    assert fleet("vault", "create", *PW, "a", "b").code == 5


def test_values_become_yaml(fleet, stdin, tmp_path: Path) -> None:
    stdin(b"two\n")
    ran = fleet("vault", "encrypt_string", "--vault-id", "dev@pw", "one", "-n", "first", "--stdin-name", "second")
    blocks = yaml.load(ran.out, type("Loader", (yaml.BaseLoader,), {}))
    assert list(blocks) == ["second", "first"]
    for name, plain in (("second", "two\n"), ("first", "one")):
        (tmp_path / name).write_text(blocks[name])
        assert parse(blocks[name].encode()).label == "dev"
        shown = fleet("vault", "view", *PW, name).out
        assert shown == plain if plain.endswith("\n") else shown == plain + "\n"
    assert '# The encrypted version of variable ("second", the string #1 from stdin).' in ran.err
    alone = fleet("vault", "encrypt_string", *PW, "x", "--output", "out.yml")
    assert alone.out == alone.err == "" and (tmp_path / "out.yml").read_text().startswith(
        "!vault |\n          $ANSIBLE"
    )


def test_the_value_may_be_asked_for(fleet, monkeypatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed" if "hidden" in prompt else "")
    monkeypatch.setattr("builtins.input", lambda prompt: "my_name")
    assert fleet("vault", "encrypt_string", *PW, "-p").out.startswith("my_name: !vault |\n")
    empty = fleet("vault", "encrypt_string", *PW, "-p", "--show-input", "x", "")
    assert empty.code == 5 and "from the command line args was empty, not encrypting" in empty.err


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        ("encrypt --vault-id pw secret", 1, "secret: input is already encrypted"),
        ("decrypt --vault-id pw2 secret", 1, "secret: Decryption failed (no vault secrets were found that could decrypt)"),
        ("decrypt --vault-id pw pw2", 1, "pw2: Input is not vault encrypted data"),
        ("view --vault-id pw missing", 1, "Unable to read source file"),
        ("view --vault-id missing secret", 1, "The vault password file"),
        ("encrypt --vault-id a@pw --vault-id b@pw2 pw", 5, "The vault-ids a,b are available to encrypt"),
        ("encrypt --vault-id a@pw --encrypt-vault-id c pw", 1, "Did not find a match for --encrypt-vault-id=c"),
        ("encrypt --vault-id pw --output x pw pw2", 5, "At most one input file may be used with the --output option"),
        ("rekey --vault-id pw --new-vault-id a --new-vault-password-file b secret", 2, "exclude each other"),
        ("view -J --vault-password-file pw secret", 2, "exclude each other"),
        ("encrypt_string --vault-id pw -p --stdin-name x", 5, "--prompt option is not supported"),
        ("edit --vault-id pw", 5, "FILE"),
    ],
)  # fmt: skip
def test_mistakes_end_as_in_ansible_vault(fleet, tmp_path: Path, words: str, code: int, what: str) -> None:
    before = secret_file(tmp_path / "secret").read_bytes()
    ran = fleet("vault", *words.split())
    assert (ran.code, ran.out) == (code, "") and what in ran.err and "Traceback" not in ran.err
    assert (tmp_path / "secret").read_bytes() == before and (tmp_path / "pw").read_text() == "secret\n"


def test_settings_stand_for_options(fleet, tmp_path: Path, monkeypatch) -> None:
    secret_file(tmp_path / "f", label="dev")
    for name, value, code in (
        ("VAULT_PASSWORD_FILE", "pw", 0),
        ("VAULT_IDENTITY_LIST", "x@pw2, y@pw", 0),
        ("VAULT_IDENTITY_LIST", "x@pw2", 1),
    ):
        with monkeypatch.context() as here:
            here.setenv(f"ANSIBLE_{name}", value)
            assert fleet("vault", "view", "f").code == code, (name, value)
    monkeypatch.setenv("ANSIBLE_VAULT_ID_MATCH", "true")
    assert fleet("vault", "view", "--vault-id", "x@pw", "f").code == 1
    assert fleet("vault", "view", "--vault-id", "dev@pw", "f").code == 0
    monkeypatch.setenv("ANSIBLE_VAULT_ENCRYPT_SALT", "pepper")
    monkeypatch.setenv("ANSIBLE_VAULT_IDENTITY", "lab")
    one, two = (fleet("vault", "encrypt_string", *PW, "x").out for _ in range(2))
    assert one == two and ";lab\n" in one
    monkeypatch.setenv("ANSIBLE_VAULT_ENCRYPT_IDENTITY", "b")
    assert ";b\n" in fleet("vault", "encrypt_string", "--vault-id", "a@pw", "--vault-id", "b@pw2", "x").out
