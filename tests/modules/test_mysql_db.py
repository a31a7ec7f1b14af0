"""mysql_db: databases come and go, dumps and imports go through real pipes; passwords show nowhere."""

import gzip

import pytest
from fake_mysql import FakeMySQL
from run_module import run_module

SECRET = "s3cr3t'\\pw"


@pytest.fixture
def server(tmp_path):
    names = {"columns": ["Database"], "rows": [["a"], ["x`y"]]}
    fake = FakeMySQL(
        tmp_path,
        {
            "SHOW DATABASES": names,
            "SELECT @@lower_case_table_names": {"columns": ["x"], "rows": [["0"]]},
            "CREATE DATABASE": {},
            "DROP DATABASE": {},
        },
    )
    fake.program("mariadb-dump", '#!/bin/sh\necho "-- dump of $*" | sed "s/ .proc[^ ]*//"; cat "${1#*=}"\n')
    return fake


def test_what_is_missing_is_made(server):
    told = server.run("mysql_db", {"name": ["a", "A", "n`;"], "encoding": "utf8", "collation": "utf8_bin"}, diff=True)
    more = " CHARACTER SET 'utf8' COLLATE 'utf8_bin'"
    assert told["executed_commands"] == [f"CREATE DATABASE `A`{more}", f"CREATE DATABASE `n``;`{more}"]
    assert server.changes == told["executed_commands"]
    assert told["changed"] and told["db"] == "a A n`;" and told["diff"] == {"before": "a\n", "after": "a\nA\nn`;\n"}


def test_what_is_there_stays_and_a_check_changes_nothing(server):
    assert server.run("mysql_db", {"name": "a"}) == {
        "changed": False,
        "db": "a",
        "db_list": ["a"],
        "executed_commands": [],
    }
    told = server.run("mysql_db", {"name": "b"}, check=True)
    assert told == {"changed": True, "db": "b", "db_list": ["b"]} and server.changes == []


def test_names_where_the_server_folds_them(server):
    server.answers["SELECT @@lower_case_table_names"]["rows"] = [["1"]]
    assert not server.run("mysql_db", {"name": "A"})["changed"]


def test_removal(server):
    told = server.run("mysql_db", {"name": ["x`y", "gone"], "state": "absent", "sql_log_bin": False})
    assert told["executed_commands"] == ["DROP DATABASE `x``y`"]
    assert "SET SQL_LOG_BIN=0" in server.calls[-1][4]


def test_the_password_is_in_the_option_file_only(server):
    server.run("mysql_db", {"name": "b", "login_user": "adm", "login_password": SECRET})
    for _, argv, environment, options, _ in server.calls:
        assert SECRET not in str(argv) and SECRET not in str(environment)
        assert 'password="s3cr3t\'\\\\pw"' in options and 'user="adm"' in options and 'socket="/run/x.sock"' in options


def test_the_config_file_fills_in(server, tmp_path):
    (tmp_path / "my.cnf").write_text("[client]\nuser=bob\npassword=pw\nhost=db.example\nport=33\n")
    args = {"name": "a", "config_file": str(tmp_path / "my.cnf"), "login_unix_socket": None}
    server.run("mysql_db", args)
    assert 'host="localhost"' in server.calls[0][3] and "--protocol=TCP" in server.calls[0][1]
    server.run("mysql_db", dict(args, config_overrides_defaults=True, login_user="eve"))
    for option in ('user="eve"', 'password="pw"', 'host="db.example"', 'port="33"'):
        assert option in server.calls[0][3]


def test_a_dump_is_packed_and_the_password_not_shown(server, tmp_path):
    target = tmp_path / "out" / "a.sql.gz"
    target.parent.mkdir()
    args = {"name": ["a"], "state": "dump", "target": "a.sql.gz", "chdir": str(target.parent), "login_user": "adm",
            "login_password": SECRET, "ignore_tables": ["a.t"], "master_data": 2, "dump_extra_args": "--routines"}  # fmt: skip
    told = server.run("mysql_db", args)
    with gzip.open(target) as source:
        text = source.read().decode()
    words = "--user=adm --socket=/run/x.sock a --quick --ignore-table=a.t --master-data=2 --routines"
    assert text.splitlines()[0].endswith(words) and "s3cr3t" in text
    assert told["executed_commands"][0].startswith(f"{tmp_path}/mariadb-dump --user=adm --password=******** --socket")
    assert told["executed_commands"][0].endswith("gzip > a.sql.gz") and SECRET not in str(told)


