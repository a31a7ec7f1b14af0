"""mysql_variables: told, compared by meaning, set as the server takes it."""

import pytest
from fake_mysql import FakeMySQL


def server(tmp_path, now, version="10.11.6-MariaDB", kept=()):
    rows = [] if now is None else [["name", now]]
    return FakeMySQL(
        tmp_path,
        {
            "SHOW GLOBAL VARIABLES": {"columns": ["Variable_name", "Value"], "rows": rows},
            "SELECT VERSION()": {"columns": ["v"], "rows": [[version]]},
            "SELECT VARIABLE_VALUE": {"columns": ["v"], "rows": [[value] for value in kept]},
            "SET GLOBAL `": {},
            "SET PERSIST": {},
        },
    )


def asked(fake):
    return [text for call in fake.calls for text in call[4] if text.startswith(("SET GLOBAL", "SET PERSIST"))]


SAME = [("ON", "1"), ("OFF", "off"), ("151", "151"), ("2.500000", "2.5"), ("text", "text"), ("ON", "yes")]


@pytest.mark.parametrize(("now", "value"), SAME)
def test_what_is_set_stays(tmp_path, now, value):
    fake = server(tmp_path, now)
    told = fake.run("mysql_variables", {"variable": "x", "value": value})
    assert told == {"changed": False, "msg": "Variable is already set to requested value."} and asked(fake) == []


CHANGED = [
    ("OFF", "1", "SET GLOBAL `x` = ON", "SET GLOBAL `x` = ON"),
    ("151", "160", "SET GLOBAL `x` = 160", "SET GLOBAL `x` = 160"),
    ("10.000000", "2.5", "SET GLOBAL `x` = 2.5", "SET GLOBAL `x` = 2.5"),
    ("a", "b'; DROP", "SET GLOBAL `x` = b'; DROP", "SET GLOBAL `x` = 'b\\'; DROP'"),
]


@pytest.mark.parametrize(("now", "value", "shown", "sent"), CHANGED)
def test_what_is_different_is_set(tmp_path, now, value, shown, sent):
    fake = server(tmp_path, now)
    told = fake.run("mysql_variables", {"variable": "x", "value": value}, diff=True)
    previous = "10.0" if now == "10.000000" else now
    assert told["changed"] and told["msg"] == f"Variable change succeeded prev_value={previous}"
    assert told["queries"] == [shown] and asked(fake) == [sent] and told["diff"]["before"] == previous + "\n"
    assert fake.run("mysql_variables", {"variable": "x", "value": value}, check=True)["changed"] and asked(fake) == []


def test_a_value_is_told(tmp_path):
    assert server(tmp_path, "OFF").run("mysql_variables", {"variable": "x"}) == {"changed": False, "msg": "OFF"}
    assert server(tmp_path, "10.000000").run("mysql_variables", {"variable": "x"})["msg"] == "10.000000"


def test_values_that_are_kept(tmp_path):
    fake = server(tmp_path, "160", "8.0.36", ["160"])
    assert not fake.run("mysql_variables", {"variable": "x", "value": "160", "mode": "persist"})["changed"]
    assert not fake.run("mysql_variables", {"variable": "x", "value": "160", "mode": "persist_only"})["changed"]
    fake.run("mysql_variables", {"variable": "a.b", "value": "161", "mode": "persist_only"})
    assert asked(fake) == ["SET PERSIST_ONLY `a`.`b` = 161"]


BAD = [
    ({"variable": "bad name"}, "x", 'invalid variable name "bad name"'),
    ({"variable": "x`"}, "x", 'invalid variable name "x`"'),
    ({"variable": "nope", "value": "1"}, None, 'Variable not available "nope"'),
    ({"variable": "x", "value": "1", "mode": "persist"}, "1", "Server version must be 8.0 or greater."),
    ({"value": "1"}, "1", "missing required arguments: variable"),
    ({"variable": "x", "mode": "y"}, "1", "value of mode must be one of: global, persist, persist_only, got: y"),
]


@pytest.mark.parametrize(("args", "now", "message"), BAD)
def test_bad_calls(tmp_path, args, now, message):
    assert message in server(tmp_path, now).run("mysql_variables", args)["msg"]


def test_what_the_server_refuses(tmp_path):
    fake = server(tmp_path, "3306")
    fake.answers["SET GLOBAL `port`"] = {"error": [1238, "Variable 'port' is a read only variable"]}
    told = fake.run("mysql_variables", {"variable": "port", "value": "1"})
    assert told["failed"] and told["msg"] == "(1238, \"Variable 'port' is a read only variable\")"


def test_without_the_client(monkeypatch):
    from run_module import run_module

    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package mariadb-client" in run_module("mysql_variables", {"variable": "a"})["msg"]
