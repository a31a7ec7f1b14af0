"""Grant or revoke privileges on objects of a PostgreSQL database, and memberships of roles.

The statements run in a transaction between two looks at the server's own lists; a check takes them back.
"""

from fleet.remote import pgclient, pgprivs, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

KINDS = ("database", "default_privs", "foreign_data_wrapper", "foreign_server", "function", "group", "language", "table",
         "tablespace", "schema", "sequence", "type", "procedure", "parameter")
SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        login_db=Arg(required=True, aliases=("db", "database"), help="The database to connect to."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether the privileges are there."),
        privs=Arg(aliases=("priv",), help="Privileges, separated by commas; not for `group`."),
        type=Arg(default="table", choices=KINDS, help="Kind of the objects; `group` for memberships."),
        objs=Arg(aliases=("obj",), help="Objects, separated by commas; `ALL_IN_SCHEMA` for all of a schema, "
                                        "`ALL_DEFAULT` with `default_privs`. Functions with their types: `f(int:text)`."),
        schema=Arg(help="Schema of the objects, `public` when left out; `not-specified` for none."),
        roles=Arg(required=True, aliases=("role",), help="Roles, separated by commas, or `PUBLIC`."),
        target_roles=Arg(help="With `default_privs`: whose future objects are meant."),
        grant_option=Arg("bool", aliases=("admin_option",), help="Whether the roles may pass them on."),
        fail_on_role=Arg("bool", True, help="Fail when a role does not exist, instead of leaving it out."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns={"queries": "What was run."},
)
EXAMPLES = """
- postgresql_privs: {login_db: shop, roles: report, objs: ALL_IN_SCHEMA, privs: SELECT}
  become: true
  become_user: postgres
- postgresql_privs: {login_db: shop, type: database, roles: shop, privs: ALL}
  become: true
  become_user: postgres
- postgresql_privs: {login_db: shop, type: group, objs: readers, roles: "ann,bob"}
  become: true
  become_user: postgres
"""


def run(host, args):
    schema = check(args)
    pgtext.check_input(args, ("roles", "target_roles", "session_role", "schema"))
    session = pgclient.Session(host, args, args["login_db"], args["session_role"])
    roles = existing(host, args, session)
    if not roles:
        return {"changed": False, "queries": []}
    query = statement(args, schema, ",".join(map(pgprivs.role, roles)))
    look = pgprivs.state_query(args["type"])
    try:
        before, _, after = session.run([look, query, look], "rollback" if host.check else "commit")
    except pgclient.SqlError as error:
        raise Failed("Cannot execute SQL '%s': %s" % (query, error.text))
    told = {"changed": before != after, "queries": [query]}
    if host.diff and told["changed"]:
        told["diff"] = {"before": "", "after": query + "\n"}
    return told


def check(args):
    """Refuse what the declaration of arguments cannot; the schema that is meant. Raises Failed."""
    kind, schema = args["type"], args["schema"]
    if kind == "group" and args["privs"]:
        raise Failed('Argument "privs" is not allowed for type "group".')
    if kind != "group" and not args["privs"]:
        raise Failed('Argument "privs" is required for type "%s".' % kind)
    if not args["objs"] and kind != "database":
        raise Failed('Argument "objs" is required for type "%s".' % kind)
    if schema and kind not in pgprivs.WITH_SCHEMA:
        raise Failed('Argument "schema" is not allowed for type "%s".' % kind)
    pgprivs.privileges(args["privs"] or "")
    if schema == "not-specified" or kind not in pgprivs.WITH_SCHEMA:
        return None
    return schema or "public"


def existing(host, args, session):
    """The roles that exist. Raises Failed for another one, or leaves it out with a warning."""
    names = [name.strip() for name in args["roles"].split(",") if name.strip()]
    asked = [pgtext.plain(name) for name in names if name.upper() not in pgprivs.IMPLICIT]
    there = set()
    if asked:
        query = "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname IN (%s)" % ", ".join(map(pgtext.literal, asked))
        there = {row["rolname"] for row in session.rows(query)}
    missing = [name for name in names if name.upper() not in pgprivs.IMPLICIT and pgtext.plain(name) not in there]
    if missing and args["fail_on_role"]:
        raise Failed("Role '%s' does not exist" % missing[0])
    for name in missing:
        host.warn("Role '%s' does not exist, nothing to do" % name)
    return [name for name in names if name not in missing]


def statement(args, schema, roles):
    """The statements of the task as one text. Raises Failed."""
    present, kind, option = args["state"] == "present", args["type"], args["grant_option"]
    if kind == "group":
        return pgprivs.membership(present, args["objs"], roles, option)
    privs = pgprivs.privileges(args["privs"])
    if kind == "default_privs":
        targets = [name.strip() for name in (args["target_roles"] or "").split(",") if name.strip()]
        kinds = pgprivs.default_objects(args["objs"], privs)
        return pgprivs.default_privileges(present, kinds, privs, roles, targets, schema, option)
    what = "%s ON %s" % (",".join(privs), pgprivs.objects(kind, args["objs"] or args["login_db"], schema))
    return pgprivs.grant(present, what, roles, option)
