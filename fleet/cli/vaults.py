"""The vault of a command: passwords from its options and settings."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fleet.cli.settings import Settings
    from fleet.vault.secrets import Secret, Wanted
    from fleet.vault.vault import Vault

VaultOptions = tuple[Sequence[str] | None, Sequence[str] | None, bool]
"""What a command was given: --vault-id, --vault-password-file, --ask-vault-pass."""


def wanted_of(
    settings: Settings, ids: Sequence[str] | None = None, files: Sequence[str] | None = None, ask: bool = False
) -> Wanted:
    """The options a command was given, and the settings, in the order in which passwords are tried."""
    from fleet.vault.secrets import Wanted

    configured = settings["VAULT_PASSWORD_FILE"]
    return Wanted(
        ids=[*settings["VAULT_IDENTITY_LIST"], *(ids or ())],
        files=[*(files or ()), *([configured] if configured else [])],
        ask=ask,
        identity=settings["VAULT_IDENTITY"],
    )


def secrets_of(wanted: Wanted, *, need_one: bool = False, new: bool = False) -> list[Secret]:
    """Read or ask for passwords; ``need_one`` asks when none was named, ``new`` asks twice. Raises VaultError."""
    from fleet.vault.secrets import load, origins

    return load(origins(wanted, need_one=need_one), wanted, getpass.getpass, _warn, new=new)


def vault_of(settings: Settings, secrets: Sequence[Secret], on_secret: Callable[[str], None] | None = None) -> Vault:
    """A vault that opens with ``secrets``. ``on_secret`` gets them, and every value that is decrypted."""
    from fleet.vault.vault import Vault

    hide = on_secret or (lambda _text: None)
    for secret in secrets:
        hide(secret.text.decode("utf-8", "surrogateescape"))
    return Vault(secrets, only_matching=settings["VAULT_ID_MATCH"], on_secret=hide)


def lazily(settings: Settings, options: VaultOptions) -> Callable[[], Vault]:
    """The vault of a command that runs nothing; passwords are read when it is first needed."""
    vaults: list[Vault] = []

    def vault() -> Vault:
        if not vaults:
            vaults.append(vault_of(settings, secrets_of(wanted_of(settings, *options))))
        return vaults[0]

    return vault


def opener(settings: Settings, options: VaultOptions) -> Callable[[bytes, str], bytes]:
    """Opens encrypted files, with such a vault."""
    vault = lazily(settings, options)
    return lambda data, path: vault().open(data, path)


def reader(settings: Settings, options: VaultOptions) -> Callable[[str], str]:
    """As ``opener``, for the text of a file."""
    from fleet.inventory.varfiles import open_vault
    from fleet.source.yaml import read_text

    decrypt = opener(settings, options)
    return lambda path: open_vault(read_text(path), path, decrypt)


def _warn(text: str) -> None:
    sys.stderr.write(f"[WARNING]: {text}\n")
