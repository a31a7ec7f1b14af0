"""Privileges of MySQL and MariaDB: what a task asks for, what SHOW GRANTS says, and the way between. Pure.

Both are {target: [privilege, ...]}; a target is written as the server does (``*.*``, `` `db`.* ``,
``FUNCTION `db`.`f` ``). WITH GRANT OPTION counts as the privilege GRANT.
"""

import re

from fleet.remote import mysqltext
from fleet.remote.host import Failed

EVERYTHING = "*.*"
_KINDS = ("FUNCTION", "PROCEDURE", "TABLE")
_PRIVILEGE = re.compile(r"^[A-Za-z][\w ]*?\s*(\((?:[^()'\";\\]|`(?:[^`]|``)*`)+\))?$")
_GRANT = re.compile(r"^GRANT (?P<privs>.+?) ON (?P<target>.+?) TO (?P<rest>['`\"].*|CURRENT_.*)$", re.S)
# What newer servers call by another name when they show it.
_SHOWN = {"ALL PRIVILEGES": "ALL", "BINLOG MONITOR": "REPLICATION CLIENT"}


def wanted(priv, case=False):
    """The privileges of the ``priv`` argument: text as ``db.table:A,B/db2.*:C``, or a dict. Raises Failed.

    ``case`` keeps the spelling of column names, which count upper case otherwise.
    """
    if isinstance(priv, dict):
        pairs = [(str(target).strip(), str(privs)) for target, privs in priv.items()]
    elif isinstance(priv, str):
        pairs = [_pair(item) for item in _split(priv.strip(), "/") if item.strip()]
    else:
        raise Failed("priv parameter must be str or dict but %s was passed" % type(priv))
    if not pairs:
        raise Failed("invalid priv string: it is empty")
    found = {}
    for target, privs in pairs:
        names = [_checked(name, case) for name in _split(privs, ",")]
        found[target_of(target)] = sorted(set(names), key=names.index)
    found.setdefault(EVERYTHING, ["USAGE"])
    return found


def _pair(item):
    # The names in front may be quoted and hold colons; a privilege never does.
    target, colon, privs = item.rpartition(":")
    if not colon:
        raise Failed("invalid priv string: %r is not of the form database.table:privilege,privilege" % item)
    return target.strip(), privs


def _split(text, mark):
    """Split at ``mark`` where it is outside of brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "`\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == mark and depth == 0:
            parts.append("")
            continue
        parts[-1] += char
    return parts


def _checked(name, case):
    """One privilege in its normal form; nothing but words and a list of columns passes."""
    plain = name.strip()
    if not _PRIVILEGE.match(plain):
        raise Failed("invalid priv string: %r is no privilege" % plain)
    return normal(plain, case)


def normal(privilege, case=False):
    """``select ( b,`a` )`` -> ``SELECT (A, B)``."""
    word, bracket, columns = privilege.partition("(")
    word = " ".join(word.upper().split())
    if not bracket:
        return {"ALL PRIVILEGES": "ALL", "GRANT OPTION": "GRANT"}.get(word, word)
    names = sorted(name.strip().strip("`") for name in columns.rstrip().rstrip(")").split(","))
    return "%s (%s)" % (word, ", ".join(names if case else [name.upper() for name in names]))


def target_of(text):
    """A target with quoted names: ``db.t`` -> `` `db`.`t` ``, ``function db.f`` -> ``FUNCTION `db`.`f` ``."""
    kind, _, name = text.partition(" ")
    if kind.upper() in _KINDS and name.strip():
        prefix = kind.upper() + " " if kind.upper() != "TABLE" else ""
        return prefix + target_of(name.strip())
    parts = mysqltext.parts(text)
    if len(parts) != 2:
        raise Failed("invalid priv string: %r is not of the form database.table" % text)
    return ".".join("*" if part == "*" else mysqltext.identifier(part) for part in parts)


def granted(lines):
    """The privileges that the lines of SHOW GRANTS tell of; roles and proxies are left out.

    Columns keep their spelling: REVOKE knows them by no other.
    """
    found = {}
    for line in lines:
        match = _GRANT.match(line)
        if not match or match.group("privs").startswith("PROXY"):
            continue
        privs = [normal(name, case=True) for name in _split(match.group("privs"), ",")]
        privs = [_SHOWN.get(name, name) for name in privs]
        if re.search(r"WITH\b.*\bGRANT OPTION", match.group("rest")):
            privs.append("GRANT")
        have = found.setdefault(_shown_target(match.group("target")), [])
        have.extend(name for name in privs if name not in have)
    return found


def _shown_target(text):
    return text[6:] if text.startswith("TABLE ") else text


def is_all(have, every):
    """Whether ``have`` is all there is to have; MySQL 8 lists each privilege instead of ALL."""
    return "ALL" in have or (bool(every) and every <= set(have))


def steps(have, want, mode="replace", every=frozenset()):
    """The changes from ``have`` to ``want`` as (target, privileges to revoke, privileges to grant), in order.

    ``mode``: "replace" all, "append" to or "subtract" from what is there. ``every``: the privileges ALL stands for.
    Ansible tells of steps that change nothing too (USAGE granted beside other privileges); see ``effective``.
    """
    found = []
    if mode == "replace":
        found += [(target, now, []) for target, now in have.items() if target not in want]
    if mode != "subtract":
        found += [(target, [], privs) for target, privs in want.items() if target not in have]
    for target, now in have.items():
        if target in want:
            gone, added = _step(in_short(now, every if target == EVERYTHING else ()), want[target], mode)
            if gone or added:
                found.append((target, gone, added))
    return found


def in_short(now, every):
    """``now`` with ALL for all that it stands for."""
    return ["ALL"] + (["GRANT"] if "GRANT" in now else []) if is_all(now, every) else now


def _step(now, privs, mode):
    if mode == "subtract":
        return [name for name in now if name in privs and privs != ["USAGE"]], []
    added = [name for name in privs if name not in now]
    gone = [name for name in now if name not in privs] if mode == "replace" else []
    if "ALL" in privs:
        gone = [name for name in gone if name == "GRANT"]
    return gone, added


def effective(step, now):
    """Whether a step changes what a target has, ``now`` before it."""
    _, gone, added = step
    return _meaning(now) != _meaning([name for name in now if name not in gone] + added)


def _meaning(names):
    plain = {"ALL"} if "ALL" in names else set(names) - {"USAGE", "GRANT"}
    return plain, "GRANT" in names


def statements(who, step):
    """The REVOKE and GRANT statements of a step."""
    target, gone, added = step
    made = []
    if "GRANT" in gone:
        made.append("REVOKE GRANT OPTION ON %s FROM %s" % (target, who))
    names = [name for name in gone if name not in ("GRANT", "USAGE")]
    if names:
        made.append("REVOKE %s ON %s FROM %s" % (",".join(names), target, who))
    if added:
        names = [name for name in added if name != "GRANT"] or ["USAGE"]
        more = " WITH GRANT OPTION" if "GRANT" in added else ""
        made.append("GRANT %s ON %s TO %s%s" % (",".join(names), target, who, more))
    return made


def described(step, known, kept):
    """What a result says of a step, in Ansible's words; ``known`` and ``kept``: had and wanted the target."""
    _, gone, added = step
    if not kept:
        return "Privileges updated"
    if not known:
        return "New privileges granted"
    return "Privileges updated: granted %s, revoked %s" % (added + (["USAGE"] if added == ["GRANT"] else []), gone)
