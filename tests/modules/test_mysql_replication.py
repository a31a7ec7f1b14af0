"""mysql_replication: statements in the words of the server, its refusals told or passed over, no password shown."""

import json

import pytest
from fake_mysql import FakeMySQL

MARIADB, OLD, MYSQL, MYSQL_9 = "10.11.6-MariaDB-0+deb12u1", "10.3.39-MariaDB", "8.0.36", "9.1.0"
BEGINNINGS = ("CHANGE", "START", "STOP", "RESET")


def server(tmp_path, version=MARIADB, **answers):
    told = {"SELECT VERSION()": {"columns": ["v"], "rows": [[version]]}, **dict.fromkeys(BEGINNINGS, {})}
    return FakeMySQL(tmp_path, {**told, **answers})


CHANGES = [
    ({"primary_host": "h", "primary_port": 3307, "master_user": "r"}, MARIADB,
     "CHANGE MASTER TO MASTER_HOST='h',MASTER_USER='r',MASTER_PORT=3307"),
    ({"primary_use_gtid": "disabled", "connection_name": "o'b"}, MARIADB,
     r"CHANGE MASTER 'o\'b' TO MASTER_USE_GTID=no"),
    ({"primary_use_gtid": "replica_pos", "primary_ssl": True, "primary_ssl_verify_server_cert": False}, OLD,
     "CHANGE MASTER TO MASTER_SSL=1,MASTER_SSL_VERIFY_SERVER_CERT=0,MASTER_USE_GTID=replica_pos"),
    ({"relay_log_file": "", "relay_log_pos": 0, "primary_delay": 0}, MARIADB,
     "CHANGE MASTER TO MASTER_DELAY=0,RELAY_LOG_FILE='',RELAY_LOG_POS=0"),
    ({"primary_auto_position": True, "channel": "c", "primary_host": "h"}, MYSQL,
     "CHANGE REPLICATION SOURCE TO SOURCE_HOST='h',SOURCE_AUTO_POSITION=1 FOR CHANNEL 'c'"),
    ({"primary_host": "h"}, "8.0.22", "CHANGE MASTER TO MASTER_HOST='h'"),
    ({"primary_host": "h", "mode": "changereplication"}, MARIADB, "CHANGE REPLICATION SOURCE TO SOURCE_HOST='h'"),
    ({"primary_user": "a\\", "primary_log_file": "x'; DROP"}, MARIADB,
     r"CHANGE MASTER TO MASTER_USER='a\\',MASTER_LOG_FILE='x\'; DROP'"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "version", "statement"), CHANGES)
def test_a_replica_is_told_its_primary(tmp_path, args, version, statement):
    fake = server(tmp_path, version)
    told = fake.run("mysql_replication", {"mode": "changeprimary", **args})
    assert told == {"changed": True, "queries": [statement]} and fake.changes == [statement]


def test_a_password_goes_to_the_server_only(tmp_path):
    fake = server(tmp_path)
    args = {"mode": "changeprimary", "primary_host": "h", "primary_password": "pa'ss"}
    told = fake.run("mysql_replication", args)
    assert told["queries"] == ["CHANGE MASTER TO MASTER_HOST='h',MASTER_PASSWORD='********'"]
    assert fake.changes == [r"CHANGE MASTER TO MASTER_HOST='h',MASTER_PASSWORD='pa\'ss'"]
    for _, argv, environment, options, _ in fake.calls:
        assert "pa" + "'ss" not in str(argv) + str(environment) + options + json.dumps(told)
    fake.answers["CHANGE"] = {"error": [1198, "running"]}
    told = fake.run("mysql_replication", {**args, "connection_name": "r"})
    shown = ["MASTER_HOST='h'", "MASTER_PASSWORD='********'"]
    assert told["failed"] and told["msg"] == f"(1198, 'running'). Query == CHANGE MASTER TO {shown}"


