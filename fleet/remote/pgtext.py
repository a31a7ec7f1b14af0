"""Text of PostgreSQL: identifiers and values quoted, connection strings and password files written. Pure."""

import re

from fleet.remote.host import Failed

_DANGEROUS = re.compile(r"['\"].*--|;|\bunion\s+(all\s+)?select\b|['\"]\s*\bor\b", re.I | re.S)


def identifier(name):
    """A name between quotes. Quotes in it are doubled, unless they all are already, as Ansible wants them."""
    _no_nul(name)
    if '"' in name.replace('""', ""):
        name = name.replace('"', '""')
    return '"%s"' % name


def plain(name):
    """The name that ``identifier`` quotes."""
    return identifier(name)[1:-1].replace('""', '"')


def dotted(name):
    """A name with a schema in front or none, each part quoted; parts may be quoted already."""
    return ".".join(identifier(part) for part in parts(name))


def parts(name):
    """The parts of a dotted name: ``sch."a.b"`` -> ["sch", "a.b"]."""
    found = re.findall(r'"((?:[^"]|"")*)"(?:\.|$)|([^.]*)(?:\.|$)', name)
    return [quoted or simple for quoted, simple in found[:-1]] or [name]


def literal(value):
    """A value as an SQL literal, whatever standard_conforming_strings says."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    _no_nul(text)
    quoted = "'%s'" % text.replace("\\", "\\\\").replace("'", "''")
    return " E" + quoted if "\\" in text else quoted


def _no_nul(text):
    if "\0" in text:
        raise Failed("a name or value must not hold a NUL character: %r" % text)


def conninfo(params):
    """A libpq connection string."""
    words = []
    for name in sorted(params):
        _no_nul(str(params[name]))
        words.append("%s='%s'" % (name, str(params[name]).replace("\\", "\\\\").replace("'", "\\'")))
    return " ".join(words)


def password_line(password):
    """A line of a password file that fits every server."""
    if "\n" in password or "\0" in password:
        raise Failed("login_password must not hold line breaks or NUL characters")
    return "*:*:*:*:%s\n" % password.replace("\\", "\\\\").replace(":", "\\:")


def is_dangerous(text):
    """Whether a value looks as if it were to break out of its quotes."""
    return _DANGEROUS.search(str(text)) is not None


def check_input(args, names):
    """With ``trust_input: false``, refuse values that look like an injection. Raises Failed."""
    if args["trust_input"]:
        return
    for name in names:
        for value in args[name] if isinstance(args[name], list) else [args[name]]:
            if value is not None and is_dangerous(value):
                raise Failed("Passed input '%s' is potentially dangerous" % value)


def version(raw):
    """``PostgreSQL 15.2 (Debian ...) on ...`` in parts. Pure."""
    match = re.match(r"\S+ (\d+)(?:\.(\d+))?(?:\.(\d+))?", raw)
    numbers = [int(number) for number in match.groups() if number is not None] if match else []
    found = dict(zip(("major", "minor", "patch"), numbers), raw=raw)
    return dict(found, full=".".join(map(str, numbers)))
