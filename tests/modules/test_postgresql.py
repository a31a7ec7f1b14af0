"""postgresql_db, postgresql_user, postgresql_privs: statements, passwords, transfers; what psql never gets to see."""

import base64
import gzip
import hashlib
import hmac

import pytest
from fake_postgresql import FakePostgreSQL

from fleet.remote import pgclient, pgpassword, pgprivs, pgtext
from fleet.remote.host import Failed

DATABASE = {"datname": "two", "owner": "postgres", "encoding": 6, "coded": "UTF8", "wanted": 6, "datcollate": "C",
            "datctype": "C", "datconnlimit": -1, "spcname": "pg_default", "comment": None, "datlocprovider": "c"}  # fmt: skip
ROLE = {"rolname": "ann", "rolsuper": False, "rolcreatedb": True, "rolcanlogin": True, "rolconnlimit": -1, "expires": None,
        "comment": None, "rolconfig": ["work_mem=16MB", 'search_path="a,b"']}  # fmt: skip
SECRET = "s3c:r\\et'"
HOSTILE = ['a"b', "a'b", "a\\b", "a;b", "\\! id", ":USER", "a\nb", "naïve☃", "$$", "%s", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_values_end_where_they_end(name):
    quoted = pgtext.identifier(name)
    assert quoted[0] == quoted[-1] == '"' and '"' not in quoted[1:-1].replace('""', "") and pgtext.plain(name) == name
    value = pgtext.literal(name)
    inner = value.strip()[1:-1] if "\\" not in name else value.strip()[2:-1]
    assert "'" not in inner.replace("''", "") and inner.replace("''", "'").replace("\\\\", "\\") == name


def test_names_that_were_quoted_already():
    assert pgtext.identifier('a""b') == '"a""b"' and pgtext.plain('a""b') == 'a"b'
    assert pgtext.parts('sch."a.b"') == ["sch", "a.b"] and pgtext.dotted("s.t") == '"s"."t"'
    with pytest.raises(Failed, match="NUL"):
        pgtext.identifier("a\0")


def test_connection_strings_and_password_files():
    assert pgtext.conninfo({"host": "a b", "user": "o'b\\"}) == "host='a b' user='o\\'b\\\\'"
    assert pgtext.password_line("a:b\\") == "*:*:*:*:a\\:b\\\\\n"
    with pytest.raises(Failed, match="line breaks"):
        pgtext.password_line("a\nb")


DANGEROUS = ["a; drop", "x' --", "1 union select 2", "' or 1=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_dangerous_input(tmp_path, text):
    told = FakePostgreSQL(tmp_path, {}).run("postgresql_db", {"name": "x", "owner": text, "trust_input": False})
    assert told["msg"] == f"Passed input '{text}' is potentially dangerous"
    assert not any(map(pgtext.is_dangerous, ["plain", "pg_default", "en_US.UTF-8", "it's"]))


def test_a_new_database(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_database": []})
    args = {"name": 'n"w', "owner": "o", "encoding": "UTF8", "template": "template0", "conn_limit": 5, "comment": "it's",
            "login_password": SECRET, "connect_params": {"application_name": "x y", "password": SECRET}}  # fmt: skip
    told = fake.run("postgresql_db", args, diff=True)
    assert told["executed_commands"] == fake.changes and told["diff"]["before"] == ""
    assert fake.changes == [
        """CREATE DATABASE "n""w" OWNER "o" TEMPLATE "template0" ENCODING 'UTF8' CONNECTION LIMIT 5""",
        """COMMENT ON DATABASE "n""w" IS 'it''s'""",
    ]
    for argv, environment, password, statements in fake.calls:
        assert "s3c" not in str(argv) + str(environment) + str(statements) + str(told)
        assert password == "*:*:*:*:s3c\\:r\\\\et'\n" and "application_name='x y'" in str(argv)
    assert fake.run("postgresql_db", args, check=True) == {"changed": True, "db": 'n"w', "executed_commands": []}
    assert fake.changes == []


def test_a_database_that_is_there(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_database": [DATABASE]})
    same = {"name": "two", "owner": "postgres", "encoding": "UTF-8", "lc_collate": "C", "tablespace": "pg_default",
            "comment": "", "locale_provider": "libc"}  # fmt: skip
    assert fake.run("postgresql_db", same) == {"changed": False, "db": "two", "executed_commands": []}
    fake.run("postgresql_db", {"name": "two", "owner": "o", "conn_limit": "7", "tablespace": "t", "comment": "c"})
    assert fake.changes == [
        'ALTER DATABASE "two" OWNER TO "o"',
        'ALTER DATABASE "two" CONNECTION LIMIT 7',
        'ALTER DATABASE "two" SET TABLESPACE "t"',
        "COMMENT ON DATABASE \"two\" IS 'c'",
    ]
    fake.run("postgresql_db", {"name": "two", "state": "absent", "force": True})
    assert fake.changes == ['DROP DATABASE "two" WITH (FORCE)']
    fake.run("postgresql_db", {"name": "two", "state": "rename", "target": "three"})
    assert fake.changes == ['ALTER DATABASE "two" RENAME TO "three"']


BAD_DB = [
    ({"encoding": "LATIN1"}, {"wanted": 8}, "Changing database encoding is not supported. Current encoding: UTF8"),
    ({"lc_collate": "x"}, {}, "Changing LC_COLLATE is not supported. Current LC_COLLATE: C"),
    ({"conn_limit": "x"}, {}, "Database query failed: connection_limit requires an integer value\n"),
    ({"state": "rename"}, {}, 'The "target" option must be defined when the "rename" option is used.'),
    (
        {"state": "rename", "target": "two", "name": "x"},
        {"datname": "y"},
        "The source and the target databases do not exist.",
    ),
    ({"state": "restore", "target": "/no/such.sql"}, {}, "psql: error: /no/such.sql: No such file or directory\n"),
    ({"state": "gone"}, {}, "value of state must be one of: absent, dump, present, rename, restore, got: gone"),
    ({"login_port": "x"}, {}, "argument 'login_port' is of type str and we were unable to convert to int"),
]


@pytest.mark.parametrize(("args", "row", "message"), BAD_DB)
def test_bad_calls_for_databases(tmp_path, args, row, message):
    told = FakePostgreSQL(tmp_path, {"pg_database": [{**DATABASE, **row}]}).run(
        "postgresql_db", {"name": "two", **args}
    )
    assert told["failed"] and message in told["msg"]


def test_what_the_server_refuses(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_database": [], "CREATE DATABASE": 'role "o" does not exist'})
    assert fake.run("postgresql_db", {"name": "x"})["msg"] == 'Database query failed: role "o" does not exist\n'
    fake.answers["SET ROLE"] = 'role "r" does not exist'
    told = fake.run("postgresql_db", {"name": "x", "session_role": "r"})
    assert told["msg"] == 'Could not switch role: role "r" does not exist\n'
    fake.answers["connect"] = "connection to server failed: FATAL:  no"
    told = fake.run("postgresql_db", {"name": "x"})
    assert told["msg"] == "unable to connect to database: connection to server failed: FATAL:  no\n"


def test_dumps_and_restores(tmp_path):
    fake = FakePostgreSQL(tmp_path, {})
    fake.program("pg_dump", '#!/bin/sh\necho "dump $*"; cat "$PGPASSFILE"\n')
    target = tmp_path / "x.sql.gz"
    args = {"name": "two", "state": "dump", "target": str(target), "login_password": SECRET, "target_opts": "-n 'a b'"}
    assert fake.run("postgresql_db", args, check=True)["executed_commands"] == [] and not target.exists()
    told = fake.run("postgresql_db", args)
    with gzip.open(target) as source:
        text = source.read().decode()
    assert "dbname='two'" in text and "-n a b" in text and text.endswith("s3c\\:r\\\\et'\n")
    assert told["rc"] == 0 and told["cmd"].endswith(
        f"pg_dump two --port=5432 --username=postgres -n 'a b'  | /usr/bin/gzip > {target}"
    )
    restored = fake.run("postgresql_db", {"name": "two", "state": "restore", "target": str(target)})
    assert restored["changed"] and fake.calls[0][3] == [text] and restored["stderr"] == ""


def test_what_is_said_of_a_restore_that_goes_on(tmp_path):
    fake = FakePostgreSQL(tmp_path, {})
    fake.program("psql", "#!/bin/sh\necho 'ERROR: there' >&2; echo SET; echo \"$*\"; cat\n")
    target, packed = tmp_path / "x.sql", tmp_path / "x.sql.gz"
    target.write_text("select 1;\n")
    packed.write_bytes(gzip.compress(b"select 2;\n"))
    told = fake.run("postgresql_db", {"name": "two", "state": "restore", "target": str(target)})
    assert told["stderr_lines"] == ["ERROR: there"] and told["rc"] == 0
    assert told["msg"].startswith("SET\n") and told["msg"].endswith(f" -f {target}\n")
    told = fake.run("postgresql_db", {"name": "two", "state": "restore", "target": str(packed)})
    assert told["stderr"] == "ERROR: there\n" and told["msg"].endswith(" -f -\nselect 2;\n")


def test_a_dump_that_fails(tmp_path):
    fake = FakePostgreSQL(tmp_path, {})
    args = {"name": "two", "state": "dump"}
    fake.program("pg_dump", "#!/bin/sh\necho half; echo 'pg_dump: error: no' >&2; exit 1\n")
    told = fake.run("postgresql_db", {**args, "target": str(tmp_path / "y.pgc")})
    assert told["msg"] == "pg_dump: error: no\n" and told["rc"] == 1 and not (tmp_path / "y.pgc").exists()


def test_a_new_role(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": []})
    args = {"name": "Bob's", "password": SECRET, "expires": "2031-02-03", "conn_limit": 2, "role_attr_flags": "createrole",
            "comment": "c", "configuration": {"work_mem": "8MB"}}  # fmt: skip
    told = fake.run("postgresql_user", args)
    assert told["queries"] == [
        'CREATE USER "Bob\'s" WITH ENCRYPTED PASSWORD %(password)s VALID UNTIL %(expires)s CONNECTION LIMIT 2 CREATEROLE',
        "COMMENT ON ROLE \"Bob's\" IS 'c'",
        'ALTER ROLE "Bob\'s" SET "work_mem" TO \'8MB\';',
    ]
    assert fake.changes[0] == "BEGIN" and fake.changes[-1] == "COMMIT"
    assert "PASSWORD  E's3c:r\\\\et''' VALID UNTIL '2031-02-03'" in fake.changes[1]
    carried_out = fake.changes
    assert fake.run("postgresql_user", args, check=True)["queries"] == told["queries"]
    assert fake.changes == [*carried_out[:-1], "ROLLBACK"]


def test_a_role_that_is_there(tmp_path):
    stored = "md5" + hashlib.md5(b"pwann").hexdigest()
    fake = FakePostgreSQL(tmp_path, {"pg_roles": [ROLE], "rolpassword": [{"rolpassword": stored}]})
    same = {"name": "ann", "password": "pw", "role_attr_flags": "CREATEDB,NOSUPERUSER", "conn_limit": -1, "comment": "",
            "configuration": {"work_mem": "16MB", "search_path": "a,b"}}  # fmt: skip
    assert fake.run("postgresql_user", same) == {"changed": False, "user": "ann", "queries": []}
    args = {"name": "ann", "password": "new", "role_attr_flags": "NOLOGIN", "expires": "infinity", "configuration": {"x.y": 1},
            "reset_unspecified_configuration": True}  # fmt: skip
    fake.answers["pg_roles"] = [{**ROLE, "expires": False}]
    assert fake.run("postgresql_user", args)["queries"] == [
        'ALTER USER "ann" WITH ENCRYPTED PASSWORD %(password)s NOLOGIN VALID UNTIL %(expires)s',
        'ALTER ROLE "ann" RESET "work_mem";',
        'ALTER ROLE "ann" RESET "search_path";',
        'ALTER ROLE "ann" SET "x.y" TO \'1\';',
    ]
    assert fake.run("postgresql_user", {"name": "ann", "password": ""})["queries"] == [
        'ALTER USER "ann" WITH PASSWORD NULL '
    ]
    assert not fake.run("postgresql_user", {"name": "ann", "password": "other", "no_password_changes": True})["changed"]


def test_whoever_may_not_look_at_passwords_sets_them(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": [ROLE], "rolpassword": "permission denied for table pg_authid"})
    assert fake.run("postgresql_user", {"name": "ann", "password": "pw"})["changed"]


def test_roles_go(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": [ROLE]})
    told = fake.run("postgresql_user", {"name": "ann", "state": "absent"})
    assert told == {"changed": True, "user": "ann", "queries": ['DROP USER "ann"'], "user_removed": True}
    fake.answers["DROP"] = "role cannot be dropped"
    assert (
        fake.run("postgresql_user", {"name": "ann", "state": "absent"})["msg"]
        == "Unable to remove user: role cannot be dropped\n"
    )
    told = fake.run("postgresql_user", {"name": "ann", "state": "absent", "fail_on_user": False})
    assert not told["changed"] and told["user_removed"] is False
    fake.answers = {"pg_roles": []}
    assert fake.run("postgresql_user", {"name": "ann", "state": "absent"}) == {
        "changed": False,
        "user": "ann",
        "queries": [],
    }


def scram(password, salt=b"salt", rounds=4096):
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    key = hashlib.sha256(hmac.new(salted, b"Client Key", hashlib.sha256).digest()).digest()
    return f"SCRAM-SHA-256${rounds}:{base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}:AAAA"


def test_stored_passwords():
    for password in ("pw", "naïve☃", "a\u00a0b\u00adc"):
        stored = scram(pgpassword.prepared(password))
        assert pgpassword.matches(stored, password, "ann") and pgpassword.matches(stored, stored, "ann")
        assert not pgpassword.matches(stored, password + "x", "ann")
    assert (
        pgpassword.prepared("a\u00a0b\u00adc\u2168") == "a bcIX" and pgpassword.prepared("\u0627\x07") == "\u0627\x07"
    )
    assert pgpassword.matches(None, "", "ann") and not pgpassword.matches(None, "x", "ann")


def test_privileges_between_two_looks(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": [{"rolname": "ann"}], "pg_class": [["a"], ["b"]]})
    args = {"login_db": "d", "roles": "ann,PUBLIC", "objs": "t,u", "privs": "insert,SELECT"}
    query = 'GRANT INSERT,SELECT ON table "public"."t","public"."u" TO "ann",PUBLIC;'
    told = fake.run("postgresql_privs", args, diff=True)
    assert told["changed"] and told["queries"] == [query] and fake.changes == ["BEGIN", query, "COMMIT"]
    assert fake.run("postgresql_privs", args, check=True)["changed"] and fake.changes == ["BEGIN", query, "ROLLBACK"]
    fake.answers["pg_class"] = ["a"]
    assert not fake.run("postgresql_privs", args)["changed"]
    fake.answers["GRANT"] = 'relation "public.t" does not exist'
    assert (
        fake.run("postgresql_privs", args)["msg"]
        == f"Cannot execute SQL '{query}': relation \"public.t\" does not exist\n"
    )


BAD_PRIVS = [
    ({"privs": "NONSENSE", "objs": "t"}, "Invalid privileges specified: frozenset({'NONSENSE'})"),
    ({"privs": "SELECT; DROP", "objs": "t"}, "Invalid privileges specified"),
    ({"objs": "t"}, 'Argument "privs" is required for type "table".'),
    ({"privs": "SELECT"}, 'Argument "objs" is required for type "table".'),
    ({"privs": "SELECT", "objs": "t", "type": "group"}, 'Argument "privs" is not allowed for type "group".'),
    (
        {"privs": "USAGE", "objs": "t", "type": "schema", "schema": "x"},
        'Argument "schema" is not allowed for type "schema".',
    ),
    ({"privs": "EXECUTE", "objs": "f", "type": "function"}, 'Illegal function / procedure signature: "f".'),
    ({"privs": "EXECUTE", "objs": "f(int); x()", "type": "function"}, "Illegal function / procedure signature"),
    (
        {"privs": "SELECT", "objs": "ALL_DEFAULT", "type": "default_privs"},
        "Invalid priv specified. Valid object for priv:",
    ),
    ({"privs": "SELECT", "objs": "X", "type": "default_privs"}, "Invalid Object set specified: frozenset({'X'})"),
    ({"privs": "SELECT", "objs": "t", "roles": "nobody"}, "Role 'nobody' does not exist"),
    ({"privs": "SELECT", "objs": "t", "type": "x"}, "value of type must be one of"),
]


@pytest.mark.parametrize(("args", "message"), BAD_PRIVS)
def test_bad_calls_for_privileges(tmp_path, args, message):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": [{"rolname": "ann"}]})
    told = fake.run("postgresql_privs", {"login_db": "d", "roles": "ann", **args})
    assert told["failed"] and message in told["msg"]


def test_roles_that_are_missing(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": []})
    args = {"login_db": "d", "roles": "nobody", "privs": "SELECT", "objs": "t", "fail_on_role": False}
    told = fake.run("postgresql_privs", args)
    assert (
        not told["changed"]
        and told["warnings"] == ["Role 'nobody' does not exist, nothing to do"]
        and fake.changes == []
    )


GRANTS = [
    (pgprivs.objects("table", "ALL_IN_SCHEMA", "s"), 'ALL TABLES IN SCHEMA "s"'),
    (pgprivs.objects("function", 'f(int:text),g("My T")', "s"), 'function "s"."f"(int,text),"s"."g"("My T")'),
    (pgprivs.objects("database", 'a,b"', None), 'database "a","b"""'),
    (pgprivs.objects("foreign_server", "x", None), 'FOREIGN SERVER "x"'),
    (pgprivs.grant(True, "W", "r", False), "GRANT W TO r;\nREVOKE GRANT OPTION FOR W FROM r;"),
    (pgprivs.grant(False, "W", "r", None), "REVOKE W FROM r;"),
    (pgprivs.membership(True, "g,h", "r", True), 'GRANT "g","h" TO r WITH ADMIN OPTION;'),
    (pgprivs.role("public"), "PUBLIC"),
    (
        pgprivs.default_privileges(True, ["TABLES"], ["SELECT"], "r", ["o"], "s", None),
        'ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" REVOKE ALL ON TABLES FROM r;\n'
        'ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" GRANT SELECT ON TABLES TO r;',
    ),
]


@pytest.mark.parametrize(("made", "text"), GRANTS)
def test_parts_of_grants(made, text):
    assert made == text


@pytest.mark.parametrize("module", ["postgresql_db", "postgresql_user", "postgresql_privs"])
def test_without_psql(monkeypatch, module):
    from run_module import run_module

    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    monkeypatch.setattr(pgclient.glob, "glob", lambda _: [])
    args = (
        {"name": "x"} if module != "postgresql_privs" else {"login_db": "x", "roles": "r", "objs": "t", "privs": "ALL"}
    )
    assert "install the package postgresql-client" in run_module(module, args)["msg"]
