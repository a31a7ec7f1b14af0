"""Change who owns an object of a PostgreSQL database, or hand all that a role owns there to another one."""

import re

from fleet.remote import pgclient, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

KINDS = ("aggregate", "collation", "conversion", "database", "domain", "event_trigger", "foreign_data_wrapper",
         "foreign_table", "function", "language", "large_object", "matview", "procedure", "publication", "routine", "schema",
         "sequence", "server", "statistics", "table", "tablespace", "text_search_configuration",
         "text_search_dictionary", "type", "view")
SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        new_owner=Arg(required=True, help="The role that is to own it."),
        obj_name=Arg(help="Name of the object; functions with the types of their arguments."),
        obj_type=Arg(aliases=("type",), choices=KINDS, help="Kind of the object."),
        reassign_owned_by=Arg("list", elements="str", help="Roles whose objects in this database are handed over."),
        fail_on_role=Arg("bool", True, help="Fail when one of these roles does not exist."),
        login_db=Arg(aliases=("db",), help="The database to connect to."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    exclusive=(("obj_name", "reassign_owned_by"), ("obj_type", "reassign_owned_by"), ("obj_name", "fail_on_role"),
               ("obj_type", "fail_on_role")),
    together=(("obj_name", "obj_type"),),
    returns={"queries": "What was run."},
)
EXAMPLES = """
- postgresql_owner: {login_db: shop, obj_name: orders, obj_type: table, new_owner: shop}
  become: true
  become_user: postgres
- postgresql_owner: {login_db: shop, reassign_owned_by: [ann, bob], new_owner: shop}
  become: true
  become_user: postgres
"""
WORDS = {"matview": "MATERIALIZED VIEW", "text_search_configuration": "TEXT SEARCH CONFIGURATION",
         "text_search_dictionary": "TEXT SEARCH DICTIONARY"}

OWNERS = {
    "table": "SELECT relowner FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass(%s)",
    "database": "SELECT datdba FROM pg_catalog.pg_database WHERE datname = %s",
    "schema": "SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = %s",
    "tablespace": "SELECT spcowner FROM pg_catalog.pg_tablespace WHERE spcname = %s",
    "type": "SELECT typowner FROM pg_catalog.pg_type WHERE oid = pg_catalog.to_regtype(%s)",
    "language": "SELECT lanowner FROM pg_catalog.pg_language WHERE lanname = %s",
    "foreign_data_wrapper": "SELECT fdwowner FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname = %s",
    "server": "SELECT srvowner FROM pg_catalog.pg_foreign_server WHERE srvname = %s",
    "event_trigger": "SELECT evtowner FROM pg_catalog.pg_event_trigger WHERE evtname = %s",
    "publication": "SELECT pubowner FROM pg_catalog.pg_publication WHERE pubname = %s",
    "function": "SELECT proowner FROM pg_catalog.pg_proc WHERE oid = pg_catalog.to_regprocedure(%s)",
    "large_object": "SELECT lomowner FROM pg_catalog.pg_largeobject_metadata WHERE oid::text = %s",
}
"""Who owns an object of a kind; objects of other kinds are handed over and looked at afterwards."""
OWNERS.update(dict.fromkeys(("view", "matview", "sequence", "foreign_table"), OWNERS["table"]), domain=OWNERS["type"],
              procedure=OWNERS["function"], routine=OWNERS["function"], aggregate=OWNERS["function"])
WITH_ARGUMENTS = ("function", "procedure", "routine", "aggregate")


def run(host, args):
    pgtext.check_input(args, ("new_owner", "obj_name", "reassign_owned_by", "session_role"))
    if not args["reassign_owned_by"] and not args["obj_name"]:
        raise Failed("one of the following is required: obj_name, reassign_owned_by")
    session = pgclient.Session(host, args, args["login_db"] or "", args["session_role"])
    query = reassigning(host, args, session) if args["reassign_owned_by"] else handing_over(args, session)
    if query is None:
        return {"changed": False, "queries": []}
    try:
        session.run([query], "rollback" if host.check else "commit")
    except pgclient.SqlError as error:
        raise Failed("Cannot execute SQL '%s': %s" % (query, error.text))
    told = {"changed": True, "queries": [query]}
    if host.diff:
        told["diff"] = {"before": "", "after": query + "\n"}
    return told


def missing(session, names):
    """The first of the roles that does not exist, or None."""
    asked = ", ".join(pgtext.literal(pgtext.plain(name)) for name in names)
    there = {row["rolname"] for row in session.rows("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname IN (%s)" % asked)}
    return [name for name in names if pgtext.plain(name) not in there]


def reassigning(host, args, session):
    gone = missing(session, args["reassign_owned_by"] + [args["new_owner"]])
    if gone and (args["fail_on_role"] or args["new_owner"] in gone):
        raise Failed("Role '%s' does not exist" % gone[0])
    for name in gone:
        host.warn("Role '%s' does not exist, nothing to do" % name)
    roles = [name for name in args["reassign_owned_by"] if name not in gone]
    if not roles:
        return None
    return "REASSIGN OWNED BY %s TO %s" % (",".join(map(pgtext.identifier, roles)), pgtext.identifier(args["new_owner"]))


def handing_over(args, session):
    """The statement that hands one object over, or None where it is owned already."""
    if missing(session, [args["new_owner"]]):
        raise Failed("Role '%s' does not exist" % args["new_owner"])
    kind = args["obj_type"]
    shown, asked = names_of(kind, args["obj_name"])
    if kind in OWNERS:
        query = "SELECT pg_catalog.pg_get_userbyid((%s)) AS owner" % (OWNERS[kind] % pgtext.literal(asked))
        if session.rows(query)[0]["owner"] == pgtext.plain(args["new_owner"]):
            return None
    return "ALTER %s %s OWNER TO %s" % (WORDS.get(kind, kind.replace("_", " ").upper()), shown,
                                        pgtext.identifier(args["new_owner"]))


def names_of(kind, text):
    """The object's name for a statement, and as the look-up of its owner takes it. Raises Failed."""
    if kind == "large_object":
        if not text.isdigit():
            raise Failed("obj_name of a large_object must be its number: %s" % text)
        return text, text
    if kind in WITH_ARGUMENTS:
        match = re.match(r'^([^()]+?)(\((?:[\w\s,.\[\]()*]|"[^"]*")*\))?$', text)
        if not match:
            raise Failed("obj_name is no %s with types of arguments: %s" % (kind, text))
        name = pgtext.dotted(match.group(1)) + (match.group(2) or "")
        return name, name
    if kind in ("database", "schema", "tablespace", "language", "foreign_data_wrapper", "server", "event_trigger",
                "publication"):
        return pgtext.identifier(text), pgtext.plain(text)
    name = pgtext.dotted(text)
    return name, name
