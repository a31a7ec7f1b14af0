"""Inventory plugins that others wrote for Ansible's API: found, fed, and their hosts and groups taken over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet.cli.inventory import app
from fleet.inventory.handles import Data
from fleet.inventory.load import load
from fleet.inventory.model import Inventory
from fleet.inventory.options import InventoryOptions
from fleet.plugins.table import Plugins
from fleet.source.diagnostics import Diagnostics
from fleet.template.templar import Templar

SHELVES = '''
DOCUMENTATION = """
name: shelves
extends_documentation_fragment: [constructed, inventory_cache, ours]
options:
  plugin: {required: true, choices: [shelves, acme.stock.shelves]}
  machines: {type: list, default: []}
  rule: {type: str, default: "weight | default(1) + 1"}
  login: {type: str, env: [{name: SHELVES_LOGIN}]}
"""
import os

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "shelves"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("shelves.yml", "shelves.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        key = self.get_cache_key(path)
        found = self._cache.get(key) if cache and self.get_option("cache") else None
        if found is None:
            found = self.get_option("machines")
            if os.path.exists("broken"):
                raise AnsibleParserError("the shelf fell down")
            self._cache[key] = found
        strict = self.get_option("strict")
        top = inventory.add_group("stock")
        inventory.set_variable(top, "login", self.get_option("login"))
        inventory.set_variable(top, "shared", self.get_option("shared"))
        for machine in found:
            host = inventory.add_host(machine["name"], group=top, port=machine.get("port"))
            inventory.set_variable(host, "foreign", "{{ 1 + 1 }}")
            for name, value in machine.get("vars", {}).items():
                inventory.set_variable(host, name, value)
            known = inventory.get_host(host).get_vars()
            inventory.set_variable(host, "ruled", self._compose(self.get_option("rule"), known))
            self._set_composite_vars(self.get_option("compose"), known, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), known, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, host, strict=strict)
'''
FRAGMENT = '''
class ModuleDocFragment:
    DOCUMENTATION = """
options:
  shared: {type: int, default: 7}
"""
'''
CONFIG = """
plugin: shelves
machines:
  - {name: b1, port: 2222, vars: {weight: 3, color: red, tags: {row: a, col: ""}}}
  - {name: b2, vars: {color: "", sizes: [s, l]}}
compose:
  heavy: weight * 10
groups:
  heavies: weight is defined and weight > 2
  odd-name: inventory_hostname == 'b2'
  broken: weight > 2
