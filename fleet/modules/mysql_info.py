"""Tell about a MySQL or MariaDB server: version, databases, settings, status, accounts, engines, replication."""

import re

from fleet.remote import mysqlaccounts as accounts
from fleet.remote import mysqlclient, mysqlprivs, mysqltext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SUBSETS = ("version", "databases", "settings", "global_status", "users", "users_info", "engines", "master_status",
           "slave_status", "slave_hosts")
SPEC = Spec(
    dict(
        mysqlclient.CONNECTION,
        filter=Arg("list", elements="str", help="What to tell; names with `!` in front are left out."),
        login_db=Arg(help="The database to connect to."),
        exclude_fields=Arg("list", elements="str", help="Fields of databases to leave out: `db_size`, `db_table_count`."),
        return_empty_dbs=Arg("bool", False, help="Name databases without tables too."),
    ),
    returns=dict(
        {name: "As named; see `filter`." for name in SUBSETS},
        server_engine="`MariaDB` or `MySQL`.",
        connector_name="The client program that was used.",
        connector_version="Its version.",
    ),
)
EXAMPLES = """
- mysql_info: {login_unix_socket: /run/mysqld/mysqld.sock, filter: [version, databases]}
- mysql_info: {login_unix_socket: /run/mysqld/mysqld.sock, filter: "!settings,!global_status"}
"""
SIZES = ("SELECT table_schema, SUM(data_length + index_length), COUNT(*) FROM information_schema.tables "
         "GROUP BY table_schema")


def run(host, args):
    session = mysqlclient.connect(host, args, database=args["login_db"], hint=True)
    text = session.one("SELECT VERSION()").rows[0][0]
    server = accounts.Server(text)
    told = {"changed": False, "server_engine": "MariaDB" if server.mariadb else "MySQL",
            "connector_name": session.program.rpartition("/")[2], "connector_version": client_version(host, session)}
    for name in chosen(args["filter"] or []):
        told[name] = version(text) if name == "version" else TELL[name](session, server, args)
    return told


def client_version(host, session):
    text = host.run([session.program, "--version"], ok=None).out
    match = re.search(r"Distrib ([\d.]+\d)", text) or re.search(r"Ver ([\d.]+\d)", text)
    return match.group(1) if match else "Unknown"


def chosen(words):
    """The subsets that are asked for; those that are to be left out count only where none is asked for. Pure."""
    words = [word.strip() for word in words]
    named = [name for name in SUBSETS if name in words]
    return named or [name for name in SUBSETS if "!" + name not in words]


def version(text):
    """``10.11.6-MariaDB-1`` in parts. Pure."""
    number, _, suffix = text.partition("-")
    parts = [int(part) for part in re.findall(r"\d+", number)[:3]] + [0, 0, 0]
    return {"full": text, "major": parts[0], "minor": parts[1], "release": parts[2], "suffix": suffix}


def databases(session, server, args):
    found = {row[0]: {"size": int(float(row[1] or 0)), "tables": int(row[2])} for row in session.one(SIZES).rows}
    if args["return_empty_dbs"]:
        for row in session.one("SHOW DATABASES").rows:
            found.setdefault(row[0], {"size": 0, "tables": 0})
    gone = {"db_size": "size", "db_table_count": "tables"}
    gone = {gone.get(field) for field in args["exclude_fields"] or []}
    return {name: {key: value for key, value in values.items() if key not in gone} for name, values in found.items()}


def pairs(query):
    return lambda session, server, args: {row[0]: mysqltext.number(row[1]) for row in session.one(query).rows}


def engines(session, server, args):
    return {row.pop("Engine"): row for row in session.one("SHOW ENGINES").dicts()}


def users(session, server, args):
    found = {}
    for row in session.one("SELECT * FROM mysql.user").dicts():
        host, name = row.pop("Host"), row.pop("User")
        values = {key: mysqltext.number(value) if key.startswith("max_") else value for key, value in row.items()}
        if "max_statement_time" in values:
            values["max_statement_time"] = float(row["max_statement_time"])
        found.setdefault(host, {})[name] = values
    return found


def users_info(session, server, args):
    """Every account as mysql_user takes it, in the order of the server's table."""
    order = [(row["User"], row["Host"]) for row in session.one("SELECT * FROM mysql.user").dicts()]
    found = {name: accounts.read(session, name)[1] for name in {name for name, _ in order}}
    return [account(session, server, name, host, found[name][host]) for name, host in order]


def account(session, server, name, host, row):
    plugin, stored = accounts.authentication(row)
    plugin = "" if accounts.is_role(row) else plugin
    told = {"name": name, "host": host, "plugin": plugin, "plugin_auth_string": stored, "plugin_hash_string": stored}
    if not accounts.is_role(row):
        told["locked"] = row.get("account_locked") == "Y"
    who = mysqltext.account(name, None if accounts.is_role(row) else host)
    try:
        lines = [line[0] for line in session.one("SHOW GRANTS FOR " + who).rows]
    except mysqlclient.SqlError as error:
        raise Failed("cannot tell the privileges of %s: %s" % (who, error))
    grants = mysqlprivs.granted(lines)
    if len(grants) > 1 and grants.get("*.*") == ["USAGE"]:
        del grants["*.*"]
    told["priv"] = "/".join("%s:%s" % (target.replace("`", ""), ",".join(privs)) for target, privs in grants.items())
    limits = {key: int(float(row[column])) for key, column in accounts.LIMITS.items() if float(row.get(column) or 0)}
    tls = accounts.tls_of(row)
    if limits:
        told["resource_limits"] = limits
    if tls:
        told["tls_requires"] = tls
    return told


def status_row(*queries):
    """The one row of a statement that newer servers call by another name."""
    def tell(session, server, args):
        rows = first(session, queries)
        return {key: mysqltext.number(value) for key, value in rows[0].items()} if rows else {}
    return tell


def first(session, queries):
    """The rows of the first of the statements that the server knows."""
    for query in queries:
        try:
            return session.one(query).dicts()
        except mysqlclient.SqlError as error:
            if error.number != 1064:
                raise Failed(str(error))
    return []


def slave_status(session, server, args):
    found = {}
    for row in first(session, ("SHOW ALL SLAVES STATUS",) if server.mariadb else ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS")):
        values = {key: mysqltext.number(value) for key, value in row.items()}
        side = "Source" if "Source_Host" in values else "Master"
        host, port, user = (values.get("%s_%s" % (side, what)) for what in ("Host", "Port", "User"))
        found.setdefault(host, {}).setdefault(port, {})[user] = values
    return found


def slave_hosts(session, server, args):
    found = {}
    for row in first(session, ("SHOW SLAVE HOSTS", "SHOW REPLICAS")):
        values = {key: mysqltext.number(value) for key, value in row.items()}
        found[values.pop("Server_id", None) or values.pop("Server_Id", None)] = values
    return found


TELL = {
    "databases": databases,
    "settings": pairs("SHOW GLOBAL VARIABLES"),
    "global_status": pairs("SHOW GLOBAL STATUS"),
    "users": users,
    "users_info": users_info,
    "engines": engines,
    "master_status": status_row("SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"),
    "slave_status": slave_status,
    "slave_hosts": slave_hosts,
}
