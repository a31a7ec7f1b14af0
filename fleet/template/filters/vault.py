"""The filters ``vault`` and ``unvault``: encrypt and decrypt text with a password of the template's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.source.nodes import Revealed
from fleet.template.errors import Undecryptable
from fleet.template.filters.guard import refuse, require, takes_undefined, volatile
from fleet.template.undefined import Postponed
from fleet.vault.crypt import VaultError, encrypt, is_vault

LABEL = "filter_default"


@volatile
def vault(
    data: Any,
    secret: Any,
    salt: Any = None,
    vault_id: str = LABEL,
    wrap_object: bool = False,
    vaultid: str | None = None,
) -> str:
    """``data`` as text that Ansible Vault can decrypt; a ``salt`` gives the same text each time.

    With ``wrap_object`` it is what ``!vault`` stands for: its plain text, known to be encrypted.
    """
    plain, password = _bytes(data, "Can only vault strings"), _bytes(secret, "Secret passed is required to be a string")
    made = encrypt(plain, password, vaultid or vault_id, None if salt is None else str(salt).encode()).decode()
    return Revealed(str(data), made) if wrap_object else made


@takes_undefined
def unvault(vault: Any, secret: Any, vault_id: str = LABEL, vaultid: str | None = None) -> str:
    """The plain text of what was encrypted with ``secret``; text that is not encrypted as it is."""
    from fleet.vault.secrets import Secret
    from fleet.vault.vault import Vault

    require(secret)
    if isinstance(vault, Postponed) and isinstance(vault.reason, Undecryptable):
        # A value of a !vault that nobody has the password for but the caller.
        vault = Revealed("", vault.reason.armour)
    require(vault)
    password = _bytes(secret, "Secret passed is required to be a string")
    text = vault.armour if isinstance(vault, Revealed) else vault
    data = _bytes(text, "Vault should be in the form of a string")
    if not is_vault(data):
        return str(vault)
    try:
        plain, _ = Vault([Secret(vaultid or vault_id, password)]).unlock(data)
    except VaultError as error:
        refuse(f"Unable to decrypt: {error.what}")
    return plain.decode("utf-8", "surrogateescape")


def _bytes(value: Any, wrong: str) -> bytes:
    if not isinstance(value, str):
        refuse(f"{wrong}, instead we got {type(value)}")
    return str.__str__(value).encode("utf-8", "surrogateescape")


unvault.fleet_takes_postponed = True  # type: ignore[attr-defined]
FILTERS: dict[str, Callable[..., Any]] = {"vault": vault, "unvault": unvault}
