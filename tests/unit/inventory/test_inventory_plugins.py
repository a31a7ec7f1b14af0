"""``constructed``, ``generator`` and ``advanced_host_list``: the hosts, groups and variables they make, as ansible-core does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.errors import FleetError
from fleet.inventory.load import InventoryOptions, load
from fleet.inventory.model import Inventory
from fleet.source.diagnostics import Diagnostics

HOSTS = """
all:
  hosts:
    h0:
      text: a-b c
      nothing: null
      empty: ""
      number: 5
      items: [x, "", null, 3]
      tags: {k1: v1, k2: "", k3: null, 4: d}
"""


def build(folder: Path, *plugins: str, options: InventoryOptions | None = None) -> tuple[Inventory, Diagnostics]:
    sources = [folder / "hosts.yml", *(folder / f"c{number}.yml" for number in range(len(plugins)))]
    for path, text in zip(sources, (HOSTS, *plugins), strict=True):
        path.write_text(text)
    problems = Diagnostics()
    return load([str(path) for path in sources], options=options, problems=problems), problems


def made(folder: Path, entry: str, more: str = "") -> list[str]:
    inventory, problems = build(folder, f"plugin: constructed\n{more}\nkeyed_groups: [{{{entry}}}]\n")
    assert not problems.errors
    return [name for name in inventory.groups if name not in ("all", "ungrouped")]


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ("key: text, prefix: P", ["P_a_b_c"]),
        ("key: text", ["_a_b_c"]),
        ("key: text, separator: x", ["xa_b_c"]),
        ("key: nothing, prefix: P", []),
        ("key: empty, prefix: P", []),
        ("key: nothing, prefix: P, default_value: d", ["P_d"]),
        ("key: empty, prefix: P, default_value: d", ["P_d"]),
        ("key: nosuch, prefix: P", []),
        ("key: nosuch.x, prefix: P, default_value: d", []),
        ("key: items, prefix: P", ["P_x", "P_", "P_None", "P_3"]),
        ("key: items, prefix: P, default_value: d", ["P_x", "P_d", "P_3"]),
        ("key: '[]', prefix: P, default_value: d", []),
        ("key: tags, prefix: P", ["P_k1_v1", "P_k2_", "P_k3_None", "P_4_d"]),
        ("key: tags, prefix: P, trailing_separator: false", ["P_k1_v1", "P_k2", "P_k3", "P_4_d"]),
        ("key: tags, prefix: P, default_value: d", ["P_k1_v1", "P_k2_d", "P_k3_d", "P_4_d"]),
        ("key: text, prefix: P, parent_group: 'up_{{ number }}'", ["up_5", "P_a_b_c"]),
    ],
)
def test_keyed_groups(tmp_path: Path, entry: str, names: list[str]) -> None:
    assert made(tmp_path, entry) == names


def test_no_leading_separator(tmp_path: Path) -> None:
    assert made(tmp_path, "key: text, separator: x", "leading_separator: false") == ["a_b_c"]


def test_parent_group_holds_the_keyed_one(tmp_path: Path) -> None:
    text = "plugin: constructed\nkeyed_groups: [{key: text, prefix: P, parent_group: up}]\n"
    inventory, _ = build(tmp_path, text)
    assert list(inventory.groups["up"].children) == ["P_a_b_c"]
    assert list(inventory.members("up")) == ["h0"]


def test_compose_then_groups_see_what_was_composed(tmp_path: Path) -> None:
    text = "plugin: constructed\ncompose: {a: number + 1, b: a * 2, c: nosuch}\ngroups: {g-1: b == 12, g2: nosuch}\n"
    inventory, _ = build(tmp_path, text)
    assert {key: inventory.merged_vars("h0").get(key) for key in "abc"} == {"a": 6, "b": 12, "c": None}
    assert inventory.groups_of("h0") == ("g_1",)


def test_composed_text_is_no_template(tmp_path: Path) -> None:
    inventory, _ = build(tmp_path, """plugin: constructed\ncompose: {a: "'{' ~ '{ x }' ~ '}'"}\n""")
    value = inventory.merged_vars("h0")["a"]
    assert (type(value), value) == (str, "{{ x }}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("strict: true\ncompose: {a: nosuch}", "Could not set a for host h0: 'nosuch' is undefined"),
        ("strict: true\ngroups: {a: nosuch}", "Could not add host h0 to group a"),
        ("strict: true\nkeyed_groups: [{key: nosuch}]", "Could not generate group for host h0 from nosuch entry"),
        ("strict: true\nkeyed_groups: [{key: nothing}]", "No key or key resulted empty for nothing in host h0"),
        ("keyed_groups: [{key: number}]", "Invalid group name format"),
        ("keyed_groups: [{key: a, default_value: b, trailing_separator: false}]", "mutually exclusive"),
        ("keyed_groups: [a]", "must be a mapping, not text"),
        ("compose: [a]", "'compose' must be a mapping, not a list"),
    ],
)
def test_mistakes_in_constructed(tmp_path: Path, text: str, what: str) -> None:
    _, problems = build(tmp_path, f"plugin: ansible.builtin.constructed\n{text}\n")
    assert [what in error.what for error in problems.errors] == [True]
    assert problems.errors[0].at and problems.errors[0].at.path.endswith("c0.yml")


def test_extra_vars_only_where_asked_for(tmp_path: Path) -> None:
    text = "plugin: constructed\nuse_extra_vars: {}\ncompose: {{a: x ~ '!'}}\n"
    options = InventoryOptions(extra_vars={"x": "hey"})
    assert build(tmp_path, text.format("true"), options=options)[0].merged_vars("h0")["a"] == "hey!"
    assert "a" not in build(tmp_path, text.format("false"), options=options)[0].merged_vars("h0")


def test_variable_files_only_where_asked_for(tmp_path: Path) -> None:
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "h0.yml").write_text("place: lab\n")
    text = "plugin: constructed\nuse_vars_plugins: {}\nkeyed_groups: [{{key: place, prefix: in}}]\n"
    assert "in_lab" in build(tmp_path, text.format("true"))[0].groups
    inventory, _ = build(tmp_path, text.format("false"))
    assert "in_lab" not in inventory.groups
    assert inventory.merged_vars("h0")["place"] == "lab"


def test_unknown_plugin(tmp_path: Path) -> None:
    _, problems = build(tmp_path, "plugin: construct\n")
    assert problems.errors[0].what.endswith("c0.yml' specifies unknown plugin 'construct'")
    assert problems.errors[0].hint == "did you mean 'constructed'?"


GENERATOR = """
plugin: ansible.builtin.generator
hosts:
  name: "{{ app }}_{{ stage }}"
  parents:
    - name: "{{ app }}"
      vars: {app: "{{ app }}", later: "{{ only_in_a_play }}"}
      parents: [{name: apps}]
    - name: "{{ stage }}"
