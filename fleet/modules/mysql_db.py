"""Create, remove, dump or import databases of MySQL and MariaDB, through the host's client programs."""

import contextlib
import os
import shlex

from fleet.remote import files, mysqlclient, mysqltext, pipeline, secretfile
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        mysqlclient.CONNECTION,
        name=Arg("list", elements="str", required=True, aliases=("db",),
                 help="The databases; `all` for a dump or an import of everything."),
        state=Arg(default="present", choices=("absent", "dump", "import", "present"),
                  help="Whether they should exist, or what to do with them."),
        encoding=Arg(default="", help="Character set of new databases, of a dump or of an imported file."),
        collation=Arg(default="", help="Collation of new databases."),
        target=Arg("path", help="The file of a dump or an import; `.gz`, `.bz2`, `.xz` and `.zst` are packed."),
        chdir=Arg("path", help="The folder that `target` is relative to."),
        single_transaction=Arg("bool", False, help="Dump in one transaction."),
        quick=Arg("bool", True, help="Dump tables row by row."),
        ignore_tables=Arg("list", elements="str", default=[], help="Tables a dump leaves out, as `database.table`."),
        hex_blob=Arg("bool", False, help="Dump binary columns as hexadecimal digits."),
        force=Arg("bool", False, help="Go on with a dump or an import after an SQL error."),
        master_data=Arg("int", 0, choices=(0, 1, 2),
                        help="Put the position of the binary log into a dump: 1 as statement, 2 as comment."),
        skip_lock_tables=Arg("bool", False, help="Dump without locking tables."),
        dump_extra_args=Arg(help="More arguments for the dump program."),
        use_shell=Arg("bool", False, help="Accepted; there is never a shell between the programs."),
        pipefail=Arg("bool", False, help="Accepted; a dump that fails is always a failure."),
        unsafe_login_password=Arg("bool", False, help="Accepted; passwords never pass through a shell."),
        restrict_config_file=Arg("bool", False, help="Dump and import read `config_file` and no other option file."),
        check_implicit_admin=Arg("bool", False, help="Try root without a password first."),
        config_overrides_defaults=Arg("bool", False,
                                      help="Host and port of `config_file` win over the defaults."),
        sql_log_bin=Arg("bool", True, help="Whether changes go to the binary log."),
    ),
    returns={
        "db": "The databases' names, separated by blanks.",
        "db_list": "The databases' names.",
        "executed_commands": "What was run.",
        "msg": "What the program of a dump or an import said.",
    },
)
EXAMPLES = """
- mysql_db: {name: shop, encoding: utf8mb4, login_unix_socket: /run/mysqld/mysqld.sock}
- mysql_db: {name: [shop, wiki], state: dump, target: /srv/backup/today.sql.zst, single_transaction: true}
- mysql_db: {name: shop, state: import, target: /srv/backup/shop.sql.gz}
"""


def run(host, args):
    names, state = args["name"], args["state"]
    check(args)
    session = mysqlclient.connect(host, args, prelude=mysqlclient.prelude(args))
    told = {"db": " ".join(names), "db_list": names}
    everything = names == ["all"]
    there = existing(session, names)
    if state in ("present", "absent"):
        return dict(told, **change(host, args, session, there))
    missing = [name for name in names if name not in there and not everything]
    if state == "dump" and missing:
        raise Failed("Cannot dump database(s) '%s' - not found" % ", ".join(missing))
    if host.check:
        return dict(told, changed=True)
    if state == "dump":
        return dict(told, **dump(host, args))
    done = run_all(session, statements(args, missing))
    ended = restore(host, args)
    return dict(told, changed=True, executed_commands=done + ended["executed_commands"], msg=ended["msg"])


def check(args):
    """Refuse what the declaration of arguments cannot. Raises Failed."""
    names, state = args["name"], args["state"]
    if names == ["all"] and state in ("present", "absent"):
        raise Failed("name is not allowed to equal 'all' unless state equals import, or dump.")
    if len(names) > 1 and state == "import":
        raise Failed("Multiple databases are not supported with state=import")
    if state in ("dump", "import") and args["target"] is None:
        raise Failed("with state=%s target is required" % state)


def existing(session, names):
    """Those of the databases that exist, as they were spelled."""
    listed, folded = session.run(["SHOW DATABASES", "SELECT @@lower_case_table_names"])
    there = {row[0] for row in listed.rows}
    if folded.rows[0][0] != "0":
        return [name for name in names if name.lower() in {found.lower() for found in there}]
    return [name for name in names if name in there]


def change(host, args, session, there):
    """Make databases be there or not be there."""
    present = args["state"] == "present"
    names = [name for name in args["name"] if (name in there) != present]
    told = {"changed": bool(names)}
    if host.diff and names:
        told["diff"] = {"before": "".join(name + "\n" for name in there),
                        "after": "".join(name + "\n" for name in (args["name"] if present else []))}
    if host.check:
        return told
    return dict(told, executed_commands=run_all(session, statements(args, names)))


def statements(args, names):
    """What creates or drops the databases. Pure."""
    if args["state"] == "absent":
        return ["DROP DATABASE %s" % mysqltext.identifier(name) for name in names]
    if "" in names:
        raise Failed("error creating database: Identifier name unspecified or unquoted trailing dot")
    more = " CHARACTER SET %s" % mysqltext.literal(args["encoding"]) if args["encoding"] else ""
    more += " COLLATE %s" % mysqltext.literal(args["collation"]) if args["collation"] else ""
    return ["CREATE DATABASE %s%s" % (mysqltext.identifier(name), more) for name in names]


