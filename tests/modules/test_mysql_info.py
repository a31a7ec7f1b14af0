"""mysql_info: what is asked for, in the shape that playbooks read."""

import pytest
from fake_mysql import FakeMySQL

from fleet.modules import mysql_info


def table(*rows):
    return {"columns": list(rows[0]) if rows else ["x"], "rows": [list(row.values()) for row in rows]}


ACCOUNT = {"Host": "%", "User": "bob", "plugin": "mysql_native_password", "authentication_string": "*A", "ssl_type": "ANY",
           "max_questions": "3", "max_statement_time": "0.000000", "Select_priv": "N"}  # fmt: skip


@pytest.fixture
def fake(tmp_path):
    return FakeMySQL(
        tmp_path,
        {
            "SELECT VERSION()": table({"v": "10.11.6-MariaDB-0+deb12u1"}),
            "SELECT table_schema": table({"a": "shop", "b": "16384", "c": "2"}),
            "SHOW DATABASES": table({"Database": "shop"}, {"Database": "empty"}),
            "SHOW GLOBAL VARIABLES": table({"a": "port", "b": "3306"}, {"a": "ratio", "b": "1.500000"}),
            "SHOW GLOBAL STATUS": table({"a": "Uptime", "b": "7"}),
            "SHOW ENGINES": table({"Engine": "InnoDB", "Support": "DEFAULT"}),
            "SELECT * FROM mysql.user": table(ACCOUNT),
            "SELECT Host, User, Priv": table({"Host": "%", "User": "bob", "Priv": '{"account_locked": true}'}),
            "SHOW GRANTS": table(
                {"g": "GRANT USAGE ON *.* TO `bob`@`%`"}, {"g": "GRANT SELECT ON `d`.* TO `bob`@`%` WITH GRANT OPTION"}
            ),
            "SHOW MASTER STATUS": table({"File": "bin.1", "Position": "769"}),
            "SHOW ALL SLAVES STATUS": table(
                {"Master_Host": "h", "Master_Port": "3306", "Master_User": "r", "Last_Errno": "0"}
            ),
            "SHOW SLAVE HOSTS": table({"Server_id": "2", "Host": "", "Port": "3306"}),
        },
    )


EXPECTED = {
    "version": {"full": "10.11.6-MariaDB-0+deb12u1", "major": 10, "minor": 11, "release": 6, "suffix": "MariaDB-0+deb12u1"},
    "databases": {"shop": {"size": 16384, "tables": 2}},
    "settings": {"port": 3306, "ratio": "1.500000"},
    "global_status": {"Uptime": 7},
    "engines": {"InnoDB": {"Support": "DEFAULT"}},
    "users": {"%": {"bob": {"plugin": "mysql_native_password", "authentication_string": "*A", "ssl_type": "ANY",
                            "max_questions": 3, "max_statement_time": 0.0, "Select_priv": "N"}}},
    "users_info": [{"name": "bob", "host": "%", "plugin": "mysql_native_password", "plugin_auth_string": "*A",
                    "plugin_hash_string": "*A", "locked": True, "priv": "d.*:SELECT,GRANT",
                    "resource_limits": {"MAX_QUERIES_PER_HOUR": 3}, "tls_requires": {"SSL": None}}],
    "master_status": {"File": "bin.1", "Position": 769},
    "slave_status": {"h": {3306: {"r": {"Master_Host": "h", "Master_Port": 3306, "Master_User": "r", "Last_Errno": 0}}}},
    "slave_hosts": {2: {"Host": "", "Port": 3306}},
}  # fmt: skip


def test_everything(fake):
    told = fake.run("mysql_info", {}, check=True)
    assert {name: told[name] for name in EXPECTED} == EXPECTED and not told["changed"] and fake.changes == []
    assert (told["server_engine"], told["connector_name"], told["connector_version"]) == ("MariaDB", "mariadb", "10.11")


def test_what_is_asked_for(fake):
    told = fake.run("mysql_info", {"filter": "databases", "exclude_fields": ["db_size"], "return_empty_dbs": True})
    assert told["databases"] == {"shop": {"tables": 2}, "empty": {"tables": 0}} and "settings" not in told
    told = fake.run("mysql_info", {"filter": "databases", "exclude_fields": ["db_table_count"]})
    assert told["databases"] == {"shop": {"size": 16384}}
    assert mysql_info.chosen(["!settings", "version"]) == ["version"]
    assert set(mysql_info.SUBSETS) - set(mysql_info.chosen(["!settings", "!users"])) == {"settings", "users"}
    assert mysql_info.chosen(["nope"]) == list(mysql_info.SUBSETS)


def test_a_statement_that_newer_servers_call_otherwise(fake):
    fake.answers["SHOW MASTER STATUS"] = {"error": [1064, "You have an error in your SQL syntax"]}
    fake.answers["SHOW BINARY LOG STATUS"] = table({"File": "x"})
    assert fake.run("mysql_info", {"filter": ["master_status"]})["master_status"] == {"File": "x"}
    fake.answers["SHOW MASTER STATUS"] = {"error": [1227, "Access denied; you need the SUPER privilege"]}
    assert "(1227, 'Access denied" in fake.run("mysql_info", {"filter": ["master_status"]})["msg"]


def test_bad_calls(fake, monkeypatch):
    assert "unable to convert to bool" in fake.run("mysql_info", {"return_empty_dbs": "x"})["msg"]
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package mariadb-client" in fake.run("mysql_info", {})["msg"]
