"""Queries as users write them: values put in, statements told apart. Pure."""

import re

from fleet.remote.host import Failed

_PLACE = re.compile(r"%(?:\(([^)]*)\))?(.)", re.S)
_SKIP = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|(\$\w*\$).*?\1|--[^\n]*|/\*.*?\*/", re.S)
"""What may hold a semicolon that ends nothing: quoted text, names, comments."""
_PARTS = re.compile(r"[()]|\b(?:SELECT|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE)\b", re.I)


def queries(value):
    """The queries of a task as a list. Raises Failed."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise Failed("the query option value must be a string or list, passed %s" % type(value))
    wrong = [item for item in value if not isinstance(item, str)]
    if wrong:
        raise Failed("the elements in query list must be strings, passed '%s' %s" % (wrong[0], type(wrong[0])))
    return value


def filled(query, positional, named, literal):
    """The query with ``%s`` or ``%(name)s`` replaced by literals; without values as it is. Raises Failed."""
    if not positional and not named:
        return query
    left = list(positional or ())

    def value(match):
        name, letter = match.groups()
        if letter == "%" and name is None:
            return "%"
        if letter != "s":
            raise Failed("unsupported format character '%s' in the query; a percent sign is written %%%%" % letter)
        if name is None:
            if not left:
                raise Failed("the query has more places than positional_args has values")
            return literal(left.pop(0))
        if name not in (named or {}):
            raise Failed("named_args has no value for %s" % name)
        return literal(named[name])

    text = _PLACE.sub(value, query)
    if left:
        raise Failed("the query has fewer places than positional_args has values")
    return text


def first_word(query):
    """The first word of a query in upper case, comments and brackets in front left out."""
    text = re.sub(r"^(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)+", "", query, flags=re.S)
    match = re.match(r"[A-Za-z]+", text)
    return match.group().upper() if match else ""


def parted(query):
    """(what stands in front, the statement itself): they part behind the named queries of a WITH."""
    if first_word(query) != "WITH":
        return "", query
    depth, masked = 0, _SKIP.sub(lambda match: " " * len(match.group()), query)
    for match in _PARTS.finditer(masked):
        if match.group() in "()":
            depth += 1 if match.group() == "(" else -1
        elif depth == 0:
            return query[:match.start()], query[match.start():]
    return "", query


def bare(query):
    """The query without what it quotes, to look for words and semicolons."""
    return _SKIP.sub("''", query)


def is_one(query):
    """Whether the text is a single statement."""
    return ";" not in bare(query).rstrip().rstrip(";")


def unended(query):
    """A single statement without its semicolon; a comment at its end ends with a line."""
    text = query.rstrip()
    return (text[:-1] if text.endswith(";") else text) + "\n"
