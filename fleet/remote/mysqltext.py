"""Text of MySQL and MariaDB: identifiers and values quoted, option files read and written. Pure."""

import re

from fleet.remote.host import Failed

_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"}
_QUOTED = re.compile(r"`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"")


def identifier(name):
    """A name between backticks. Raises Failed for a name that no server takes."""
    if "\0" in name:
        raise Failed("a name must not hold a NUL character: %r" % name)
    return "`%s`" % name.replace("`", "``")


def literal(value):
    """A value as an SQL literal, a list as one of them in brackets; holds where the session's sql_mode is without NO_BACKSLASH_ESCAPES."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "(%s)" % ",".join(map(literal, value))
    return "'%s'" % "".join(_ESCAPES.get(char, char) for char in str(value))


def account(user, where):
    """``'user'@'host'``; a host of None stands for a role, which has no host."""
    return literal(user) if where is None else "%s@%s" % (literal(user), literal(where))


def parts(name):
    """The parts of a dotted name, quotes taken off: ```db``.`t` `` -> ["db", "t"]. Raises Failed."""
    found, rest = [], name
    while True:
        match = _QUOTED.match(rest)
        if match:
            mark = rest[0]
            found.append(match.group()[1:-1].replace(mark * 2, mark))
            rest = rest[match.end():]
        else:
            plain, _, _ = rest.partition(".")
            if not plain or plain[0] in "`\"":
                raise Failed("%s is no name: a quote is open or a part is empty" % name)
            found.append(plain)
            rest = rest[len(plain):]
        if not rest:
            return found
        if rest[0] != ".":
            raise Failed("%s is no name: something follows a quoted part" % name)
        rest = rest[1:]


def dotted(name, stars=True):
    """A dotted name with every part quoted; ``*`` stays as it is."""
    return ".".join("*" if part == "*" and stars else identifier(part) for part in parts(name))


def client_options(text):
    """The options in the [client] sections of an option file, as PyMySQL takes them: names with dashes."""
    found, inside = {}, False
    for line in text.splitlines():
        line = line.strip()
        if not line or line[0] in "#;!":
            continue
        if line[0] == "[":
            inside = line.partition("]")[0][1:].strip() == "client"
            continue
        if inside:
            name, equals, value = line.partition("=")
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            found[name.strip().lower().replace("_", "-")] = value if equals else None
    return found


def option_file(options, includes=()):
    """The text of an option file with a [client] section; a value of True is a switch, None is left out."""
    lines = ["!include %s" % path for path in includes] + ["[client]"]
    for name in sorted(options):
        value = options[name]
        if value is True:
            lines.append(name)
        elif value is not None:
            lines.append('%s="%s"' % (name, _option_value(name, str(value))))
    return "\n".join(lines) + "\n"


def _option_value(name, value):
    if "\0" in value:
        raise Failed("%s must not hold a NUL character" % name)
    for char, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        value = value.replace(char, escaped)
    return value


def number(text):
    """A value as a number where it is a whole one."""
    return int(text) if text is not None and re.match(r"^-?\d+$", text) else text
