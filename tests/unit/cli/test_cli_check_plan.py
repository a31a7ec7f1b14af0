"""``fleet check`` and ``fleet plan``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Fleet


def test_all_mistakes_at_once_with_their_lines(fleet: Fleet) -> None:
    ran = fleet("check", "-i", "local.ini", "bad.yml")
    assert (ran.code, ran.out) == (4, "")
    for text in ("copi", "srcc", "tuch", "nohandler", "tsks", "did you mean 'copy'?", "ignoring: nogrp"):
        assert text in ran.err
    assert "  4 |       copi: {src: x}\n    |       ^\n" in ran.err
    assert ran.err.endswith("5 mistakes found\n")


def test_json_for_editors(fleet: Fleet) -> None:
    ran = fleet("check", "-i", "local.ini", "bad.yml", "--format", "json")
    found = json.loads(ran.out)
    assert ran.code == 4
    assert {"file", "line", "column", "what", "hint", "severity"} == set(found[0])
    assert Path(found[0]["file"]).name == "bad.yml" and (found[0]["line"], found[0]["column"]) == (4, 7)
    assert [item["severity"] for item in found] == ["error"] * 5 + ["warning"]
    assert json.loads(fleet("check", "-i", "inventory.ini", "second.yml", "--format", "json").out) == []


def test_what_was_checked_is_counted(fleet: Fleet) -> None:
    ran = fleet("check", "-i", "inventory.ini", "second.yml", "other.yml")
    assert (ran.code, ran.out, ran.err) == (0, "ok: 2 plays, 3 tasks, 7 hosts\n", "")


def test_broken_variable_files_and_inventories_are_found_with_the_rest(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "web.yml").write_text("a: [1\nb: 2\n")
    (tmp_path / "hosts").write_text("[web]\nw1\n[broken\n")
    (tmp_path / "play.yml").write_text("- hosts: web\n  tasks: [{copi: {}}]\n")
    ran = fleet("check", "-i", str(tmp_path / "hosts"), str(tmp_path / "play.yml"))
    assert ran.code == 4
    for text in ("web.yml:", "hosts:3:", "copi"):
        assert text in ran.err


def test_a_playbook_that_is_not_there(fleet: Fleet) -> None:
    ran = fleet("check", "nosuch.yml")
    assert ran.code == 1 and ran.err == "[ERROR]: the playbook: nosuch.yml could not be found\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "play.yml"
    path.write_text(
        f"- hosts: g\n  gather_facts: no\n  tasks:\n    - copy: {{content: x, dest: '{tmp_path}/made'}}\n    - ping:\n"
    )
    return path


def test_a_plan_shows_and_changes_nothing(fleet: Fleet, book: Path) -> None:
    ran = fleet("plan", "-i", "local.ini", str(book))
    assert ran.code == 0 and "+x" in ran.out
    assert ran.out.splitlines()[-1] == "Plan: 2 tasks would change something on 2 of 2 hosts"
    assert not (book.parent / "made").exists()


def test_detailed_exit_codes(fleet: Fleet, book: Path) -> None:
    words = ("plan", "-i", "local.ini", str(book), "--detailed-exitcode")
    assert fleet(*words).code == 3
    assert fleet("apply", "-i", "local.ini", str(book), "-l", "l1").code == 0
    ran = fleet(*words)
    assert ran.code == 0 and ran.out.splitlines()[-1] == "Plan: nothing to change on 2 hosts"
    book.write_text(book.read_text().replace("hosts: g", "hosts: all"))
    ran = fleet(*words)
    assert ran.code == 4 and ran.out.splitlines()[-1].endswith("1 failed or could not be reached")


def test_the_summary_leaves_a_stream_of_json_alone(fleet: Fleet, book: Path) -> None:
    ran = fleet("plan", "-i", "local.ini", str(book), "--format", "jsonl")
    assert all(json.loads(line) for line in ran.out.splitlines())
    assert ran.err.startswith("Plan: ")


def test_the_options_of_apply_hold_for_plan(fleet: Fleet) -> None:
    ran = fleet("plan", "-i", "inventory.ini", "start.yml", "--start-at-task", "nosuch")
    assert ran.code == 4 and "no task to start at" in ran.err
    assert fleet("plan", "start.yml", "--check").code == 5
