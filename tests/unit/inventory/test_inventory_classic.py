"""``fleet inventory`` with ansible-inventory's own options, and what settings say about sources that cannot be read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli.inventory import app

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text())["shared.ini"]
SHARED = ["-i", "single/shared.ini"]


@pytest.fixture(autouse=True)
def in_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE / "cases")


def run(*words: str, code: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(app, list(words))
    error = f"{result.stderr}{result.exception}"
    assert result.exit_code == code or (code and getattr(result.exception, "code", None) == code), error
    return result.stdout, error


def test_the_actions_print_what_ansible_inventory_prints() -> None:
    assert run(*SHARED, "--list")[0] == EXPECTED["list"]
    assert run("--list", "--export", *SHARED)[0] == EXPECTED["export"]
    assert run("--list", "-y", *SHARED)[0] == EXPECTED["yaml"]
    assert run("--graph", "--vars", *SHARED)[0] == EXPECTED["graph"]


def test_graph_takes_a_group() -> None:
    assert run("--graph", "web", *SHARED)[0] == run("graph", "web", *SHARED)[0]
    assert "unknown group 'wep'" in run("--graph", "wep", *SHARED, code=5)[1]


def test_host_and_limit_and_extra_variables() -> None:
    values = json.loads(run("--host", "w1", *SHARED, "-e", "x=from_e")[0])
    assert values["x"] == "from_e"
    hostvars = json.loads(run("--list", *SHARED, "-e", "x=from_e", "--limit", "w1")[0])["_meta"]["hostvars"]
    assert set(hostvars) == {"w1"} and hostvars["w1"]["x"] == "from_e"


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    assert run("--list", *SHARED, "--output", str(target))[0] == ""
    assert target.read_text() == EXPECTED["list"]
    assert "cannot write" in run("--list", *SHARED, "--output", str(tmp_path), code=5)[1]


def test_toml_can_be_read_back(tmp_path: Path) -> None:
    text = run("--list", "--toml", "--export", *SHARED)[0]
    assert tomllib.loads(text)
    (tmp_path / "back.toml").write_text(text)
    same = json.loads(run("--list", "-i", str(tmp_path / "back.toml"))[0])
    wanted = json.loads(EXPECTED["list"])
    assert same["_meta"] == wanted["_meta"]
    assert same["web"] == wanted["web"]


@pytest.mark.parametrize("words", [("--list", "--graph"), ("--list", "--host", "w1"), ("--list", "--yaml", "--toml")])
def test_actions_exclude_each_other(words: tuple[str, ...]) -> None:
    assert "exclude each other" in run(*words, *SHARED, code=5)[1]


def test_unreadable_source_is_only_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "hosts"
    broken.write_text("h1\nh2 nonsense\n")
    for source in (str(broken), "/does/not/exist"):
        out, error = run("--list", "-i", source)
        assert json.loads(out)["all"]
        assert f"Unable to parse {source} as an inventory source" in error
        assert "No inventory was parsed, only implicit localhost is available" in error
    monkeypatch.setenv("ANSIBLE_INVENTORY_UNPARSED_WARNING", "no")
    assert "No inventory was parsed" not in run("--list", "-i", str(broken))[1]
    monkeypatch.setenv("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "yes")
    assert "expected key=value" in run("--list", "-i", str(broken), code=4)[1]


def test_none_parsed_can_be_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_INVENTORY_UNPARSED_FAILED", "yes")
    assert "No inventory was parsed, please check" in run("--list", "-i", "/does/not/exist", code=1)[1]
    assert run("--list", "-i", "/does/not/exist", *SHARED)[0] == EXPECTED["list"]


def test_commands_of_its_own_are_strict_unless_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not exist" in run("list", "-i", "/does/not/exist", code=4)[1]
    monkeypatch.setenv("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "no")
    assert run("list", "-i", "/does/not/exist", *SHARED)[0].splitlines()[0]


def test_group_chars_must_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", "sometimes")
    assert "TRANSFORM_INVALID_GROUP_CHARS is 'sometimes'" in run("--list", *SHARED, code=5)[1]
