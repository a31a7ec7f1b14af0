"""mysql_user: accounts compared with the server's tables; hashes; privileges as SHOW GRANTS tells them."""

import json
import re

import pytest
from fake_mysql import FakeMySQL

from fleet.remote import mysqlaccounts, mysqlauth, mysqlprivs
from fleet.remote.host import Failed

HASH = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"


def account(host="localhost", user="bob", **more):
    return {"Host": host, "User": user, "plugin": "mysql_native_password", "authentication_string": HASH, "ssl_type": "",
           "is_role": "N", "max_questions": "0", "max_user_connections": "0", **more}  # fmt: skip


def server(tmp_path, rows, grants=("GRANT USAGE ON *.* TO `bob`@`localhost` IDENTIFIED BY PASSWORD '*X'",), priv="{}",
           version="10.11.6-MariaDB-0+deb12u1"):  # fmt: skip
    columns = list(rows[0]) if rows else ["Host", "User"]
    return FakeMySQL(
        tmp_path,
        {
            "SELECT VERSION()": {"columns": ["v"], "rows": [[version]]},
            "SELECT * FROM mysql.user": {"columns": columns, "rows": [list(row.values()) for row in rows]},
            "SELECT Host, User, Priv": {
                "columns": ["Host", "User", "Priv"],
                "rows": [[row["Host"], row["User"], priv] for row in rows],
            },
            "SHOW GRANTS": {"columns": ["g"], "rows": [[line] for line in grants]},
            **dict.fromkeys(("CREATE USER", "ALTER USER", "DROP USER", "DROP ROLE", "GRANT", "REVOKE"), {}),
        },
    )


def test_a_new_account_with_everything(tmp_path):
    fake = server(tmp_path, [])
    args = {"name": "o'b", "host": "%", "password": "pa'ss", "priv": {"db1.*": "SELECT,GRANT"}, "locked": True,
            "tls_requires": {"subject": "/CN=x"}, "resource_limits": {"MAX_QUERIES_PER_HOUR": 3},
            "password_expire": "interval", "password_expire_interval": 9}  # fmt: skip
    told = fake.run("mysql_user", args)
    assert told["msg"] == "User added" and told["changed"] and told["password_changed"]
    assert fake.changes == [
        r"CREATE USER 'o\'b'@'%' IDENTIFIED BY 'pa\'ss' REQUIRE SUBJECT '/CN=x' WITH MAX_QUERIES_PER_HOUR 3"
        " PASSWORD EXPIRE INTERVAL 9 DAY ACCOUNT LOCK",
        r"GRANT SELECT ON `db1`.* TO 'o\'b'@'%' WITH GRANT OPTION",
    ]
    for _, argv, environment, options, _ in fake.calls:
        assert "pa'ss" not in str(argv) + str(environment) + options and "pa'ss" not in json.dumps(told)
    assert fake.run("mysql_user", args, check=True)["changed"] and fake.changes == []


UNCHANGED = [
    ({}, {}),
    ({"password": "password"}, {}),
    ({"password": HASH, "encrypted": True}, {}),
    ({"password": "other", "update_password": "on_create"}, {}),
    ({"password": ""}, {}),
    ({"plugin": "unix_socket"}, {"plugin": "unix_socket", "authentication_string": ""}),
    ({"plugin": "mysql_native_password", "plugin_hash_string": HASH}, {}),
    ({"plugin": "mysql_native_password", "plugin_auth_string": "password"}, {}),
    ({"plugin": "pam", "plugin_auth_string": "sudo"}, {"plugin": "pam", "authentication_string": "sudo"}),
    ({"resource_limits": {"MAX_USER_CONNECTIONS": 3}}, {"max_user_connections": "3"}),
    ({"tls_requires": {"ssl": None}}, {"ssl_type": "ANY"}),
    (
        {"tls_requires": {"subject": "a", "cipher": "c"}},
        {"ssl_type": "SPECIFIED", "x509_subject": "a", "ssl_cipher": "c"},
    ),
    ({"locked": False}, {}),
    ({"host": "LOCALHOST"}, {}),
    ({"state": "absent", "host": "other"}, {}),
]