def test_a_dump_that_fails_leaves_the_old_one(server, tmp_path):
    (tmp_path / "a.sql").write_text("old")
    server.program("mariadb-dump", "#!/bin/sh\necho half\necho 'Got error: 1049' >&2\nexit 2\n")
    told = server.run("mysql_db", {"name": "a", "state": "dump", "target": str(tmp_path / "a.sql")})
    assert told["failed"] and told["msg"] == "Got error: 1049\n" and (tmp_path / "a.sql").read_text() == "old"
    packed = server.run("mysql_db", {"name": "a", "state": "dump", "target": str(tmp_path / "a.sql.gz")})
    assert packed["failed"] and not (tmp_path / "a.sql.gz").exists()


def test_an_import_makes_its_database(server, tmp_path):
    with gzip.open(tmp_path / "in.sql.gz", "wb") as sink:
        sink.write(b"create table t(a int);\n")
    args = {"name": "new", "state": "import", "target": str(tmp_path / "in.sql.gz"), "sql_log_bin": False}
    assert server.run("mysql_db", args, check=True) == {"changed": True, "db": "new", "db_list": ["new"]}
    told = server.run("mysql_db", args)
    assert told["executed_commands"][0] == "CREATE DATABASE `new`" and told["msg"] == ""
    assert "'--one-database', 'new']" in told["executed_commands"][1]
    name, argv, _, _, script = server.calls[-1]
    assert name == "mariadb" and argv[-2:] == ["--one-database", "new"] and script == ["create table t(a int);\n"]
    assert "--init-command=SET SESSION sql_log_bin=0" in argv


BAD = [
    ({}, "missing required arguments: name"),
    ({"name": "all"}, "name is not allowed to equal 'all' unless state equals import, or dump."),
    ({"name": "a", "state": "dump"}, "with state=dump target is required"),
    ({"name": "a", "state": "import"}, "with state=import target is required"),
    ({"name": ["a", "b"], "state": "import", "target": "/x"}, "Multiple databases are not supported with state=import"),
    ({"name": ["a", "q"], "state": "dump", "target": "/x"}, "Cannot dump database(s) 'q' - not found"),
    ({"name": "a", "state": "import", "target": "/no/such"}, "target /no/such does not exist on the host"),
    ({"name": "a", "state": "dump", "target": "/no/such/x"}, "cannot write in /no/such: No such file or directory"),
    ({"name": "a", "master_data": 7}, "value of master_data must be one of: 0, 1, 2, got: 7"),
    ({"name": "a", "login_port": "x"}, "unable to convert to int"),
    ({"name": "a", "ca_cert": "/no/such"}, "No such file or directory"),
    ({"name": ""}, "error creating database: Identifier name unspecified or unquoted trailing dot"),
    ({"name": "bad\0name"}, "must not hold a NUL"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(server, args, message):
    told = server.run("mysql_db", args)
    assert told["failed"] and message in told["msg"]


def test_what_the_server_refuses(server):
    server.answers["CREATE DATABASE"] = {"error": [1115, "Unknown character set: 'bad'"]}
    told = server.run("mysql_db", {"name": "n", "encoding": "bad"})
    assert told["msg"] == "error creating database: (1115, \"Unknown character set: 'bad'\")"
    server.answers["SET SESSION"] = {"error": [1045, "Access denied for user 'x'@'localhost' (using password: YES)"]}
    told = server.run("mysql_db", {"name": "n"})
    assert (
        told["msg"].startswith("unable to find ") and "(1045, \"Access denied for user 'x'@'localhost'" in told["msg"]
    )
    (server.folder / "none.cnf").write_text("")
    assert server.run("mysql_db", {"name": "n"})["msg"].startswith("unable to connect to database, check login_user")


def test_without_the_client(monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    told = run_module("mysql_db", {"name": "a"})
    assert "install the package mariadb-client" in told["msg"]
