"""Playbooks of installed collections by their full names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.cli.main import main

PLAY = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - import_role: {name: r}\n"


@pytest.fixture(autouse=True)
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "ansible_collections" / "acme" / "site"
    for name, text in {"playbooks/web.yml": PLAY, "roles/r/tasks/main.yml": "- debug: {msg: role of acme}\n"}.items():
        path = home / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return home


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "name", ["acme.site.web", "acme.site.web.yml", "ansible_collections/acme/site/playbooks/web.yml"]
)
def test_a_playbook_of_a_collection_sees_its_roles(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "-i", "localhost,", name) == 0
    assert run("apply", "--format", "plain", "-i", "localhost,", "-c", "local", name) == 0
    assert "acme.site.r : debug" in (said := capsys.readouterr().out) and "role of acme" in said


def test_a_name_that_no_collection_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("apply", "-i", "localhost,", "acme.site.wep") == 1
    assert "acme.site.wep could not be found" in capsys.readouterr().err


def test_a_file_of_that_name_in_this_folder_is_not_needed_and_a_plain_name_is_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "web.yml").write_text(PLAY.replace("import_role: {name: r}", "debug: {msg: mine}"))
    assert run("apply", "--format", "plain", "-i", "localhost,", "-c", "local", "web.yml") == 0
    assert "mine" in capsys.readouterr().out