@pytest.mark.parametrize(("args", "row"), UNCHANGED)
def test_what_is_right_stays(tmp_path, args, row):
    fake = server(tmp_path, [account(**row)])
    told = fake.run("mysql_user", {"name": "bob", **args})
    assert not told["changed"] and fake.changes == [] and told["msg"] in ("User unchanged", "User doesn't exist")


CHANGED = [
    ({"password": "new"}, {}, "ALTER USER 'bob'@'localhost' IDENTIFIED BY 'new'", "Password updated (new style)"),
    ({"password": "password"}, {"plugin": "unix_socket"}, "ALTER USER 'bob'@'localhost' IDENTIFIED BY 'password'",
     "Password updated (new style)"),
    ({"plugin": "unix_socket"}, {}, "ALTER USER 'bob'@'localhost' IDENTIFIED VIA 'unix_socket'", "User unchanged"),
    ({"plugin": "ed25519", "plugin_auth_string": "x"}, {},
     "ALTER USER 'bob'@'localhost' IDENTIFIED VIA 'ed25519' USING PASSWORD('x')", "User unchanged"),
    ({"resource_limits": {"MAX_USER_CONNECTIONS": 3}}, {}, "ALTER USER 'bob'@'localhost' WITH MAX_USER_CONNECTIONS 3",
     "User unchanged"),
    ({"locked": True}, {}, "ALTER USER 'bob'@'localhost' ACCOUNT LOCK", "User locked"),
    ({"password_expire": "never"}, {}, "ALTER USER 'bob'@'localhost' PASSWORD EXPIRE NEVER", "User unchanged"),
    ({}, {"ssl_type": "ANY"}, "ALTER USER 'bob'@'localhost' REQUIRE NONE", "TLS requires updated"),
    ({"tls_requires": {"X509": None}}, {}, "ALTER USER 'bob'@'localhost' REQUIRE X509", "TLS requires updated"),
    ({"state": "absent"}, {}, "DROP USER 'bob'@'localhost'", "User deleted"),
    ({"state": "absent", "host": ""}, {"host": "", "is_role": "Y"}, "DROP ROLE 'bob'", "User deleted"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "row", "statement", "msg"), CHANGED)
def test_what_is_wrong_changes(tmp_path, args, row, statement, msg):
    fake = server(tmp_path, [account(**row)])
    told = fake.run("mysql_user", {"name": "bob", **args})
    assert told["changed"] and told["msg"] == msg and fake.changes == [statement]
    assert fake.run("mysql_user", {"name": "bob", **args}, check=True)["changed"] and fake.changes == []


def test_what_mariadb_keeps_in_json(tmp_path):
    fake = server(tmp_path, [account()], priv='{"account_locked": true, "password_lifetime": 0}')
    assert not fake.run("mysql_user", {"name": "bob", "locked": True, "password_expire": "never"})["changed"]
    assert fake.run("mysql_user", {"name": "bob", "locked": False})["msg"] == "User unlocked"


def test_every_host(tmp_path):
    fake = server(tmp_path, [account(), account(host="%", authentication_string="")])
    assert fake.run("mysql_user", {"name": "bob", "host_all": True, "password": "password"})["changed"]
    assert fake.changes == ["ALTER USER 'bob'@'%' IDENTIFIED BY 'password'"]
    fake.run("mysql_user", {"name": "bob", "host_all": True, "state": "absent"})
    assert sorted(fake.changes) == ["DROP USER 'bob'@'%'", "DROP USER 'bob'@'localhost'"]


def test_a_known_name_brings_its_password(tmp_path):
    fake = server(tmp_path, [account()])
    told = fake.run("mysql_user", {"name": "bob", "host": "h", "password": "x", "update_password": "on_new_username"})
    assert not told["password_changed"]
    assert fake.changes == [f"CREATE USER 'bob'@'h' IDENTIFIED VIA 'mysql_native_password' USING '{HASH}'"]


