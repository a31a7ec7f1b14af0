"""``password_hash``: what ``/etc/shadow`` and htpasswd files hold.

The C library's crypt does the work where it knows the method (Linux: all of them), the package
``bcrypt`` does blowfish elsewhere, and ``passlib`` the rest if it is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fleet.record import record
from fleet.template.filters.guard import refuse, volatile

ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so.1.1")
# The struct crypt_data of the largest implementation has 131 232 bytes.
CRYPT_DATA_SIZE = 1 << 18


@record
class Method:
    """A way to hash: ``rounds`` is the default number, ``plain_rounds`` the one that is left unwritten."""

    ident: str
    salt_size: int
    passlib: str
    rounds: int = 0
    plain_rounds: int = 0
    limits: tuple[int, int] = (0, 0)
    exact_salt: bool = False


MD5 = Method("1", 8, "md5_crypt")
SHA256 = Method("5", 16, "sha256_crypt", 535000, 5000, (1000, 999999999))
SHA512 = Method("6", 16, "sha512_crypt", 656000, 5000, (1000, 999999999))
BCRYPT = Method("2b", 22, "bcrypt", 12, 0, (4, 31), exact_salt=True)

METHODS = {
    "md5": MD5, "md5_crypt": MD5,
    "sha256": SHA256, "sha256_crypt": SHA256,
    "sha512": SHA512, "sha512_crypt": SHA512,
    "blowfish": BCRYPT, "bcrypt": BCRYPT,
}  # fmt: skip


@volatile
def password_hash(
    value: Any,
    hashtype: str = "sha512",
    salt: Any = None,
    salt_size: int | None = None,
    rounds: int | None = None,
    ident: str | None = None,
) -> str:
    """The hash of a password; without a ``salt`` a random one is taken, and each call differs."""
    if not isinstance(value, str):
        refuse(f"the password must be text, not {type(value).__name__}; put it in quotes")
    if "\0" in value:
        refuse("a password cannot hold a NUL character")
    method = METHODS.get(hashtype)
    if method is None:
        refuse(f"{hashtype} is not in the list of supported passlib algorithms: {', '.join(METHODS)}")
    mixed = _salt(method, str(salt) if salt else "", salt_size)
    return _hashed(method, str(value), _setting(method, mixed, rounds, ident))


def _salt(method: Method, given: str, size: int | None) -> str:
    import secrets

    longest = method.salt_size
    try:
        wanted = longest if size is None else int(size)
    except (TypeError, ValueError):
        refuse(f"salt_size must be an integer, not {size!r}")
    salt = given or "".join(secrets.choice(ALPHABET) for _ in range(wanted))
    if set(salt) - set(ALPHABET):
        refuse(f"the salt may only have the characters [./0-9A-Za-z], got {salt!r}")
    if len(salt) > longest or (method.exact_salt and len(salt) != longest):
        bound = "exactly" if method.exact_salt else "at most"
        refuse(f"the salt for {method.passlib} must have {bound} {longest} characters, got {len(salt)}")
    if method.exact_salt:
        # 22 characters carry 132 bits, of which bcrypt uses 128.
        salt = salt[:-1] + ALPHABET[ALPHABET.index(salt[-1]) & 0b110000]
    return salt


def _setting(method: Method, salt: str, rounds: int | None, ident: str | None) -> str:
    """What crypt calls the setting: ``$ident$rounds$salt``."""
    count = method.rounds if rounds is None else int(rounds)
    low, high = method.limits
    if method.rounds and not low <= count <= high:
        refuse(f"Could not hash the secret: rounds for {method.passlib} must be between {low} and {high}, got {count}")
    if method is BCRYPT:
        return f"${ident or method.ident}${count:02d}${salt}"
    written = f"rounds={count}$" if method.rounds and count != method.plain_rounds else ""
    return f"${method.ident}${written}{salt}"


# Half a second a call: a play with the same password on every host should pay it once.
@lru_cache(maxsize=256)
def _hashed(method: Method, password: str, setting: str) -> str:
    for engine in (_by_libcrypt, _by_bcrypt, _by_passlib):
        made = engine(method, password, setting)
        if made is not None and made.startswith(setting[: setting.rindex("$")]):
            return made
    package = "bcrypt" if method is BCRYPT else "passlib"
    return refuse(f"this machine's C library cannot make {method.passlib} hashes; install the package {package}")


def _by_libcrypt(method: Method, password: str, setting: str) -> str | None:
    import ctypes

    for name in LIBRARIES:
        try:
            crypt_r = ctypes.CDLL(name).crypt_r
        except (OSError, AttributeError):
            continue
        crypt_r.restype = ctypes.c_char_p
        crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
        made = crypt_r(password.encode(), setting.encode(), ctypes.create_string_buffer(CRYPT_DATA_SIZE))
        return made.decode("ascii") if made and not made.startswith(b"*") else None
    return None


def _by_bcrypt(method: Method, password: str, setting: str) -> str | None:
    if method is not BCRYPT:
        return None
    try:
        import bcrypt
    except ImportError:
        return None
    return bcrypt.hashpw(password.encode()[:72], setting.encode()).decode("ascii")


def _by_passlib(method: Method, password: str, setting: str) -> str | None:
    try:
        from passlib import hash as hashers
    except ImportError:
        return None
    hasher = getattr(hashers, method.passlib)
    parsed = hasher.from_string(setting if method is not BCRYPT else setting + "." * 31)
    options = {"salt": parsed.salt, **({"rounds": parsed.rounds} if method.rounds else {})}
    if method is BCRYPT:
        options["ident"] = parsed.ident
    return str(hasher.using(**options).hash(password))


FILTERS: dict[str, Callable[..., Any]] = {"password_hash": password_hash}
