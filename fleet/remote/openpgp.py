"""OpenPGP public keys in files: armor put on and taken off, fingerprints, keys added to and cut out of a keyring.

Enough of RFC 4880 and RFC 9580 to manage apt's keyrings without gpg. Signatures are not checked.
"""

import base64
import binascii
import collections
import hashlib
import re

Key = collections.namedtuple("Key", "fingerprint subkeys data")
"""A public key: hex fingerprints (upper case) of it and of its subkeys, and all its packets."""

KEY, SUBKEY, SECRETS = 6, 14, (5, 7)
_ARMOR = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.S
)


def dearmor(data):
    """The packets of armored keys; binary data as it is. Raises ValueError for broken armor."""
    blocks = _ARMOR.findall(data)
    if not blocks:
        if b"-----BEGIN" in data:
            raise ValueError("no public key block")
        return data
    return b"".join(_unarmored(block) for block in blocks)


def _unarmored(block):
    lines = block.replace(b"\r", b"").split(b"\n")
    # Headers as "Version: ..." end with an empty line; without headers there may be none.
    if any(b": " in line for line in lines[:10]) and b"" in lines:
        lines = lines[lines.index(b"") :]
    body = b"".join(
        line.strip() for line in lines if line and not line.startswith(b"=") and b": " not in line
    )
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the armor of the key is damaged")


def armor(data):
    """Packets of public keys as text. RFC 9580 wants no checksum there any more."""
    head, tail = (b"-----%s PGP PUBLIC KEY BLOCK-----\n" % word for word in (b"BEGIN", b"END"))
    return head + b"\n" + base64.encodebytes(data) + tail


def packets(data):
    """(tag, body, whole packet) one after the other. Raises ValueError for what is no packet."""
    at = 0
    while at < len(data):
        start, head = at, data[at]
        if not head & 0x80:
            raise ValueError("this is no OpenPGP key")
        tag, at, size = _header(data, at, head)
        if size is None or at + size > len(data):
            raise ValueError("the key is cut off")
        yield tag, data[at : at + size], data[start : at + size]
        at += size


def _header(data, at, head):
    """(tag, start of the body, its size) of the packet at ``at``. Partial lengths give None."""
    try:
        if not head & 0x40:
            width = (1, 2, 4, 0)[head & 3]
            size = int.from_bytes(data[at + 1 : at + 1 + width], "big") if width else len(data) - at - 1
            return (head >> 2) & 15, at + 1 + width, size
        first = data[at + 1]
        if first < 192:
            return head & 63, at + 2, first
        if first < 224:
            return head & 63, at + 3, ((first - 192) << 8) + data[at + 2] + 192
        if first == 255:
            return head & 63, at + 6, int.from_bytes(data[at + 2 : at + 6], "big")
    except IndexError:
        raise ValueError("the key is cut off")
    return head & 63, at + 2, None


def fingerprint(body):
    """The fingerprint of a key packet's body, in hex."""
    version = body[0] if body else 0
    if version == 4:
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()
    if version in (5, 6):
        head = (b"\x9a" if version == 5 else b"\x9b") + len(body).to_bytes(4, "big")
        return hashlib.sha256(head + body).hexdigest().upper()
    raise ValueError("keys of version %d are not supported" % version)


def keys(data):
    """The Keys in a keyring or an armored file. Raises ValueError."""
    found = []
    for tag, body, whole in packets(dearmor(data)):
        if tag in SECRETS:
            raise ValueError("this is a secret key")
        if tag == KEY:
            found.append([fingerprint(body), [], b""])
        elif not found:
            continue
        elif tag == SUBKEY:
            found[-1][1].append(fingerprint(body))
        found[-1][2] += whole
    return [Key(*entry) for entry in found]


def is_named(key, name):
    """Whether an id (short, long, fingerprint, with or without 0x) means the key or one of its subkeys."""
    wanted = re.sub(r"\s", "", name).upper()
    wanted = wanted[2:] if wanted.startswith("0X") else wanted
    return any(each.endswith(wanted) for each in [key.fingerprint] + key.subkeys)


def without(data, name):
    """The keyring without a key; binary."""
    return b"".join(key.data for key in keys(data) if not is_named(key, name))
