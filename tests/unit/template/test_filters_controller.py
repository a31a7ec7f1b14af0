"""Filters and tests that look at this machine: paths, clock, chance; and patterns with backslashes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from expressions import render
from jinja2.exceptions import FilterArgumentError


def test_fileglob_gives_files_in_order(tmp_path: Path) -> None:
    for name in ("b.conf", "a.conf", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "d.conf").mkdir()
    assert render("p | fileglob", p=f"{tmp_path}/*.conf") == [f"{tmp_path}/a.conf", f"{tmp_path}/b.conf"]
    assert render("p | fileglob", p=f"{tmp_path}/nope*") == []


def test_paths_are_resolved_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert render("'link' | realpath") == os.path.realpath(tmp_path / "real")
    assert render("'~/x' | expanduser") == f"{tmp_path}/x"
    assert render("'$HOME/x' | expandvars") == f"{tmp_path}/x"
    assert render("'/tmp/test/me.txt' | relpath('/tmp/other/')") == "../test/me.txt"


def test_tests_on_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("$ANSIBLE_VAULT;1.1;AES256\n3333\n")
    (tmp_path / "broken").symlink_to("nowhere")
    names = {"d": str(tmp_path), "f": str(tmp_path / "file"), "b": str(tmp_path / "broken")}
    true = (
        "d is directory", "f is file", "f is exists", "b is link", "b is link_exists", "b is not exists",
        "f is not directory", "f is abs", "'x' is not abs", "f is same_file(d ~ '/./file')", "'/' is mount",
        "f is vaulted_file", "d is not mount",
    )  # fmt: skip
    for expression in true:
        assert render(expression, **names) is True, expression
    with pytest.raises(FilterArgumentError, match="vaulted_file"):
        render("d ~ '/nope' is vaulted_file", **names)


def test_strftime_takes_seconds_in_any_form(monkeypatch: pytest.MonkeyPatch) -> None:
    assert render("'%Y-%m-%d %H:%M:%S' | strftime(1441357287, utc=true)") == "2015-09-04 09:01:27"
    assert render("'%Y' | strftime('1441357287')") == "2015"
    assert len(render("'%Y-%m-%d' | strftime")) == 10
    with pytest.raises(FilterArgumentError, match="Invalid value for epoch value"):
        render("'%Y' | strftime('x')")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("60 | random(seed='h1')", 32),
        ("60 | random(seed='h2')", 28),
        ("60 | random(5, 5, seed='h1')", 45),
        ("60 | random(start=10, step=10, seed='h1')", 50),
        ("['a', 'b', 'c'] | random(seed='x')", "c"),
        ("['a', 'b', 'c', 'd'] | shuffle(seed='x')", ["a", "b", "d", "c"]),
        ("[1, 2, 3, 4, 5] | shuffle(seed=5)", [1, 2, 4, 3, 5]),
        ("5 | shuffle", 5),
        ("'52:54:00' | community.general.random_mac(seed='h1')", "52:54:00:dc:83:82"),
    ],
)
def test_a_seed_gives_what_it_gives_in_ansible(expression: str, expected: object) -> None:
    assert render(expression) == expected


def test_random_stays_in_its_bounds() -> None:
    assert {render("3 | random(1)") for _ in range(60)} == {1, 2}
    with pytest.raises(FilterArgumentError, match="empty list"):
        render("[] | random")
    with pytest.raises(FilterArgumentError, match="start and step"):
        render("['a'] | random(start=1)")


PATTERNS = [
    ("v | regex_search(p, g, h)", ("server1/db42", r"server(\d+)/db(\d+)", r"\1", r"\2"), ["1", "42"]),
    ("v | regex_search(p, g)", ("21/42", r"(?P<a>\d+)/", r"\g<a>", ""), ["21"]),
    ("v | regex_search(p, g)", ("abc", r"(x)", r"\1", ""), None),
    ("v | regex_replace(p, g)", ("ansible", r"^a.*i(.*)$", r"a\1", ""), "able"),
    ("v | regex_replace(p, g)", ("localhost:80", r"^(?P<h>.+):(?P<p>\d+)$", r"\g<h>, \g<p>", ""), "localhost, 80"),
    ("v | regex_replace(p, g)", ("ansible", r"^a(x)?", r"[\1]", ""), "[]nsible"),
    ("v | regex_findall(p)", ("8.8.8.8 and 8.8.4.4", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "", ""), ["8.8.8.8", "8.8.4.4"]),
    ("v | regex_escape", ("^f.*o(.*)$", "", "", ""), r"\^f\.\*o\(\.\*\)\$"),
    ("v | regex_escape('posix_basic')", ("^f.*o(.*)$[]", "", "", ""), r"\^f\.\*o(\.\*)\$\[\]"),
    ("v | win_basename", (r"C:\Users\a.txt", "", "", ""), "a.txt"),
    ("v | win_dirname", (r"C:\Users\a.txt", "", "", ""), r"C:\Users"),
    ("v | win_splitdrive", (r"C:\Users\a.txt", "", "", ""), ("C:", r"\Users\a.txt")),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "values", "expected"), PATTERNS)
def test_patterns(expression: str, values: tuple[str, str, str, str], expected: object) -> None:
    assert render(expression, **dict(zip("vpgh", values, strict=True))) == expected


def test_a_missing_group_is_an_error() -> None:
    with pytest.raises(FilterArgumentError, match="no such group"):
        render("'a' | regex_search('(a)', g)", g=r"\3")
    with pytest.raises(FilterArgumentError, match="is no group"):
        render("'a' | regex_search('(a)', 'x')")


def test_json_query() -> None:
    value = {"a": [{"b": 1}, {"b": 2}]}
    try:
        import jmespath  # noqa: F401
    except ImportError:
        with pytest.raises(FilterArgumentError, match="pip install jmespath"):
            render("v | json_query('a[*].b')", v=value)
        return
    assert render("v | community.general.json_query('a[*].b')", v=value) == [1, 2]
    assert render("v | json_query('nope')", v=value) is None
    with pytest.raises(FilterArgumentError, match="Incomplete expression"):
        render("v | json_query('a[')", v=value)
