"""Run queries on a PostgreSQL database and give their rows back."""

import json
import re

from fleet.remote import pgclient, pgtext, sqlargs
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        pgclient.CONNECTION,
        query=Arg("raw", help="The query, or a list of queries."),
        positional_args=Arg("list", elements="raw", help="Values for `%s` in the query; a list becomes an array."),
        named_args=Arg("dict", help="Values for `%(name)s` in the query."),
        login_db=Arg(aliases=("db",), help="The database to connect to."),
        search_path=Arg("list", elements="str", help="Schemas to look in."),
        autocommit=Arg("bool", False, help="Run outside of a transaction, as VACUUM has to."),
        encoding=Arg(help="Accepted; texts are exchanged as UTF-8."),
        session_role=pgclient.SESSION_ROLE,
        trust_input=pgclient.TRUST,
    ),
    exclusive=(("positional_args", "named_args"),),
    returns={
        "query": "The last query with its values.",
        "query_list": "The queries.",
        "query_result": "The rows of the last query.",
        "query_all_results": "The rows of each query.",
        "statusmessage": "What the server said of the last query.",
        "rowcount": "How many rows the queries gave or changed.",
        "execution_time_ms": "How long each query took.",
    },
)
EXAMPLES = """
- postgresql_query: {login_db: shop, query: "SELECT id, name FROM items WHERE price > %s", positional_args: [100]}
  become: true
  become_user: postgres
- postgresql_query: {login_db: shop, query: "VACUUM ANALYZE items", autocommit: true}
  become: true
  become_user: postgres
"""
ROWS = ("SELECT", "VALUES", "TABLE")
COUNTED = ("INSERT", "UPDATE", "DELETE", "MERGE")
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|INTO)\b", re.I)
CLOCK = "SELECT extract(epoch FROM clock_timestamp()) * 1000"
NO_ROWS = {}
"""What Ansible's module gives for a query without rows."""


def run(host, args):
    if args["query"] is None:
        raise Failed("missing required arguments: query")
    if args["positional_args"] and args["named_args"]:
        raise Failed("parameters are mutually exclusive: positional_args|named_args")
    if args["autocommit"] and host.check:
        raise Failed("Using autocommit is mutually exclusive with check_mode")
    pgtext.check_input(args, ("session_role",))
    listed = sqlargs.queries(args["query"])
    asked = [sqlargs.filled(query, args["positional_args"], args["named_args"], literal) for query in listed]
    if not all(query.strip() for query in asked):
        raise Failed("Cannot execute SQL '' None: can't execute an empty query, query list: %s" % listed)
    session = pgclient.Session(host, args, args["login_db"] or "", args["session_role"])
    found = answers(host, args, session, listed, asked)
    return told(args, listed, asked, found)


def literal(value):
    """A value of an argument; lists become arrays, dicts JSON."""
    if isinstance(value, list):
        return pgtext.literal(array(value))
    if isinstance(value, dict):
        return pgtext.literal(json.dumps(value))
    return pgtext.literal(value)


def array(values):
    """A list as PostgreSQL writes arrays: ``{1, 2}``."""
    return "{%s}" % ", ".join(
        array(value) if isinstance(value, list) else "NULL" if value is None
        else json.dumps(value) if isinstance(value, bool) or not isinstance(value, str)
        else '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"') for value in values)


def answers(host, args, session, listed, asked):
    """(milliseconds, text) of each query. Raises Failed."""
    before = []
    if args["search_path"]:
        before.append("SET search_path TO %s" % ",".join(map(pgtext.identifier, args["search_path"])))
    transaction = None if args["autocommit"] else "rollback" if host.check else "commit"
    for wrap in (wrapped, str):
        steps = list(before)
        for query in asked:
            steps += [CLOCK, wrap(query), CLOCK]
        try:
            texts = session.run(steps, transaction, table=True)[len(before):]
        except pgclient.SqlError as error:
            if wrap is wrapped and transaction and steps[error.index] not in asked:
                # Nothing was kept. Once more as they were written, for a message about what was written.
                continue
            index = max(error.index - len(before), 0) // 3
            shown = args["named_args"] or [array(value) if isinstance(value, list) else value
                                           for value in args["positional_args"] or ()] or None
            raise Failed("Cannot execute SQL '%s' %s: %s, query list: %s" % (listed[index], shown, error.text, listed))
        clock = [float(text.split(pgclient.RECORD)[1]) for text in texts[0::3]], \
                [float(text.split(pgclient.RECORD)[1]) for text in texts[2::3]]
        return [(round(end - start, 4), text) for start, end, text in zip(clock[0], clock[1], texts[1::3])]


def wrapped(query):
    """The query so that its rows come as JSON, with the types the server knows; others as they are."""
    if not sqlargs.is_one(query):
        return query
    start, main = sqlargs.parted(query)
    word, bare = sqlargs.first_word(main), sqlargs.bare(main)
    if word in ROWS and not WRITES.search(sqlargs.bare(query)):
        return "SELECT row_to_json(fleet) AS fleet_json FROM (%s) AS fleet" % sqlargs.unended(query)
    if word in ROWS and not WRITES.search(bare) or word in COUNTED and re.search(r"\bRETURNING\b", bare, re.I):
        # What writes may stand nowhere but in front.
        named = "%s\n, fleet" % start if start else "WITH fleet"
        return "%s AS (%s) SELECT row_to_json(fleet) AS fleet_json FROM fleet" % (named, sqlargs.unended(main))
    return query


def result(query, text):
    """(rows, status, count) of what psql printed for a query. Pure."""
    word = sqlargs.first_word(sqlargs.parted(query)[1])
    parts = text.rstrip("\n").split(pgclient.RECORD)
    columns = parts[0].split(pgclient.FIELD)
    if columns == ["fleet_json"]:
        rows = [json.loads(part) for part in parts[1:]]
    elif len(parts) > 1 or word in ("SHOW", "EXPLAIN", "FETCH") + ROWS:
        last = parts[-1].rpartition("\n")
        if re.match(r"^[A-Z][A-Z ]*( \d+)*$", last[2]) and last[1]:
            # Rows of RETURNING are followed by the command's own tag.
            parts[-1] = last[0]
        rows = [dict(zip(columns, part.split(pgclient.FIELD))) for part in parts[1:]]
    else:
        status = text.strip().splitlines()[-1] if text.strip() else word
        count = re.search(r"(\d+)$", status)
        return [], status, int(count.group(1)) if count else 0
    status = "SELECT" if word in ROWS else word
    if status not in ("SHOW", "EXPLAIN"):
        status += " 0 %d" % len(rows) if status == "INSERT" else " %d" % len(rows)
    return rows, status, len(rows)


def told(args, listed, asked, found):
    results = [result(query, text) for query, (_, text) in zip(asked, found)]
    changed = False
    for _, status, count in results:
        word = status.split(" ")[0]
        changed = changed or (count > 0 if word in COUNTED else word not in ("SELECT", "SHOW"))
    return {
        "changed": changed,
        "query": asked[-1],
        "query_list": listed,
        "query_result": results[-1][0] or NO_ROWS,
        "query_all_results": [rows or NO_ROWS for rows, _, _ in results],
        "statusmessage": results[-1][1],
        "rowcount": sum(count for _, _, count in results),
        "execution_time_ms": [took for took, _ in found],
    }
