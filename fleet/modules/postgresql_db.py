"""Create, change, remove, rename, dump or restore databases of PostgreSQL, through the host's client programs."""

import os
import shlex

from fleet.remote import files, pgclient, pgtext, pipeline
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        name=Arg(required=True, aliases=("db",), help="Name of the database."),
        state=Arg(default="present", choices=("absent", "dump", "present", "rename", "restore"),
                  help="Whether it should exist, or what to do with it."),
        owner=Arg(default="", help="The role that owns it."),
        template=Arg(default="", help="Database a new one is copied from."),
        encoding=Arg(default="", help="Encoding; cannot be changed later."),
        lc_collate=Arg(default="", help="Collation order; cannot be changed later."),
        lc_ctype=Arg(default="", help="Kinds of characters; cannot be changed later."),
        icu_locale=Arg(default="", help="Locale of the provider `icu`; cannot be changed later."),
        locale_provider=Arg(default="", help="Provider of the collation: `libc` or `icu`; cannot be changed later."),
        conn_limit=Arg(default="", help="How many connections it takes."),
        tablespace=Arg("path", default="", help="Its tablespace."),
        comment=Arg(help="Its comment; an empty text removes it."),
        maintenance_db=Arg(default="postgres", help="The database to connect to."),
        session_role=pgclient.SESSION_ROLE,
        force=Arg("bool", False, help="Remove it though others are connected."),
        target=Arg("path", default="", help="The file of a dump, or the new name: its ending tells the format."),
        target_opts=Arg(default="", help="More arguments for the program of a dump or a restore."),
        dump_extra_args=Arg(help="More arguments for pg_dump."),
        trust_input=pgclient.TRUST,
    ),
    returns={
        "db": "The database's name.",
        "executed_commands": "What was run.",
        "cmd": "The command line of a dump or a restore.",
        "rc": "Its exit code.",
        "stderr": "What it complained about.",
    },
)
EXAMPLES = """
- postgresql_db: {name: shop, owner: shop, encoding: UTF8, template: template0}
  become: true
  become_user: postgres
- postgresql_db: {name: shop, state: dump, target: /srv/backup/shop.sql.gz}
  become: true
  become_user: postgres
"""
TRUSTED = ("owner", "conn_limit", "encoding", "name", "template", "tablespace", "session_role", "comment",
           "icu_locale", "locale_provider")
FORMATS = {".tar": "t", ".pgc": "c", ".dir": "d"}


def run(host, args):
    pgtext.check_input(args, TRUSTED)
    state = args["state"]
    if state == "rename" and not args["target"]:
        raise Failed('The "target" option must be defined when the "rename" option is used.')
    if args["conn_limit"] and not args["conn_limit"].lstrip("-").isdigit():
        raise Failed("Database query failed: connection_limit requires an integer value\n")
    if state in ("dump", "restore"):
        return transfer(host, args)
    session = pgclient.Session(host, args, args["maintenance_db"], args["session_role"])
    names = [args["name"]] + ([args["target"]] if state == "rename" else [])
    found = {row["datname"]: row for row in session.rows(QUERY % {
        "encoding": pgtext.literal(args["encoding"]),
        "names": ", ".join(pgtext.literal(pgtext.plain(name)) for name in names),
    })}
    now = found.get(pgtext.plain(args["name"]))
    asked = renaming(args, found) if state == "rename" else statements(args, now)
    told = {"changed": bool(asked), "db": args["name"]}
    if host.diff and asked:
        told["diff"] = {"before": shown(now), "after": "".join(line + "\n" for line in asked)}
    if host.check or not asked:
        return dict(told, executed_commands=[])
    try:
        session.run(asked)
    except pgclient.SqlError as error:
        raise Failed("Database query failed: %s" % error.text)
    return dict(told, executed_commands=asked)


QUERY = """SELECT d.*, pg_catalog.pg_get_userbyid(d.datdba) AS owner, pg_catalog.pg_encoding_to_char(d.encoding) AS coded,
 pg_catalog.pg_char_to_encoding(%(encoding)s) AS wanted, t.spcname, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
 FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname IN (%(names)s)"""


