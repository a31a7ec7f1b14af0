"""Tell about a PostgreSQL server: version, databases and what is in them, settings, tablespaces, roles, replication."""

import fnmatch
import re

from fleet.remote import pgclient, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

EMPTY = {"version": {}, "in_recovery": None, "databases": {}, "tablespaces": {}, "roles": {}, "replications": {},
         "repl_slots": {}, "settings": {}}
"""What there is to tell, and what stands for it where it is not asked for."""
SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        filter=Arg("list", elements="str",
                   help="What to tell, as shell patterns; those with `!` in front are left out, unless others are named."),
        login_db=Arg(help="The database to connect to."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns=dict(
        {name: "As named; see `filter`." for name in EMPTY},
        pending_restart_settings="Settings that were changed and count from the next start on; told with `settings`.",
    ),
)
EXAMPLES = """
- postgresql_info: {filter: "ver*,ext*"}
  become: true
  become_user: postgres
- postgresql_info: {filter: "!settings,!roles"}
  become: true
  become_user: postgres
"""
DATABASES = """SELECT datname AS key, pg_catalog.pg_get_userbyid(datdba) AS owner,
 pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype,
 coalesce(pg_catalog.array_to_string(datacl, E'\\n'), '') AS access_priv,
 pg_catalog.pg_database_size(oid)::text AS size FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname"""
CONTENT = {
    "extensions": """SELECT e.extname AS key, e.extversion, n.nspname, pg_catalog.obj_description(e.oid, 'pg_extension')
 AS description FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace""",
    "languages": """SELECT lanname AS key, pg_catalog.pg_get_userbyid(lanowner) AS lanowner,
 coalesce(lanacl::text, '') AS lanacl FROM pg_catalog.pg_language""",
    "namespaces": """SELECT nspname AS key, pg_catalog.pg_get_userbyid(nspowner) AS nspowner,
 coalesce(nspacl::text, '') AS nspacl FROM pg_catalog.pg_namespace""",
    "publications": "SELECT pubname AS key, p.*, pg_catalog.pg_get_userbyid(pubowner) AS ownername FROM pg_catalog.pg_publication p",
    "subscriptions": """SELECT subname AS key, s.*, pg_catalog.pg_get_userbyid(subowner) AS ownername
 FROM pg_catalog.pg_subscription s WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())""",
}
"""What a database holds; looked up within it."""
QUERIES = {
    "tablespaces": """SELECT spcname AS key, pg_catalog.pg_get_userbyid(spcowner) AS spcowner,
 coalesce(spcacl::text, '') AS spcacl, coalesce(spcoptions, '{}') AS spcoptions FROM pg_catalog.pg_tablespace""",
    "replications": """SELECT pid AS key, usename, application_name AS app_name, coalesce(host(client_addr), '') AS client_addr,
 coalesce(client_hostname, '') AS client_hostname, backend_start, state
 FROM pg_catalog.pg_stat_replication""",
    "repl_slots": "SELECT slot_name AS key, plugin, slot_type, active, database FROM pg_catalog.pg_replication_slots",
    "settings": """SELECT name AS key, setting, unit, context, vartype, boot_val, min_val, max_val, sourcefile,
 pending_restart, pg_catalog.current_setting(name) AS pretty_val FROM pg_catalog.pg_settings""",
}
ROLES = """SELECT rolname AS key, rolcanlogin AS canlogin, rolsuper AS superuser, rolvaliduntil AS valid_until,
 ARRAY(SELECT g.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
 WHERE m.member = r.oid ORDER BY 1) AS member_of FROM pg_catalog.pg_roles r WHERE rolname !~ '^pg_'"""
PASSWORD = re.compile(r"\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)")
"""The password of a subscription, which is nothing for a report."""
BYTES = {"kB": 1024, "8kB": 8192, "MB": 1024 * 1024}


def run(host, args):
    pgtext.check_input(args, ("session_role",))
    session = pgclient.Session(host, args, args["login_db"] or "", args["session_role"])
    told = dict(EMPTY, changed=False, pending_restart_settings=[])
    try:
        for name in chosen(args["filter"] or []):
            told[name] = TELL[name](host, args, session) if name in TELL else keyed(session.rows(QUERIES[name]))
    except pgclient.SqlError as error:
        raise Failed("Cannot execute SQL: %s" % error.text)
    for name, setting in told["settings"].items():
        shape(setting)
        if setting["pending_restart"]:
            told["pending_restart_settings"].append(name)
    return told


def chosen(words):
    """The subsets that are asked for; those to be left out count only where none is asked for. Pure."""
    words = [word.strip() for word in words if word.strip()]
    wanted = [word for word in words if not word.startswith("!")]
    if wanted:
        return [name for name in EMPTY if any(fnmatch.fnmatch(name, word) for word in wanted)]
    return [name for name in EMPTY if not any(fnmatch.fnmatch(name, word[1:]) for word in words)]


def keyed(rows):
    """Rows by their ``key``."""
    return {row.pop("key"): row for row in rows}


def shape(setting):
    """Text for everything that is not set, and memory in bytes."""
    for key, value in setting.items():
        setting[key] = "" if value is None else value
    if setting["unit"] in BYTES:
        setting["val_in_bytes"] = max(int(setting["setting"]) * BYTES[setting["unit"]], 0)


def version(host, args, session):
    raw = session.rows("SELECT pg_catalog.version() AS version")[0]["version"]
    return dict({"patch": None}, **pgtext.version(raw))


def in_recovery(host, args, session):
    return session.rows("SELECT pg_catalog.pg_is_in_recovery() AS here")[0]["here"]


def roles(host, args, session):
    found = keyed(session.rows(ROLES))
    for role in found.values():
        role["valid_until"] = role["valid_until"] or ""
    return found


def databases(host, args, session):
    found = keyed(session.rows(DATABASES))
    for name, database in found.items():
        inner = pgclient.Session(host, args, name, args["session_role"])
        try:
            database.update(zip(CONTENT, map(keyed, inner.rows(*CONTENT.values()))))
        except pgclient.SqlError:
            raise
        except Failed as error:
            host.warn(str(error))
            database.update(extensions={}, languages={}, namespaces={}, error="Could not connect to the database.")
            continue
        for extension in database["extensions"].values():
            extension["extversion"] = extension_version(extension["extversion"])
        for kind, own in (("publications", "pubname"), ("subscriptions", "subname")):
            for row in database[kind].values():
                del row[own]
        for row in database["subscriptions"].values():
            row["subconninfo"] = PASSWORD.sub("password=********", row["subconninfo"])
    return found


def extension_version(raw):
    """``1.8`` in parts. Pure."""
    numbers = [int(number) for number in re.findall(r"\d+", raw)[:2]] + [None, None]
    return {"raw": raw, "major": numbers[0], "minor": numbers[1]}


TELL = {"version": version, "in_recovery": in_recovery, "databases": databases, "roles": roles}
