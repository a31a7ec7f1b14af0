"""mysql_query and postgresql_query: values put in, rows with the server's types, what counts as a change."""

import pytest
from fake_mysql import FakeMySQL
from fake_postgresql import FakePostgreSQL

from fleet.modules import mysql_query, postgresql_query
from fleet.remote import mysqltext, pgclient, sqlargs
from fleet.remote.host import Failed
from fleet.remote.mysqlclient import Result

FILLED = [
    ("a = %s and b = %s", [1, "it's"], None, "a = 1 and b = 'it\\'s'"),
    ("a = %(x)s or b = %(x)s", None, {"x": None}, "a = NULL or b = NULL"),
    ("a like '10%%' and b = %s", ["%s"], None, "a like '10%' and b = '%s'"),
    ("a like '10%'", None, None, "a like '10%'"),
]


@pytest.mark.parametrize(("query", "positional", "named", "text"), FILLED)
def test_values_are_put_in(query, positional, named, text):
    assert sqlargs.filled(query, positional, named, mysqltext.literal) == text


BAD_VALUES = [
    ("%s %s", [1], None, "more places than positional_args"),
    ("%s", [1, 2], None, "fewer places than positional_args"),
    ("%(y)s", None, {"x": 1}, "named_args has no value for y"),
    ("10%d", [1], None, "unsupported format character 'd'"),
]


@pytest.mark.parametrize(("query", "positional", "named", "message"), BAD_VALUES)
def test_values_that_do_not_fit(query, positional, named, message):
    with pytest.raises(Failed, match=message):
        sqlargs.filled(query, positional, named, mysqltext.literal)


ONE = [
    "select 1",
    "select 1;",
    "select ';' -- a; b",
    "select $$;$$",
    "select $x$ ; $$ ; $x$ /* ; */",
    'select ";"',
    "select `;`",
]


@pytest.mark.parametrize("query", ONE)
def test_one_statement(query):
    assert sqlargs.is_one(query) and not sqlargs.is_one(query + "\n; select 2")


def test_first_words():
    queries = ["(select 1)", "-- c\n/* d */ Select", "", "1"]
    assert [sqlargs.first_word(query) for query in queries] == ["SELECT", "SELECT", "", ""]


@pytest.fixture
def mysql(tmp_path):
    rows = {"columns": ["a", "b", "a"], "rows": [["1", "2", "3"], [None, "x", "4"]]}
    return FakeMySQL(tmp_path, {"select": rows, "SELECT * FROM": {}, "update": {}, "create": {}, "START": {}, "COMMIT": {},
                                "types": ["LONG", "VAR_STRING", "NEWDECIMAL"]})  # fmt: skip


def test_rows_of_mysql(mysql):
    args = {"query": ["select %s", "update %s"], "positional_args": ["'"], "single_transaction": True}
    told = mysql.run("mysql_query", args)
    assert (
        told["executed_queries"] == ["select '\\''", "update '\\''"] and told["rowcount"] == [2, 1] and told["changed"]
    )
    assert told["query_result"] == [[{"a": 1, "b": "2", ".a": 3.0}, {"a": None, "b": "x", ".a": 4.0}], []]
    assert len(told["execution_time_ms"]) == 2
    statements = mysql.calls[0][4]
    assert statements[1:] == ["START TRANSACTION", "select '\\''", "update '\\''", "COMMIT"]
    assert not mysql.run("mysql_query", {"query": "select 1"})["changed"]
    assert mysql.run("mysql_query", {"query": "create table t(a int)"})["changed"]


def test_types_that_are_not_known():
    result = Result(["a", "b"], [["12", "012"]])
    assert mysql_query.typed(result, None) == [{"a": 12, "b": "012"}]
    assert mysql_query.typed(result, ["TEXT", "DATETIME"]) == [{"a": "12", "b": "012"}]
    assert mysql_query.value("2020-01-02 03:04:05", "DATETIME") == "2020-01-02T03:04:05"


BAD_MYSQL = [
    ({"query": 5}, "the query option value must be a string or list, passed <class 'int'>"),
    ({"query": [5]}, "the elements in query list must be strings"),
    ({"query": "select 1; select 2"}, "a query is one statement"),
    ({"query": "nonsense"}, "Cannot execute SQL 'nonsense' args [None]: (1064, "),
    ({"query": "x", "positional_args": [1], "named_args": {"a": 1}}, "mutually exclusive: positional_args|named_args"),
    ({}, "missing required arguments: query"),
]


@pytest.mark.parametrize(("args", "message"), BAD_MYSQL)
def test_bad_calls_of_mysql(mysql, args, message):
    told = mysql.run("mysql_query", args)
    assert told["failed"] and message in told["msg"]


F, R = pgclient.FIELD, pgclient.RECORD
PRINTED = [
    ("select 1", f'fleet_json{R}{{"a":1,"b":null}}', ([{"a": 1, "b": None}], "SELECT 1", 1)),
    ("with a as (select 1) insert into t select 1", "INSERT 0 3\n", ([], "INSERT 0 3", 3)),
    ("with a as (select 1) delete from t returning a", f'fleet_json{R}{{"a":1}}', ([{"a": 1}], "DELETE 1", 1)),
    ("select 1 where false", "fleet_json", ([], "SELECT 0", 0)),
    ("delete from t returning a", f'fleet_json{R}{{"a":1}}{R}{{"a":2}}', ([{"a": 1}, {"a": 2}], "DELETE 2", 2)),
    ("insert into t values (1)", "INSERT 0 1\n", ([], "INSERT 0 1", 1)),
    ("update t set a = 1", "UPDATE 4\n", ([], "UPDATE 4", 4)),
    ("create table t(a int)", "CREATE TABLE\n", ([], "CREATE TABLE", 0)),
    ("show x", f"x{R}UTF8\n", ([{"x": "UTF8"}], "SHOW", 1)),
    (
        "explain select 1",
        f"QUERY PLAN{R}Result{R}  a\n",
        ([{"QUERY PLAN": "Result"}, {"QUERY PLAN": "  a"}], "EXPLAIN", 2),
    ),
    ("select 1 a; select 2 b, 3 c", f"b{F}c{R}2{F}3\n", ([{"b": "2", "c": "3"}], "SELECT 1", 1)),
]


