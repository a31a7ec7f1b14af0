"""Passwords as PostgreSQL stores them: MD5 and SCRAM-SHA-256, compared with a password. Pure."""

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata

_MD5 = re.compile(r"^md5[0-9a-f]{32}$")
_SCRAM = re.compile(r"^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$")


def is_stored_form(text):
    """Whether a password is given as the server stores it."""
    return _MD5.match(text) is not None or _SCRAM.match(text) is not None


def matches(stored, password, user):
    """Whether ``stored`` is this password, given in clear or as it is stored."""
    if not stored:
        return not password
    if is_stored_form(password):
        return stored == password
    if _MD5.match(stored):
        return stored == "md5" + hashlib.md5((password + user).encode("utf-8", "surrogateescape")).hexdigest()
    match = _SCRAM.match(stored)
    if match:
        rounds, salt, key, _ = match.groups()
        return hmac.compare_digest(_stored_key(password, salt, int(rounds)), key)
    return stored == password


def _stored_key(password, salt, rounds):
    try:
        raw = base64.b64decode(salt)
    except (binascii.Error, ValueError):
        return ""
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode("utf-8", "surrogateescape"), raw, rounds)
    client = hmac.new(salted, b"Client Key", hashlib.sha256).digest()
    return base64.b64encode(hashlib.sha256(client).digest()).decode()


def prepared(password):
    """The password after SASLprep, or as it is where that forbids it, as the server does it."""
    if all(ord(char) < 128 for char in password):
        return password
    mapped = "".join(" " if stringprep.in_table_c12(char) else char for char in password
                     if not stringprep.in_table_b1(char))
    text = unicodedata.normalize("NFKC", mapped)
    forbidden = (stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4, stringprep.in_table_c5,
                 stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9)
    if any(table(char) for char in text for table in forbidden):
        return password
    return text
