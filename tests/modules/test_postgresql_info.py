"""postgresql_info: what is asked for, in the shape that playbooks read."""

import pytest
from fake_postgresql import FakePostgreSQL

from fleet.modules import postgresql_info

RAW = "PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu"
SETTING = {"setting": "5120", "unit": "kB", "context": "user", "vartype": "integer", "boot_val": "4096", "min_val": "64",
           "max_val": "9", "sourcefile": None, "pending_restart": True, "pretty_val": "5MB"}  # fmt: skip
PUBLICATION = {"oid": 1, "pubowner": 10, "puballtables": True, "ownername": "postgres"}
DATABASE = {"owner": "postgres", "encoding": "UTF8", "collate": "C", "ctype": "C", "access_priv": "", "size": "7"}


@pytest.fixture
def fake(tmp_path):
    return FakePostgreSQL(
        tmp_path,
        {
            "pg_catalog.version()": [{"version": RAW}],
            "pg_is_in_recovery": [{"here": False}],
            "FROM pg_catalog.pg_database WHERE datallowconn": [{"key": "shop", **DATABASE}],
            "FROM pg_catalog.pg_extension": [
                {"key": "hstore", "extversion": "1.8", "nspname": "public", "description": "d"}
            ],
            "FROM pg_catalog.pg_language": [{"key": "c", "lanowner": "postgres", "lanacl": ""}],
            "FROM pg_catalog.pg_namespace": [{"key": "public", "nspowner": "postgres", "nspacl": ""}],
            "FROM pg_catalog.pg_publication": [{"key": "p", "pubname": "p", **PUBLICATION}],
            "FROM pg_catalog.pg_subscription": [
                {"key": "s", "subname": "s", "subconninfo": "host=h password='a b' user=u"}
            ],
            "FROM pg_catalog.pg_tablespace": [{"key": "t", "spcowner": "postgres", "spcacl": "", "spcoptions": []}],
            "FROM pg_catalog.pg_roles r": [{"key": "r", "canlogin": True, "valid_until": None, "member_of": ["g"]}],
            "FROM pg_catalog.pg_stat_replication": [{"key": 7, "usename": "u", "state": "streaming"}],
            "FROM pg_catalog.pg_replication_slots": [{"key": "sl", "active": False}],
            "FROM pg_catalog.pg_settings": [{"key": "work_mem", **SETTING}],
        },
    )


EXPECTED = {
    "version": {"full": "15.20", "major": 15, "minor": 20, "patch": None, "raw": RAW},
    "in_recovery": False,
    "databases": {
        "shop": {
            **DATABASE,
            "extensions": {"hstore": {"extversion": {"raw": "1.8", "major": 1, "minor": 8}, "nspname": "public", "description": "d"}},
            "languages": {"c": {"lanowner": "postgres", "lanacl": ""}},
            "namespaces": {"public": {"nspowner": "postgres", "nspacl": ""}},
            "publications": {"p": PUBLICATION},
            "subscriptions": {"s": {"subconninfo": "host=h password=******** user=u"}},
        }
    },
    "tablespaces": {"t": {"spcowner": "postgres", "spcacl": "", "spcoptions": []}},
    "roles": {"r": {"canlogin": True, "valid_until": "", "member_of": ["g"]}},
    "replications": {"7": {"usename": "u", "state": "streaming"}},
    "repl_slots": {"sl": {"active": False}},
    "settings": {"work_mem": {**SETTING, "sourcefile": "", "val_in_bytes": 5242880}},
    "pending_restart_settings": ["work_mem"],
}  # fmt: skip


def test_everything(fake):
    told = fake.run("postgresql_info", {}, check=True)
    told["replications"] = {str(key): value for key, value in told["replications"].items()}
    assert told == {"changed": False, **EXPECTED} and fake.changes == []


def test_what_is_asked_for(fake):
    told = fake.run("postgresql_info", {"filter": "ver*, !settings"})
    assert told["version"] == EXPECTED["version"] and told["settings"] == {} and told["in_recovery"] is None
    assert postgresql_info.chosen(["repl*"]) == ["replications", "repl_slots"]
    assert postgresql_info.chosen(["!set*"]) == [name for name in postgresql_info.EMPTY if name != "settings"]
    assert postgresql_info.chosen(["nope"]) == [] and postgresql_info.chosen([]) == list(postgresql_info.EMPTY)


def test_a_database_that_cannot_be_entered(fake):
    fake.program("psql", (fake.folder / "psql").read_text().replace(
        'if answers.get("connect")', 'if answers.get("connect") and "dbname=\'shop\'" in str(sys.argv)'))  # fmt: skip
    fake.answers["connect"] = 'FATAL:  cannot connect to invalid database "shop"'
    shop = fake.run("postgresql_info", {"filter": "databases"})["databases"]["shop"]
    assert (
        shop["error"] == "Could not connect to the database." and shop["languages"] == {} and "publications" not in shop
    )


def test_what_the_server_refuses(fake):
    fake.answers["pg_catalog.version()"] = "permission denied"
    assert fake.run("postgresql_info", {"filter": "version"})["msg"] == "Cannot execute SQL: permission denied\n"
