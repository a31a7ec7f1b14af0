"""Create, change or remove accounts of MySQL and MariaDB: authentication, privileges, limits.

Everything is compared with what the server's tables say before it is changed. Passwords reach the client on
its standard input only.
"""

import json

from fleet.remote import mysqlaccounts as accounts
from fleet.remote import mysqlauth, mysqlclient, mysqlprivs, mysqltext
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        mysqlclient.CONNECTION,
        name=Arg(required=True, aliases=("user",), help="Name of the account."),
        host=Arg(default="localhost", help="The host it connects from; `%` is a wildcard."),
        host_all=Arg("bool", False, help="Apply changes to the accounts of that name for every host."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether it should exist."),
        password=Arg(no_log=True, help="Its password, stored by `mysql_native_password`."),
        encrypted=Arg("bool", False, help="`password` is the stored form: `*` and 40 hexadecimal digits."),
        update_password=Arg(default="always", choices=("always", "on_create", "on_new_username"),
                            help="Whether an existing account's password is changed; the last one makes a new "
                                 "account take over what others of that name have."),
        plugin=Arg(help="Plugin that authenticates it."),
        plugin_hash_string=Arg(help="What the plugin stores, as it is stored."),
        plugin_auth_string=Arg(help="Password for the plugin, or the service for PAM."),
        salt=Arg(help="Salt of 20 characters for the SHA-256 plugins."),
        priv=Arg("raw", help="Privileges, as `db.table:SELECT,INSERT/other.*:ALL` or a dict."),
        append_privs=Arg("bool", False, help="Add `priv` to what it has."),
        subtract_privs=Arg("bool", False, help="Take `priv` away from what it has."),
        column_case_sensitive=Arg("bool", help="Column names in `priv` are as they are spelled."),
        tls_requires=Arg("dict", help="What its connections must have: `SSL`, `X509`, or `SUBJECT`, `ISSUER`, "
                                      "`CIPHER` with values; nothing when left out."),
        resource_limits=Arg("dict", help="Limits such as `MAX_QUERIES_PER_HOUR`."),
        locked=Arg("bool", help="Whether nobody can log in with it."),
        password_expire=Arg(choices=("now", "never", "default", "interval"), help="When its password expires."),
        password_expire_interval=Arg("int", help="Days, for `interval`."),
        attributes=Arg("dict", help="Comments of one's own on it (MySQL 8); null removes one."),
        session_vars=Arg("dict", help="Session variables to set first."),
        sql_log_bin=Arg("bool", True, help="Whether changes go to the binary log."),
        force_context=Arg("bool", False, help="Use the database `mysql`, for filters of a replication."),
        check_implicit_admin=Arg("bool", False, help="Try root without a password first."),
    ),
    exclusive=(("append_privs", "subtract_privs"),),
    returns={
        "user": "The account's name.",
        "msg": "What was done.",
        "password_changed": "Whether its authentication was set; null in a check run for a new account.",
        "attributes": "Its attributes, where the server keeps any.",
    },
)
EXAMPLES = """
- mysql_user: {name: shop, host: "%", password: "{{ vault_shop }}", priv: "shop.*:ALL"}
- mysql_user: {name: backup, plugin: unix_socket, priv: {"*.*": "SELECT,LOCK TABLES,RELOAD"}}
- mysql_user: {name: report, append_privs: true, priv: "shop.orders:SELECT (id, total)"}
- mysql_user: {name: "", host_all: true, state: absent}
"""


def run(host, args):
    check(args)
    wanted = mysqlprivs.wanted(args["priv"], args["column_case_sensitive"]) if args["priv"] is not None else None
    session = mysqlclient.connect(host, args, database="mysql" if args["force_context"] else None,
                                  prelude=mysqlclient.prelude(args))
    server, found = accounts.read(session, args["name"])
    work = Work(host, args, session, server, wanted)
    mine = found if args["host_all"] else {name: row for name, row in found.items()
                                           if name.lower() == args["host"].lower()}
    if args["state"] == "absent":
        work.remove(mine)
    elif mine:
        for row in mine.values():
            work.change(row)
    elif args["host_all"]:
        raise Failed("host_all parameter cannot be used when adding a user")
    else:
        work.create(found)
    return work.result()


