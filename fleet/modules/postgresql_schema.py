"""Create, change or remove schemas of a PostgreSQL database."""

from fleet.remote import pgclient, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        name=Arg(required=True, aliases=("schema",), help="Name of the schema."),
        login_db=Arg(default="postgres", aliases=("db", "database"), help="The database."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether it should exist."),
        owner=Arg(default="", help="The role that owns it."),
        comment=Arg(help="Its comment; an empty text removes it."),
        cascade_drop=Arg("bool", False, help="Remove it with all that is in it."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns={"schema": "The schema.", "queries": "What was run."},
)
EXAMPLES = """
- postgresql_schema: {name: accounts, login_db: shop, owner: shop}
  become: true
  become_user: postgres
- postgresql_schema: {name: old, login_db: shop, state: absent, cascade_drop: true}
  become: true
  become_user: postgres
"""
QUERY = """SELECT pg_catalog.pg_get_userbyid(nspowner) AS owner, pg_catalog.obj_description(oid, 'pg_namespace') AS comment
 FROM pg_catalog.pg_namespace WHERE nspname = %s"""


def run(host, args):
    pgtext.check_input(args, ("name", "owner", "comment", "session_role"))
    session = pgclient.Session(host, args, args["login_db"], args["session_role"])
    found = session.rows(QUERY % pgtext.literal(pgtext.plain(args["name"])))
    queries = statements(args, found[0] if found else None)
    told = {"changed": bool(queries), "schema": args["name"]}
    if host.diff and queries:
        told["diff"] = {"before": "", "after": "".join(text + "\n" for text in queries)}
    if host.check:
        # Nothing was run.
        return told
    try:
        if queries:
            session.run(queries, "commit")
    except pgclient.SqlError as error:
        raise Failed("Database query failed: %s" % error.text)
    return dict(told, queries=queries)


def statements(args, now):
    """What makes the schema be as wanted; ``now`` is None where there is none. Pure."""
    name, owner = pgtext.identifier(args["name"]), args["owner"]
    if args["state"] == "absent":
        return [] if now is None else ["DROP SCHEMA %s%s" % (name, " CASCADE" if args["cascade_drop"] else "")]
    made = []
    if now is None:
        made.append("CREATE SCHEMA %s%s" % (name, " AUTHORIZATION %s" % pgtext.identifier(owner) if owner else ""))
    elif owner and pgtext.plain(owner) != now["owner"]:
        made.append("ALTER SCHEMA %s OWNER TO %s" % (name, pgtext.identifier(owner)))
    if args["comment"] is not None and args["comment"] != ((now or {}).get("comment") or ""):
        made.append("COMMENT ON SCHEMA %s IS %s" % (name, pgtext.literal(args["comment"])))
    return made
