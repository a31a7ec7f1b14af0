"""How MySQL and MariaDB store passwords: computed, and compared with what is stored. Pure."""

import hashlib
import re

NATIVE = "mysql_native_password"
_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def native_hash(password):
    """``*`` and the SHA1 of the SHA1; empty for an empty password."""
    if not password:
        return ""
    inner = hashlib.sha1(password.encode("utf-8", "surrogateescape")).digest()
    return "*" + hashlib.sha1(inner).hexdigest().upper()


def is_native_hash(text):
    return re.match(r"^\*[0-9A-Fa-f]{40}$", text) is not None


def stored(plugin, password, salt, rounds=5000):
    """What a server stores for a password under one of the SHA-256 plugins with this salt (20 characters)."""
    digest = sha256_crypt(password, salt, rounds)
    if plugin == "sha256_password":
        return "$5$%s$%s" % (salt, digest)
    return "$A$%03X$%s%s" % (rounds // 1000, salt, digest)


def matches(plugin, password, text):
    """Whether a password is the stored one; None where that cannot be told."""
    if plugin == NATIVE:
        return text.upper() == native_hash(password)
    if plugin == "caching_sha2_password":
        match = re.match(r"^\$A\$([0-9A-Fa-f]{3})\$(.{20})(.{43})$", text, re.S)
        rounds = int(match.group(1), 16) * 1000 if match else 0
        return match and sha256_crypt(password, match.group(2), rounds) == match.group(3)
    if plugin == "sha256_password":
        match = re.match(r"^\$5\$(.{20})\$(.{43})$", text, re.S)
        return match and sha256_crypt(password, match.group(1), 5000) == match.group(2)
    return None


def sha256_crypt(password, salt, rounds):
    """The digest of the public SHA-crypt algorithm with SHA-256, as 43 letters. The salt may be longer than its 16."""
    word, salt = password.encode("utf-8", "surrogateescape"), salt.encode("utf-8", "surrogateescape")
    size = len(word)
    alternate = hashlib.sha256(word + salt + word).digest()
    first = hashlib.sha256(word + salt + _stretched(alternate, size))
    bits = size
    while bits:
        first.update(alternate if bits & 1 else word)
        bits >>= 1
    result = first.digest()
    words = _stretched(hashlib.sha256(word * size).digest(), size)
    salts = _stretched(hashlib.sha256(salt * (16 + result[0])).digest(), len(salt))
    for number in range(rounds):
        step = words if number & 1 else result
        step += salts if number % 3 else b""
        step += words if number % 7 else b""
        step += result if number & 1 else words
        result = hashlib.sha256(step).digest()
    return _letters(result)


def _stretched(data, size):
    return (data * (size // len(data) + 1))[:size]


def _letters(digest):
    groups = [(0, 10, 20), (21, 1, 11), (12, 22, 2), (3, 13, 23), (24, 4, 14), (15, 25, 5), (6, 16, 26), (27, 7, 17),
              (18, 28, 8), (9, 19, 29)]
    text = ""
    for high, middle, low in groups:
        text += _encoded(digest[high] << 16 | digest[middle] << 8 | digest[low], 4)
    return text + _encoded(digest[31] << 8 | digest[30], 3)


def _encoded(value, count):
    return "".join(_ALPHABET[value >> (6 * place) & 63] for place in range(count))
