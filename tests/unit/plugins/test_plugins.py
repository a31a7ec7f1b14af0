"""Python plugins that playbooks, roles and collections bring."""

from __future__ import annotations

import sys

import pytest

from fleet.plugins import routing
from fleet.plugins.table import Plugins
from fleet.source.nodes import trust
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.templar import Scope, Templar


@pytest.fixture(autouse=True)
def no_leftovers():
    meta, before = list(sys.meta_path), set(sys.modules)
    yield
    sys.meta_path[:] = meta
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("ansible", "ansible_collections", "fleet_plugins"):
            del sys.modules[name]


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def world(tmp_path):
    said = []

    def make(files, **options):
        write(tmp_path, files)
        templar = Templar(warn=said.append)
        plugins = Plugins(templar, **options)
        plugins.beside(str(tmp_path))

        def render(text, **variables):
            scope = Scope([variables], templar, (str(tmp_path),))
            return templar.render(trust(text), scope)

        render.said, render.plugins = said, plugins
        return render

    return make


FILTER = "class FilterModule:\n    def filters(self):\n        return {%s}\n"


def test_a_filter_gets_plain_values_and_undefined_ones_pass_it_by(world):
    render = world({"filter_plugins/kinds.py": FILTER % "'kind': lambda v: type(v).__name__"})
    assert render("{{ a | kind }} {{ b | kind }} {{ c | kind }}", a=trust("x"), b={"k": trust("{{ a }}")}, c=[1]) == (
        "str dict list"
    )
    assert render("{{ nobody | kind | default('none') }}") == "none"
    with pytest.raises(UndefinedVariable):
        render("{{ nobody | kind }}")


def test_what_a_filter_gives_back_is_data(world):
    render = world({"filter_plugins/x.py": FILTER % "'braces': lambda v: '{{ secret }}'"})
    assert render("{{ shown }}", shown=trust("{{ 1 | braces }}"), secret="no") == "{{ secret }}"


def test_a_playbooks_filter_wins_over_a_built_in_one_and_keeps_its_full_name_apart(world):
    render = world({"filter_plugins/x.py": FILTER % "'basename': lambda v: 'mine'"})
    text = "{{ '/a/b' | basename }} {{ '/a/b' | ansible.legacy.basename }} {{ '/a/b' | ansible.builtin.basename }}"
    assert render(text) == "mine mine b"


def test_errors_of_ansibles_tree_name_the_plugin(world):
    render = world(
        {
            "filter_plugins/x.py": "from ansible.errors import AnsibleFilterError\n\ndef no(v):\n"
            "    raise AnsibleFilterError('not %s' % v)\n\n" + FILTER % "'no': no"
        }
    )
    with pytest.raises(TemplateError, match="The filter plugin 'no' failed: not 3"):
        render("{{ 3 | no }}")


def test_a_file_that_needs_more_of_ansible_is_skipped_with_its_name(world):
    render = world({"filter_plugins/deep.py": "from ansible.executor import task_queue_manager\n" + FILTER % ""})
    assert any("deep.py" in line and "not provided here" in line for line in render.said)


def test_callback_and_vars_plugins_are_named_and_not_run(world):
    render = world({"callback_plugins/loud.py": "raise SystemExit", "vars_plugins/more.py": "raise SystemExit"})
    assert [line.partition(" is a ")[2] for line in render.said] == [
        "callback plugin of Ansible's Python API: it is not run",
        "vars plugin of Ansible's Python API: it is not run",
    ]


def test_a_test_plugin(world):
    render = world(
        {
            "test_plugins/t.py": "class TestModule:\n    def tests(self):\n        return {'even': lambda v: v % 2 == 0}\n"
        }
    )
    assert render("{{ [1, 2, 3, 4] | select('even') | list }}") == [2, 4]


LOOKUP = """
from ansible.plugins.lookup import LookupBase
DOCUMENTATION = '''
options:
  size: {type: int, default: 2, vars: [{name: the_size}], env: [{name: THE_SIZE}]}
  kind: {choices: [a, b], default: a}
'''
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        return [self.get_option('size'), self.get_option('kind'), *terms]
"""


def test_options_of_a_lookup_come_from_call_variables_environment_and_default(world, monkeypatch):
    render = world({"lookup_plugins/sized.py": LOOKUP})
    assert render("{{ q('sized', 'x') }}") == [2, "a", "x"]
    monkeypatch.setenv("THE_SIZE", "3")
    assert render("{{ q('sized') }}") == [3, "a"]
    assert render("{{ q('sized') }}", the_size=4) == [4, "a"]
    assert render("{{ q('sized', size='5', kind='b') }}", the_size=4) == [5, "b"]
    with pytest.raises(TemplateError, match="Invalid value 'c' for configuration option 'kind'"):
        render("{{ q('sized', kind='c') }}")
    with pytest.raises(TemplateError, match="lookup plugin 'sized' failed: .*'int': 'many'"):
        render("{{ q('sized', size='many') }}")