def shown(now):
    if now is None:
        return ""
    keys = (("owner", "owner"), ("coded", "encoding"), ("datconnlimit", "conn_limit"), ("spcname", "tablespace"))
    return "".join("%s: %s\n" % (name, now.get(key)) for key, name in keys)


def renaming(args, found):
    there = [pgtext.plain(name) in found for name in (args["name"], args["target"])]
    if there == [False, False]:
        raise Failed("The source and the target databases do not exist.")
    if there == [True, True]:
        raise Failed("Both the source and the target databases exist.")
    if there == [False, True]:
        return []
    return ["ALTER DATABASE %s RENAME TO %s" % (pgtext.identifier(args["name"]), pgtext.identifier(args["target"]))]


def statements(args, now):
    """What makes the database be as wanted. Pure. Raises Failed for what cannot be changed."""
    name = pgtext.identifier(args["name"])
    if args["state"] == "absent":
        return [] if now is None else ["DROP DATABASE %s%s" % (name, " WITH (FORCE)" if args["force"] else "")]
    if now is None:
        made = [creation(args, name)]
        return made + ([_comment(args, name)] if args["comment"] else [])
    refuse(args, now)
    made = []
    if args["owner"] and pgtext.plain(args["owner"]) != now["owner"]:
        made.append("ALTER DATABASE %s OWNER TO %s" % (name, pgtext.identifier(args["owner"])))
    if args["conn_limit"] and int(args["conn_limit"]) != now["datconnlimit"]:
        made.append("ALTER DATABASE %s CONNECTION LIMIT %d" % (name, int(args["conn_limit"])))
    if args["tablespace"] and args["tablespace"] != now["spcname"]:
        made.append("ALTER DATABASE %s SET TABLESPACE %s" % (name, pgtext.identifier(args["tablespace"])))
    if args["comment"] is not None and args["comment"] != (now["comment"] or ""):
        made.append(_comment(args, name))
    return made


def _comment(args, name):
    return "COMMENT ON DATABASE %s IS %s" % (name, pgtext.literal(args["comment"]))


def creation(args, name):
    text = "CREATE DATABASE %s" % name
    for key, words, quote in (("owner", "OWNER", pgtext.identifier), ("template", "TEMPLATE", pgtext.identifier),
                              ("encoding", "ENCODING", pgtext.literal), ("lc_collate", "LC_COLLATE", pgtext.literal),
                              ("lc_ctype", "LC_CTYPE", pgtext.literal), ("icu_locale", "ICU_LOCALE", pgtext.literal),
                              ("locale_provider", "LOCALE_PROVIDER", pgtext.literal),
                              ("tablespace", "TABLESPACE", pgtext.identifier)):
        if args[key]:
            text += " %s %s" % (words, quote(args[key]))
    return text + (" CONNECTION LIMIT %d" % int(args["conn_limit"]) if args["conn_limit"] else "")


def refuse(args, now):
    """Refuse what PostgreSQL cannot change. Raises Failed."""
    if args["encoding"] and now["wanted"] != now["encoding"]:
        raise Failed("Changing database encoding is not supported. Current encoding: %s" % now["coded"])
    provider = {"i": "icu", "c": "libc", "b": "builtin"}.get(now.get("datlocprovider"), "libc")
    locale = now.get("daticulocale") or now.get("datlocale")
    for key, have, words in (("lc_collate", now.get("datcollate"), "LC_COLLATE is not supported. Current LC_COLLATE: %s"),
                             ("lc_ctype", now.get("datctype"), "LC_CTYPE is not supported.Current LC_CTYPE: %s"),
                             ("icu_locale", locale, "ICU_LOCALE is not supported.Current ICU_LOCALE: %s"),
                             ("locale_provider", provider, "LOCALE_PROVIDER is not supported.Current LOCALE_PROVIDER: %s")):
        if args[key] and args[key] != have:
            raise Failed("Changing " + words % have)


