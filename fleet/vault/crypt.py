"""The format of Ansible Vault, 1.1 and 1.2: bytes to armoured text and back. Pure.

Source: https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html#format-of-files-encrypted-with-ansible-vault

A header line (``$ANSIBLE_VAULT;VERSION;AES256[;LABEL]``), then hexadecimal text in lines of 80. It is the
hexadecimal form of three lines, each hexadecimal again: the salt, an HMAC-SHA256, the text in AES256-CTR.
"""

from __future__ import annotations

import hmac
import os
from binascii import Error as HexError
from binascii import hexlify, unhexlify

from fleet.errors import FleetError, Location
from fleet.record import record

MARK = b"$ANSIBLE_VAULT"
CIPHER = "AES256"
DEFAULT_LABEL = "default"
ROUNDS = 10_000
WIDTH = 80
BLOCK = 16


class VaultError(FleetError):
    """Encrypted text cannot be opened, or a vault password cannot be had. Nothing goes on without: exit code 1."""


class WrongSecret(VaultError):
    """The text was encrypted with another password, or was changed since."""


@record
class Envelope:
    """Encrypted text taken apart. ``label`` is the vault id it was encrypted for, "" for none."""

    label: str
    salt: bytes
    digest: bytes
    sealed: bytes


@record
class Keys:
    """What a password and a salt are worth: for the cipher, for the HMAC, and the first counter block."""

    cipher: bytes
    check: bytes
    start: bytes


def is_vault(data: bytes) -> bool:
    """True when ``data`` says of itself that it is encrypted."""
    return data.startswith(MARK)


def parse(data: bytes, at: Location | None = None) -> Envelope:
    """Take encrypted text apart; line ends may be of any kind, lines may be indented.

    Raises VaultError (at ``at``) when it is not encrypted text or damaged.
    """
    if not is_vault(data):
        raise VaultError("Input is not vault encrypted data", at=at)
    lines = data.split()
    header = lines[0].decode("utf-8", "replace").split(";")
    if len(header) < 3:
        raise VaultError("Vault envelope format error: the header has too few parts", at=at, hint=_DAMAGED)
    if header[2] != CIPHER:
        raise VaultError(f"Cipher '{header[2]}' could not be found", at=at, hint=f"only {CIPHER} is known")
    # A label may hold blanks, at which the lines were split.
    label = data.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(";", 3)[3:]
    body = b"".join(data.split(b"\n", 1)[1].split()) if b"\n" in data else b""
    try:
        parts = unhexlify(body).split(b"\n", 2)
        if len(parts) != 3:
            raise VaultError("Vault vaulttext format error: it ends too early", at=at, hint=_DAMAGED)
        salt, digest, sealed = map(unhexlify, parts)
    except HexError as error:
        raise VaultError(f"Vault format unhexlify error: {error}", at=at, hint=_DAMAGED) from None
    return Envelope(label[0] if label else "", salt, digest, sealed)


_DAMAGED = "the text is damaged; take it from a backup or encrypt it again"


def derive(secret: bytes, salt: bytes) -> Keys:
    """The keys of a password. Slow on purpose: some milliseconds."""
    # Little over half the time hashlib needs for the same; imported late, as few runs need it.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    made = PBKDF2HMAC(SHA256(), length=2 * 32 + BLOCK, salt=salt, iterations=ROUNDS).derive(secret)
    return Keys(made[:32], made[32:64], made[64:])


def unseal(envelope: Envelope, keys: Keys) -> bytes:
    """The plain text. Raises WrongSecret when the keys do not fit."""
    expected = hmac.digest(keys.check, envelope.sealed, "sha256")
    if not hmac.compare_digest(expected, envelope.digest):
        raise WrongSecret("HMAC verification failed: Signature did not match digest.")
    padded = _aes(keys, envelope.sealed)
    return padded[: len(padded) - padded[-1]] if padded else b""


def encrypt(plain: bytes, secret: bytes, label: str = "", salt: bytes | None = None) -> bytes:
    """Armoured text of ``plain``: version 1.2 with a ``label`` other than "default", else 1.1.

    ``salt`` is for those who want the same text each time; without one it is 32 random bytes.
    """
    salt = os.urandom(32) if salt is None else salt
    keys = derive(secret, salt)
    fill = BLOCK - len(plain) % BLOCK
    sealed = _aes(keys, plain + bytes([fill]) * fill)
    digest = hmac.digest(keys.check, sealed, "sha256")
    body = hexlify(b"\n".join(map(hexlify, (salt, digest, sealed))))
    header = [MARK.decode(), "1.1", CIPHER]
    if label and label != DEFAULT_LABEL:
        header = [MARK.decode(), "1.2", CIPHER, label]
    lines = [";".join(header).encode(), *(body[i : i + WIDTH] for i in range(0, len(body), WIDTH)), b""]
    return b"\n".join(lines)


def _aes(keys: Keys, data: bytes) -> bytes:
    """AES in counter mode, which is its own inverse."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    worker = Cipher(algorithms.AES(keys.cipher), modes.CTR(keys.start)).encryptor()
    return worker.update(data) + worker.finalize()