def test_attributes_of_mysql_8(tmp_path):
    row = account(User_attributes='{"metadata": {"a": "1", "b": "2"}}')
    fake = server(tmp_path, [row], version="8.0.36")
    assert not fake.run("mysql_user", {"name": "bob", "attributes": {"a": "1", "z": None}})["changed"]
    told = fake.run("mysql_user", {"name": "bob", "attributes": {"a": None, "c": "3"}})
    assert told["attributes"] == {"b": "2", "c": "3"}
    assert fake.changes == [r"""ALTER USER 'bob'@'localhost' ATTRIBUTE '{\"a\": null, \"c\": \"3\"}'"""]
    told = server(tmp_path, [account()]).run("mysql_user", {"name": "bob", "attributes": {"a": "b"}})
    assert told["msg"] == "user attributes were specified but the server does not support user attributes"


def test_a_privilege_that_shows_by_another_name_is_no_change(tmp_path):
    fake = server(tmp_path, [account()], grants=["GRANT SLAVE MONITOR ON *.* TO `bob`@`localhost`"])
    told = fake.run("mysql_user", {"name": "bob", "priv": "*.*:REPLICA MONITOR", "append_privs": True})
    assert not told["changed"] and told["msg"] == "Privileges updated: granted ['REPLICA MONITOR'], revoked []"


GRANTS = [
    "GRANT SELECT, INSERT (b, `a`) ON `db1`.`t` TO `bob`@`localhost`",
    "GRANT ALL PRIVILEGES ON `d``x\\_y`.* TO `bob`@`localhost` WITH GRANT OPTION",
    "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE `db1`.`p` TO 'bob'@'localhost'",
    "GRANT USAGE ON *.* TO `bob`@`localhost` IDENTIFIED BY PASSWORD '*X' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 3 GRANT OPTION",
    "GRANT `role` TO `bob`@`localhost`",
    "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
]


def test_grants_are_read():
    assert mysqlprivs.granted(GRANTS) == {
        "`db1`.`t`": ["SELECT", "INSERT (a, b)"],
        "`d``x\\_y`.*": ["ALL", "GRANT"],
        "PROCEDURE `db1`.`p`": ["EXECUTE", "ALTER ROUTINE"],
        "*.*": ["USAGE", "GRANT"],
    }


WANTED = [
    ("db1.*:SELECT,insert", {"`db1`.*": ["SELECT", "INSERT"], "*.*": ["USAGE"]}),
    (
        "*.*:ALL PRIVILEGES/`a/b`.`c:d`: SELECT ( b , a ),GRANT",
        {"*.*": ["ALL"], "`a/b`.`c:d`": ["SELECT (A, B)", "GRANT"]},
    ),
    ({"FUNCTION db.f": "EXECUTE", "*.*": "PROCESS"}, {"FUNCTION `db`.`f`": ["EXECUTE"], "*.*": ["PROCESS"]}),
]


@pytest.mark.parametrize(("priv", "wanted"), WANTED)
def test_privileges_as_they_are_written(priv, wanted):
    assert mysqlprivs.wanted(priv) == wanted


BAD_PRIVS = ["", {}, "x", "db1.*:", "db1.*:SELECT; DROP TABLE x", "db1.*:SELECT (a');--)", "a.b.c:SELECT", "db1:SELECT", ["x"],
             "db1.*:SELECT ON *.* TO eve@x", "*.*:SELECT\\! id"]  # fmt: skip


@pytest.mark.parametrize("priv", BAD_PRIVS)
def test_privileges_that_are_none(priv):
    with pytest.raises(Failed, match=r"invalid priv string|priv parameter must be|is no name"):
        for target, privs in mysqlprivs.wanted(priv).items():
            assert "ON" not in " ".join(privs).split(), target