layers:
  app: [web, db]
  stage: [dev, prod]
"""


def test_generator_makes_every_combination(tmp_path: Path) -> None:
    inventory, problems = build(tmp_path, GENERATOR)
    assert not problems.errors
    assert list(inventory.members("apps")) == ["web_dev", "web_prod", "db_dev", "db_prod"]
    assert list(inventory.members("dev")) == ["web_dev", "db_dev"]
    assert inventory.merged_vars("db_dev") == {"app": "db", "later": "{{ only_in_a_play }}"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("hosts: {name: a}", "'layers' is missing"),
        ("layers: {a: [1]}", "'hosts' is missing"),
        ("layers: {a: [1]}\nhosts: {}", "'hosts' has no 'name'"),
        ("layers: {a: [1]}\nhosts: {name: h, parents: [{}]}", "Element h has a parent with no name."),
        ("layers: {a: [1]}\nhosts: {name: '{{ b }}'}", "'b' is undefined"),
    ],
)
def test_mistakes_in_generator(tmp_path: Path, text: str, what: str) -> None:
    _, problems = build(tmp_path, f"plugin: generator\n{text}\n")
    assert [what in error.what for error in problems.errors] == [True]


def listed(source: str, **options: Any) -> tuple[list[str], Diagnostics]:
    problems = Diagnostics()
    return list(load([source], options=InventoryOptions(**options), problems=problems).hosts), problems


def test_advanced_host_list() -> None:
    assert listed("a,b[1:5:2]", enabled=("advanced_host_list",))[0] == ["a", "b1", "b3", "b5"]
    hosts, problems = listed("b[1:],", enabled=("advanced_host_list",))
    assert hosts == ["b[1:]"]
    assert "leaving unchanged: host range must specify end value" in problems.warnings[0].what


def test_bad_list_as_a_warning_names_the_plugin() -> None:
    _, problems = listed("b[1:j],", enabled=("advanced_host_list",), missing="warn", none_parsed="warn")
    said = [warning.what for warning in problems.warnings]
    assert any(text.startswith("Failed to parse inventory with 'advanced_host_list' plugin: ") for text in said)
    assert "No inventory was parsed, only implicit localhost is available" in said


def test_plugins_that_are_not_enabled(tmp_path: Path) -> None:
    _, problems = build(tmp_path, "plugin: constructed\n", options=InventoryOptions(enabled=("yaml",)))
    assert problems.errors[0].what == "the inventory plugin 'constructed' is not enabled"
    _, problems = build(tmp_path, "plugin: constructed\n", options=InventoryOptions(enabled=("ini", "constructed")))
    assert ["'yaml' is not enabled" in error.what for error in problems.errors] == [True]


def test_no_source_could_be_read(tmp_path: Path) -> None:
    options = InventoryOptions(unparsed="warn", none_parsed="error")
    with pytest.raises(FleetError, match="No inventory was parsed, please check") as caught:
        load([str(tmp_path / "nope")], options=options, problems=Diagnostics())
    assert caught.value.code == 1
    (tmp_path / "hosts").write_text("h1\n")
    assert load([str(tmp_path / "nope"), str(tmp_path / "hosts")], options=options, problems=Diagnostics()).hosts


def test_folder_without_inventories(tmp_path: Path) -> None:
    for how, errors in (("error", 0), ("warn", 0), ("fail", 1)):
        problems = Diagnostics()
        load([str(tmp_path)], options=InventoryOptions(unparsed=how), problems=problems)  # type: ignore[arg-type]
        assert len(problems.errors) == errors


@pytest.mark.parametrize(
    ("how", "name", "said"),
    [
        ("never", "web-1", "but not replaced: web-1"),
        ("always", "web_1", "and automatically replaced: web-1"),
        ("ignore", "web-1", ""),
        ("silently", "web_1", ""),
    ],
)
def test_signs_in_group_names(tmp_path: Path, how: str, name: str, said: str) -> None:
    (tmp_path / "hosts").write_text("[web-1]\nh1\n[web-1:vars]\na=1\n[up:children]\nweb-1\n")
    problems = Diagnostics()
    inventory = load([str(tmp_path / "hosts")], options=InventoryOptions(group_chars=how), problems=problems)
    assert not problems.errors
    assert inventory.groups_of("h1") == ("up", name)
    assert inventory.merged_vars("h1") == {"a": 1}
    assert [said in warning.what for warning in problems.warnings] == ([True] if said else [])


def test_toml_lists_children_and_holds_templates(tmp_path: Path) -> None:
    (tmp_path / "h.toml").write_text('[up]\nchildren = ["web"]\n[web.hosts]\nh1 = {t = "{{ x }}"}\n')
    inventory = load([str(tmp_path / "h.toml")], problems=(problems := Diagnostics()))
    assert not problems.errors
    assert list(inventory.members("up")) == ["h1"]
    assert inventory.merged_vars("h1")["t"].is_template


def test_ini_values_without_a_word_in_yaml(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[all:vars]\na=set()\nb=[..., 1j, set(), {1}]\nc=1j\nd=...\ne=settle\n[g]\nh\n")
    inventory = load([str(tmp_path / "hosts")], problems=Diagnostics())
    assert inventory.merged_vars("h") == {"a": [], "b": ["...", "1j", [], [1]], "c": "1j", "d": "...", "e": "settle"}


def test_script_marks_foreign_text(tmp_path: Path) -> None:
    path = tmp_path / "s.sh"
    path.write_text(
        '#!/bin/sh\necho \'{"g": {"hosts": ["h"], "vars": {"a": {"__ansible_unsafe": "{{ x }}"}, "b": "c"}}}\'\n'
    )
    path.chmod(0o755)
    values = load([str(path)], problems=Diagnostics()).merged_vars("h")
    assert (type(values["a"]), values["a"]) == (str, "{{ x }}")
    assert values["b"].at.path == str(path)
