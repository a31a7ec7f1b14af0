"""postgresql_set: what it runs, what it tells, and when it waits for the server to read its files."""

import pytest
from fake_postgresql import FakePostgreSQL

WORK = {
    "name": "work_mem",
    "setting": "4096",
    "unit": "kB",
    "context": "user",
    "boot_val": "4096",
    "pretty": "4MB",
    "loaded": "1",
}
BUFFERS = {"name": "shared_buffers", "setting": "16384", "unit": "8kB", "context": "postmaster", "boot_val": "16384",
           "pretty": "128MB", "loaded": "1"}  # fmt: skip
RELOAD = "SELECT pg_catalog.pg_reload_conf()"
CASES = [
    (WORK, {"value": "32MB"}, "ALTER SYSTEM SET work_mem = '32MB'"),
    (WORK, {"value": "4mb"}, None),
    (WORK, {"value": "it's"}, "ALTER SYSTEM SET work_mem = 'it''s'"),
    (WORK, {"value": "default"}, "ALTER SYSTEM SET work_mem = DEFAULT"),
    (WORK, {"reset": True}, None),
    ({**WORK, "setting": "8192"}, {"reset": True}, "ALTER SYSTEM RESET work_mem"),
    ({**WORK, "pretty": "off"}, {"value": True}, "ALTER SYSTEM SET work_mem = 'on'"),
    (BUFFERS, {"value": "128MB"}, None),
    (BUFFERS, {"value": "90 mb"}, "ALTER SYSTEM SET shared_buffers = '90MB'"),
    ({**WORK, "name": "search_path", "pretty": "x"}, {"value": "a, b"}, "ALTER SYSTEM SET search_path = 'a','b'"),
    ({**WORK, "name": "search_path", "pretty": '"$user", public'}, {"value": "$user, public"}, None),
]


@pytest.mark.parametrize(("now", "args", "query"), CASES)
def test_statements(tmp_path, now, args, query):
    fake = FakePostgreSQL(tmp_path, {"pg_settings": [{**now, "context": "postmaster"}]})
    told = fake.run("postgresql_set", {"name": now["name"], **args})
    assert told["queries"] == fake.changes == ([query] if query else []) and told["changed"] == bool(query)
    checked = fake.run("postgresql_set", {"name": now["name"], **args}, check=True)
    assert checked["changed"] == bool(query) and checked["queries"] == fake.changes == []


def test_a_change_shows_what_the_server_says_then(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_settings": [WORK]})
    fake.program("psql", (tmp_path / "psql").read_text().replace(
        "for number,", "if any('pg_reload' in text for text in asked): open(home + '/loaded', 'w')\nfor number,").replace(
        "print(json.dumps(row)", "row = dict(row, **(answers['then'] if os.path.exists(home + '/loaded') else {}));"
        " print(json.dumps(row)"))  # fmt: skip
    fake.answers["then"] = {"setting": "32768", "pretty": "32MB", "loaded": "2"}
    told = fake.run("postgresql_set", {"name": "work_mem", "value": "32MB"}, diff=True)
    assert told == {
        "changed": True, "name": "work_mem", "context": "user", "prev_val_pretty": "4MB", "value_pretty": "32MB",
        "value": {"value": 33554432, "unit": "b"}, "restart_required": False,
        "queries": ["ALTER SYSTEM SET work_mem = '32MB'"], "diff": {"before": "4MB\n", "after": "32MB\n"},
    }  # fmt: skip
    assert RELOAD in [text for call in fake.calls for text in call[3]]


def test_a_value_for_the_next_start(tmp_path):
    fake = FakePostgreSQL(tmp_path, {"pg_settings": [BUFFERS]})
    told = fake.run("postgresql_set", {"name": "shared_buffers", "value": "90MB"})
    assert told["changed"] and told["value_pretty"] == "90MB" and told["restart_required"] and "value" not in told
    checked = fake.run("postgresql_set", {"name": "shared_buffers", "value": "90MB"}, check=True)
    assert checked["value"] == {"value": "16384", "unit": "8kB"} and fake.changes == []


REFUSED = [
    ({}, {}, "x: at least one of value or reset param must be specified"),
    ({}, {"value": "1", "reset": True}, "x: value and reset params are mutually exclusive"),
    ({"pg_settings": 'unrecognized configuration parameter "x"'}, {"value": "1"},
     'Unable to get x value due to : unrecognized configuration parameter "x"\n'),
    ({"pg_settings": [{**WORK, "name": None}]}, {"value": "1"},
     "No such parameter: x. Please check its spelling or presence in your PostgreSQL version "
     "(https://www.postgresql.org/docs/current/runtime-config.html)"),
    ({"pg_settings": [{**WORK, "context": "internal"}]}, {"value": "1"}, "x: cannot be changed (internal context). See https://www.postgresql.org/docs/current/runtime-config-preset.html"),
    ({"pg_settings": [WORK], "ALTER": "permission denied"}, {"value": "1"}, "Unable to set x value due to : permission denied\n"),
    ({}, {"value": "x'; drop role y --", "trust_input": False}, "Passed input 'x'; drop role y --' is potentially dangerous"),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "args", "message"), REFUSED)
def test_what_is_refused(tmp_path, answers, args, message):
    assert FakePostgreSQL(tmp_path, answers).run("postgresql_set", {"name": "x", **args})["msg"] == message


def test_a_list_that_would_stop_the_server(tmp_path):
    told = FakePostgreSQL(tmp_path, {}).run("postgresql_set", {"name": "shared_preload_libraries", "value": ""})
    assert "would not start" in told["msg"]
