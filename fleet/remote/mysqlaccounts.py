"""Accounts of MySQL and MariaDB: read from the server's tables, and the clauses that change them. Pure but for ``read``."""

import json
import re

from fleet.remote import mysqlauth, mysqltext
from fleet.remote.host import Failed

LIMITS = {
    "MAX_QUERIES_PER_HOUR": "max_questions",
    "MAX_UPDATES_PER_HOUR": "max_updates",
    "MAX_CONNECTIONS_PER_HOUR": "max_connections",
    "MAX_USER_CONNECTIONS": "max_user_connections",
    "MAX_STATEMENT_TIME": "max_statement_time",
}
"""The limits that can be set, and the columns that hold them; the last one is MariaDB's alone."""
TLS = {"SUBJECT": "x509_subject", "ISSUER": "x509_issuer", "CIPHER": "ssl_cipher"}


class Server(object):
    """Which server it is: ``mariadb`` and ``version``, as a tuple of numbers."""

    def __init__(self, text):
        self.mariadb = "mariadb" in text.lower()
        self.version = tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def read(session, user):
    """The Server and the accounts of a name: {host: row}; a row has what the server's own table says, lower case."""
    named = "WHERE User = %s" % mysqltext.literal(user)
    version, users = session.run(["SELECT VERSION()", "SELECT * FROM mysql.user " + named + " ORDER BY Host"])
    server = Server(version.rows[0][0])
    accounts = {}
    for row in users.dicts():
        # Names are compared without regard to case by the server's LIKE and =, but they are not the same.
        row = {name.lower(): value for name, value in row.items()}
        if row["user"] == user:
            accounts[row["host"]] = row
    if accounts and server.mariadb and server.version >= (10, 4):
        for row in session.one("SELECT Host, User, Priv FROM mysql.global_priv " + named).dicts():
            if row["Host"] in accounts and row["User"] == user:
                accounts[row["Host"]].update(_from_json(json.loads(row["Priv"])))
    return server, accounts


def _from_json(priv):
    """The parts of MariaDB's JSON that its view mysql.user does not show."""
    return {
        "account_locked": "Y" if priv.get("account_locked") else "N",
        "password_expired": "Y" if priv.get("password_last_changed") == 0 else "N",
        "password_lifetime": None if priv.get("password_lifetime", -1) < 0 else str(priv["password_lifetime"]),
    }


def is_role(row):
    return row.get("is_role") == "Y"


def authentication(row):
    """(plugin, what it stores). Very old servers keep the password in a column of its own."""
    return row.get("plugin") or mysqlauth.NATIVE, row.get("authentication_string") or row.get("password") or ""


def has_password(row, args):
    """Whether the account has the wanted password."""
    plugin, stored = authentication(row)
    if args["encrypted"]:
        return plugin == mysqlauth.NATIVE and stored.upper() == args["password"].upper()
    return bool(mysqlauth.matches(plugin, args["password"], stored))


def has_plugin(row, args):
    """Whether the account is authenticated as wanted."""
    plugin, stored = authentication(row)
    if plugin != args["plugin"]:
        return False
    if args["plugin_hash_string"] is not None:
        return stored == args["plugin_hash_string"]
    word = args["plugin_auth_string"]
    if word is None:
        return True
    if args["salt"]:
        return stored == mysqlauth.stored(plugin, word, args["salt"])
    known = mysqlauth.matches(plugin, word, stored)
    return stored == word if known is None else bool(known)


def identified(server, args):
    """The IDENTIFIED clause the arguments ask for, or "" ."""
    literal = mysqltext.literal
    if args["plugin"]:
        return _by_plugin(server, args)
    if args["password"] is None:
        return ""
    if args["encrypted"]:
        if server.mariadb:
            return " IDENTIFIED BY PASSWORD %s" % literal(args["password"])
        return " IDENTIFIED WITH mysql_native_password AS %s" % literal(args["password"])
    if server.mariadb or server.version < (5, 7) or server.version >= (8, 4):
        return " IDENTIFIED BY %s" % literal(args["password"])
    return " IDENTIFIED WITH mysql_native_password BY %s" % literal(args["password"])