keyed_groups:
  - {key: color, prefix: c, parent_group: colors}
  - {key: sizes, separator: ""}
  - {key: tags, prefix: t}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "inventory_plugins/shelves.py": SHELVES,
        "doc_fragments/ours.py": FRAGMENT,
        "shelves.yml": CONFIG,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(*words: str, code: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, f"{result.stderr}{result.exception}"
    return result.stdout, result.stderr


def listing(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--list", *(words or ("-i", "shelves.yml")))[0])
    return found


def test_hosts_groups_and_variables_of_a_plugin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELVES_LOGIN", "anna")
    found = listing()
    b1, b2 = (found["_meta"]["hostvars"][name] for name in ("b1", "b2"))
    assert found["stock"]["hosts"] == ["b1", "b2"] and found["heavies"]["hosts"] == ["b1"]
    assert found["odd_name"]["hosts"] == ["b2"], "groups that are made get names that variables can have"
    assert found["colors"]["children"] == ["c_red"] and found["s"]["hosts"] == ["b2"]
    assert found["t_row_a"]["hosts"] == found["t_col_"]["hosts"] == ["b1"]
    assert "broken" not in found or found["broken"]["hosts"] == ["b1"], "b2 has no weight, and strict is off"
    assert b1["ansible_port"] == 2222 and b1["heavy"] == 30 and "heavy" not in b2
    assert (b1["ruled"], b2["ruled"]) == (4, 2), "a default of the documentation is an expression of the plugin's own"
    assert b1["login"] == {"__ansible_unsafe": "anna"} and b1["shared"] == 7


def test_text_that_a_plugin_brings_is_data_and_the_users_own_is_not(folder: Path) -> None:
    (folder / "shelves.yml").write_text(
        'plugin: shelves\nmachines: [{name: b1, vars: {own: "{{ inventory_hostname }}"}}]'
    )
    plugins = Plugins(Templar(), (), {"inventory": ["inventory_plugins"], "doc_fragment": ["doc_fragments"]})
    problems = Diagnostics()
    options = InventoryOptions(plugins=lambda: plugins)
    values = load(["shelves.yml"], options=options, problems=problems).merged_vars("b1")
    assert not problems.errors
    assert getattr(values["own"], "is_template", False) and type(values["foreign"]) is str


def test_strict_makes_what_fails_an_error(folder: Path) -> None:
    (folder / "shelves.yml").write_text(CONFIG + "strict: true\n")
    error = run("--list", "-i", "shelves.yml")[1]
    assert (
        "Failed to parse inventory with 'yaml' plugin: inventory plugin 'shelves': Could not generate group for host b1 from sizes"
        in error
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("other.yml", "plugin: shelves", "could not be verified by inventory plugin 'shelves'"),
        ("shelves.yml", "plugin: shelves\ngroups: 3", "invalid value: Invalid value provided for 'dict': 3"),
        ("shelves.yml", "plugin: shelfs", "specifies unknown plugin 'shelfs'"),
        ("shelves.yml", "plugin: shelves\nkeyed_groups: [x]\nmachines: [{name: a}]", "it must be a dictionary: x"),
        ("shelves.yml", "plugin: shelves\nmachines: [{port: 1}]", "KeyError: 'name'"),
        ("shelves.yml", "plugin: shelves\nmachines: [{name: 5}]", "expected a string but got"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(folder: Path, name: str, text: str, message: str) -> None:
    (folder / name).write_text(text)
    error = run("--list", "-i", name)[1]
    assert message in error and "Traceback" not in error
    assert f"Unable to parse {folder / name} as an inventory source" in error


def test_answers_are_kept_between_runs_until_they_are_flushed(folder: Path) -> None:
    kept = "cache: true\ncache_plugin: jsonfile\ncache_connection: ./kept\n"
    (folder / "shelves.yml").write_text(CONFIG + kept)
    first = listing()
    (folder / "broken").touch()
    again = listing()
    assert again["stock"] == first["stock"], "the plugin was not asked again"
    assert again["_meta"]["hostvars"]["b1"]["heavy"] == 30
    assert [path.name[:29] for path in (folder / "kept").iterdir()] == ["ansible_inventory_s1_shelves_"]
    assert "the shelf fell down" in run("--list", "-i", "shelves.yml", "--flush-cache")[1]


def test_without_a_cache_the_plugin_is_asked_every_time(folder: Path) -> None:
    listing()
    (folder / "broken").touch()
    assert "the shelf fell down" in run("--list", "-i", "shelves.yml")[1]


def test_a_plugin_of_a_collection_by_its_full_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "collections/ansible_collections/acme/stock"
    (home / "plugins/inventory").mkdir(parents=True)
    (folder / "inventory_plugins/shelves.py").rename(home / "plugins/inventory/shelves.py")
    (home / "meta").mkdir()
    (home / "meta/runtime.yml").write_text("plugin_routing: {inventory: {racks: {redirect: acme.stock.shelves}}}\n")
    for name in ("acme.stock.shelves", "acme.stock.racks"):
        (folder / "shelves.yml").write_text(CONFIG.replace("plugin: shelves", f"plugin: {name}").replace(
            "compose:", "strict: false\ncompose:"))  # fmt: skip
        found = run("--graph", "-i", "shelves.yml")
        if name.endswith("shelves"):
            assert "@heavies" in found[0], found[1]
        else:
            assert "valid values are: shelves, acme.stock.shelves" in found[1], "led on, and judged by its own choices"


def test_an_enabled_plugin_reads_what_it_says_is_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "inventory_plugins/lines.py").write_text(
        "from ansible.plugins.inventory import BaseFileInventoryPlugin\n"
        "class InventoryModule(BaseFileInventoryPlugin):\n"
        "    NAME = 'lines'\n"
        "    def verify_file(self, path):\n"
        "        return path.endswith('.lines')\n"
        "    def parse(self, inventory, loader, path, cache=True):\n"
        "        super().parse(inventory, loader, path, cache)\n"
        "        for line in open(path):\n"
        "            names, port = self._expand_hostpattern(line.strip())\n"
        "            self._populate_host_vars(names, {'of': 'lines'}, group='all', port=port)\n"
    )
    (folder / "x.lines").write_text("web[1:2].example:2022\n")
    assert "lines" not in json.dumps(listing("-i", "x.lines")), "not enabled: the file is an INI one"
    monkeypatch.setenv("ANSIBLE_INVENTORY_ENABLED", "lines,ini")
    values = listing("-i", "x.lines")["_meta"]["hostvars"]
    assert values == {f"web{n}.example": {"ansible_port": 2022, "of": {"__ansible_unsafe": "lines"}} for n in (1, 2)}


def test_the_data_object_refuses_what_does_not_exist(folder: Path) -> None:
    Plugins(Templar())._provide()
    from ansible.errors import AnsibleError  # type: ignore[import-not-found]

    data = Data(Inventory(), "")
    for call, message in (
        (lambda: data.add_host("a", "nope"), "Could not find group nope in inventory"),
        (lambda: data.add_child("nope", "a"), "nope is not a known group"),
        (lambda: data.add_child("all", "a"), "a is not a known host nor group"),
        (lambda: data.set_variable("a", "x", 1), "Could not identify group or host named a"),
        (lambda: data.add_group(""), "Invalid empty/false group name"),
    ):
        with pytest.raises(AnsibleError, match=message):
            call()  # type: ignore[no-untyped-call]


def test_hosts_and_groups_as_objects() -> None:
    data = Data(Inventory(), "/somewhere/hosts")
    data.add_group("low")
    data.add_group("high")
    assert data.add_child("high", "low") and not data.add_child("high", "low")
    data.add_host("a.example", "low", 22)
    data.reconcile_inventory()
    host = data.hosts["a.example"]
    assert host.get_vars()["group_names"] == ["high", "low"] and host.get_vars()["inventory_file"] == "/somewhere/hosts"
    assert [group.name for group in host.groups] == ["high", "low"] and host in data.groups["high"].get_hosts()
    assert data.groups["high"].hosts == [] and data.groups["low"].parent_groups == [data.groups["high"]]
    assert data.get_groups_dict()["high"] == ["a.example"] and data.get_host("b") is None
    data.remove_group(data.groups["low"])
    data.reconcile_inventory()
    assert "low" not in data.groups and data.hosts["a.example"].get_vars()["group_names"] == []
    data.remove_host(host)
    assert "a.example" not in data.hosts and data.get_groups_dict()["ungrouped"] == []