STEPS = [
    ("SELECT", "SELECT", "replace", "User unchanged", []),
    ("SELECT", "ALL", "replace", "granted ['ALL'], revoked []", ["GRANT ALL"]),
    ("SELECT,GRANT", "ALL", "replace", "granted ['ALL'], revoked ['GRANT']", ["REVOKE GRANT OPTION", "GRANT ALL"]),
    ("SELECT", "ALL,GRANT", "replace", "granted ['ALL', 'GRANT'], revoked []", ["GRANT ALL WITH GRANT OPTION"]),
    ("ALL", "ALL,GRANT", "replace", "granted ['GRANT', 'USAGE'], revoked []", ["GRANT USAGE WITH GRANT OPTION"]),
    ("ALL,GRANT", "SELECT", "replace", "granted ['SELECT'], revoked ['ALL', 'GRANT']",
     ["REVOKE GRANT OPTION", "REVOKE ALL", "GRANT SELECT"]),
    ("USAGE,GRANT", "SELECT", "replace", "granted ['SELECT'], revoked ['USAGE', 'GRANT']",
     ["REVOKE GRANT OPTION", "GRANT SELECT"]),
    ("USAGE,GRANT", "GRANT", "replace", "granted [], revoked ['USAGE']", []),
    ("SELECT (a)", "SELECT (A)", "replace", "granted ['SELECT (A)'], revoked ['SELECT (a)']",
     ["REVOKE SELECT (a)", "GRANT SELECT (A)"]),
    ("", "SELECT", "replace", "New privileges granted", ["GRANT SELECT"]),
    ("", "GRANT", "append", "New privileges granted", ["GRANT USAGE WITH GRANT OPTION"]),
    ("", "USAGE", "append", "New privileges granted", []),
    ("", "ALL,GRANT", "subtract", "User unchanged", []),
    ("INSERT", "SELECT", "append", "granted ['SELECT'], revoked []", ["GRANT SELECT"]),
    ("ALL", "SELECT", "append", "granted ['SELECT'], revoked []", []),
    ("SELECT", "USAGE", "append", "granted ['USAGE'], revoked []", []),
    ("SELECT,DROP", "DROP,ALTER", "subtract", "granted [], revoked ['DROP']", ["REVOKE DROP"]),
    ("SELECT,DROP", "ALL", "subtract", "User unchanged", []),
    ("ALL", "SELECT", "subtract", "User unchanged", []),
    ("ALL,GRANT", "ALL", "subtract", "granted [], revoked ['ALL']", ["REVOKE ALL"]),
    ("ALL,GRANT", "ALL,GRANT", "subtract", "granted [], revoked ['ALL', 'GRANT']", ["REVOKE GRANT OPTION", "REVOKE ALL"]),
    ("SELECT,GRANT", "GRANT", "subtract", "granted [], revoked ['GRANT']", ["REVOKE GRANT OPTION"]),
]  # fmt: skip
"""What an account has on a database, what is asked for, and what Ansible says of it; ALL is no sum of others."""


@pytest.mark.parametrize(("have", "want", "mode", "said", "statements"), STEPS)
def test_the_way_from_here_to_there(tmp_path, have, want, mode, said, statements):
    names = [name for name in have.split(",") if name not in ("GRANT", "")]
    more = " WITH GRANT OPTION" if "GRANT" in have else ""
    lines = ["GRANT USAGE ON *.* TO `bob`@`localhost`"]
    lines += [f"GRANT {', '.join(names)} ON `d`.`t` TO `bob`@`localhost`{more}"] if names else []
    fake = server(tmp_path, [account()], grants=lines)
    args = {"name": "bob", "priv": f"d.t:{want}", **({} if mode == "replace" else {f"{mode}_privs": True})}
    told = fake.run("mysql_user", args, check=True)
    assert told["msg"].replace("Privileges updated: ", "") == said and told["changed"] == bool(statements)
    assert fake.run("mysql_user", args)["msg"] == told["msg"]
    assert [re.sub(" ON .*?'localhost'", "", text) for text in fake.changes] == statements


def test_all_targets_in_order():
    have = {"*.*": ["PROCESS"], "`a`.*": ["SELECT"], "`b`.*": ["SELECT"]}
    want = {"`b`.*": ["INSERT"], "`c`.*": ["DROP"], "*.*": ["USAGE"]}
    assert [step[0] for step in mysqlprivs.steps(have, want)] == ["`a`.*", "`c`.*", "*.*", "`b`.*"]
    assert [step[0] for step in mysqlprivs.steps(have, want, "append")] == ["`c`.*", "*.*", "`b`.*"]
    assert mysqlprivs.steps(have, {"`b`.*": ["SELECT"], "*.*": ["USAGE"]}, "subtract") == [("`b`.*", ["SELECT"], [])]


