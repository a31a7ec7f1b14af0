"""What tasks read of their connection where nobody set it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.cli.main import main

NAMES = (
    "ansible_connection ansible_user ansible_ssh_user ansible_host ansible_ssh_host ansible_port ansible_ssh_port "
    "ansible_timeout ansible_ssh_timeout ansible_shell_executable ansible_private_key_file ansible_ssh_private_key_file"
).split()


def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, *options: str, **keywords: object) -> dict:
    """The connection variables that a task without a host side sees, by name without ``ansible_``."""
    text = "{{ lookup('vars', item, default='') }}"
    task = {"debug": {"msg": text}, "loop": NAMES, **keywords}
    play = {"hosts": "web1", "gather_facts": False, "tasks": [task]}
    (tmp_path / "inventory").write_text(f"{host}\n")
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    with pytest.raises(SystemExit) as end:
        main(["apply", "--format", "jsonl", "-i", str(tmp_path / "inventory"), str(tmp_path / "play.yml"), *options])
    out = capsys.readouterr().out
    assert end.value.code == 0, out
    results = [line["result"] for line in map(json.loads, out.splitlines()) if line["event"] == "item_result"]
    found = {result["item"]: result["msg"] for result in results}
    assert len(found) == len(NAMES), out
    return {name.removeprefix("ansible_"): value for name, value in found.items() if value != ""}


def test_a_bare_host(tmp_path, capsys):
    assert told(tmp_path, capsys, "web1") == {
        "connection": "ssh", "host": "web1", "ssh_host": "web1", "timeout": 10, "ssh_timeout": 10,
        "shell_executable": "/bin/sh",
    }  # fmt: skip


def test_options_and_keywords(tmp_path, capsys):
    found = told(tmp_path, capsys, "web1", "-u", "joe", "--private-key", "/k", "-T", "33")
    assert {name: found[name] for name in ("user", "ssh_user", "timeout", "private_key_file")} == {
        "user": "joe", "ssh_user": "joe", "timeout": 33, "private_key_file": "/k",
    }  # fmt: skip
    found = told(tmp_path, capsys, "web1", "-u", "joe", connection="local", remote_user="ann")
    assert (found["connection"], found["user"], found["ssh_user"]) == ("local", "ann", "ann")


def test_the_inventory_wins_and_both_names_are_read(tmp_path, capsys):
    host = "web1 ansible_ssh_user=eve ansible_host=10.0.0.9 ansible_port=2222 ansible_connection=local"
    found = told(tmp_path, capsys, host, "-u", "joe")
    assert (found["user"], found["ssh_user"], found["ssh_host"], found["ssh_port"]) == ("eve", "eve", "10.0.0.9", 2222)
    assert found["connection"] == "local"


def test_a_delegated_task_reads_the_delegates_where_its_own_host_has_none(tmp_path, capsys):
    both = "{}\ndb1 ansible_user=ann ansible_host=10.0.0.8"
    found = told(tmp_path, capsys, both.format("web1"), delegate_to="db1")
    assert found == {
        "connection": "ssh", "host": "10.0.0.8", "ssh_host": "10.0.0.8", "user": "ann", "ssh_user": "ann",
        "timeout": 10, "ssh_timeout": 10, "shell_executable": "/bin/sh",
    }  # fmt: skip
    own = both.format("web1 ansible_user=eve ansible_host=10.0.0.9 ansible_connection=local")
    found = told(tmp_path, capsys, own, delegate_to="db1")
    names = ("connection", "user", "host", "ssh_host")
    assert [found[name] for name in names] == ["local", "eve", "10.0.0.9", "10.0.0.8"]
    found = told(tmp_path, capsys, "web1", delegate_to="localhost")
    assert [found.get(name) for name in names] == ["local", None, "localhost", "localhost"]


def test_every_item_of_a_delegated_loop_reads_the_delegates(tmp_path, capsys):
    found = told(tmp_path, capsys, "web1\ndb1 ansible_private_key_file=/k ansible_port=2222", delegate_to="db1")
    assert (found["port"], found["ssh_private_key_file"]) == (2222, "/k")
