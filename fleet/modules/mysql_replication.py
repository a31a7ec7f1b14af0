"""Replication of MySQL and MariaDB: tell a replica its primary, start, stop and forget it, ask both how they are."""

from fleet.remote import mysqlaccounts, mysqlclient, mysqltext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec


def _primary(name, type="str", **more):
    """An argument that is an option of CHANGE MASTER, under its old name too."""
    return Arg(type, aliases=("master_" + name,), help="`MASTER_%s` of the server." % name.upper(), **more)


SPEC = Spec(
    dict(
        mysqlclient.CONNECTION,
        mode=Arg(default="getreplica",
                 choices=("getprimary", "getreplica", "changeprimary", "stopreplica", "startreplica",
                          "resetprimary", "resetreplica", "resetreplicaall", "changereplication"),
                 help="What to do: `changeprimary` says where a replica replicates from, `changereplication` does so "
                      "in the words of MySQL 8.0.23; `get...` tells, `reset...` forgets."),
        primary_host=_primary("host"),
        primary_user=_primary("user"),
        primary_password=_primary("password", no_log=True),
        primary_port=_primary("port", "int"),
        primary_connect_retry=_primary("connect_retry", "int"),
        primary_log_file=_primary("log_file"),
        primary_log_pos=_primary("log_pos", "int"),
        primary_delay=_primary("delay", "int"),
        relay_log_file=Arg(help="`RELAY_LOG_FILE` of the server."),
        relay_log_pos=Arg("int", help="`RELAY_LOG_POS` of the server."),
        primary_ssl=_primary("ssl", "bool"),
        primary_ssl_ca=_primary("ssl_ca"),
        primary_ssl_capath=_primary("ssl_capath"),
        primary_ssl_cert=_primary("ssl_cert"),
        primary_ssl_key=_primary("ssl_key"),
        primary_ssl_cipher=_primary("ssl_cipher"),
        primary_ssl_verify_server_cert=Arg("bool", help="`MASTER_SSL_VERIFY_SERVER_CERT` of the server."),
        primary_auto_position=_primary("auto_position", "bool", default=False),
        primary_use_gtid=_primary("use_gtid", choices=("current_pos", "replica_pos", "disabled")),
        connection_name=Arg(help="Name of the connection to the primary (MariaDB)."),
        channel=Arg(help="Name of the replication channel (MySQL)."),
        fail_on_error=Arg("bool", False, help="Fail where the server refuses; else that counts as done before."),
    ),
    exclusive=(("connection_name", "channel"),),
    supports_check=False,
    returns={
        "queries": "The statements that changed something, without the password.",
        "Is_Primary": "Whether the server has a binary log; its file and position stand beside it.",
        "Is_Replica": "Whether the server replicates; the columns of its status stand beside it.",
        "msg": "What was done, or why there is nothing to tell.",
    },
)
EXAMPLES = """
- mysql_replication: {mode: changeprimary, primary_host: db1, primary_user: repl, primary_password: "{{ vault_repl }}",
                      primary_use_gtid: replica_pos}
- mysql_replication: {mode: startreplica, fail_on_error: true}
- mysql_replication: {mode: getreplica}
  register: replica
- mysql_replication: {mode: stopreplica, connection_name: berlin}
"""
OPTIONS = tuple(
    "primary_host primary_user primary_password primary_port primary_connect_retry primary_log_file primary_log_pos "
    "primary_delay relay_log_file relay_log_pos primary_ssl primary_ssl_ca primary_ssl_capath primary_ssl_cert "
    "primary_ssl_key primary_ssl_cipher primary_ssl_verify_server_cert primary_auto_position primary_use_gtid".split())
"""In the order of the statement."""
HIDDEN = "********"


def run(host, args):
    session = mysqlclient.connect(host, args)
    server = mysqlaccounts.Server(session.one("SELECT VERSION()").rows[0][0])
    return MODES[args["mode"]](session, Words(server, args), args)


