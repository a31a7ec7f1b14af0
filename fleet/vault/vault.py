"""``Vault``: the passwords of a run, and everything opened with them, each text once. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fleet.errors import Location
from fleet.source.nodes import Encrypted
from fleet.source.yaml import read_text
from fleet.vault import hidden
from fleet.vault.crypt import Envelope, Keys, VaultError, WrongSecret, derive, is_vault, parse, unseal

if TYPE_CHECKING:
    from fleet.vault.secrets import Secret

KEPT = 1 << 16
"""Bytes up to which a file is kept open, for the hosts that copy it later."""
NO_SECRETS = "Attempting to decrypt but no vault secrets found"
HINT = "give --vault-password-file, --vault-id or --ask-vault-pass"


class Vault:
    """Opens encrypted text with the first secret that fits.

    ``only_matching`` tries no secrets but those of the label a text names (DEFAULT_VAULT_ID_MATCH).
    ``on_secret`` gets the plain text of each value that is opened, so that it can be kept out of outputs.
    """

    def __init__(
        self,
        secrets: Iterable[Secret] = (),
        *,
        only_matching: bool = False,
        on_secret: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.secrets = tuple(secrets)
        self.only_matching = only_matching
        self.on_secret = on_secret
        self._lock = threading.Lock()
        self._keys: dict[tuple[bytes, bytes], Keys] = {}
        self._turns: dict[tuple[bytes, bytes], threading.Lock] = {}
        # Hosts share variables: what one has opened is open for all.
        self._values: dict[str, str] = {}
        self._files: dict[bytes, bytes] = {}

    def open(self, data: bytes, path: str = "", *, hide: bool = False) -> bytes:
        """The plain text of an encrypted file, or ``data`` itself when it is none. Raises VaultError.

        Values of variables in it count as secrets; with ``hide`` any other content does too.
        """
        if not is_vault(data):
            return data
        with self._lock:
            known = self._files.get(data)
        if known is None:
            known, _ = self.unlock(data, Location(path) if path else None)
            for secret in hidden.all_of(known) if hide else hidden.values(known):
                self.on_secret(secret)
            if len(known) <= KEPT:
                self._files[data] = known
        return known

    def text(self, path: str) -> str:
        """The text of a file that may be encrypted as a whole. Raises InputError, VaultError."""
        text = read_text(path)
        data = text.encode("utf-8")
        if not is_vault(data):
            return text
        try:
            return self.open(data, path).decode("utf-8")
        except UnicodeDecodeError:
            raise VaultError("the decrypted text is not UTF-8", at=Location(path)) from None

    def reveal(self, value: Encrypted) -> str:
        """The text of a ``!vault`` value. Raises VaultError, placed at the value."""
        known = self._values.get(value)
        if known is None:
            plain, _ = self.unlock(value.encode("utf-8", "replace"), value.at)
            known = plain.decode("utf-8", "surrogateescape")
            # Before anybody can have it, so that no event can carry it unmasked.
            self.on_secret(known)
            self._values[str.__str__(value)] = known
        return known

    def unlock(self, data: bytes, at: Location | None = None) -> tuple[bytes, Secret]:
        """The plain text and the secret that opened it. Raises VaultError."""
        envelope = parse(data, at)
        if not self.secrets:
            raise VaultError(NO_SECRETS, at=at, hint=HINT)
        for secret in self._candidates(envelope):
            try:
                return unseal(envelope, self._key(secret, envelope.salt)), secret
            except WrongSecret:
                continue
        tried = ", ".join(dict.fromkeys(secret.label for secret in self.secrets))
        wanted = f"it was encrypted for the vault id {envelope.label!r}; " if envelope.label else ""
        raise VaultError(
            "Decryption failed (no vault secrets were found that could decrypt)",
            at=at,
            hint=f"{wanted}there are passwords of: {tried}",
        )

    def _candidates(self, envelope: Envelope) -> list[Secret]:
        label = envelope.label or "default"
        fitting = [secret for secret in self.secrets if secret.label == label]
        if self.only_matching:
            return fitting
        return fitting + [secret for secret in self.secrets if secret.label != label]

    def _key(self, secret: Secret, salt: bytes) -> Keys:
        with self._lock:
            turn = self._turns.setdefault((secret.text, salt), threading.Lock())
        # Hosts come to the same value at the same time: one derives its key, the others wait for it.
        with turn:
            found = self._keys.get((secret.text, salt))
            if found is None:
                found = self._keys[secret.text, salt] = derive(secret.text, salt)
            return found
