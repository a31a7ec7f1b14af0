"""Show and set a parameter of a PostgreSQL server with ALTER SYSTEM, and make the server read it."""

import re
import time

from fleet.remote import pgclient, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        name=Arg(required=True, help="Name of the parameter, written as the server writes it."),
        value=Arg(help="Its value; `default` removes what was set before."),
        reset=Arg("bool", False, help="Give it the value the server is built with."),
        login_db=Arg(aliases=("db",), help="The database to connect to."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns={
        "name": "The parameter.",
        "prev_val_pretty": "Its value before.",
        "value_pretty": "Its value now, or from the next start on.",
        "value": "Its value now as `value` and `unit`; memory in bytes.",
        "context": "When it may be changed, as the server names it.",
        "restart_required": "Whether the server takes it at its next start only.",
        "queries": "What was run.",
    },
)
EXAMPLES = """
- postgresql_set: {name: work_mem, value: 32MB}
  become: true
  become_user: postgres
- postgresql_set: {name: wal_log_hints, value: default}
  become: true
  become_user: postgres
"""
QUERY = """SELECT s.name, s.setting, s.unit, s.context, s.boot_val, pg_catalog.current_setting(%(name)s) AS pretty,
 pg_catalog.pg_conf_load_time()::text AS loaded FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_settings s ON s.name = %(name)s"""
LISTS = ("local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries",
         "temp_tablespaces", "unix_socket_directories")
"""Parameters that are lists of quoted names: https://www.postgresql.org/docs/current/sql-altersystem.html."""
PATIENCE = 5


def run(host, args):
    check(args)
    session = pgclient.Session(host, args, args["login_db"] or "", args["session_role"])
    now = look(session, args["name"])
    if now["context"] == "internal":
        raise Failed("%s: cannot be changed (internal context). "
                     "See https://www.postgresql.org/docs/current/runtime-config-preset.html" % args["name"])
    value = normal(args["value"])
    query = statement(args, value, now)
    told = {"changed": False, "name": args["name"], "context": now["context"], "prev_val_pretty": now["pretty"],
            "restart_required": now["context"] == "postmaster", "queries": []}
    if host.check:
        told.update(changed=query is not None and value != now["pretty"], value_pretty=value, value=measured(now))
    else:
        told.update(change(session, args, value, now, query))
    if host.diff and told["changed"]:
        told["diff"] = {"before": "%s\n" % now["pretty"], "after": "%s\n" % (value or now["boot_val"])}
    return told


def check(args):
    """Refuse what the declaration of arguments cannot. Raises Failed."""
    name, value = args["name"], args["value"]
    pgtext.check_input(args, ("name", "value", "session_role"))
    if value is None and not args["reset"]:
        raise Failed("%s: at least one of value or reset param must be specified" % name)
    if value is not None and args["reset"]:
        raise Failed("%s: value and reset params are mutually exclusive" % name)
    if name == "shared_preload_libraries" and value == "":
        raise Failed("shared_preload_libraries: PostgreSQL would not start with the empty text that ALTER SYSTEM writes; "
                     "use value=default or reset")


def look(session, name):
    """What the server says of the parameter. Raises Failed."""
    try:
        found = session.rows(QUERY % {"name": pgtext.literal(name)})[0]
    except pgclient.SqlError as error:
        raise Failed("Unable to get %s value due to : %s" % (name, error.text))
    if found["name"] is None:
        raise Failed("No such parameter: %s. Please check its spelling or presence in your PostgreSQL version "
                     "(https://www.postgresql.org/docs/current/runtime-config.html)" % name)
    if name in LISTS:
        # Ansible compares and shows the names without their quotes.
        found["pretty"] = found["pretty"].replace('"', "")
    return found


def normal(value):
    """A value as the server shows it: switches, and units in their own case. Pure."""
    if value in ("True", "False"):
        return "on" if value == "True" else "off"
    match = re.match(r"^(\d+)\s*([kmgt])b$", value or "", re.I)
    return match.group(1) + {"k": "kB"}.get(match.group(2).lower(), match.group(2).upper() + "B") if match else value


def statement(args, value, now):
    """What sets the parameter, None when it is as wanted. Pure."""
    start = "ALTER SYSTEM SET %s = " % args["name"]
    if args["reset"]:
        return "ALTER SYSTEM RESET %s" % args["name"] if now["setting"] != now["boot_val"] else None
    if value == "default":
        return start + "DEFAULT"
    if value == now["pretty"]:
        return None
    parts = [part.strip() for part in value.split(",")] if args["name"] in LISTS else [value]
    return start + ",".join(pgtext.literal(part).strip() for part in parts)


def change(session, args, value, now, query):
    """Set the parameter and tell what it is then. Raises Failed."""
    restart = now["context"] == "postmaster"
    if query is not None:
        try:
            session.run([query, "SELECT pg_catalog.pg_reload_conf()"])
        except pgclient.SqlError as error:
            raise Failed("Unable to set %s value due to : %s" % (args["name"], error.text))
    if restart:
        # Such a value shows after the next start only.
        return {"changed": query is not None, "value_pretty": value, "queries": [query] if query else []}
    after = reloaded(session, args["name"], now["loaded"]) if query else now
    return {"changed": after["pretty"] != now["pretty"], "value_pretty": after["pretty"], "value": measured(after),
            "queries": [query] if query else []}


def reloaded(session, name, before):
    """What the server says once it has read its files again, which it does a moment after it was told to."""
    end = time.time() + PATIENCE
    while True:
        found = look(session, name)
        if found["loaded"] != before or time.time() > end:
            return found
        time.sleep(0.05)


def measured(now):
    """The value with its unit; kilobytes are told as bytes. Pure."""
    if now["unit"] == "kB":
        return {"value": int(now["setting"]) * 1024, "unit": "b"}
    return {"value": now["setting"], "unit": now["unit"]}
