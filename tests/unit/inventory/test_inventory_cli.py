"""``fleet inventory`` end to end: the same output as ansible-inventory, mistakes on standard error, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli.inventory import app, default_sources

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text())
SHARED = ["-i", "single/shared.ini"]


@pytest.fixture(autouse=True)
def in_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE / "cases")


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.stdout if not code else result.stderr


def test_json_and_yaml_and_graph_are_ansible_inventorys() -> None:
    expected = EXPECTED["shared.ini"]
    assert run("list", "--json", *SHARED) == expected["list"]
    assert run("list", "--yaml", *SHARED) == expected["yaml"]
    assert run("graph", "--vars", *SHARED) == expected["graph"]


def test_plain_list_takes_a_pattern_and_a_limit() -> None:
    assert run("list", "p1:!db", *SHARED) == "w1\nw2\n"
    assert run("list", "--limit", "db:mail", *SHARED) == "d1\nm1\n"


def test_limited_json_keeps_groups_but_not_hosts() -> None:
    shown = json.loads(run("list", "web", "--json", *SHARED))
    assert shown["web"]["hosts"] == ["w1", "w2"]
    assert "db" not in shown and "db" in shown["p1"]["children"]


def test_host_variables_unrendered() -> None:
    text = run("host", "h1.x", "-i", "single/hosts.yml")
    assert json.loads(text) == {"a": 1, "b": 2, "t": "{{ x }}", "v": 1, "when": "2024-01-01"}
    assert "t: '{{ x }}'" in run("host", "h1.x", "--yaml", "-i", "single/hosts.yml")


def test_playbook_variables() -> None:
    words = ("-i", "precedence/inventory", "--playbook-dir", "precedence/playbook")
    assert json.loads(run("host", "h", *words))["line_or_play"] == "playbook"


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (("graph", "p3", *SHARED), 5, "unknown group 'p3'"),
        (("host", "w9", *SHARED), 4, "unknown host 'w9'"),
        (("host", "w1", "--limit", "db", *SHARED), 1, "leaves us with no hosts"),
        (("list", "webb", *SHARED), 1, "did you mean 'web'?"),
        (("list", "--limit", "webb", *SHARED), 1, "leaves us with no hosts"),
        (("list", "-i", "missing"), 4, "does not exist"),
    ],
)
def test_mistakes(words: tuple[str, ...], code: int, what: str) -> None:
    assert what in run(*words, code=code)


def test_default_inventory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSIBLE_INVENTORY", "a.ini,b.ini")
    assert default_sources() == [str(Path("a.ini").absolute()), str(Path("b.ini").absolute())]
    monkeypatch.setenv("ANSIBLE_INVENTORY", "h1,h2,")
    assert default_sources() == ["h1,h2,"]
    monkeypatch.delenv("ANSIBLE_INVENTORY")
    (tmp_path / "inventory").mkdir()
    monkeypatch.chdir(tmp_path)
    assert default_sources() == ["inventory"]
