"""ansible.utils' filters on structures, and the lookups ``filetree``, ``random_string``, ``collection_version``."""

from __future__ import annotations

import os
import string
from pathlib import Path
from typing import Any

import pytest

from fleet.source.nodes import trust
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()
DATA = {
    "s": {"a": {"b": [{"c d": 1}, []]}, "e": None},
    "hosts": [{"n": "a", "up": True}, {"n": "b"}, {"n": "a", "up": False}],
    "net": [{"name": "eth0", "inner": {"name": "x", "mtu": 1}, "mtu": 2}, {"mtu": 3}],
}


def render(text: str) -> Any:
    return TEMPLAR.render(trust(text), Scope([DATA], TEMPLAR))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ s | ansible.utils.to_paths }}", {"a.b[0]['c d']": 1, "a.b[1]": [], "e": None}),
        ("{{ s.a | ansible.utils.to_paths(prepend='r') }}", {"r.b[0]['c d']": 1, "r.b[1]": []}),
        ("{{ s | to_paths(wantlist=true) | length }}", 1),
        ("{{ s | ansible.utils.get_path(\"a.b[0]['c d']\") }}", 1),
        ("{{ s | ansible.utils.get_path('a.b.0', wantlist=true) }}", [{"c d": 1}]),
        ("{{ s | get_path('a.zz') | default('none') }}", "none"),
        ("{{ [1, 5, 5] | ansible.utils.index_of('eq', 1) }}", 0),
        ("{{ [1, 5, 5] | index_of('==', 5) }}", [1, 2]),
        ("{{ [1, 5, 5] | index_of('!eq', 5, wantlist=true) }}", [0]),
        ("{{ hosts | index_of('eq', 'a', 'n') }}", [0, 2]),
        ("{{ hosts | index_of('truthy', key='up') }}", 0),
        ("{{ hosts | index_of('eq', value='zz', key='n') }}", []),
        ("{{ net | ansible.utils.keep_keys(target=['name']) }}", [{"name": "eth0", "inner": {"name": "x"}}]),
        ("{{ net | ansible.utils.remove_keys(['mtu', 'inner']) }}", [{"name": "eth0"}, {}]),
        (
            "{{ net | ansible.utils.replace_keys([{'before': 'mtu', 'after': 'MTU'}]) }}",
            [{"name": "eth0", "inner": {"name": "x", "MTU": 1}, "MTU": 2}, {"MTU": 3}],
        ),
        ("{{ [{'a1': 1, 'b': 2}] | keep_keys('a', 'starts_with') }}", [{"a1": 1}]),
        ("{{ {'a': [1]} | community.general.to_nice_yaml }}", "a:\n- 1\n"),
        ("{{ lookup('community.general.collection_version', 'community.crypto') is none }}", True),
        ("{{ lookup('community.general.collection_version', 'x.y', result_not_found='no') }}", "no"),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert render(text) == value


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("{{ s | get_path('a.zz') }}", UndefinedVariable, "no attribute 'zz'"),
        ("{{ s | get_path('a b') }}", TemplateError, "cannot read the path 'a b' from ' b' on"),
        ("{{ hosts | index_of('eq', true, 'up', fail_on_missing=true) }}", TemplateError, "there is no 'up'"),
        ("{{ [1] | index_of('nosuch') }}", TemplateError, "there is no test 'nosuch'"),
        ("{{ net | ansible.utils.keep_keys('a', 'like') }}", TemplateError, "unknown matching_parameter 'like'"),
    ],
)
def test_errors(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        render(text)


def test_filetree_lists_folders_files_and_links_nearest_folder_first(tmp_path: Path) -> None:
    for name, text in (("web/a.txt", "far"), ("web/sub/b", "b"), ("own/a.txt", "near")):
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o640)
    os.symlink("b", tmp_path / "files/web/sub/l")
    scope = Scope([], TEMPLAR, (str(tmp_path),))
    found = TEMPLAR.lookup("community.general.filetree", ["own/", "web/", "missing/"], scope)
    by_path = {item["path"]: item for item in found}
    assert list(by_path) == ["a.txt", "sub", "sub/b", "sub/l"]
    assert by_path["a.txt"]["src"] == str(tmp_path / "files/own/a.txt")
    assert by_path["a.txt"]["root"] == str(tmp_path / "files/own")
    assert (by_path["a.txt"]["state"], by_path["a.txt"]["mode"]) == ("file", "0640")
    assert by_path["a.txt"]["uid"] == os.getuid()
    assert by_path["sub"]["state"] == "directory" and "src" not in by_path["sub"]
    assert (by_path["sub/l"]["state"], by_path["sub/l"]["src"]) == ("link", "b")
    assert [item["path"] for item in TEMPLAR.lookup("filetree", ["web"], scope, exclude="^[bl]$")] == ["sub", "a.txt"]


def test_random_strings() -> None:
    def make(**options: Any) -> str:
        return str(TEMPLAR.lookup("community.general.random_string", [], Scope([], TEMPLAR), **options)[0])

    assert len(make()) == 8 and make(length=40) != make(length=40)
    assert make(seed="x") == make(seed="x")
    assert set(make(length=50, special=False, upper=False, numbers=False)) <= set(string.ascii_lowercase)
    assert sum(c.isdigit() for c in make(length=12, min_numeric=12)) == 12
    assert set(make(length=20, override_all="ab")) <= {"a", "b"}
    assert not set(make(length=200, ignore_similar_chars=True)) & set("il1LoO0")
    with pytest.raises(TemplateError, match="no characters"):
        make(upper=False, lower=False, numbers=False, special=False)
