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


OWN = """#!/usr/bin/python
DOCUMENTATION = r'''
short_description: Make a site
description:
  - Makes C(sites) of O(path). See L(the manual,https://acme.example/).
  - Twice.
extends_documentation_fragment: [acme.web.common, acme.web.common.more, acme.web.gone]
options:
  path: {description: [Where it is.], type: path, required: true, aliases: [dest]}
  parts: {description: All., type: list, elements: dict, suboptions: {size: {type: int, default: 3, description: How large.}}}
'''
EXAMPLES = "- site: {path: /srv}"
RETURN = "path: {description: As asked., returned: always}"
"""
FRAGMENT = """class ModuleDocFragment(object):
    DOCUMENTATION = "options: {user: {description: Who.}}"
    MORE = "options: {port: {type: int, choices: [1, 2]}}"
"""


def test_a_module_of_somebody_else(fleet: Fleet, tmp_path: Path, monkeypatch) -> None:
    home = tmp_path / "collections/ansible_collections/acme/web/plugins"
    for path, text in (
        (tmp_path / "roles/r/library/site.py", OWN),
        (tmp_path / "library/bare.py", "#!/usr/bin/python\n"),
        (home / "modules/site.py", OWN),
        (home / "doc_fragments/common.py", FRAGMENT),
        (tmp_path / "library/broken.py", "DOCUMENTATION = 'a: b: c'\n"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    text = fleet("modules", "acme.web.site").out
    assert text.startswith(f"acme.web.site  ({home}/modules/site.py)\n\n  Make a site\n")
    assert "Makes `sites` of `path`. See the manual (https://acme.example/). Twice." in text
    assert "  path  (path; required; also dest)\n      Where it is." in text
    assert "  parts  (list of dict)\n      All.\n      size  (int; default 3)\n          How large." in text
    assert "  user  (str)\n      Who." in text and "  port  (int; one of 1, 2)" in text
    assert "those of the fragment acme.web.gone" in text
    assert "  path\n      As asked." in text and "  - site: {path: /srv}" in text
    found = json.loads(fleet("modules", "site", "--json").out)
    assert found["full_name"].endswith("roles/r/library/site.py") and set(found["arguments"]) >= {"path", "parts"}
    assert "carries no documentation" in fleet("modules", "bare").out
    broken = fleet("modules", "broken")
    assert broken.code == 5 and "library/broken.py cannot be read" in broken.err
