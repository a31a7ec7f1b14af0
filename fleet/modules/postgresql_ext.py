"""Add, update or remove extensions of a PostgreSQL database."""

from fleet.remote import pgclient, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        name=Arg(required=True, aliases=("ext",), help="Name of the extension."),
        login_db=Arg(required=True, aliases=("db",), help="The database."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether it should be there."),
        version=Arg(help="Its version, or `latest`; any when left out."),
        schema=Arg(help="The schema a new one is put into."),
        cascade=Arg("bool", False, help="Add what it needs, or remove what needs it."),
        comment=Arg(help="Its comment; an empty text removes it."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns={
        "db": "The database.",
        "ext": "The extension.",
        "prev_version": "The version that was there, or empty.",
        "version": "The version that is there, or empty.",
        "queries": "What was run.",
    },
)
EXAMPLES = """
- postgresql_ext: {name: postgis, login_db: maps}
  become: true
  become_user: postgres
- postgresql_ext: {name: hstore, login_db: shop, version: latest}
  become: true
  become_user: postgres
"""
QUERY = """SELECT a.default_version AS latest, e.extversion AS version, pg_catalog.obj_description(e.oid, 'pg_extension') AS comment,
 ARRAY(SELECT v.version FROM pg_catalog.pg_available_extension_versions v WHERE v.name = a.name) AS versions,
 ARRAY(SELECT u.target FROM pg_catalog.pg_extension_update_paths(a.name) u WHERE u.source = e.extversion AND u.path IS NOT NULL) AS updates
 FROM pg_catalog.pg_available_extensions a LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name WHERE a.name = %s"""


def run(host, args):
    pgtext.check_input(args, ("name", "schema", "version", "comment", "session_role"))
    session = pgclient.Session(host, args, args["login_db"], args["session_role"])
    query = QUERY % pgtext.literal(pgtext.plain(args["name"]))
    found = session.rows(query)
    if not found:
        raise Failed("Extension %s is not available" % args["name"])
    now = found[0]
    queries = statements(args, now)
    told = {"changed": bool(queries), "db": args["login_db"], "ext": args["name"], "queries": queries,
            "prev_version": now["version"] or "", "version": now["version"] or ""}
    if host.diff and queries:
        told["diff"] = {"before": "", "after": "".join(text + "\n" for text in queries)}
    if queries and host.check:
        told["version"] = expected(args, now)
    elif queries:
        try:
            session.run(queries, "commit")
        except pgclient.SqlError as error:
            raise Failed("Management of PostgreSQL extension failed: %s" % error.text)
        told["version"] = session.rows(query)[0]["version"] or ""
    return told


def expected(args, now):
    """The version that would be there. Pure."""
    if args["state"] == "absent":
        return ""
    if args["version"] in (None, "latest"):
        return now["latest"] if args["version"] or not now["version"] else now["version"]
    return args["version"]


def statements(args, now):
    """What makes the extension be as wanted. Pure. Raises Failed for a version that there is not."""
    name, version = pgtext.identifier(args["name"]), args["version"]
    cascade = " CASCADE" if args["cascade"] else ""
    if args["state"] == "absent":
        return ["DROP EXTENSION %s%s" % (name, cascade)] if now["version"] else []
    made = []
    if not now["version"]:
        if version not in [None, "latest"] + now["versions"]:
            raise Failed("Passed version '%s' is not available" % version)
        text = "CREATE EXTENSION %s" % name
        text += " WITH SCHEMA %s" % pgtext.identifier(args["schema"]) if args["schema"] else ""
        text += " VERSION %s" % pgtext.literal(version) if version and version != "latest" else ""
        made.append(text + cascade)
    elif version == "latest" and now["version"] != now["latest"]:
        made.append("ALTER EXTENSION %s UPDATE" % name)
    elif version not in (None, "latest", now["version"]):
        if version not in now["updates"]:
            raise Failed("Passed version '%s' has no valid update path from the currently installed version '%s' or the "
                         "passed version is not available" % (version, now["version"]))
        made.append("ALTER EXTENSION %s UPDATE TO %s" % (name, pgtext.literal(version)))
    if args["comment"] is not None and args["comment"] != (now["comment"] or ""):
        made.append("COMMENT ON EXTENSION %s IS %s" % (name, pgtext.literal(args["comment"])))
    return made
