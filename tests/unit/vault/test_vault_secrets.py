"""Where passwords come from: files, scripts, prompts, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.vault.crypt import VaultError, encrypt
from fleet.vault.secrets import Origin, Secret, Wanted, choose, load, origins, password_file, split_id


class Terminal:
    """Answers prompts, and remembers them."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def got(wanted: Wanted, terminal: Terminal | None = None, **more: bool) -> list[tuple[str, bytes]]:
    found = load(origins(wanted, need_one=True), wanted, terminal or Terminal(), lambda text: None, **more)
    return [(secret.label, secret.text) for secret in found]


def test_labels_stand_before_an_at_sign() -> None:
    assert [split_id(text) for text in ("dev@file", "file", "a@b@c")] == [("dev", "file"), ("", "file"), ("a", "b@c")]


def test_ids_come_before_files_before_the_prompt(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(f" {name} \n")
    path = str(tmp_path) + "/"
    wanted = Wanted(ids=[f"dev@{path}b", f"{path}a"], files=[f"{path}c"], ask=True, identity="lab")
    assert got(wanted, Terminal("p")) == [("dev", b"b"), ("lab", b"a"), ("lab", b"c"), ("lab", b"p")]


@pytest.mark.parametrize(
    ("wanted", "new", "prompts"),
    [
        (Wanted(ask=True), False, ["Vault password: "]),
        (Wanted(), False, ["Vault password: "]),
        (Wanted(ids=["dev@prompt"]), False, ["Vault password (dev): "]),
        (Wanted(ids=["prompt"]), False, ["Vault password (default): "]),
        (Wanted(), True, ["New Vault password: ", "Confirm New Vault password: "]),
        (Wanted(ids=["dev@prompt"]), True, ["New vault password (dev): ", "Confirm new vault password (dev): "]),
    ],
)
def test_prompts_are_those_of_ansible_vault(wanted: Wanted, new: bool, prompts: list[str]) -> None:
    terminal = Terminal("s", "s")
    assert got(wanted, terminal, new=new)[0][1] == b"s" and terminal.asked == prompts


def test_what_cannot_be_typed_or_is_mistyped_is_an_error() -> None:
    for answers, new, what in (
        ([], False, "EOFError"),
        (["a", "b"], True, "Passwords do not match"),
        ([" "], False, "empty"),
    ):
        with pytest.raises(VaultError, match=what):
            got(Wanted(), Terminal(*answers), new=new)


def test_scripts_are_run_and_clients_told_the_label(tmp_path: Path) -> None:
    plain = script(tmp_path / "get.sh", 'echo "args:$*"')
    client = script(tmp_path / "get-client.sh", 'echo "args:$*"')
    assert password_file(plain, "dev") == b"args:"
    assert password_file(client, "dev") == b"args:--vault-id dev"


@pytest.mark.parametrize(
    ("name", "body", "what"),
    [
        ("get-client", "echo nobody >&2; exit 2", "did not find a secret for vault-id=dev: nobody"),
        (
            "get-client",
            "echo broken >&2; exit 7",
            r"returned non-zero \(7\) when getting secret for vault-id=dev: broken",
        ),
        ("get", "exit 3", r"script .*get returned non-zero \(3\)"),
        ("get", "true", "Invalid vault password was provided from script"),
    ],
)
def test_scripts_that_fail_say_so(tmp_path: Path, name: str, body: str, what: str) -> None:
    with pytest.raises(VaultError, match=what):
        password_file(script(tmp_path / name, body), "dev")


def test_files_that_are_no_passwords(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/shell\n")
    broken.chmod(0o755)
    for path, what in (
        ("missing", "missing was not found"),
        ("", "can not be a directory"),
        ("empty", "Invalid vault password was provided from file"),
        ("broken", "Problem running vault password script"),
    ):
        with pytest.raises(VaultError, match=what):
            password_file(str(tmp_path / path), "dev")


def test_a_password_file_may_be_encrypted_with_another_one(tmp_path: Path) -> None:
    (tmp_path / "outer").write_text("one")
    (tmp_path / "inner").write_bytes(encrypt(b"two\n", b"one"))
    path = str(tmp_path) + "/"
    assert got(Wanted(ids=[f"{path}outer", f"{path}inner"]))[1] == ("default", b"two")
    with pytest.raises(VaultError, match="no vault secrets found"):
        got(Wanted(ids=[f"{path}inner"]))


def test_one_that_cannot_be_had_is_a_warning_while_there_is_another(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("x")
    warnings: list[str] = []
    found = [Origin("a", str(tmp_path / "no")), Origin("b", str(tmp_path / "good"))]
    assert [secret.label for secret in load(found, Wanted(), Terminal(), warnings.append)] == ["b"]
    assert len(warnings) == 1 and warnings[0].startswith("Error getting vault password file (a): ")


def test_the_secret_to_encrypt_with() -> None:
    secrets = [Secret("a", b"1"), Secret("b", b"2"), Secret("b", b"3")]
    assert choose(secrets).text == b"1" and choose(secrets, "b").text == b"2"
    with pytest.raises(VaultError, match=r"--encrypt-vault-id=c in the known vault-ids \['a', 'b', 'b'\]"):
        choose(secrets, "c")
    with pytest.raises(VaultError, match="A vault password is required"):
        choose([])
