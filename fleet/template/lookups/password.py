"""The lookup ``password``: a random password, kept in a file of the controller so that it stays the same."""

from __future__ import annotations

import os
import random
import shlex
import string
import tempfile
from typing import Any

from fleet.template.environment import FleetContext
from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall

_SETS = {
    "ascii_letters": string.ascii_letters,
    "ascii_lowercase": string.ascii_lowercase,
    "ascii_uppercase": string.ascii_uppercase,
    "digits": string.digits,
    "hexdigits": string.hexdigits,
    "octdigits": string.octdigits,
    "punctuation": string.punctuation,
    "printable": string.printable,
    "whitespace": string.whitespace,
}
SALT = string.ascii_letters + string.digits
_KEYS = ("length", "encrypt", "chars", "ident", "seed")


def password(call: LookupCall) -> list[Any]:
    """For each path the password in that file, made (and the file written, mode 0600) when there is none.

    ``/dev/null`` keeps nothing. Settings stand behind the path (``length=15 chars=digits``) or are options.
    """
    return [_password(call, term) for term in call.texts()]


def _password(call: LookupCall, term: str) -> str:
    name, settings = _parsed(term, call.options)
    length = int(settings.get("length", 20))
    alphabet = characters(settings.get("chars"))
    seed = settings.get("seed")
    chooser: Any = random.Random(str(seed)) if seed is not None else random.SystemRandom()
    fresh = "".join(chooser.choice(alphabet) for _ in range(length))
    encrypt = settings.get("encrypt")
    salt = "".join(random.SystemRandom().choices(SALT, k=16)) if encrypt else ""
    path = os.path.expanduser(name)
    if not os.path.isabs(path) and call.scope.search_path:
        path = os.path.join(call.scope.search_path[-1], path)
    found, salt = (fresh, salt) if path == "/dev/null" else _kept(path, fresh, salt)
    return _encrypted(call, found, str(encrypt), salt, settings.get("ident")) if encrypt else found


def _parsed(term: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    settings = {key: options[key] for key in _KEYS if key in options}
    words = shlex.split(term)
    while len(words) > 1 and "=" in words[-1]:
        key, _, value = words.pop().partition("=")
        if key not in _KEYS:
            raise TemplateError(f"Unrecognized parameter(s) given to password lookup: {key}")
        settings[key] = value
    return " ".join(words), settings


def characters(chars: Any) -> str:
    """The characters to choose from: names of sets such as ``digits``, or the characters themselves."""
    if not chars:
        return string.ascii_letters + string.digits + ".,:-_"
    names = chars if isinstance(chars, list) else str(chars).replace(",,", ",COMMA").split(",")
    made = "".join(_SETS.get(str(name), "," if name == "COMMA" else str(name)) for name in names)
    return "".join(dict.fromkeys(made))


def _kept(path: str, fresh: str, salt: str) -> tuple[str, str]:
    """The password and salt in the file. Of threads that make it at once one wins; all read the same."""
    content = f"{fresh} salt={salt}\n" if salt else f"{fresh}\n"
    if not os.path.exists(path):
        folder = os.path.dirname(path) or "."
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=folder, prefix=".password")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(content)
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(made)
    with open(path, encoding="utf-8") as stream:
        text = stream.read().rstrip("\n")
    found, marker, kept = text.partition(" salt=")
    kept = kept.split(" ident=")[0] if marker else ""
    if salt and not kept:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(f"{found} salt={salt}\n")
    return found, kept or salt


def _encrypted(call: LookupCall, text: str, method: str, salt: str, ident: Any) -> str:
    size = 22 if method in ("bcrypt", "blowfish") else 8 if method == "md5_crypt" else 16
    options = {"ident": ident} if ident else {}
    environment = call.scope.templar.environment
    context = FleetContext(environment, call.scope, None, {})
    return str(environment.call_filter("password_hash", text, [method, salt[:size]], options, context))
