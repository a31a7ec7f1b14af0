"""Sessions with PostgreSQL through the host's own psql.

Every statement travels as a quoted literal that psql hands to the server unread (``\\gexec``): neither a
backslash command nor ``:name`` in it means anything to psql. What a module looks up comes back as JSON, a row
a line.
"""

import contextlib
import glob
import json
import os
import re

from fleet.remote import pgtext, secretfile
from fleet.remote.host import Failed
from fleet.remote.spec import Arg

CONNECTION = {
    "login_user": Arg(default="postgres", aliases=("login",), help="As whom to log in."),
    "login_password": Arg(default="", no_log=True, help="The password to log in with."),
    "login_host": Arg(default="", aliases=("host",), help="Where the server is; by default its socket on this host."),
    "login_unix_socket": Arg(default="", aliases=("unix_socket",), help="The folder of the server's socket."),
    "login_port": Arg("int", 5432, aliases=("port",), help="The server's port."),
    "ssl_mode": Arg(default="prefer", choices=("allow", "disable", "prefer", "require", "verify-ca", "verify-full"),
                    help="Whether the connection is encrypted and the server's certificate checked."),
    "ca_cert": Arg(aliases=("ssl_rootcert",), help="Certificate of the authority that signed the server's."),
    "ssl_cert": Arg("path", help="The client's certificate."),
    "ssl_key": Arg("path", help="Its private key."),
    "connect_params": Arg("dict", {}, help="More of libpq's parameters; they win."),
}
SESSION_ROLE = Arg(help="Role to switch to after connecting.")
TRUST = Arg("bool", True, help="`false` refuses values that look like an injection.")
PACKAGE = "postgresql-client"
FIELD, RECORD = "\x1f", "\x1e"
_PREFIX = re.compile(r"^psql:<stdin>:\d+: (?:ERROR|FATAL):  ", re.M)


class SqlError(Failed):
    """The server refused a statement: ``text`` as it words it, ``index`` says which."""

    def __init__(self, text, index):
        Failed.__init__(self, text)
        self.text = text
        self.index = index


class Session(object):
    """Statements for one database. Every ``run`` is a connection of its own."""

    def __init__(self, host, args, database="", role=None):
        self.host = host
        self.program = program(host)
        self.login = Login(args, database)
        self.role = role

    def run(self, statements, transaction=None, table=False):
        """What statements print, a text each. ``transaction``: "commit" or "rollback" puts one around them.

        ``table`` prints the names of columns too, fields parted by FIELD and rows by RECORD.

        Raises SqlError for a statement, Failed without a connection or when the role cannot be taken.
        """
        first = ["SET ROLE %s" % pgtext.identifier(self.role)] if self.role else []
        around = (["BEGIN"], [transaction.upper()]) if transaction else ([], [])
        asked = first + around[0] + list(statements) + around[1]
        mark = "fleet-%s" % os.urandom(8).hex()
        script = "\\set QUIET off\n\\set SHOW_ALL_RESULTS off\n"
        for statement in asked:
            script += "SELECT %s \\gexec\n\\echo %s\n" % (pgtext.literal(statement), mark)
        with self.login.environment() as (environment, descriptors):
            layout = ["-P", "footer=off", "-F", FIELD, "-R", RECORD] if table else ["-t"]
            argv = [self.program, "-X", "-A"] + layout + ["-w", "-v", "ON_ERROR_STOP=1", "-d", self.login.conninfo(), "-f", "-"]
            ran = self.host.run(argv, ok=None, stdin=script, env=environment, pass_fds=descriptors,
                                cwd="/")
        told = ran.out.split(mark + "\n")
        if ran.rc != 0:
            self._fail(ran, told, len(first), len(first) + len(around[0]))
        skip = len(first) + len(around[0])
        return told[skip:skip + len(statements)]

    def _fail(self, ran, told, roles, skip):
        text = re.sub(r'^password retrieved from file "/proc/.*\n', "", _PREFIX.sub("", ran.err), flags=re.M)
        if ran.rc == 2 or not _PREFIX.search(ran.err):
            raise Failed("unable to connect to database: %s" % re.sub(r"^psql: error: ", "", text, flags=re.M))
        index = len(told) - 1
        if index < roles:
            raise Failed("Could not switch role: %s" % text)
        raise SqlError(text, index - skip)

    def rows(self, *queries):
        """The rows of queries as lists of dicts; one list for one query."""
        found = [lines(text) for text in self.run([as_json(query) for query in queries])]
        return found[0] if len(queries) == 1 else found


class Login(object):
    """How to connect: parameters for the command line, and what must not stand there."""

    def __init__(self, args, database=""):
        params = {
            "host": args["login_host"],
            "port": args["login_port"],
            "user": args["login_user"],
            "dbname": database,
            "sslmode": args["ssl_mode"],
            "sslrootcert": args["ca_cert"],
            "sslcert": args["ssl_cert"],
            "sslkey": args["ssl_key"],
        }
        if args["login_unix_socket"] and args["login_host"] in ("", "localhost"):
            params["host"] = args["login_unix_socket"]
        params.update(args["connect_params"] or {})
        params["dbname"] = params.pop("database", params["dbname"])
        self.password = params.pop("password", args["login_password"])
        self.key_password = params.pop("sslpassword", None)
        self.params = {name: value for name, value in params.items() if value not in (None, "")}

    def conninfo(self):
        return pgtext.conninfo(self.params)

    @contextlib.contextmanager
    def environment(self):
        """Yield (variables, descriptors) for a program of PostgreSQL: its secrets come from nameless files."""
        variables, descriptors = {"PGCLIENTENCODING": "UTF8"}, []
        with contextlib.ExitStack() as stack:
            if self.password:
                text = pgtext.password_line(str(self.password))
                variables["PGPASSFILE"], descriptor = stack.enter_context(secretfile.offered(text))
                descriptors.append(descriptor)
            if self.key_password:
                text = "[fleet]\nsslpassword=%s\n" % self.key_password
                variables["PGSERVICEFILE"], descriptor = stack.enter_context(secretfile.offered(text))
                variables["PGSERVICE"] = "fleet"
                descriptors.append(descriptor)
            yield variables, tuple(descriptors)


def program(host, name="psql"):
    """The full path of psql: Debian's newest itself, not the wrapper that starts it. Raises Failed."""
    found = host.cache.get("psql")
    if not found:
        paths = glob.glob("/usr/lib/postgresql/*/bin/psql") if not host.env.get("PATH") else []
        paths.sort(key=lambda path: [int(part) for part in re.findall(r"\d+", path)])
        found = host.cache["psql"] = paths[-1] if paths else host.need(name, PACKAGE)
    return found


def as_json(query):
    return "SELECT row_to_json(fleet) FROM (%s) AS fleet" % query


def lines(text):
    """The rows of a query that was asked for as JSON."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
