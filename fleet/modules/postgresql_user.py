"""Create, change or remove roles of PostgreSQL: password, attributes, limits, settings."""

from fleet.remote import pgclient, pgpassword, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        name=Arg(required=True, aliases=("user",), help="Name of the role."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether it should exist."),
        password=Arg(no_log=True, help="Its password, in clear or as the server stores it; empty for none."),
        encrypted=Arg("bool", True, help="Store the password hashed; servers since version 10 know nothing else."),
        no_password_changes=Arg("bool", False, help="Leave the password of a role that exists alone."),
        expires=Arg(help="When the password ends, as a date, or `infinity`."),
        role_attr_flags=Arg(default="", help="Attributes such as `CREATEDB,NOLOGIN`."),
        conn_limit=Arg("int", help="How many connections it may have."),
        comment=Arg(help="Its comment; an empty text removes it."),
        configuration=Arg("dict", {}, help="Settings of its sessions."),
        reset_unspecified_configuration=Arg("bool", False, help="Remove settings that `configuration` does not name."),
        quote_configuration_values=Arg("bool", True, help="`false` sends values as they are, for lists."),
        fail_on_user=Arg("bool", True, aliases=("fail_on_role",), help="Fail when it cannot be removed."),
        login_db=Arg(default="", aliases=("db",), help="The database to connect to."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns={
        "user": "The role's name.",
        "queries": "What was run; values that may be secret are left out.",
        "user_removed": "Whether it was removed.",
    },
)
EXAMPLES = """
- postgresql_user: {name: shop, password: "{{ vault_shop }}", role_attr_flags: "CREATEDB,NOSUPERUSER"}
  become: true
  become_user: postgres
- postgresql_user: {name: report, configuration: {statement_timeout: 30s}, comment: reads only}
  become: true
  become_user: postgres
"""
TRUSTED = ("name", "password", "expires", "role_attr_flags", "comment", "session_role")
FLAGS = {
    "SUPERUSER": "rolsuper",
    "CREATEROLE": "rolcreaterole",
    "CREATEDB": "rolcreatedb",
    "INHERIT": "rolinherit",
    "LOGIN": "rolcanlogin",
    "REPLICATION": "rolreplication",
    "BYPASSRLS": "rolbypassrls",
}
"""The attributes, and the columns of pg_roles that hold them."""


def run(host, args):
    pgtext.check_input(args, TRUSTED)
    flags = flags_of(args["role_attr_flags"])
    for name in args["configuration"]:
        if "'" in name or '"' in name:
            raise Failed("The key %s in configuration must not contain quotes" % name)
    session = pgclient.Session(host, args, args["login_db"], args["session_role"])
    now = read(session, args)
    if args["state"] == "absent":
        return remove(host, args, session, now)
    asked = creation(args, flags) if now is None else changes(args, flags, now)
    settings = configuration(args, now)
    told = {"changed": bool(asked or settings), "user": args["name"],
            "queries": [shown for shown, _ in asked] + settings}
    if host.diff and told["changed"]:
        told["diff"] = {"before": "", "after": "".join(query + "\n" for query in told["queries"])}
    if told["changed"]:
        carry_out(host, session, args, [text for _, text in asked], settings)
    return told


def flags_of(text):
    """``CREATEDB,nologin`` -> ["CREATEDB", "NOLOGIN"]. Raises Failed."""
    flags = [flag.strip().upper() for flag in text.split(",") if flag.strip()]
    wrong = [flag for flag in flags if flag not in FLAGS and (flag[:2] != "NO" or flag[2:] not in FLAGS)]
    if wrong:
        raise Failed("Invalid role_attr_flags specified: %s" % " ".join(wrong))
    both = [flag for flag in flags if "NO" + flag in flags]
    if both:
        raise Failed("Conflicting role_attr_flags specified: %s NO%s" % (both[0], both[0]))
    return flags


def read(session, args):
    """What the server says of the role, or None."""
    expires = "NULL" if args["expires"] is None else "r.rolvaliduntil IS NOT DISTINCT FROM %s::timestamptz" % (
        pgtext.literal(args["expires"]))
    query = ("SELECT r.*, %s AS expires, pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment"
             " FROM pg_catalog.pg_roles r WHERE r.rolname = %s")
    name = pgtext.literal(pgtext.plain(args["name"]))
    try:
        found = session.rows(query % (expires, name))
    except pgclient.SqlError as error:
        raise Failed(error.text.strip())
    if not found:
        return None
    now = found[0]
    if args["password"] is not None and not args["no_password_changes"]:
        try:
            rows = session.rows("SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = " + name)
            now["stored"] = rows[0]["rolpassword"] if rows else None
        except pgclient.SqlError:
            # Whoever may not look sets the password every time.
            now["unknown"] = True
    return now


def remove(host, args, session, now):
    told = {"changed": now is not None, "user": args["name"], "queries": []}
    if now is None:
        return told
    if host.check:
        return dict(told, user_removed=True)
    query = "DROP USER %s" % pgtext.identifier(args["name"])
    try:
        session.run([query])
    except pgclient.SqlError as error:
        if args["fail_on_user"]:
            raise Failed("Unable to remove user: %s" % error.text)
        return dict(told, changed=False, queries=[query], user_removed=False)
    return dict(told, queries=[query], user_removed=True)


def password_clause(args):
    """(shown, sent): the password as a part of a statement."""
    if not args["password"]:
        return "WITH PASSWORD NULL", "WITH PASSWORD NULL"
    start = "WITH %s PASSWORD " % ("ENCRYPTED" if args["encrypted"] else "UNENCRYPTED")
    return start + "%(password)s", start + pgtext.literal(args["password"])


def statement(start, parts):
    """(shown, sent) of a statement from (shown, sent) parts."""
    return tuple(" ".join([start] + [part[side] for part in parts]) for side in (0, 1))


def limits(args, expires, conn_limit):
    parts = []
    if expires:
        parts.append(("VALID UNTIL %(expires)s", "VALID UNTIL " + pgtext.literal(args["expires"])))
    if conn_limit:
        parts.append(("CONNECTION LIMIT %d" % args["conn_limit"],) * 2)
    return parts


def creation(args, flags):
    """The statements for a new role, as (shown, sent)."""
    name = pgtext.identifier(args["name"])
    parts = [password_clause(args)] if args["password"] else []
    parts += limits(args, args["expires"] is not None, args["conn_limit"] is not None)
    made = [statement("CREATE USER %s" % name, parts + [(" ".join(flags),) * 2])]
    return made + (comment(args) if args["comment"] else [])


def comment(args):
    return [("COMMENT ON ROLE %s IS %s" % (pgtext.identifier(args["name"]), pgtext.literal(args["comment"])),) * 2]


def changes(args, flags, now):
    """The statements for a role that is there, as (shown, sent)."""
    parts, words = [], " ".join(flags)
    if wants_password(args, now):
        parts += [password_clause(args), (words, words)]
    elif any(now.get(FLAGS[flag[2:] if flag not in FLAGS else flag]) != (flag in FLAGS) for flag in flags):
        parts.append(("WITH " + words,) * 2)
    parts += limits(args, args["expires"] is not None and not now["expires"],
                    args["conn_limit"] is not None and args["conn_limit"] != now["rolconnlimit"])
    made = [statement("ALTER USER %s" % pgtext.identifier(args["name"]), parts)] if parts else []
    if args["comment"] is not None and args["comment"] != (now["comment"] or ""):
        made += comment(args)
    return made


def wants_password(args, now):
    if args["password"] is None or args["no_password_changes"]:
        return False
    if now.get("unknown"):
        return True
    return not pgpassword.matches(now["stored"], args["password"], pgtext.plain(args["name"]))


def configuration(args, now):
    """The statements for the role's settings. Pure."""
    have = dict(item.split("=", 1) for item in (now or {}).get("rolconfig") or [])
    start = "ALTER ROLE %s " % pgtext.identifier(args["name"])
    made = []
    if args["reset_unspecified_configuration"]:
        made += ['%sRESET "%s";' % (start, name) for name in have if name not in args["configuration"]]
    for name, value in args["configuration"].items():
        text = str(value)
        # A list is stored with its parts quoted.
        if have.get(name) not in (text, '"%s"' % text if args["quote_configuration_values"] else text):
            made.append('%sSET "%s" TO %s;' % (start, name, quoted(text) if args["quote_configuration_values"] else text))
    return made


def quoted(text):
    return pgtext.literal(text).strip()


def carry_out(host, session, args, asked, settings):
    """Run the statements; a check run takes them back, so that it tells what the server refuses, as Ansible's does."""
    try:
        session.run(asked + settings, "rollback" if host.check else "commit")
    except pgclient.SqlError as error:
        if error.index >= len(asked):
            raise Failed("Unable to update configuration for '%s' due to: %s" % (args["name"], error.text))
        # The lines behind the first one show the statement, and with it the password.
        raise Failed(error.text.splitlines()[0])