def test_all_where_the_server_lists_each():
    every = frozenset(["SELECT", "INSERT"])
    assert mysqlprivs.steps({"*.*": ["SELECT", "INSERT", "X_ADMIN"]}, {"*.*": ["ALL"]}, "replace", every) == []


def test_hashes():
    assert mysqlauth.native_hash("password") == HASH and mysqlauth.native_hash("") == ""
    salt = "1234567890abcdefghij"
    for plugin in ("caching_sha2_password", "sha256_password"):
        stored = mysqlauth.stored(plugin, "pw", salt)
        assert mysqlauth.matches(plugin, "pw", stored) and not mysqlauth.matches(plugin, "px", stored)
    # The public example of the SHA-crypt algorithm.
    assert mysqlauth.sha256_crypt("Hello world!", "saltstring", 5000) == "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"


def test_passwords_of_mysql():
    args = {"plugin": None, "password": "x", "encrypted": False}
    clause = {version: mysqlaccounts.identified(mysqlaccounts.Server(version), args) for version in ("8.0.36", "8.4.0")}
    assert clause == {"8.0.36": " IDENTIFIED WITH mysql_native_password BY 'x'", "8.4.0": " IDENTIFIED BY 'x'"}


BAD = [
    (
        {"password": "bad", "encrypted": True},
        "does not appear to be a valid hash expecting: *SHA1(SHA1(your_password))",
    ),
    ({"append_privs": True, "subtract_privs": True}, "parameters are mutually exclusive: append_privs|subtract_privs"),
    ({"salt": "x"}, "salt requires plugin_auth_string"),
    ({"salt": "x", "plugin": "sha256_password", "plugin_auth_string": "y"}, "salt must be 20 characters long"),
    ({"password_expire": "interval"}, "interval should be used with password_expire_interval"),
    ({"resource_limits": {"X": 1}}, "resource_limits: key 'X' is unsupported."),
    ({"resource_limits": {"MAX_USER_CONNECTIONS": "x"}}, "Can't convert value 'x' to integer."),
    ({"tls_requires": {"X": 1}}, "tls_requires: key 'X' is unsupported."),
    ({"name": "nobody", "host_all": True}, "host_all parameter cannot be used when adding a user"),
    ({"priv": ["x"]}, "priv parameter must be str or dict but <class 'list'> was passed"),
    ({"update_password": "x"}, "value of update_password must be one of: always, on_create, on_new_username, got: x"),
    ({"login_port": []}, "unable to convert to int"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(tmp_path, args, message):
    told = server(tmp_path, [account()]).run("mysql_user", {"name": "bob", **args})
    assert told["failed"] and message in told["msg"]


def test_what_the_server_refuses(tmp_path):
    fake = server(tmp_path, [account()])
    fake.answers["GRANT"] = {"error": [1146, "Table 'n.t' doesn't exist"]}
    told = fake.run("mysql_user", {"name": "bob", "priv": "n.t:SELECT"})
    assert told["msg"] == (
        "Error granting privileges, invalid priv string: SELECT , params: ('bob', 'localhost'), query: GRANT SELECT ON "
        "`n`.`t` TO %s@%s , exception: (1146, \"Table 'n.t' doesn't exist\")."
    )
    fake.answers["SET SESSION `nope`"] = {"error": [1193, "Unknown system variable 'nope'"]}
    told = fake.run("mysql_user", {"name": "bob", "session_vars": {"nope": 1}})
    assert told["msg"] == "Failed to execute SET SESSION `nope` = 1: (1193, \"Unknown system variable 'nope'\")"


def test_without_the_client(monkeypatch):
    from run_module import run_module

    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package mariadb-client" in run_module("mysql_user", {"name": "a"})["msg"]
