"""Run queries on MySQL or MariaDB and give their rows back."""

import re
import time

from fleet.remote import mysqlclient, mysqltext, sqlargs
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        mysqlclient.CONNECTION,
        query=Arg("raw", required=True, help="The query, or a list of queries."),
        positional_args=Arg("list", help="Values for `%s` in the query."),
        named_args=Arg("dict", help="Values for `%(name)s` in the query."),
        login_db=Arg(help="The database to use."),
        single_transaction=Arg("bool", False, help="Run all queries in one transaction."),
        session_vars=Arg("dict", help="Session variables to set first."),
    ),
    exclusive=(("positional_args", "named_args"),),
    supports_check=False,
    returns={
        "executed_queries": "The queries with their values.",
        "query_result": "A list of rows for each query.",
        "rowcount": "How many rows each query gave or changed.",
        "execution_time_ms": "How long each query took.",
    },
)
EXAMPLES = """
- mysql_query: {login_db: shop, query: "SELECT id, name FROM items WHERE price > %s", positional_args: [100]}
- mysql_query: {login_db: shop, query: ["UPDATE a SET n = 1", "UPDATE b SET n = 1"], single_transaction: true}
"""
ALWAYS = ("CREATE", "DROP", "ALTER", "TRUNCATE", "RENAME", "GRANT", "REVOKE")
"""Statements that change something, whatever count of rows they report."""
ROWS = ("SELECT", "WITH", "TABLE", "VALUES")
BODIES = ("CREATE", "ALTER", "BEGIN", "DECLARE")
"""Statements that hold others."""
COUNTED = ("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD")
NUMBERS = {"TINY": int, "SHORT": int, "LONG": int, "INT24": int, "LONGLONG": int, "YEAR": int, "FLOAT": float,
           "DOUBLE": float, "NEWDECIMAL": float, "DECIMAL": float}
TIMES = ("DATETIME", "TIMESTAMP")


def run(host, args):
    if args["positional_args"] and args["named_args"]:
        raise Failed("parameters are mutually exclusive: positional_args|named_args")
    asked = [sqlargs.filled(query, args["positional_args"], args["named_args"], mysqltext.literal)
             for query in sqlargs.queries(args["query"])]
    check(asked)
    # The server's own sql_mode holds for a user's queries; only values put in here need a known quoting.
    plain = mysqlclient.prelude(args)[1:]
    quoting = "SET SESSION sql_mode=REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', '')"
    session = mysqlclient.connect(host, args, database=args["login_db"], prelude=[quoting] + plain, hint=True)
    around = (["START TRANSACTION"], ["COMMIT"]) if args["single_transaction"] else ([], [])
    started = time.monotonic()
    try:
        found = session.run(around[0] + asked + around[1])[len(around[0]):][:len(asked)]
    except mysqlclient.SqlError as error:
        index = min(max(len(error.done) - len(around[0]), 0), len(asked) - 1)
        raise Failed("Cannot execute SQL '%s' args [%s]: %s" % (
            sqlargs.queries(args["query"])[index], args["positional_args"] or args["named_args"], error))
    took = round((time.monotonic() - started) * 1000 / max(len(asked), 1), 4)
    words = list(map(sqlargs.first_word, asked))
    counts = [len(result.rows) if result.columns else max(result.count, 0) for result in found]
    return {
        "changed": any(word in ALWAYS or (word in COUNTED and count) for word, count in zip(words, counts)),
        "executed_queries": asked,
        "query_result": [rows(session, query, word, result) for query, word, result in zip(asked, words, found)],
        "rowcount": counts,
        "execution_time_ms": [took] * len(asked),
    }


def check(queries):
    """Refuse several statements in one text, as the server does without a list. Raises Failed."""
    for query in queries:
        if not query.strip():
            # The client passes over it.
            raise Failed("Cannot execute SQL '%s' args [None]: (1065, 'Query was empty')" % query)
        if not sqlargs.is_one(query) and sqlargs.first_word(query) not in BODIES:
            raise Failed("Cannot execute SQL '%s' args [None]: (1064, 'a query is one statement; several are given as a "
                         "list')" % query)


def rows(session, query, word, result):
    if not result.rows:
        return []
    if word == "SHOW" and re.search(r"\b(VARIABLES|STATUS)\b", query, re.I):
        return typed(result, ["TEXT"] * len(result.columns))
    return typed(result, types(session, query, word))


def types(session, query, word):
    """The server's types of a query's columns, or None where it does not tell them without running it again."""
    if word not in ROWS or not sqlargs.is_one(query):
        return None
    try:
        return session.column_types("SELECT * FROM (%s) fleet LIMIT 0" % sqlargs.unended(query))
    except mysqlclient.SqlError:
        # Columns of the same name, or what a subquery may not hold.
        return None


def typed(result, kinds):
    """Rows as dicts, numbers as numbers. Pure."""
    kinds = kinds if kinds and len(kinds) == len(result.columns) else None
    rows = []
    for row in result.rows:
        values = {}
        for index, (name, text) in enumerate(zip(result.columns, row)):
            # A second column of the same name gets a dot in front, as PyMySQL has it.
            values["." + name if name in values else name] = value(text, kinds[index] if kinds else None)
        rows.append(values)
    return rows


def value(text, kind):
    if text is None:
        return None
    if kind in NUMBERS:
        return NUMBERS[kind](text)
    if kind in TIMES:
        return text.replace(" ", "T")
    if kind is None and re.match(r"^-?(0|[1-9]\d{0,17})$", text):
        return int(text)
    return text