VERBS = [
    ("startreplica", {}, MARIADB, "START REPLICA", "Replica started "),
    ("startreplica", {"connection_name": "r"}, OLD, "START SLAVE 'r'", "Replica started "),
    ("stopreplica", {"channel": "c"}, MYSQL, "STOP REPLICA FOR CHANNEL 'c'", "Replica stopped"),
    ("stopreplica", {}, "8.0.21", "STOP SLAVE", "Replica stopped"),
    ("resetreplica", {"connection_name": "r"}, MARIADB, "RESET REPLICA 'r'", "Replica reset"),
    ("resetreplicaall", {"connection_name": "r"}, MARIADB, "RESET REPLICA 'r' ALL", "Replica reset"),
    ("resetreplicaall", {"channel": "c"}, MYSQL, "RESET REPLICA ALL FOR CHANNEL 'c'", "Replica reset"),
    ("resetprimary", {}, MARIADB, "RESET MASTER", "Primary reset"),
    ("resetprimary", {}, MYSQL_9, "RESET BINARY LOGS AND GTIDS", "Primary reset"),
]


@pytest.mark.parametrize(("mode", "args", "version", "statement", "msg"), VERBS)
def test_one_statement(tmp_path, mode, args, version, statement, msg):
    fake = server(tmp_path, version)
    told = fake.run("mysql_replication", {"mode": mode, **args})
    assert told == {"changed": True, "msg": msg, "queries": [statement]} and fake.changes == [statement]


REFUSED = [
    ("startreplica", "Replica already started (Or cannot be started)", "START REPLICA"),
    ("stopreplica", "Replica already stopped", "STOP REPLICA"),
    ("resetreplica", "Replica already reset", "RESET REPLICA"),
    ("resetprimary", "Primary already reset", "RESET MASTER"),
]


@pytest.mark.parametrize(("mode", "msg", "statement"), REFUSED)
def test_what_the_server_refuses(tmp_path, mode, msg, statement):
    fake = server(tmp_path, **{statement.split()[0]: {"error": [1200, "no"]}})
    told = fake.run("mysql_replication", {"mode": mode})
    assert told == {"changed": False, "msg": msg, "queries": [statement]}
    told = fake.run("mysql_replication", {"mode": mode, "fail_on_error": True})
    assert told["failed"] and told["msg"] == f"{statement} failed: (1200, 'no')"


STATUS = [
    ("getprimary", {}, MARIADB, "SHOW MASTER STATUS", "Is_Primary"),
    ("getprimary", {}, MYSQL_9, "SHOW BINARY LOG STATUS", "Is_Primary"),
    ("getreplica", {"connection_name": "r"}, MARIADB, "SHOW REPLICA 'r' STATUS", "Is_Replica"),
    ("getreplica", {"channel": "c"}, MYSQL, "SHOW REPLICA STATUS FOR CHANNEL 'c'", "Is_Replica"),
    ("getreplica", {}, OLD, "SHOW SLAVE STATUS", "Is_Replica"),
]


@pytest.mark.parametrize(("mode", "args", "version", "statement", "key"), STATUS)
def test_a_status(tmp_path, mode, args, version, statement, key):
    row = {"columns": ["File", "Position", "Gtid"], "rows": [["bin.1", "325", None]]}
    told = server(tmp_path, version, **{statement: row}).run("mysql_replication", {"mode": mode, **args})
    assert told == {"changed": False, "queries": [], key: True, "File": "bin.1", "Position": 325, "Gtid": None}
    told = server(tmp_path, version, **{statement: {}}).run("mysql_replication", {"mode": mode, **args})
    role = {"Is_Primary": "primary. Meaning: Binary logs are disabled", "Is_Replica": "replica"}[key]
    assert told == {"changed": False, "queries": [], key: False, "msg": f"Server is not configured as mysql {role}"}


BAD = [
    ({"mode": "nonsense"}, "value of mode must be one of: getprimary, getreplica, changeprimary"),
    ({"connection_name": "a", "channel": "b"}, "parameters are mutually exclusive: connection_name|channel"),
    ({"primary_use_gtid": "x"}, "value of primary_use_gtid must be one of: current_pos, replica_pos, disabled, got: x"),
    ({"primary_port": "x"}, "unable to convert to int"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(tmp_path, args, message):
    told = server(tmp_path).run("mysql_replication", args)
    assert told["failed"] and message in told["msg"]


def test_without_the_client(monkeypatch):
    from run_module import run_module

    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package mariadb-client" in run_module("mysql_replication", {})["msg"]
