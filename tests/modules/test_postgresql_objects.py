"""postgresql_ext, postgresql_schema, postgresql_owner, postgresql_ping: what they find and what they run."""

import pytest
from fake_postgresql import FakePostgreSQL
from run_module import run_module

from fleet.modules import postgresql_ext
from fleet.remote import pgclient, pgtext

EXT = {"latest": "1.8", "version": None, "comment": None, "versions": ["1.7", "1.8"], "updates": []}
HAVE = {**EXT, "version": "1.7", "updates": ["1.8"]}
EXTENSIONS = [
    (EXT, {}, ['CREATE EXTENSION "hstore"']),
    (EXT, {"schema": "s", "version": "1.7", "cascade": True}, ["CREATE EXTENSION \"hstore\" WITH SCHEMA \"s\" VERSION '1.7' CASCADE"]),
    (EXT, {"version": "latest", "comment": "it's"}, ['CREATE EXTENSION "hstore"', "COMMENT ON EXTENSION \"hstore\" IS 'it''s'"]),
    (HAVE, {}, []),
    (HAVE, {"version": "1.7", "comment": ""}, []),
    (HAVE, {"version": "latest"}, ['ALTER EXTENSION "hstore" UPDATE']),
    (HAVE, {"version": "1.8"}, ["ALTER EXTENSION \"hstore\" UPDATE TO '1.8'"]),
    (HAVE, {"state": "absent", "cascade": True}, ['DROP EXTENSION "hstore" CASCADE']),
    (EXT, {"state": "absent"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("now", "args", "queries"), EXTENSIONS)
def test_extensions(tmp_path, now, args, queries):
    fake = FakePostgreSQL(tmp_path, {"pg_available_extensions": [now]})
    told = fake.run("postgresql_ext", {"name": "hstore", "login_db": "d", **args})
    around = (["BEGIN", *queries, "COMMIT"]) if queries else []
    assert told["queries"] == queries and told["changed"] == bool(queries) and fake.changes == around
    assert (told["db"], told["ext"], told["prev_version"]) == ("d", "hstore", now["version"] or "")
    checked = fake.run("postgresql_ext", {"name": "hstore", "login_db": "d", **args}, check=True)
    assert checked["changed"] == bool(queries) and fake.changes == []


def test_versions_to_come():
    def expected(now, version=None, state="present"):
        return postgresql_ext.expected({"state": state, "version": version}, now)

    assert (expected(EXT), expected(EXT, "1.4"), expected(HAVE, "latest"), expected(HAVE)) == (
        "1.8",
        "1.4",
        "1.8",
        "1.7",
    )
    assert expected(HAVE, state="absent") == ""


def test_an_extension_that_does_not_exist(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_available_extensions": []})
    assert fake.run("postgresql_ext", {"name": "x", "login_db": "d"})["msg"] == "Extension x is not available"
    fake.answers = {"pg_available_extensions": [EXT]}
    told = fake.run("postgresql_ext", {"name": "x", "login_db": "d", "version": "1.3"}, check=True)
    assert told["msg"] == "Passed version '1.3' is not available" and fake.changes == []
    fake.answers = {"pg_available_extensions": [HAVE]}
    told = fake.run("postgresql_ext", {"name": "x", "login_db": "d", "version": "1.6"}, check=True)
    assert "no valid update path from the currently installed version '1.7'" in told["msg"] and fake.changes == []
    fake.answers = {"pg_available_extensions": [EXT], "CREATE": 'required extension "cube" is not installed'}
    told = fake.run("postgresql_ext", {"name": "x", "login_db": "d"})
    assert told["msg"] == 'Management of PostgreSQL extension failed: required extension "cube" is not installed\n'


SCHEMAS = [
    ([], {"owner": "o", "comment": "c"}, ['CREATE SCHEMA "a b" AUTHORIZATION "o"', "COMMENT ON SCHEMA \"a b\" IS 'c'"]),
    ([{"owner": "o", "comment": "c"}], {"owner": "o", "comment": "c"}, []),
    ([{"owner": "p", "comment": "c"}], {"owner": "o", "comment": ""},
     ['ALTER SCHEMA "a b" OWNER TO "o"', "COMMENT ON SCHEMA \"a b\" IS ''"]),
    ([{"owner": "p", "comment": None}], {"state": "absent", "cascade_drop": True}, ['DROP SCHEMA "a b" CASCADE']),
    ([], {"state": "absent"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("now", "args", "queries"), SCHEMAS)
def test_schemas(tmp_path, now, args, queries):
    fake = FakePostgreSQL(tmp_path, {"pg_namespace": now})
    told = fake.run("postgresql_schema", {"name": "a b", **args})
    assert (told["queries"], told["changed"], told["schema"]) == (queries, bool(queries), "a b")
    assert fake.changes == (["BEGIN", *queries, "COMMIT"] if queries else [])
    told = fake.run("postgresql_schema", {"name": "a b", **args}, check=True)
    assert fake.changes == [] and told == {"changed": bool(queries), "schema": "a b"}


def test_what_the_server_refuses(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_namespace": [], "CREATE": 'role "o" does not exist'})
    assert fake.run("postgresql_schema", {"name": "a"})["msg"] == 'Database query failed: role "o" does not exist\n'


OWNED = [
    ({"obj_name": "s.t", "obj_type": "table"}, "p", 'ALTER TABLE "s"."t" OWNER TO "o"'),
    ({"obj_name": "t", "obj_type": "table"}, "o", None),
    ({"obj_name": "f(int, text)", "obj_type": "function"}, "p", 'ALTER FUNCTION "f"(int, text) OWNER TO "o"'),
    ({"obj_name": "m", "obj_type": "matview"}, "p", 'ALTER MATERIALIZED VIEW "m" OWNER TO "o"'),
    ({"obj_name": 'd"b.x', "obj_type": "database"}, "p", 'ALTER DATABASE "d""b.x" OWNER TO "o"'),
    ({"obj_name": "12", "obj_type": "large_object"}, "p", 'ALTER LARGE OBJECT 12 OWNER TO "o"'),
    ({"reassign_owned_by": ["a", "b"]}, "p", 'REASSIGN OWNED BY "a","b" TO "o"'),
]


@pytest.mark.parametrize(("args", "owner", "query"), OWNED)
def test_owners(tmp_path, args, owner, query):
    roles = [{"rolname": name} for name in "abo"]
    fake = FakePostgreSQL(tmp_path, {"pg_get_userbyid": [{"owner": owner}], "pg_roles": roles})
    told = fake.run("postgresql_owner", {"new_owner": "o", **args})
    assert told == {"changed": query is not None, "queries": [query] if query else []}
    fake.run("postgresql_owner", {"new_owner": "o", **args}, check=True)
    assert fake.changes == (["BEGIN", query, "ROLLBACK"] if query else [])


BAD = [
    ({"obj_name": "t"}, "parameters are required together: obj_name, obj_type"),
    ({"obj_name": "t", "obj_type": "table", "reassign_owned_by": "x"}, "parameters are mutually exclusive"),
    ({}, "one of the following is required: obj_name, reassign_owned_by"),
    ({"obj_name": "t", "obj_type": "x"}, "value of obj_type must be one of"),
    ({"reassign_owned_by": "gone"}, "Role 'gone' does not exist"),
    ({"obj_name": "f(int); x", "obj_type": "function"}, "obj_name is no function with types of arguments"),
    ({"obj_name": "1; x", "obj_type": "large_object"}, "must be its number"),
    ({"obj_name": "t", "obj_type": "table", "new_owner": "gone"}, "Role 'gone' does not exist"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(tmp_path, args, message):
    told = FakePostgreSQL(tmp_path, {"pg_roles": [{"rolname": "o"}]}).run(
        "postgresql_owner", {"new_owner": "o", **args}
    )
    assert told["failed"] and message in told["msg"]


def test_roles_that_are_left_out(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_roles": [{"rolname": "o"}]})
    told = fake.run("postgresql_owner", {"new_owner": "o", "reassign_owned_by": "gone", "fail_on_role": False})
    assert not told["changed"] and told["warnings"] == ["Role 'gone' does not exist, nothing to do"]


def test_ping(tmp_path):
    raw = "PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu"
    fake = FakePostgreSQL(tmp_path, {"version()": [{"version": raw}]})
    told = fake.run("postgresql_ping", {})
    assert told["is_available"] and told["server_version"] == {"full": "15.20", "major": 15, "minor": 20, "raw": raw}
    assert pgtext.version("PostgreSQL 9.6.24 on x")["full"] == "9.6.24"
    fake.answers = {"connect": "connection to server failed: No such file"}
    told = fake.run("postgresql_ping", {"login_port": 5433})
    assert not told["is_available"] and told["conn_err_msg"] == "connection to server failed: No such file\n"
    assert not told["changed"] and told["server_version"] == {}


@pytest.mark.parametrize("module", ["postgresql_ext", "postgresql_schema", "postgresql_owner", "postgresql_ping"])
def test_without_psql(monkeypatch, module):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    monkeypatch.setattr(pgclient.glob, "glob", lambda _: [])
    args = {"postgresql_ext": {"name": "x", "login_db": "d"}, "postgresql_schema": {"name": "x"}, "postgresql_ping": {}}
    told = run_module(module, args.get(module, {"new_owner": "o", "reassign_owned_by": "x"}))
    assert "install the package postgresql-client" in told["msg"]
