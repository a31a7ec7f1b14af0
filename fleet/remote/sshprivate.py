"""OpenSSH private keys: what they hold, read without a program. Pure but for ``look``.

The format of OpenSSH itself keeps the public half in the clear, so kind, size and fingerprint of an encrypted key are
known without its passphrase.
"""

import base64
import hashlib
import struct

from fleet.remote import pem, privkey, pubkey, sshkey

MAGIC = b"openssh-key-v1\0"
NAMES = {"ssh-rsa": "rsa", "ssh-dss": "dsa", "ssh-ed25519": "ed25519"}


class Pair(object):
    """A key pair as its private file tells it: ``form`` (ssh, pkcs1, pkcs8), ``encrypted`` and the public ``blob``."""

    def __init__(self, form, encrypted, blob):
        self.form = form
        self.encrypted = encrypted
        self.blob = blob
        self.algorithm = strings(blob)[0].decode("ascii")
        self.kind = "ecdsa" if self.algorithm.startswith("ecdsa-") else NAMES.get(self.algorithm, self.algorithm)
        self.size = sshkey.bits(self.algorithm, blob)

    def fingerprint(self):
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii").rstrip("=")

    def line(self, comment=""):
        """The public key as a line without end."""
        return " ".join([self.algorithm, base64.b64encode(self.blob).decode("ascii")] + ([comment] if comment else []))


def strings(data, count=None):
    """The strings (each with its length in front) in ``data``. Raises ValueError when it is cut short."""
    found, offset = [], 0
    while offset < len(data) and (count is None or len(found) < count):
        if offset + 4 > len(data):
            raise ValueError("cut short")
        size = struct.unpack_from(">I", data, offset)[0]
        offset += 4
        if offset + size > len(data):
            raise ValueError("cut short")
        found.append(data[offset:offset + size])
        offset += size
    if not found or count is not None and len(found) < count:
        raise ValueError("cut short")
    return found


def parse(data):
    """The Pair in what an ``OPENSSH PRIVATE KEY`` block holds. Raises ValueError."""
    if not data.startswith(MAGIC):
        raise ValueError("no OpenSSH key")
    cipher, kdf, options = strings(data[len(MAGIC):], 3)
    rest = data[len(MAGIC) + 12 + len(cipher) + len(kdf) + len(options):]
    if rest[:4] != b"\0\0\0\1":
        raise ValueError("not one key")
    blob, private = strings(rest[4:], 2)
    if cipher == b"none" and private[:4] != private[4:8]:
        raise ValueError("broken")
    return Pair("ssh", cipher != b"none", blob)


def look(host, content, passphrase=None):
    """The Pair of a private file's content, None when it cannot be read. PEM needs the right passphrase."""
    block = pem.first(content, "PRIVATE KEY")
    try:
        if block is None:
            return None
        if block.label == "OPENSSH PRIVATE KEY":
            return parse(block.data)
        key = privkey.load(host, content, passphrase)
        line = pubkey.as_openssh(key.public)
        return Pair(privkey.format_of(content), bool(passphrase), base64.b64decode(line.split()[1]))
    except (ValueError, IndexError, privkey.Unreadable):
        return None


def comment_of(public, pair):
    """The comment in a public file's content, None when it is not the public half of ``pair``."""
    words = public.decode("utf-8", "surrogateescape").strip().split(None, 2)
    if words[:2] != pair.line().split():
        return None
    return words[2] if len(words) > 2 else ""
