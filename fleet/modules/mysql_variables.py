"""Show or set global system variables of MySQL and MariaDB."""

import re

from fleet.remote import mysqlaccounts, mysqlclient, mysqltext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        mysqlclient.CONNECTION,
        variable=Arg(required=True, help="Name of the variable."),
        value=Arg(help="Its value; without one the module tells what it is."),
        mode=Arg(default="global", choices=("global", "persist", "persist_only"),
                 help="Whether it is set until the server ends, for ever too, or from the next start on (MySQL 8)."),
    ),
    returns={"msg": "The value, or what was done.", "queries": "What was run."},
)
EXAMPLES = """
- mysql_variables: {variable: read_only, value: "1", login_unix_socket: /run/mysqld/mysqld.sock}
- mysql_variables: {variable: version, login_unix_socket: /run/mysqld/mysqld.sock}
"""
PERSISTED = "SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = %s"


def run(host, args):
    name, value = args["variable"], args["value"]
    if not re.match(r"^[0-9A-Za-z_.]+$", name):
        raise Failed("invalid variable name \"%s\"" % name)
    session = mysqlclient.connect(host, args)
    if args["mode"] != "global":
        server = mysqlaccounts.Server(session.one("SELECT VERSION()").rows[0][0])
        if server.mariadb or server.version < (8,):
            raise Failed("Server version must be 8.0 or greater.")
    now = current(session, args, name)
    if now is None and (args["mode"] != "persist_only" or value is None):
        raise Failed('Variable not available "%s"' % name)
    if value is None:
        return {"changed": False, "msg": now}
    if now is not None and isinstance(typed(now), float):
        now = str(typed(now))
    wanted = typed(value)
    if now is not None and typed(now) == wanted:
        return {"changed": False, "msg": "Variable is already set to requested value."}
    return change(host, args, session, now, wanted)


def current(session, args, name):
    """What the variable is now, or what it is set to for the next start. None where there is none."""
    if args["mode"] == "persist_only":
        rows = session.one(PERSISTED % mysqltext.literal(name)).rows
        return rows[0][0] if rows else None
    # LIKE would take the underscore for a wildcard.
    rows = session.one("SHOW GLOBAL VARIABLES WHERE Variable_name = %s" % mysqltext.literal(name)).rows
    now = rows[0][1] if rows else None
    if args["mode"] == "persist" and now is not None:
        kept = session.one(PERSISTED % mysqltext.literal(name)).rows
        return now if kept and typed(kept[0][0]) == typed(now) else None if not kept else kept[0][0]
    return now


def typed(text):
    """A value to compare and to set: a number, ON or OFF, or text. Pure."""
    plain = text.strip()
    if plain.upper() in ("ON", "TRUE", "YES"):
        return "ON"
    if plain.upper() in ("OFF", "FALSE", "NO"):
        return "OFF"
    if re.match(r"^[-+]?\d+$", plain):
        return int(plain)
    if re.match(r"^[-+]?\d*\.\d+$", plain):
        return float(plain)
    return text


def same(now, wanted):
    """Whether values are equal where a switch may be a number too. Pure."""
    return {"ON": 1, "OFF": 0}.get(now, now) == {"ON": 1, "OFF": 0}.get(wanted, wanted)


def change(host, args, session, now, wanted):
    switch = now is not None and typed(now) in ("ON", "OFF")
    if switch and same(typed(now), wanted):
        return {"changed": False, "msg": "Variable is already set to requested value."}
    if switch and wanted in (0, 1) and not isinstance(wanted, float):
        wanted = "ON" if wanted else "OFF"
    sent = wanted if wanted in ("ON", "OFF") else mysqltext.literal(wanted)
    scope = {"global": "GLOBAL", "persist": "PERSIST", "persist_only": "PERSIST_ONLY"}[args["mode"]]
    name = ".".join(mysqltext.identifier(part) for part in args["variable"].split("."))
    start = "SET %s %s = " % (scope, name)
    told = {"changed": True, "msg": "Variable change succeeded prev_value=%s" % now, "queries": ["%s%s" % (start, wanted)]}
    if host.diff:
        told["diff"] = {"before": "%s\n" % now, "after": "%s\n" % wanted}
    if host.check:
        return told
    try:
        session.run([start + sent])
    except mysqlclient.SqlError as error:
        raise Failed(str(error))
    return told
