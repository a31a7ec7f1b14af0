"""Tell whether a PostgreSQL server answers, and which version it has."""

from fleet.remote import pgclient, pgtext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        login_db=Arg(aliases=("db",), help="The database to connect to."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    returns={
        "is_available": "Whether it answers.",
        "server_version": "Its version: `full`, `major`, `minor`, `raw`.",
        "conn_err_msg": "Why there is no connection.",
    },
)
EXAMPLES = """
- postgresql_ping: {login_db: shop}
  become: true
  become_user: postgres
"""
REFUSED = "unable to connect to database: "


def run(host, args):
    pgtext.check_input(args, ("session_role",))
    told = {"changed": False, "is_available": False, "server_version": {}, "conn_err_msg": ""}
    session = pgclient.Session(host, args, args["login_db"] or "", args["session_role"])
    try:
        raw = session.rows("SELECT pg_catalog.version() AS version")[0]["version"]
    except Failed as error:
        if not str(error).startswith(REFUSED):
            raise
        return dict(told, conn_err_msg=str(error)[len(REFUSED):])
    return dict(told, is_available=True, server_version=pgtext.version(raw))