def test_a_lookup_finds_files_and_renders_only_what_may_be(world):
    text = (
        "from ansible.plugins.lookup import LookupBase\nfrom ansible.template import trust_as_template\n"
        "class LookupModule(LookupBase):\n    def run(self, terms, variables, **kwargs):\n"
        "        path = self.find_file_in_search_path(variables, 'files', terms[0])\n"
        "        return [open(path).read(), self._templar.template('{{ a }}'),\n"
        "                self._templar.template(trust_as_template('{{ a }}')), variables['b']]\n"
    )
    render = world({"lookup_plugins/l.py": text, "files/f.txt": "inside"})
    assert render("{{ q('l', 'f.txt') }}", a="A", b=trust("{{ a }}!")) == ["inside", "{{ a }}", "A", "A!"]


def test_collections_by_full_name_with_routes(world, tmp_path):
    base = "collections/ansible_collections/acme/tools"
    render = world(
        {
            f"{base}/plugins/plugin_utils/m.py": "def twice(v):\n    return v * 2\n",
            f"{base}/plugins/filter/f.py": "from ansible_collections.acme.tools.plugins.plugin_utils.m import twice\n"
            + FILTER % "'twice': twice",
            f"{base}/meta/runtime.yml": "plugin_routing:\n  filter:\n    old: {redirect: acme.tools.twice}\n"
            "    gone: {tombstone: {removal_version: 2.0.0, warning_text: Use twice.}}\n",
        }
    )
    assert render("{{ 'a' | acme.tools.twice }}{{ 'b' | acme.tools.old }}") == "aabb"
    with pytest.raises(TemplateError, match="has been removed. Use twice. .* 'acme.tools' version 2.0.0"):
        render("{{ 1 | acme.tools.gone }}")
    with pytest.raises(TemplateError, match="No filter named 'acme.tools.never'"):
        render("{{ 1 | acme.tools.never }}")


def test_groups_of_actions(tmp_path):
    path = tmp_path / "ansible_collections/acme/tools"
    write(
        path,
        {
            "meta/runtime.yml": "action_groups:\n  one: [a, other.coll.b]\n  two:\n"
            "    - metadata: {extend_group: [one]}\n    - c\n"
        },
    )
    routing.runtime.cache_clear()
    assert routing.action_groups(str(path)) == {
        "one": ["acme.tools.a", "other.coll.b"],
        "two": ["acme.tools.a", "other.coll.b", "acme.tools.c"],
    }


def test_plugins_of_ansibles_api_are_named_where_they_are_asked_for(world, tmp_path):
    render = world({"action_plugins/deploy.py": "", "strategy_plugins/mine.py": "", "connection_plugins/odd.py": ""})
    templar = render.plugins.templar
    assert templar.foreign_hint("action", "deploy") == (
        f"{tmp_path}/action_plugins/deploy.py is an action plugin of Ansible's Python API: it cannot be run here"
    )
    assert "a strategy plugin" in templar.foreign_hint("strategy", "mine")
    assert "a connection plugin" in templar.foreign_hint("connection", "odd")
    assert templar.foreign_hint("action", "other") == ""


def test_a_lookup_may_change_its_variables_and_render_with_them(world):
    text = (
        "from ansible.plugins.lookup import LookupBase\nfrom ansible.template import trust_as_template\n"
        "class LookupModule(LookupBase):\n    def run(self, terms, variables, **kwargs):\n"
        "        mine = variables.copy()\n        mine['item'] = 'in'\n"
        "        templar = self._templar.copy_with_new_env(available_variables=mine)\n"
        "        return [templar.template(trust_as_template('{{ item }} {{ a }}')), 'item' in variables]\n"
    )
    render = world({"lookup_plugins/l.py": text})
    assert render("{{ q('l') }}", a="A") == ["in A", False]


def test_a_broken_file_of_a_collection_is_named_when_a_name_is_missing(world):
    base = "collections/ansible_collections/acme/tools/plugins/filter"
    render = world({f"{base}/good.py": FILTER % "'good': str", f"{base}/bad.py": "import nothing_of_that_name\n"})
    assert render("{{ 1 | acme.tools.good }}") == "1" and not render.said
    with pytest.raises(TemplateError):
        render("{{ 1 | acme.tools.bad }}")
    assert any("bad.py" in line for line in render.said)