def check(args):
    """Refuse what the declaration of arguments cannot. Raises Failed."""
    if args["append_privs"] and args["subtract_privs"]:
        raise Failed("parameters are mutually exclusive: append_privs|subtract_privs")
    if args["encrypted"] and args["password"] and not mysqlauth.is_native_hash(args["password"]):
        raise Failed("encrypted was specified however it does not appear to be a valid hash expecting: "
                     "*SHA1(SHA1(your_password))")
    if args["salt"]:
        if args["plugin_auth_string"] is None:
            raise Failed("salt requires plugin_auth_string")
        if args["plugin"] not in ("caching_sha2_password", "sha256_password"):
            raise Failed("salt requires caching_sha2_password or sha256_password")
        if len(args["salt"]) != 20:
            raise Failed("salt must be 20 characters long")
    if (args["password_expire"] == "interval") != (args["password_expire_interval"] is not None):
        raise Failed("password_expire value interval should be used with password_expire_interval")
    if (args["password_expire_interval"] or 1) < 1:
        raise Failed("password_expire_interval value should be positive number")
    accounts.tls_wanted(args["tls_requires"])


class Work(object):
    """The changes of one call, in order: what is asked of the server and what is told of it."""

    def __init__(self, host, args, session, server, wanted):
        self.host = host
        self.args = args
        self.session = session
        self.server = server
        self.wanted = wanted
        self.changed = False
        self.password_changed = False
        self.attributes = None
        self.at = None
        self.msg = "User unchanged"
        self.before, self.after = [], []
        self.limits = accounts.limits_wanted(args["resource_limits"], server)
        if args["attributes"] is not None and (server.mariadb or server.version < (8, 0, 21)):
            raise Failed("user attributes were specified but the server does not support user attributes")

    def do(self, statements, msg=None, before="", after=""):
        self.changed = True
        self.msg = msg or self.msg
        if before:
            self.before.append(before)
        if after:
            self.after.append(after)
        if not self.host.check:
            self.session.run(statements)

    def result(self):
        told = {"changed": self.changed, "user": self.args["name"], "msg": self.msg,
                "password_changed": self.password_changed, "attributes": self.attributes}
        if self.host.diff and self.changed:
            told["diff"] = {"before": "".join(line + "\n" for line in self.before),
                            "after": "".join(line + "\n" for line in self.after)}
        return told

    def remove(self, mine):
        self.msg = "User doesn't exist"
        for name, row in mine.items():
            who = self.who(name, row)
            self.do(["DROP %s %s" % ("ROLE" if accounts.is_role(row) else "USER", who)], "User deleted", before=who)

    def who(self, name, row=None):
        return mysqltext.account(self.args["name"], None if row and accounts.is_role(row) else name)

    def create(self, others):
        self.at = self.args["host"]
        args, who = self.args, self.who(self.args["host"])
        identified = accounts.identified(self.server, args)
        self.password_changed = None if self.host.check else True
        known = {accounts.authentication(row): row for row in others.values() if not accounts.is_role(row)}
        if args["update_password"] == "on_new_username" and len(known) == 1:
            identified = accounts.identified_like(self.server, list(known.values())[0])
            self.password_changed = False
        tls = accounts.tls_wanted(args["tls_requires"])
        text = "CREATE USER %s%s%s" % (who, identified, accounts.tls_clause(tls) if tls else "")
        text += accounts.limits_clause(self.limits) if self.limits else ""
        text += accounts.expire_clause(args) if args["password_expire"] else ""
        text += " ACCOUNT LOCK" if args["locked"] else ""
        if args["attributes"]:
            kept = {name: value for name, value in args["attributes"].items() if value is not None}
            text += " ATTRIBUTE %s" % mysqltext.literal(json.dumps(kept))
            self.attributes = kept
        self.do([text], "User added", after=who)
        if self.wanted is not None and not args["subtract_privs"]:
            for target, privs in self.wanted.items():
                self.grant(who, (target, [], privs))

    def change(self, row):
        self.attributes = accounts.attributes_of(row)
        self.at = row["host"]
        who = self.who(row["host"], row)
        if not accounts.is_role(row):
            if self.args["update_password"] == "always":
                self.authentication(who, row)
            self.limits_and_locks(who, row)
        if self.wanted is not None:
            self.privileges(who)
        if not accounts.is_role(row):
            self.tls(who, row)

    def authentication(self, who, row):
        args = self.args
        if args["plugin"]:
            different = not accounts.has_plugin(row, args)
        else:
            # An empty password is none that could be set on purpose.
            different = bool(args["password"]) and not accounts.has_password(row, args)
        if different:
            self.password_changed = True
            msg = None if args["plugin"] else "Password updated (new style)"
            self.do(["ALTER USER " + who + accounts.identified(self.server, args)], msg,
                    before="%s: other authentication" % who, after="%s: wanted authentication" % who)

    def limits_and_locks(self, who, row):
        args = self.args
        limits = accounts.limits_left(row, self.limits)
        if limits:
            self.do(["ALTER USER " + who + accounts.limits_clause(limits)], after=who + accounts.limits_clause(limits))
        if args["password_expire"] and not accounts.is_expired(row, args):
            self.do(["ALTER USER " + who + accounts.expire_clause(args)], after=who + accounts.expire_clause(args))
        if args["locked"] is not None and args["locked"] != (row.get("account_locked") == "Y"):
            word = "LOCK" if args["locked"] else "UNLOCK"
            self.do(["ALTER USER %s ACCOUNT %s" % (who, word)], "User %sed" % word.lower(), after="%s: %s" % (who, word))
        self.comments(who)

    def comments(self, who):
        """The attributes of MySQL 8."""
        have = dict(self.attributes)
        new = {name: value for name, value in (self.args["attributes"] or {}).items()
               if have.get(name) != value or (value is None and name in have)}
        if new:
            self.do(["ALTER USER %s ATTRIBUTE %s" % (who, mysqltext.literal(json.dumps(new)))], "Attributes updated: %s"
                    % ", ".join("%s: %s" % pair for pair in sorted(new.items())))
            have.update(new)
            self.attributes = {name: value for name, value in have.items() if value is not None}

    def privileges(self, who):
        have = self.granted(who)
        mode = "append" if self.args["append_privs"] else "subtract" if self.args["subtract_privs"] else "replace"
        every = self.everything() if not self.server.mariadb and self.server.version >= (8,) else frozenset()
        changed = self.changed
        for step in mysqlprivs.steps(have, self.wanted, mode, every):
            self.grant(who, step, have.get(step[0], []), every)
        if not self.host.check and self.changed and self.granted(who) == have:
            # The server shows the privilege by another name: it was there before.
            self.changed = changed

    def granted(self, who):
        return mysqlprivs.granted([row[0] for row in self.session.one("SHOW GRANTS FOR " + who).rows])

    def everything(self):
        """The static privileges that ALL stands for, where the server does not say ALL."""
        rows = self.session.one("SHOW PRIVILEGES").rows
        return frozenset(row[0].upper() for row in rows
                         if row[0].lower() not in ("usage", "grant option", "proxy") and "_" not in row[0])

    def grant(self, who, step, now=None, every=()):
        """Do a step; ``now`` is what an account that was there has, None for a new one."""
        if now is not None:
            self.msg = mysqlprivs.described(step, bool(now), step[0] in self.wanted)
        if not mysqlprivs.effective(step, mysqlprivs.in_short(now or [], every if step[0] == "*.*" else ())):
            return
        asked = mysqlprivs.statements(who, step)
        before, after = ("%s: %s ON %s" % (who, ",".join(names), step[0]) if names else "" for names in step[1:])
        try:
            self.do(asked, before=before, after=after)
        except mysqlclient.SqlError as error:
            text = asked[len(error.done)]
            verb = "granting" if text.startswith("GRANT") else "revoking"
            names = [name for name in step[2 if verb == "granting" else 1] if name != "GRANT"]
            raise Failed("Error %s privileges, invalid priv string: %s , params: %s, query: %s , exception: %s." % (
                verb, ",".join(names), (self.args["name"], self.at), text.replace(who, "%s@%s"), error))

    def tls(self, who, row):
        have, want = accounts.tls_of(row), accounts.tls_wanted(self.args["tls_requires"])
        if have != want:
            self.do(["ALTER USER " + who + accounts.tls_clause(want)], "TLS requires updated",
                    before=who + accounts.tls_clause(have), after=who + accounts.tls_clause(want))