def _by_plugin(server, args):
    literal = mysqltext.literal
    stored, word = args["plugin_hash_string"], args["plugin_auth_string"]
    if stored is None and word is not None and args["salt"]:
        stored = mysqlauth.stored(args["plugin"], word, args["salt"])
    if stored is None and word is not None and args["plugin"] in ("pam", "auth_pam"):
        stored = word
    text = " IDENTIFIED %s %s" % ("VIA" if server.mariadb else "WITH", literal(args["plugin"]))
    if stored is not None:
        return text + " %s %s" % ("USING" if server.mariadb else "AS", literal(stored))
    if word is not None:
        return text + (" USING PASSWORD(%s)" if server.mariadb else " BY %s") % literal(word)
    return text


def identified_like(server, row):
    """The IDENTIFIED clause for the same authentication as another account."""
    plugin, stored = authentication(row)
    text = " IDENTIFIED %s %s" % ("VIA" if server.mariadb else "WITH", mysqltext.literal(plugin))
    return text + " %s %s" % ("USING" if server.mariadb else "AS", mysqltext.literal(stored)) if stored else text


def tls_of(row):
    """What an account requires of its connections, as ``tls_wanted`` has it."""
    kind = row.get("ssl_type") or ""
    if kind == "SPECIFIED":
        return {name: row[column] for name, column in TLS.items() if row.get(column)}
    return {{"ANY": "SSL"}.get(kind, kind): None} if kind else {}


def tls_wanted(requires):
    """``tls_requires`` in its normal form. Raises Failed for a requirement that does not exist."""
    found = {str(name).upper(): value for name, value in (requires or {}).items()}
    for name in found:
        if name not in TLS and name not in ("SSL", "X509"):
            raise Failed("tls_requires: key '%s' is unsupported." % name)
    special = {name: str(found[name]) for name in TLS if found.get(name) is not None}
    if special:
        return special
    return {"X509": None} if "X509" in found else {"SSL": None} if "SSL" in found else {}


def tls_clause(wanted):
    if not wanted:
        return " REQUIRE NONE"
    return " REQUIRE " + " AND ".join(
        name if value is None else "%s %s" % (name, mysqltext.literal(value)) for name, value in sorted(wanted.items()))


def limits_wanted(limits, server):
    """``resource_limits`` with numbers. Raises Failed."""
    found = {}
    for name, value in (limits or {}).items():
        if name not in LIMITS or (name == "MAX_STATEMENT_TIME" and not server.mariadb):
            raise Failed("resource_limits: key '%s' is unsupported." % name)
        try:
            found[name] = int(value)
        except (TypeError, ValueError):
            raise Failed("Can't convert value '%s' to integer." % value)
    return found


def limits_left(row, wanted):
    """The limits that differ; a server without the column has a difference that it refuses to make."""
    return {name: value for name, value in wanted.items() if float(row.get(LIMITS[name]) or 0) != value}


def limits_clause(limits):
    return " WITH " + " ".join("%s %d" % pair for pair in sorted(limits.items()))


def is_expired(row, args):
    """Whether the password expires as wanted."""
    how, lifetime = args["password_expire"], row.get("password_lifetime")
    if how == "now":
        return row.get("password_expired") == "Y"
    if how == "default":
        return lifetime is None
    return lifetime == ("0" if how == "never" else str(args["password_expire_interval"]))


def expire_clause(args):
    how = args["password_expire"]
    if how == "interval":
        return " PASSWORD EXPIRE INTERVAL %d DAY" % args["password_expire_interval"]
    return " PASSWORD EXPIRE" + ("" if how == "now" else " " + how.upper())


def attributes_of(row):
    """The attributes that users gave an account (MySQL 8)."""
    text = row.get("user_attributes")
    return (json.loads(text).get("metadata") or {}) if text else {}