class Words(object):
    """How this server words statements about replication. Pure."""

    def __init__(self, server, args):
        self.mysql = () if server.mariadb else server.version
        self.replica = "REPLICA" if server.version >= ((10, 5, 1) if server.mariadb else (8, 0, 22)) else "SLAVE"
        name, channel = args["connection_name"], args["channel"]
        self.connection = " " + mysqltext.literal(name) if name else ""
        self.channel = " FOR CHANNEL " + mysqltext.literal(channel) if channel else ""

    def on_replica(self, verb, end=""):
        return "%s %s%s%s%s" % (verb, self.replica, self.connection, end, self.channel)

    def primary_status(self):
        return "SHOW BINARY LOG STATUS" if self.mysql >= (8, 2) else "SHOW MASTER STATUS"

    def reset_primary(self):
        return "RESET BINARY LOGS AND GTIDS" if self.mysql >= (8, 2) else "RESET MASTER"

    def change(self, mode):
        """The beginning of the statement, and what its options begin with."""
        if mode == "changereplication" or self.mysql >= (8, 0, 23):
            return "CHANGE REPLICATION SOURCE%s TO " % self.connection, "SOURCE_"
        return "CHANGE MASTER%s TO " % self.connection, "MASTER_"


def settings(args, prefix, hide=False):
    """The options of CHANGE MASTER that the arguments ask for. Pure."""
    found = []
    for name in OPTIONS:
        value = args[name]
        if value is None or (name == "primary_auto_position" and not value):
            continue
        if name == "primary_use_gtid":
            shown = {"disabled": "no"}.get(value, value)
        elif isinstance(value, bool):
            shown = str(int(value))
        else:
            shown = mysqltext.literal(HIDDEN if hide and name == "primary_password" else value)
        found.append("%s=%s" % (name.upper().replace("PRIMARY_", prefix), shown))
    return found


def change(session, words, args):
    start, prefix = words.change(args["mode"])
    try:
        session.run([start + ",".join(settings(args, prefix)) + words.channel])
    except mysqlclient.SqlError as error:
        told = start.replace(words.connection, "", 1)
        raise Failed("%s. Query == %s%s" % (error, told, settings(args, prefix, hide=True)))
    return {"changed": True, "queries": [start + ",".join(settings(args, prefix, hide=True)) + words.channel]}


def primary(session, words, args):
    return status(session, words.primary_status(), "Is_Primary", "primary. Meaning: Binary logs are disabled")


def replica(session, words, args):
    return status(session, words.on_replica("SHOW", " STATUS"), "Is_Replica", "replica")


def status(session, query, key, role):
    rows = session.one(query).dicts()
    if not rows:
        return {"changed": False, key: False, "msg": "Server is not configured as mysql %s" % role, "queries": []}
    told = {name: mysqltext.number(value) for name, value in rows[0].items()}
    return dict(told, changed=False, queries=[], **{key: True})


def does(word, done, already, verb=None, end=""):
    """A mode that is one statement: how a failure, success, and what was done before are told."""

    def mode(session, words, args):
        query = words.on_replica(verb, end) if verb else words.reset_primary()
        try:
            session.run([query])
        except mysqlclient.SqlError as error:
            if args["fail_on_error"]:
                raise Failed("%s failed: %s" % (word, error))
            return {"changed": False, "msg": already, "queries": [query]}
        return {"changed": True, "msg": done, "queries": [query]}

    return mode


MODES = {
    "getprimary": primary,
    "getreplica": replica,
    "changeprimary": change,
    "changereplication": change,
    # The space is Ansible's.
    "startreplica": does("START REPLICA", "Replica started ", "Replica already started (Or cannot be started)",
                         "START"),
    "stopreplica": does("STOP REPLICA", "Replica stopped", "Replica already stopped", "STOP"),
    "resetreplica": does("RESET REPLICA", "Replica reset", "Replica already reset", "RESET"),
    "resetreplicaall": does("RESET REPLICA ALL", "Replica reset", "Replica already reset", "RESET", " ALL"),
    "resetprimary": does("RESET MASTER", "Primary reset", "Primary already reset"),
}
