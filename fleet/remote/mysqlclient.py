"""Sessions with MySQL and MariaDB through the host's own client program.

Statements go to the client's standard input, results come back as its XML, which tells NULL from text.
``--binary-mode`` makes the client read nothing but statements (``\\!`` would start a shell), and each
statement ends with a word that occurs in none of them, so no value can end one.
"""

import binascii
import os
import re

from fleet.remote import mysqltext, secretfile
from fleet.remote.host import Failed
from fleet.remote.spec import Arg

CONNECTION = {
    "login_user": Arg(help="As whom to log in; by default what `config_file` says, else the user fleet runs as."),
    "login_password": Arg(no_log=True, help="The password to log in with."),
    "login_host": Arg(default="localhost", help="Where the server is."),
    "login_port": Arg("int", 3306, help="The server's port."),
    "login_unix_socket": Arg(help="The server's socket on this host, instead of host and port."),
    "config_file": Arg("path", "~/.my.cnf", help="Option file whose `[client]` section is read; empty for none."),
    "connect_timeout": Arg("int", 30, help="Seconds to wait for a connection."),
    "client_cert": Arg("path", aliases=("ssl_cert",), help="The client's certificate."),
    "client_key": Arg("path", aliases=("ssl_key",), help="Its private key."),
    "ca_cert": Arg("path", aliases=("ssl_ca",), help="Certificate of the authority that signed the server's."),
    "check_hostname": Arg("bool", help="Whether the server's certificate must name the host."),
}
_ERROR = re.compile(r"^ERROR (\d+) \((\w+)\)(?: at line \d+)?: (.*)", re.M | re.S)
_FIELD = re.compile(r'<field name="(.*?)"(?:( xsi:nil="true") />|>(.*?)</field>)', re.S)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))
PACKAGE = "mariadb-client (or default-mysql-client)"


class SqlError(Failed):
    """The server or the client refused something. ``number`` and ``text`` as MySQL counts and words them."""

    def __init__(self, number, text, done=()):
        Failed.__init__(self, str((number, text)))
        self.number = number
        self.text = text
        self.done = list(done)


class Result(object):
    """What a statement gave: ``columns`` and ``rows`` (lists of text or None), ``count`` of affected rows."""

    def __init__(self, columns, rows, count=-1):
        self.columns = columns
        self.rows = rows
        self.count = count

    def dicts(self):
        return [dict(zip(self.columns, row)) for row in self.rows]


class Session(object):
    """Statements for one server. Every ``run`` is a connection of its own that begins with ``prelude``.

    With ``hint`` a refused login names what to look at even where there is no option file.
    """

    def __init__(self, host, args, database=None, prelude=("SET SESSION sql_mode=''",), hint=False):
        self.host = host
        self.program = program(host)
        self.options = options(args, is_mariadb(host, self.program))
        if database:
            self.options["database"] = database
        self.config_file = args["config_file"]
        self.socketless = not self.options.get("socket")
        self.prelude = list(prelude)
        self.hint = hint

    def run(self, statements):
        """The Results of statements, in order. Raises SqlError; what came before is in its ``done``.

        Without a connection it raises Failed.
        """
        asked = self.prelude + list(statements)
        stop, end = _unused(asked)
        script = "DELIMITER %s\n" % stop
        for statement in asked:
            script += "%s\n%s\nSELECT ROW_COUNT() AS %s\n%s\n" % (statement, stop, end, stop)
        ran = self._client(["--xml"], script)
        results = parse(ran.out, end)
        if ran.rc != 0:
            error = self._error(ran, results[len(self.prelude):])
            if not results:
                raise Failed(refused(self.config_file, error, self.hint))
            if len(results) < len(self.prelude):
                raise Failed("Failed to execute %s: %s" % (self.prelude[len(results)], error))
            raise error
        return results[len(self.prelude):]

    def _client(self, options, script):
        with secretfile.offered(mysqltext.option_file(self.options)) as (path, descriptor):
            # A login path file would be read in spite of --defaults-file.
            return self.host.run(
                [self.program, "--defaults-file=" + path] + options + ["--binary-mode", "--comments"]
                + (["--protocol=TCP"] if self.socketless else []),
                ok=None, stdin=script, env={"MYSQL_TEST_LOGIN_FILE": "/dev/null/none"}, pass_fds=(descriptor,),
            )

    def column_types(self, query):
        """The types of a query's columns as the server calls them. Raises SqlError."""
        stop, _ = _unused([query])
        ran = self._client(["--table", "--column-type-info"], "DELIMITER %s\n%s\n%s\n" % (stop, query, stop))
        if ran.rc != 0:
            raise self._error(ran, [])
        return re.findall(r"^Type: +(\w+)", ran.out, re.M)

    def one(self, statement):
        return self.run([statement])[0]

    def _error(self, ran, done):
        match = _ERROR.search(ran.err)
        if not match:
            return SqlError(-1, ran.err.strip() or "%s ended with code %d" % (self.program, ran.rc), done)
        number, text = int(match.group(1)), match.group(3).strip()
        if number in (2002, 2003, 2005):
            return SqlError(2003, unreachable(self.options.get("host") or "localhost", number, text), done)
        return SqlError(number, text, done)