@pytest.mark.parametrize(("query", "text", "result"), PRINTED)
def test_what_psql_prints(query, text, result):
    assert postgresql_query.result(query, text) == result


WRAPPED = [
    ("select 1 -- x", "SELECT row_to_json(fleet) AS fleet_json FROM (select 1 -- x\n) AS fleet"),
    (
        "with a as (select 1) select 2;",
        "SELECT row_to_json(fleet) AS fleet_json FROM (with a as (select 1) select 2\n) AS fleet",
    ),
    ("select 1 into t", None),
    (
        "with a as (delete from t returning a) -- gone\nselect * from a;",
        "with a as (delete from t returning a) -- gone\n\n, fleet AS (select * from a\n)"
        " SELECT row_to_json(fleet) AS fleet_json FROM fleet",
    ),
    (
        "with a as (select 1) insert into t select * from a returning b",
        "with a as (select 1) \n, fleet AS (insert into t select * from a returning b\n)"
        " SELECT row_to_json(fleet) AS fleet_json FROM fleet",
    ),
    ("with a as (select 1) insert into t select * from a", None),
    ("with a as (delete from t returning a) select * into u from a", None),
    ("select 'delete from'", "SELECT row_to_json(fleet) AS fleet_json FROM (select 'delete from'\n) AS fleet"),
    (
        "delete from t returning a",
        "WITH fleet AS (delete from t returning a\n) SELECT row_to_json(fleet) AS fleet_json FROM fleet",
    ),
    ("delete from t", None),
    ("select 1; select 2", None),
    ("vacuum t", None),
]


@pytest.mark.parametrize(("query", "text"), WRAPPED)
def test_which_queries_are_wrapped(query, text):
    assert postgresql_query.wrapped(query) == (text or query)


def test_arrays():
    assert postgresql_query.literal([1, "a\"b'", None, [True]]) == " E'{1, \"a\\\\\"b''\", NULL, {true}}'"
    assert postgresql_query.literal({"a": 1}) == "'{\"a\": 1}'"


@pytest.fixture
def postgresql(tmp_path):
    return FakePostgreSQL(tmp_path, {"clock_timestamp": [f"c{R}1000.5"], "fleet_json": [f'fleet_json{R}{{"a":1}}'],
                                     "update": ["UPDATE 2"], "vacuum": ["VACUUM"]})  # fmt: skip


def test_rows_of_postgresql(postgresql):
    args = {"login_db": "d", "query": ["select %(x)s", "update t"], "named_args": {"x": "a'b"}, "search_path": ["s"]}
    told = postgresql.run("postgresql_query", args)
    assert told["changed"] and told["query_all_results"] == [[{"a": 1}], {}] and told["query_result"] == {}
    assert told["query_list"] == args["query"] and told["query"] == "update t" and told["rowcount"] == 3
    assert told["statusmessage"] == "UPDATE 2" and told["execution_time_ms"] == [0.0, 0.0]
    changes = [text for text in postgresql.changes if "clock" not in text]
    assert changes == ["BEGIN", 'SET search_path TO "s"', "update t", "COMMIT"]
    postgresql.run("postgresql_query", args, check=True)
    assert postgresql.changes[-1] == "ROLLBACK"
    told = postgresql.run("postgresql_query", {"query": "vacuum t", "autocommit": True})
    assert told["changed"] and "BEGIN" not in postgresql.changes
    assert not postgresql.run("postgresql_query", {"query": "select 1"})["changed"]


BAD_POSTGRESQL = [
    ({}, "missing required arguments: query"),
    ({"query": ""}, "can't execute an empty query"),
    ({"query": {"a": 1}}, "the query option value must be a string or list"),
    ({"query": "x", "positional_args": [1], "named_args": {"a": 1}}, "mutually exclusive: positional_args|named_args"),
    ({"query": "nonsense"}, "Cannot execute SQL 'nonsense' None: syntax error\n, query list: ['nonsense']"),
]


@pytest.mark.parametrize(("args", "message"), BAD_POSTGRESQL)
def test_bad_calls_of_postgresql(postgresql, args, message):
    postgresql.answers["nonsense"] = "syntax error"
    told = postgresql.run("postgresql_query", args)
    assert told["failed"] and message in told["msg"]
    told = postgresql.run("postgresql_query", {"query": "vacuum", "autocommit": True}, check=True)
    assert told["msg"] == "Using autocommit is mutually exclusive with check_mode"


@pytest.mark.parametrize(
    ("module", "package"), [("mysql_query", "mariadb-client"), ("postgresql_query", "postgresql-client")]
)
def test_without_the_client(monkeypatch, module, package):
    from run_module import run_module

    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    monkeypatch.setattr(pgclient.glob, "glob", lambda _: [])
    assert f"install the package {package}" in run_module(module, {"query": "select 1"})["msg"]


def test_queries_of_nothing(tmp_path):
    fake = FakeMySQL(tmp_path, {})
    told = fake.run("mysql_query", {"query": []})
    assert not told["changed"] and told["query_result"] == told["rowcount"] == told["execution_time_ms"] == []
    assert (
        fake.run("mysql_query", {"query": " "})["msg"]
        == "Cannot execute SQL ' ' args [None]: (1065, 'Query was empty')"
    )
