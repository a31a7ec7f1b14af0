"""``fleet modules``: the list, one module, Markdown."""

from __future__ import annotations

import json
from pathlib import Path

from fleet.playbook import registry

from .conftest import Fleet


def test_every_module_is_listed_with_a_sentence(fleet: Fleet) -> None:
    lines = fleet("modules").out.splitlines()
    assert [line.split()[0] for line in lines] == list(registry.known())
    assert all(len(line.split()) > 2 for line in lines)
    assert list(json.loads(fleet("modules", "--json").out)) == sorted(registry.known())


def test_one_module(fleet: Fleet) -> None:
    text = fleet("modules", "ansible.builtin.file").out
    assert text.startswith("file  (ansible.builtin.file)\n")
    assert "\n  path  (path; required; also dest, name)\n" in text
    assert "one of absent, directory, file, hard, link, touch" in text
    for title in ("ARGUMENTS", "RETURNS", "EXAMPLES"):
        assert f"\n{title}\n" in text
    assert "may be written on one line" in fleet("modules", "command").out


def test_one_module_as_data(fleet: Fleet) -> None:
    found = json.loads(fleet("modules", "copy", "--json").out)
    assert found["arguments"]["dest"]["required"] is True
    assert found["full_name"] == "ansible.builtin.copy"


def test_unknown_module(fleet: Fleet) -> None:
    ran = fleet("modules", "fiel")
    assert ran.code == 5 and ran.err == "[ERROR]: there is no module 'fiel' (did you mean 'file'?)\n"


def test_markdown(fleet: Fleet, tmp_path: Path) -> None:
    fleet("modules", "--markdown", str(tmp_path))
    assert {path.stem for path in tmp_path.glob("*.md")} == {*registry.known(), "index"}
    page = (tmp_path / "file.md").read_text()
    assert page.startswith("# file\n") and "| `path` | path; required; also dest, name |" in page
    assert "```yaml\n" in page and "\n\n\n" not in page
    for line in (line for line in page.splitlines() if line.startswith("|")):
        assert line.replace("\\|", "").count("|") in (3, 4)