def run_all(session, asked):
    try:
        if asked:
            session.run(asked)
    except mysqlclient.SqlError as error:
        verb = "deleting" if asked[0].startswith("DROP") else "creating"
        raise Failed("error %s database: %s" % (verb, error), changed=bool(error.done))
    return list(asked)


def place(args):
    return os.path.join(args["chdir"] or "", args["target"])


def login(args):
    """The arguments both programs get besides their option file. Pure."""
    words = ["--user=" + args["login_user"]] if args["login_user"] is not None else []
    later = ["--%s=%s" % pair for pair in (("ssl-cert", args["client_cert"]), ("ssl-key", args["client_key"]),
                                           ("ssl-ca", args["ca_cert"])) if pair[1] is not None]
    if args["login_unix_socket"]:
        return words, later + ["--socket=" + args["login_unix_socket"]]
    return words, later + ["--host=" + args["login_host"], "--port=%d" % args["login_port"]]


@contextlib.contextmanager
def option_file(args):
    """Yield the argument that names the option file, and its descriptor.

    It is the only one that is read, so it includes the usual ones; the password stands last and so it counts.
    """
    usual = [] if args["restrict_config_file"] else ["/etc/my.cnf", "/etc/mysql/my.cnf"]
    usual.append(args["config_file"])
    if not args["restrict_config_file"]:
        usual.append(os.path.expanduser("~/.my.cnf"))
    included = []
    for path in usual:
        if path and os.path.isfile(path) and path not in included:
            included.append(os.path.abspath(path))
    text = mysqltext.option_file({"password": args["login_password"]}, included)
    with secretfile.offered(text) as (path, descriptor):
        yield "--defaults-file=" + path, descriptor


def shown(args, program, words):
    """The command line as results show it: the user's option file, no password."""
    line = [program]
    if args["config_file"] and os.path.isfile(args["config_file"]):
        line.append("--defaults-%sfile=%s" % ("" if args["restrict_config_file"] else "extra-", args["config_file"]))
    user = login(args)[0]
    line += user
    if args["login_password"] is not None:
        line.append("--password=********")
    return line + words[len(user):]


def dump_words(args):
    """The arguments of the dump program. Pure."""
    user, where = login(args)
    words = user + (["--force"] if args["force"] else []) + where
    names = args["name"]
    words += ["--all-databases"] if names == ["all"] else (["--databases"] if len(names) > 1 else []) + names
    words += ["--skip-lock-tables"] if args["skip_lock_tables"] else []
    words += ["--default-character-set=" + args["encoding"]] if args["encoding"] else []
    words += ["--single-transaction=true"] if args["single_transaction"] else []
    words += ["--quick"] if args["quick"] else []
    words += ["--ignore-table=" + table for table in args["ignore_tables"]]
    words += ["--hex-blob"] if args["hex_blob"] else []
    words += ["--master-data=%d" % args["master_data"]] if args["master_data"] else []
    return words + shlex.split(args["dump_extra_args"] or "")


def dump(host, args):
    program = mysqlclient.program(host, ("mariadb-dump", "mysqldump"))
    target, words = place(args), dump_words(args)
    packer = pipeline.compressor(host, target)
    with option_file(args) as (option, descriptor):
        commands = [[program, option] + words] + ([[packer]] if packer else [])
        running = pipeline.Pipeline(host, commands, cwd=args["chdir"], pass_fds=(descriptor,))
        if os.path.exists(target) and not os.path.isfile(target):
            # A device or a FIFO is written to, not replaced.
            with open(target, "wb") as sink:
                sink.writelines(running.chunks())
        else:
            files.write_atomic(target, running.chunks())
    line = " ".join(map(shlex.quote, shown(args, program, words))).replace("'--password=********'", "--password=********")
    line += (" | %s" % packer if packer else "") + " > %s" % shlex.quote(args["target"])
    if packer and args["pipefail"]:
        line = "set -o pipefail && " + line
    return {"changed": True, "executed_commands": [line], "msg": ""}


def import_words(args):
    """The arguments of the client. Pure."""
    user, where = login(args)
    words = user + (["-f"] if args["force"] else []) + where
    words += ["--default-character-set=" + args["encoding"]] if args["encoding"] else []
    return words + (["--one-database", args["name"][0]] if args["name"] != ["all"] else [])


def restore(host, args):
    target = place(args)
    if not os.path.exists(target):
        raise Failed("target %s does not exist on the host" % args["target"])
    program, words = mysqlclient.program(host), import_words(args)
    packer = pipeline.compressor(host, target)
    quiet = [] if args["sql_log_bin"] else ["--init-command=SET SESSION sql_log_bin=0"]
    with option_file(args) as (option, descriptor), open(target, "rb") as source:
        commands = ([[packer, "-dc"]] if packer else []) + [[program, option] + quiet + words]
        running = pipeline.Pipeline(host, commands, source=source, cwd=args["chdir"], pass_fds=(descriptor,))
        said = b"".join(running.chunks()).decode("utf-8", "replace")
    line = shown(args, program, words)
    if packer:
        told = "%s -dc %s | %s" % (packer, args["target"], line)
    else:
        told = "%s < %s" % (" ".join(line), shlex.quote(args["target"]))
    return {"executed_commands": [told], "msg": said}
