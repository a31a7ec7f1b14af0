"""``fleet vault``: encrypt, decrypt, view, edit and rekey files, with ansible-vault's options and exit codes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.cli import options as o
from fleet.cli.vault_strings import encrypt_string
from fleet.errors import Location, OptionsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fleet.cli.settings import Settings
    from fleet.vault.secrets import Secret, Wanted

app = typer.Typer(help="Encrypt files and values with passwords, as ansible-vault does.", no_args_is_help=True)

Files = Annotated[list[str] | None, typer.Argument(metavar="FILE", help="Files; - or none is standard input.")]
Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write here; - is standard output.")]
EncryptId = Annotated[str | None, typer.Option("--encrypt-vault-id", help="Encrypt with the password of this label.")]
NewId = Annotated[str | None, typer.Option("--new-vault-id", help="The new password as [LABEL@]FILE or 'prompt'.")]
NewFile = Annotated[str | None, typer.Option("--new-vault-password-file", help="File or script with the new password.")]
NoTty = Annotated[bool, typer.Option("--skip-tty-check", help="Open the editor though there is no terminal.")]


class Misused(OptionsError):
    """Options that exclude each other: ansible-vault's exit code for it."""

    code = 2


@app.command()
def encrypt(
    files: Files = None,
    output: Output = None,
    encrypt_vault_id: EncryptId = None,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Encrypt files where they are."""
    from fleet.vault.crypt import VaultError, is_vault

    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    _one_for_output(files, output)
    secret = encrypting(settings, wanted, encrypt_vault_id)
    for path in files or [""]:
        data = _read(path, "plaintext")
        if is_vault(data):
            raise VaultError("input is already encrypted", at=_at(path))
        write(path, output, armour(settings, data, secret))
    say("Encryption successful")


@app.command()
def decrypt(
    files: Files = None,
    output: Output = None,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Decrypt files where they are; only their owner may read them then."""
    from fleet.cli.vaults import secrets_of, vault_of

    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    _one_for_output(files, output)
    vault = vault_of(settings, secrets_of(wanted, need_one=True))
    for path in files or [""]:
        plain, _ = vault.unlock(_read(path, "ciphertext"), _at(path))
        write(path, output, plain, private=True)
    say("Decryption successful")


@app.command()
def view(
    files: Files = None,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Show files decrypted, in a pager on a terminal."""
    from fleet.cli.vaults import secrets_of, vault_of

    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    vault = vault_of(settings, secrets_of(wanted, need_one=True))
    for path in files or [""]:
        plain, _ = vault.unlock(_read(path, "ciphertext"), _at(path))
        _page(plain if plain.endswith(b"\n") else plain + b"\n", settings["PAGER"])


@app.command()
def edit(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Encrypted files.")],
    encrypt_vault_id: EncryptId = None,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Edit encrypted files in $EDITOR; label and password stay as they are."""
    from fleet.cli.vaults import secrets_of, vault_of
    from fleet.vault import editor
    from fleet.vault.crypt import parse
    from fleet.vault.files import read, replace
    from fleet.vault.secrets import Secret, choose

    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    vault = vault_of(settings, secrets_of(wanted, need_one=True))
    for path in files:
        data = read(path)
        plain, secret = vault.unlock(data, _at(path))
        secret = Secret(parse(data).label, secret.text)
        if encrypt_vault_id:
            secret = choose(vault.secrets, encrypt_vault_id)
        edited = editor.edit(plain, settings["EDITOR"], os.path.splitext(path)[1])
        if edited != plain or encrypt_vault_id:
            replace(path, armour(settings, edited, secret))


@app.command()
def create(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="The new file.")],
    encrypt_vault_id: EncryptId = None,
    skip_tty_check: NoTty = False,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Write a new encrypted file in $EDITOR."""
    from fleet.vault import editor
    from fleet.vault.crypt import VaultError
    from fleet.vault.files import replace

    if len(files) != 1:
        raise OptionsError("fleet vault create can take only one filename argument")
    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    secret = encrypting(settings, wanted, encrypt_vault_id)
    if not (sys.stdout.isatty() or skip_tty_check):
        raise OptionsError("not a tty, editor cannot be opened", hint="or give --skip-tty-check")
    path = files[0]
    if os.path.exists(path):
        raise VaultError(f"{path} exists, please use 'edit' instead")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        sys.stderr.write(f"[WARNING]: {folder} does not exist, creating...\n")
        os.makedirs(folder, mode=0o700)
    replace(path, armour(settings, editor.edit(b"", settings["EDITOR"], os.path.splitext(path)[1]), secret))


@app.command()
def rekey(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Encrypted files.")],
    new_vault_id: NewId = None,
    new_vault_password_file: NewFile = None,
    encrypt_vault_id: EncryptId = None,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Encrypt files with another password."""
    from fleet.cli.vaults import secrets_of, vault_of
    from fleet.vault.files import read, replace
    from fleet.vault.secrets import Wanted, choose

    if new_vault_id and new_vault_password_file:
        raise Misused("--new-vault-id and --new-vault-password-file exclude each other")
    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    vault = vault_of(settings, secrets_of(wanted, need_one=True))
    # All of them first: a file of another password must not leave half of the files with the new one.
    opened = [(path, vault.unlock(read(path), _at(path))[0]) for path in files]
    new = Wanted(
        ids=[new_vault_id] if new_vault_id else [],
        files=[new_vault_password_file] if new_vault_password_file else [],
        identity=settings["VAULT_IDENTITY"],
    )
    secret = choose(secrets_of(new, need_one=True, new=True), encrypt_vault_id)
    for path, plain in opened:
        replace(path, armour(settings, plain, secret))
    sys.stderr.write("Rekey successful\n")


def begin(ids: Sequence[str] | None, password_files: Sequence[str] | None, ask: bool) -> tuple[Settings, Wanted]:
    """The settings, and the password options together with them. Raises OptionsError."""
    from fleet.cli.settings import read
    from fleet.cli.vaults import wanted_of

    if ask and password_files:
        raise Misused("--ask-vault-pass and --vault-password-file exclude each other")
    settings = read(os.environ)
    return settings, wanted_of(settings, ids, password_files, ask)


def encrypting(settings: Settings, wanted: Wanted, label: str | None) -> Secret:
    """The password to encrypt with. Raises OptionsError when there are several and none is chosen, VaultError."""
    from fleet.cli.vaults import secrets_of
    from fleet.vault.secrets import choose

    label = label or settings["VAULT_ENCRYPT_IDENTITY"]
    secrets = secrets_of(wanted, need_one=True, new=True)
    if len(secrets) > 1 and not label:
        names = ",".join(secret.label for secret in secrets)
        raise OptionsError(
            f"The vault-ids {names} are available to encrypt. Specify the vault-id to encrypt with --encrypt-vault-id"
        )
    return choose(secrets, label)


def armour(settings: Settings, plain: bytes, secret: Secret) -> bytes:
    """``plain`` encrypted as the settings say."""
    from fleet.vault.crypt import encrypt as sealed

    salt = settings["VAULT_ENCRYPT_SALT"]
    return sealed(plain, secret.text, secret.label, salt.encode() if salt else None)


def _one_for_output(files: Sequence[str] | None, output: str | None) -> None:
    if output and len(files or ()) > 1:
        raise OptionsError("At most one input file may be used with the --output option")


def _at(path: str) -> Location:
    return Location(path if path not in ("", "-") else "standard input")


def _read(path: str, kind: str) -> bytes:
    """The content of a file, or of standard input for "-" and ""."""
    from fleet.vault.files import read

    if path not in ("", "-"):
        return read(path)
    if not path and sys.stdin.isatty():
        sys.stderr.write(f"Reading {kind} input from stdin\n")
    return sys.stdin.buffer.read()


def write(path: str, output: str | None, data: bytes, *, private: bool = False) -> None:
    """Write to ``output``, else back to the file ``path``; "-", or nothing at all, is standard output."""
    from fleet.vault.files import replace

    target = output or path
    if target in ("", "-"):
        typer.echo(data, nl=False)
    else:
        replace(target, data, private=private)


def say(text: str) -> None:
    """Tell that it is done, to somebody at a terminal."""
    # As ansible-vault: whoever reads the output by program wants nothing but the output.
    if sys.stdout.isatty():
        sys.stderr.write(f"{text}\n")


def _page(text: bytes, pager: str) -> None:
    import shlex
    import subprocess

    if not sys.stdout.isatty():
        typer.echo(text, nl=False)
        return
    try:
        subprocess.run(shlex.split(pager), input=text, check=False)
    except OSError:
        typer.echo(text, nl=False)


app.command("encrypt_string")(encrypt_string)
