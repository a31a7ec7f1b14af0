"""Facts that a task sets for another host are there for whatever comes behind it, however slow the setting host is."""

from __future__ import annotations

import json
import sys

import pytest

from fleet.cli.main import main


@pytest.mark.slow
def test_facts_for_another_host_are_there_for_its_next_task(tmp_path, capsys):
    tasks = [
        {"command": "sleep 0.7", "when": "inventory_hostname == 'a'"},
        {"set_fact": {"theirs": 1}, "delegate_to": "b", "delegate_facts": True, "when": "inventory_hostname == 'a'"},
        {"assert": {"that": "theirs == 1"}, "when": "inventory_hostname == 'b'"},
        {"set_fact": {"theirs": 2}},
        {"command": "sleep 0.7", "when": "inventory_hostname == 'b'"},
        {"assert": {"that": "theirs == 2"}, "when": "inventory_hostname == 'b'"},
        {"set_fact": {"theirs": 3}, "delegate_to": "b", "delegate_facts": True, "when": "inventory_hostname == 'a'"},
        {"assert": {"that": "theirs == (3 if inventory_hostname == 'b' else 2)"}},
    ]
    hosts = "".join(f"{name} ansible_connection=local ansible_python_interpreter={sys.executable}\n" for name in "abc")
    (tmp_path / "inventory").write_text(hosts)
    (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    with pytest.raises(SystemExit) as end:
        main(["apply", "-i", str(tmp_path / "inventory"), str(tmp_path / "play.yml")])
    assert end.value.code == 0, capsys.readouterr().out
