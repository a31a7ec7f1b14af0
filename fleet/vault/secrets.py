"""Where vault passwords come from: files, scripts, prompts, each under a label (a vault id)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence

from fleet.record import record
from fleet.vault import crypt
from fleet.vault.crypt import DEFAULT_LABEL, VaultError

PROMPTS = ("prompt", "prompt_ask_vault_pass")
NO_SUCH_ID = 2
"""With this code a -client script says that it knows no password of the label."""
Ask = Callable[[str], str]
Warn = Callable[[str], None]


@record
class Secret:
    """A password and the label it was given under."""

    label: str
    text: bytes


@record
class Origin:
    """Where one password is to be had: ``source`` is a path or one of ``PROMPTS``; label "" if none was given."""

    label: str
    source: str
    asked: bool = False


@record
class Wanted:
    """The vault options of a command, the settings of those that were not given."""

    ids: Sequence[str] = ()
    files: Sequence[str] = ()
    ask: bool = False
    identity: str = DEFAULT_LABEL


def split_id(text: str) -> tuple[str, str]:
    """``label@source`` as (label, source); without a label that is ""."""
    label, at, source = text.partition("@")
    return (label, source) if at else ("", text)


def origins(wanted: Wanted, *, need_one: bool = False) -> list[Origin]:
    """Where to look for passwords, in order. ``need_one`` asks when nothing was given at all."""
    found = [Origin(*split_id(text)) for text in wanted.ids]
    found += [Origin("", path) for path in wanted.files]
    if wanted.ask or (need_one and not found):
        found.append(Origin("", PROMPTS[1], asked=True))
    return found


def load(found: Iterable[Origin], wanted: Wanted, ask: Ask, warn: Warn, *, new: bool = False) -> list[Secret]:
    """Read or ask for the passwords; one that cannot be had is a warning as long as another can.

    ``ask(prompt)`` asks without echo; ``new`` asks twice. Raises VaultError when none could be had.
    """
    secrets: list[Secret] = []
    failed: VaultError | None = None
    for origin in found:
        try:
            secrets.append(_secret(origin, wanted, secrets, ask, new))
        except VaultError as error:
            warn(f"Error {_step(origin)} ({origin.label or wanted.identity}): {error}")
            failed = error
    if failed is not None and not secrets:
        raise failed
    return secrets


def _step(origin: Origin) -> str:
    if origin.source in PROMPTS:
        return "in vault password prompt"
    there = os.path.isfile(os.path.expanduser(origin.source))
    return "in vault password file loading" if there else "getting vault password file"


def _secret(origin: Origin, wanted: Wanted, known: Sequence[Secret], ask: Ask, new: bool) -> Secret:
    label = origin.label or wanted.identity
    if origin.source in PROMPTS:
        return Secret(label, _prompted(label, origin.asked, ask, new))
    return Secret(label, password_file(origin.source, label, known))


def _prompted(label: str, plain: bool, ask: Ask, new: bool) -> bytes:
    # ansible-vault's own words: people answer these prompts by script.
    if new:
        shown = "New Vault password: " if plain else f"New vault password ({label}): "
        again = "Confirm New Vault password: " if plain else f"Confirm new vault password ({label}): "
    else:
        shown = "Vault password: " if plain else f"Vault password ({label}): "
        again = ""
    try:
        text = ask(shown).strip()
        if again and ask(again).strip() != text:
            raise VaultError("Passwords do not match")
    except EOFError:
        raise VaultError(f"EOFError (ctrl-d) on prompt for ({label})", hint="give the password in a file") from None
    if not text:
        raise VaultError("Invalid vault password was provided: it is empty")
    return text.encode("utf-8", "surrogateescape")


def password_file(path: str, label: str, known: Sequence[Secret] = ()) -> bytes:
    """The password in a file, which may itself be encrypted with a ``known`` one, or from a script.

    Raises VaultError.
    """
    full = os.path.realpath(os.path.expanduser(path))
    if not os.path.exists(full):
        raise VaultError(f"The vault password file {full} was not found")
    if os.path.isdir(full):
        raise VaultError(f"The vault password file provided '{full}' can not be a directory")
    if os.access(full, os.X_OK):
        return _script(full, label)
    try:
        with open(full, "rb") as file:
            text = file.read().strip()
    except OSError as error:
        raise VaultError(f"Could not read vault password file {full}: {error.strerror}") from None
    if crypt.is_vault(text):
        from fleet.vault.vault import Vault

        text = Vault(known).open(text, full).strip()
    if not text:
        raise VaultError(f"Invalid vault password was provided from file ({full})")
    return text


def _script(path: str, label: str) -> bytes:
    client = os.path.splitext(os.path.basename(path))[0].endswith("-client")
    command = [path, "--vault-id", label] if client else [path]
    try:
        # A plain script may talk to the user through stderr; of a client it is the reason of a failure.
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE if client else None, check=False)
    except OSError as error:
        raise VaultError(
            f"Problem running vault password script {path} ({error})",
            hint="if it is no script, take its executable bit away",
        ) from None
    if ran.returncode:
        raise VaultError(_why(path, label, client, ran.returncode, ran.stderr or b""))
    text = ran.stdout.strip(b"\r\n")
    if not text.strip():
        raise VaultError(f"Invalid vault password was provided from script ({path})")
    return text


def _why(path: str, label: str, client: bool, code: int, told: bytes) -> str:
    said = told.decode("utf-8", "replace").strip()
    if client and code == NO_SUCH_ID:
        return f"Vault password client script {path} did not find a secret for vault-id={label}: {said}"
    if client:
        return (
            f"Vault password client script {path} returned non-zero ({code}) "
            f"when getting secret for vault-id={label}: {said}"
        )
    return f"Vault password script {path} returned non-zero ({code})"


def choose(secrets: Sequence[Secret], label: str | None = None) -> Secret:
    """The secret to encrypt with: the one of ``label``, else the first. Raises VaultError."""
    if label:
        for secret in secrets:
            if secret.label == label:
                return secret
        known = [secret.label for secret in secrets]
        raise VaultError(f"Did not find a match for --encrypt-vault-id={label} in the known vault-ids {known}")
    if not secrets:
        raise VaultError("A vault password is required to use Ansible's Vault")
    return secrets[0]