def transfer(host, args):
    """A dump or a restore."""
    dumping = args["state"] == "dump"
    target = os.path.abspath(args["target"] or os.path.expanduser("~/%s.sql" % args["name"].replace("/", "_")))
    kind = FORMATS.get(os.path.splitext(target)[1])
    name = "pg_dump" if dumping else "pg_restore" if kind else "psql"
    path = host.need(name, pgclient.PACKAGE)
    if host.check:
        return {"changed": False, "db": args["name"], "executed_commands": []}
    login = pgclient.Login(args, args["name"])
    words = [args["name"]] if dumping else ["--dbname=" + args["name"]]
    words += ["--host=" + str(login.params["host"])] if login.params.get("host") else []
    words += ["--port=%s" % login.params["port"], "--username=%s" % login.params["user"]]
    options = {"t": "Tar", "c": "Custom", "d": "Directory"}
    words += ["--format=" + (kind if dumping else options[kind])] if kind else []
    more = [args["dump_extra_args"]] if dumping and args["dump_extra_args"] else []
    more += [args["target_opts"]] if args["target_opts"] else []
    with login.environment() as (environment, descriptors):
        work = Transfer(host, path, words, more, target, kind, environment, descriptors, login.conninfo())
        line, ran = work.dump() if dumping else work.restore()
    rc, said, stderr = ran
    return {"changed": True, "msg": said, "cmd": line, "executed_commands": [line], "rc": rc, "stderr": stderr,
            "stderr_lines": stderr.splitlines()}


class Transfer(object):
    """The programs of a dump or a restore.

    ``words`` are shown, and ``more`` (texts of further arguments) as they were written; the connection's parameters are not.
    """

    def __init__(self, host, path, words, more, target, kind, environment, descriptors, conninfo):
        self.host = host
        self.shown = " ".join(map(shlex.quote, [path] + words)) + "".join(" %s " % text for text in more)
        self.target = target
        self.kind = kind
        self.more = {"env": environment, "pass_fds": descriptors, "cwd": "/"}
        # The connection string says it all; a database's name of its own would be taken for one.
        own = [word for word in words[1:] if not word.startswith(("--host=", "--port=", "--username="))]
        self.argv = [path, "-w", "--dbname=" + conninfo] + own + shlex.split(" ".join(more))

    def line(self, *words):
        return self.shown + "".join(words)

    def dump(self):
        packer = pipeline.compressor(self.host, self.target)
        if self.kind == "d":
            line = self.line(" -f ", shlex.quote(self.target))
            ran = self._run(self.argv + ["-f", self.target], line)
            return line, (ran.rc, "", ran.err)
        line = self.line(" | " + packer if packer else "", " > ", shlex.quote(self.target))
        commands = [self.argv] + ([[packer]] if packer else [])
        try:
            files.write_atomic(self.target, pipeline.Pipeline(self.host, commands, **self.more).chunks())
        except Failed as error:
            raise Failed(str(error), rc=error.result.get("rc", 1), cmd=line, stdout="", stdout_lines=[])
        return line, (0, "", "")

    def restore(self):
        packer = pipeline.compressor(self.host, self.target)
        quoted = shlex.quote(self.target)
        line = self.line({None: " --file=", "t": " < "}.get(self.kind, " "), quoted)
        if self.kind == "d":
            ran = self._run(self.argv + [self.target], line)
            return line, (ran.rc, "", ran.err)
        if not os.path.exists(self.target):
            raise Failed("psql: error: %s: No such file or directory\n" % self.target, rc=1, cmd=line, stdout="",
                         stdout_lines=[])
        argv = self.argv if self.kind else [self.argv[0], "-X"] + self.argv[1:]
        if not self.kind and not packer:
            # Its messages name the file.
            ran = self._run(argv + ["-f", self.target], line)
            return line, (ran.rc, ran.out, ran.err)
        argv += [] if self.kind else ["-f", "-"]
        with open(self.target, "rb") as source:
            commands = ([[packer, "-dc"]] if packer else []) + [argv]
            running = pipeline.Pipeline(self.host, commands, source=source, **self.more)
            try:
                said = b"".join(running.chunks()).decode("utf-8", "replace")
            except Failed as error:
                raise Failed(str(error), rc=error.result.get("rc", 1), cmd=line, stdout="", stdout_lines=[])
        return line, (0, said, running.notes)

    def _run(self, argv, line):
        ran = self.host.run(argv, ok=None, **self.more)
        if ran.rc != 0:
            raise Failed(ran.err, rc=ran.rc, cmd=line, stdout=ran.out, stdout_lines=ran.out.splitlines())
        return ran