def prelude(args):
    """What a session for changes begins with: known quoting, the binary log, the variables a task asks for."""
    statements = ["SET SESSION sql_mode=''"] + ([] if args.get("sql_log_bin", True) else ["SET SQL_LOG_BIN=0"])
    for name, value in sorted((args.get("session_vars") or {}).items()):
        statements.append("SET SESSION %s = %s" % (mysqltext.identifier(name), mysqltext.literal(value)))
    return statements


def connect(host, args, **more):
    """A Session. A connection that fails raises Failed, worded as Ansible words it, at the first ``run``."""
    if args.get("check_implicit_admin"):
        try:
            session = Session(host, dict(args, login_user="root", login_password="", config_file=""), **more)
            session.run([])
            return session
        except Failed:
            pass
    return Session(host, args, **more)


def refused(config_file, error, hint=False):
    if hint or (config_file and os.path.exists(config_file)):
        return ("unable to connect to database, check login_user and login_password are correct or %s has the "
                "credentials. Exception message: %s" % (config_file, error))
    return "unable to find %s. Exception message: %s" % (config_file, error)


def program(host, names=("mariadb", "mysql"), package=PACKAGE):
    """The full path of a client program under its new or old name. Raises Failed naming the package."""
    for name in names:
        found = host.which(name)
        if found:
            return found
    raise Failed("the program %s was not found; install the package %s on the host" % (names[-1], package))


def is_mariadb(host, path):
    """True where the client is MariaDB's, which words some options in its own way."""
    known = host.cache.setdefault("mysql client", {})
    if path not in known:
        known[path] = "mariadb" in path or "MariaDB" in host.run([path, "--version"], ok=None).out
    return known[path]


def configured(args):
    """The [client] options of ``config_file``, or {}."""
    path = args["config_file"]
    if not path or not os.path.isfile(path):
        return {}
    try:
        with open(path, "rb") as source:
            return mysqltext.client_options(source.read().decode("utf-8", "surrogateescape"))
    except OSError as error:
        raise Failed("cannot read %s: %s" % (path, error.strerror))


def options(args, mariadb):
    """The client's options: the arguments, and below them what ``config_file`` says."""
    import getpass

    config = configured(args)
    found = {
        "user": args["login_user"] or config.get("user") or getpass.getuser(),
        "password": args["login_password"] if args["login_password"] is not None else config.get("password"),
        "socket": args["login_unix_socket"] or config.get("socket"),
        "connect-timeout": args["connect_timeout"],
        "default-character-set": config.get("default-character-set") or "utf8mb4",
        "database": config.get("database"),
    }
    if not found["socket"]:
        found["host"], found["port"] = args["login_host"], args["login_port"]
        if args.get("config_overrides_defaults"):
            found["host"] = config.get("host") or found["host"]
            found["port"] = config.get("port") or found["port"]
    found.update(tls_options(args, config, mariadb))
    return {name: value for name, value in found.items() if value is not None}


def tls_options(args, config, mariadb):
    """Options for a checked, encrypted connection, where a certificate or the check is asked for."""
    found = {}
    for name, option in (("ca_cert", "ssl-ca"), ("client_cert", "ssl-cert"), ("client_key", "ssl-key")):
        path = args[name] or config.get(option)
        if path:
            if not os.path.exists(path):
                raise Failed(refused(args["config_file"], "[Errno 2] No such file or directory: %s" % path))
            found[option] = path
    check = args["check_hostname"]
    if not found and check is None:
        return {}
    named = "ssl-ca" in found and check is not False
    if mariadb:
        found["ssl"] = True
        if named:
            found["ssl-verify-server-cert"] = True
    else:
        found["ssl-mode"] = "VERIFY_IDENTITY" if named else "VERIFY_CA" if "ssl-ca" in found else "REQUIRED"
    return found


def unreachable(where, number, text):
    """How PyMySQL words that there is no connection, from the number the client gives in brackets. Pure."""
    match = re.search(r"\(\"?(-?\d+)", text)
    if number == 2005 or not match or int(match.group(1)) < 0:
        why = "[Errno -2] Name or service not known"
    else:
        # A refused connection shows as EINPROGRESS in MariaDB's client, which does not ask further.
        code = 111 if match.group(1) == "115" else int(match.group(1))
        why = "[Errno %d] %s" % (code, os.strerror(code))
    return "Can't connect to MySQL server on '%s' (%s)" % (where, why)


def parse(xml, end):
    """The Results in the client's output; a result with the column ``end`` closes a statement. Pure."""
    results, columns, rows = [], [], []
    for part in xml.split("<resultset ")[1:]:
        body = part.partition(">")[2]
        names, found = [], []
        for row in body.split("<row>")[1:]:
            fields = _FIELD.findall(row)
            names = [_plain(name) for name, _, _ in fields]
            found.append([None if nil else _plain(value) for _, nil, value in fields])
        if names == [end]:
            results.append(Result(columns, rows, int(found[0][0])))
            columns, rows = [], []
        else:
            columns, rows = names, found
    return results


def _plain(text):
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text


def _unused(statements):
    """Two words that are in none of the statements nor in each other. The client keeps 15 letters of the first."""
    while True:
        word = binascii.hexlify(os.urandom(6)).decode()
        if not any(word in statement for statement in statements):
            return "f" + word, "ended_" + word[::-1]
