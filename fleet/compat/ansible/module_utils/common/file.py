"""Names of the arguments about files that many modules share, and small questions about files."""

import os
import stat

FILE_COMMON_ARGUMENTS = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "selevel": {"type": "str"},
    "setype": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
    "unsafe_writes": {"type": "bool", "default": False},
}

_PERM_BITS, _EXEC_PERM_BITS, _DEFAULT_PERM = 0o7777, 0o111, 0o666
PERM_BITS, EXEC_PERM_BITS, DEFAULT_PERM = _PERM_BITS, _EXEC_PERM_BITS, _DEFAULT_PERM
S_IXANY, S_IRANY, S_IWANY = 0o111, 0o444, 0o222
S_IRWU_RG_RO, S_IRWU_RWG_RWO, S_IRWXU_RXG_RXO = 0o644, 0o666, 0o755
FILE_ATTRIBUTES = {
    "A": "noatime", "a": "append", "c": "compressed", "C": "nocow", "d": "nodump", "D": "dirsync", "e": "extents",
    "E": "encrypted", "h": "blocksize", "i": "immutable", "I": "indexed", "j": "journalled", "N": "inline", "s": "zero",
    "S": "synchronous", "t": "notail", "T": "blockroot", "u": "undelete", "X": "compressedraw", "Z": "compresseddirty",
}
"""chattr(1)'s letters. Source: man chattr."""


def get_file_arg_spec():
    """The arguments about files, a copy."""
    return dict((name, dict(one)) for name, one in FILE_COMMON_ARGUMENTS.items())


def format_attributes(attributes):
    """Letters as words."""
    return [FILE_ATTRIBUTES[letter] for letter in attributes or "" if letter in FILE_ATTRIBUTES]


def get_flags_from_attributes(attributes):
    """Words as letters."""
    return "".join(letter for letter, word in FILE_ATTRIBUTES.items() if word in attributes)


def is_executable(path):
    """Not 0 when somebody may execute the file."""
    return (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH) & os.stat(path).st_mode


def symbolic(text, current, directory):
    """Permission bits for chmod(1)'s letters. ValueError when it is none of them."""
    shift = {"u": 6, "g": 3, "o": 0}
    for clause in text.split(","):
        who = clause[:len(clause) - len(clause.lstrip("ugoa"))]
        rest = clause[len(who):]
        users = "ugo" if not who or "a" in who else who
        if not rest or rest[0] not in "+-=":
            raise ValueError("bad symbolic permission for mode: %s" % text)
        while rest:
            sign, rest = rest[0], rest[1:]
            letters = rest[:len(rest) - len(rest.lstrip("rwxXstugo"))]
            rest = rest[len(letters):]
            if rest and rest[0] not in "+-=":
                raise ValueError("bad symbolic permission for mode: %s" % text)
            for user in users:
                bits, special = 0, 0
                for letter in letters:
                    if letter in "rwx":
                        bits |= {"r": 4, "w": 2, "x": 1}[letter]
                    elif letter == "X" and (directory or current & 0o111):
                        bits |= 1
                    elif letter == "s":
                        special |= {"u": 0o4000, "g": 0o2000, "o": 0}[user]
                    elif letter == "t":
                        special |= 0o1000
                    elif letter in shift:
                        bits |= current >> shift[letter] & 7
                made = bits << shift[user] | special
                if sign == "+":
                    current |= made
                elif sign == "-":
                    current &= ~made
                else:
                    current = current & ~(7 << shift[user]) | made
    return current
