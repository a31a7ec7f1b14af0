"""fleet settings: what is in force and where it was set."""

from __future__ import annotations

import json

import pytest

from fleet.cli.main import main
from fleet.cli.settings import TABLE


@pytest.fixture
def config(tmp_path, monkeypatch):
    for name in [name for setting in TABLE.values() for name in setting.env]:
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "ansible.cfg"
    path.write_text("[defaults]\nforks = 7\n")
    monkeypatch.setenv("ANSIBLE_CONFIG", str(path))
    return path


def run(capsys, *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["settings", *words])
    return end.value.code, capsys.readouterr().out


def test_view_prints_the_file(config, capsys):
    assert run(capsys, "view") == (0, "[defaults]\nforks = 7\n")


def test_dump_tells_where_values_come_from(config, capsys, monkeypatch):
    monkeypatch.setenv("ANSIBLE_TIMEOUT", "3")
    code, out = run(capsys, "dump", "--only-changed")
    assert code == 0
    assert out.splitlines() == [
        f"CONFIG_FILE() = {config}",
        f"FORKS({config}) = 7",
        "TIMEOUT(env: ANSIBLE_TIMEOUT) = 3.0",
    ]


def test_dump_as_json_has_all(config, capsys):
    found = {entry["name"]: entry["origin"] for entry in json.loads(run(capsys, "dump", "--json")[1])}
    assert found.keys() == TABLE.keys()
    assert found["FORKS"] == str(config)
    assert found["STRATEGY"] == "default"


def test_list_explains_every_setting(config, capsys):
    out = run(capsys, "list")[1]
    assert all(f"{name}\n    {setting.help}\n" in out for name, setting in TABLE.items())


def test_no_file_is_an_error_with_the_next_step(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ANSIBLE_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "view")[0] == 5
