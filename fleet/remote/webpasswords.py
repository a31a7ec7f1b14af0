"""Password hashes of web servers' user files: made and verified with what every Python has.

Apache's own MD5 scheme and {SHA} are computed here; bcrypt, SHA-crypt and DES come from the host's crypt(3).
"""

import base64
import ctypes
import hashlib
import hmac
import random

from fleet.remote.host import Failed

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SETTINGS = {
    # scheme: (setting of crypt(3) in front of the salt, characters of salt)
    "des_crypt": ("", 2),
    "md5_crypt": ("$1$", 8),
    "sha256_crypt": ("$5$rounds=535000$", 16),
    "sha512_crypt": ("$6$rounds=656000$", 16),
    "bcrypt": ("$2b$12$", 22),
}
SAME = {"portable_apache22": "apr_md5_crypt", "portable_apache24": "apr_md5_crypt", "portable": "apr_md5_crypt",
        "host_apache24": "bcrypt", "host": "bcrypt", "ldap_sha1": "ldap_sha1"}


def salt(size):
    secret = random.SystemRandom()
    return "".join(secret.choice(ALPHABET) for _ in range(size))


def make(password, scheme):
    """A hash of ``password``. Raises Failed for a scheme that is not known, or not to the host's crypt(3)."""
    scheme = SAME.get(scheme, scheme)
    if scheme == "plaintext":
        return password
    if scheme == "ldap_sha1":
        return sha(password)
    if scheme == "apr_md5_crypt":
        return md5_crypt(password, salt(8), "$apr1$")
    if scheme not in SETTINGS:
        known = sorted(list(SETTINGS) + ["apr_md5_crypt", "ldap_sha1", "plaintext"])
        raise Failed("no crypt handler found for algorithm: %r; fleet has %s" % (scheme, ", ".join(known)))
    setting, size = SETTINGS[scheme]
    letters = salt(size)
    if scheme == "bcrypt":
        # The last character holds two bits only; these four are the ones without stray bits.
        letters = letters[:-1] + ".Oeu"[ALPHABET.index(letters[-1]) % 4]
    made = crypt(password, setting + letters)
    if not made:
        raise Failed("the host's crypt(3) does not know %s; choose another hash_scheme" % scheme)
    return made


def verify(password, entry):
    """Whether ``entry`` is what some scheme makes of ``password``."""
    if entry.startswith("$apr1$"):
        made = md5_crypt(password, entry[6:].partition("$")[0], "$apr1$")
    elif entry.startswith("{SHA}"):
        made = sha(password)
    elif entry.startswith("$") or len(entry) == 13:
        made = crypt(password, entry)
    else:
        made = None
    return any(_same(text, entry) for text in (made, password) if text is not None)


def _same(one, other):
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))


def sha(password):
    return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode("utf-8", "surrogateescape")).digest()).decode()


def crypt(password, setting, library=[]):
    """crypt(3) of the host, None where it does not know the setting."""
    if not library:
        library.append(_load())
    if library[0] is None:
        raise Failed("libcrypt was not found on the host; install the package libcrypt1 (Debian) or libxcrypt")
    made = library[0](password.encode("utf-8", "surrogateescape"), setting.encode("utf-8", "surrogateescape"))
    # Failure is NULL or a text that can be no hash, "*0" or "*1".
    return None if not made or made.startswith(b"*") else made.decode("ascii", "replace")


def _load():
    for name in ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so", "libc.so"):
        try:
            function = ctypes.CDLL(name).crypt
        except (OSError, AttributeError):
            continue
        function.argtypes, function.restype = [ctypes.c_char_p, ctypes.c_char_p], ctypes.c_char_p
        return function
    return None


def md5_crypt(password, salt, magic):
    """The MD5 scheme of FreeBSD's crypt(3) under Apache's ``$apr1$`` (or ``$1$``)."""
    word, seed = password.encode("utf-8", "surrogateescape"), salt[:8].encode("utf-8", "surrogateescape")
    inner = hashlib.md5(word + seed + word).digest()
    outer = word + magic.encode() + seed + (inner * (len(word) // 16 + 1))[:len(word)]
    bits = len(word)
    while bits:
        outer += b"\0" if bits & 1 else word[:1]
        bits >>= 1
    digest = hashlib.md5(outer).digest()
    for turn in range(1000):
        first, last = (word, digest) if turn % 2 else (digest, word)
        middle = (seed if turn % 3 else b"") + (word if turn % 7 else b"")
        digest = hashlib.md5(first + middle + last).digest()
    groups = [(digest[one], digest[one + 6], digest[5 if one == 4 else one + 12]) for one in range(5)]
    text = "".join(_letters(a << 16 | b << 8 | c, 4) for a, b, c in groups) + _letters(digest[11], 2)
    return magic + salt[:8] + "$" + text


def _letters(value, count):
    return "".join(ALPHABET[value >> 6 * place & 63] for place in range(count))
