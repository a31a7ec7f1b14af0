"""The scope: precedence, laziness, trust, circles, copies for templates that change things."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fleet.source.nodes import Encrypted, Map, Seq, trust, trust_all
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar
from fleet.vault.vault import Vault

TEMPLAR = Templar()


def scope(*layers: dict[str, Any]) -> Scope:
    return Scope([trust_all(layer) for layer in layers], TEMPLAR)


def render(text: str, variables: Scope) -> Any:
    return TEMPLAR.render(trust(text), variables)


class Computed(Mapping[str, Any]):
    """A layer that counts what is asked for."""

    def __init__(self, **values: Any) -> None:
        self.values_, self.asked = values, []  # type: ignore[var-annotated]

    def __getitem__(self, name: str) -> Any:
        self.asked.append(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def test_the_highest_layer_wins_and_lower_ones_see_it() -> None:
    variables = scope({"a": 1}, {"a": 2, "b": "{{ a }}"}, {"c": "{{ b }}"})
    assert (variables["a"], variables["b"], variables["c"]) == (1, 1, 1)
    assert variables.raw("b") == "{{ a }}"
    assert list(variables) == ["a", "b", "c"] and len(variables) == 3


def test_a_child_sees_its_own_values_in_variables_of_the_parent() -> None:
    parent = scope({"name": "{{ item }}.conf", "item": "none"})
    assert parent["name"] == "none.conf"
    assert [parent.child({"item": item})["name"] for item in ("a", "b")] == ["a.conf", "b.conf"]
    assert parent["name"] == "none.conf"


def test_a_child_can_have_its_own_search_path() -> None:
    parent = Scope([], TEMPLAR, ("/a",))
    assert parent.child().search_path == ("/a",)
    assert parent.child(search_path=("/b",)).search_path == ("/b",)


def test_text_without_trust_is_never_rendered() -> None:
    hostile = "{{ lookup('pipe', 'touch /tmp/owned') }}"
    data = {"out": hostile, "deep": {"list": [hostile]}}
    variables = Scope([{"r": data, "copied": trust("{{ r.out }}"), "twice": trust("{{ copied }}")}], TEMPLAR)
    assert render("{{ r.out }}", variables) == hostile
    assert render("{{ twice }}", variables) == hostile
    assert render("{{ r }}", variables) == data
    assert render("{{ r.deep.list | first }}!", variables) == hostile + "!"
    assert render("{{ lookup('items', r.out) }}", variables) == hostile
    assert render("{{ lookup('vars', 'r').out }}", variables) == hostile
    assert TEMPLAR.render({"a": hostile}, variables) == {"a": hostile}
    assert TEMPLAR.render(hostile, variables) == hostile


def test_text_that_was_put_together_is_never_rendered() -> None:
    variables = scope({"open": "{% raw %}{{{% endraw %}", "made": "{{ open }} 1 + 1 }}", "n": 1})
    assert render("{{ made }}", variables) == "{{ 1 + 1 }}"
    assert render("{{ made | upper }}", variables) == "{{ 1 + 1 }}"
    assert render("{{ vars['made'] }}", variables) == "{{ 1 + 1 }}"


def test_a_condition_from_a_host_is_not_evaluated() -> None:
    variables = Scope([{"r": "1 == 1", "mine": trust("1 == 1")}], TEMPLAR)
    assert TEMPLAR.condition(trust("{{ mine }}"), variables) is True
    with pytest.raises(TemplateError, match="untrusted"):
        TEMPLAR.condition(trust("{{ r }}"), variables)
    with pytest.raises(TemplateError, match="untrusted"):
        TEMPLAR.condition("1 == 1", variables)


def test_members_are_rendered_only_when_they_are_read() -> None:
    variables = scope({"a": {"x": "{{ n }}", "y": "{{ nope }}", "z": ["{{ n }}", "{{ 1 / 0 }}"]}, "n": 7})
    assert render("{{ a.x }} {{ a.z[0] }} {{ a | length }} {{ a.y is defined }}", variables) == "7 7 3 False"
    with pytest.raises(TemplateError, match="division by zero"):
        render("{{ a.z }}", variables)


def test_asking_for_a_name_does_not_render_it() -> None:
    variables = scope({"bad": "{{ 1 / 0 }}"})
    assert "bad" in variables and "nope" not in variables


def test_a_variable_is_read_once_for_each_scope() -> None:
    layer = Computed(a=trust("{{ b }}"), b=trust("{{ c }}"), c=Map({"x": trust("{{ 1 }}")}))
    variables = Scope([layer], TEMPLAR)
    assert render("{{ a.x }}{{ b.x }}{{ a.x }}", variables) == "111"
    assert sorted(layer.asked) == ["a", "b", "c"]


def test_variables_in_branches_not_taken_may_be_broken() -> None:
    variables = scope({"bad": "{{ 1 / 0 }}", "n": 1})
    assert render("{{ n if n == 1 else bad }}", variables) == 1


@pytest.mark.parametrize(
    "layer",
    [
        {"a": "{{ a }}"},
        {"a": "{{ b }}", "b": "{{ a }}"},
        {"a": {"x": "{{ a.y }}", "y": "{{ a.x }}"}},
        {"a": ["{{ a[0] }}"]},
        {"a": "x {{ b | default('q') }}", "b": "{{ a }}"},
    ],
)
def test_circles_are_a_clear_error(layer: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match="Recursive loop detected in template"):
        render("{{ a }}", scope(layer))


def test_a_container_may_refer_to_itself() -> None:
    assert scope({"a": {"x": 1, "y": "{{ a.x }}"}})["a"]["y"] == 1


def test_changing_a_list_in_a_template_changes_nothing_else() -> None:
    raw = trust_all({"l": [1], "d": {"a": {"b": [1]}}})
    facts = {"seen": [1]}
    variables = Scope([raw, {"facts": facts}], TEMPLAR)
    assert render("{% set _ = l.append(9) %}{{ l }}", variables) == [1, 9]
    assert render("{{ d.a.b.append(2) }}{{ d }}", variables) == {"a": {"b": [1, 2]}}
    assert render("{{ facts.seen.append(2) }}{{ facts }}", variables) == {"seen": [1, 2]}
    assert render("{{ l }}{{ d }}{{ facts }}", variables) == "[1]{'a': {'b': [1]}}{'seen': [1]}"
    assert raw == {"l": [1], "d": {"a": {"b": [1]}}} and facts == {"seen": [1]}


def test_lazy_containers_behave_like_dict_and_list() -> None:
    variables = scope({"d": {"a": "{{ n }}", "b": [1, "{{ n }}"]}, "l": ["{{ n }}", 2, "{{ n }}"], "n": 7})
    lazy_map, lazy_list = variables["d"], variables["l"]
    assert dict(lazy_map) == {"a": 7, "b": [1, 7]} == {**lazy_map}
    assert json.loads(json.dumps(lazy_map)) == {"a": 7, "b": [1, 7]}
    assert copy.deepcopy(lazy_map) == {"a": 7, "b": [1, 7]}
    assert str(lazy_map) == "{'a': 7, 'b': [1, 7]}"
    assert (lazy_map | {"c": 1})["a"] == 7 and ({"c": 1} | lazy_map)["a"] == 7
    assert list(lazy_list) == [7, 2, 7] == [*lazy_list]
    assert [0, *lazy_list] == [0] + lazy_list
    assert 7 in lazy_list and lazy_list.index(2) == 1 and lazy_list.count(7) == 2
    assert sorted(lazy_list) == [2, 7, 7] and list(reversed(lazy_list)) == [7, 2, 7]
    assert json.dumps(lazy_list) == "[7, 2, 7]" and ",".join(map(str, lazy_list)) == "7,2,7"
    fresh = scope({"l": ["{{ 1 }}", "{{ 2 }}", 3]})["l"]
    fresh.insert(0, 0)
    assert fresh.pop() == 3 and fresh == [0, 1, 2]


class Opened(Vault):
    """Opens everything, and remembers what."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def reveal(self, value: Encrypted) -> str:
        self.opened.append(value)
        return "secret {{ n }}"


def test_vault_values_are_decrypted_when_read() -> None:
    vault = Opened()
    templar = Templar(vault=vault)
    layer = {"v": Encrypted("armour"), "d": Map({"v": Encrypted("armour")}), "l": Seq([1])}
    variables = Scope([layer], templar)
    assert templar.render(trust("{{ l | length }}"), variables) == 1 and vault.opened == []
    assert templar.render(trust("{{ v }} {{ d.v }}"), variables) == "secret {{ n }} secret {{ n }}"
    with pytest.raises(TemplateError, match="Attempt to use undecryptable variable"):
        render("{{ v }}", Scope([layer], TEMPLAR))


def test_a_decrypted_value_is_known_to_have_been_encrypted() -> None:
    templar = Templar(vault=Opened())
    layer = {"v": Encrypted("armour"), "m": Map({"k": trust("{{ v }}")}), "text": "$ANSIBLE_VAULT;1.1;AES256\n33"}
    variables = Scope([layer], templar)
    for text, known in (("v", True), ("m.k", True), ("v ~ ''", False), ("text", False), ("v | default(1)", True)):
        assert templar.render(trust("{{ (%s) is vault_encrypted }}" % text), variables) is known, text
    assert templar.render(trust("{{ v | type_debug }}"), variables) == "str"
    kept = templar.render(trust("{{ v }}"), variables)
    assert Scope([{"again": kept}], templar)["again"] == "secret {{ n }}"


def test_names_missing_from_a_scope() -> None:
    with pytest.raises(KeyError):
        scope({})["a"]
    with pytest.raises(UndefinedVariable):
        scope({"a": "{{ b }}"})["a"]


def test_many_threads_share_one_templar() -> None:
    templar = Templar()
    layer = trust_all({"name": "{{ item }}-{{ d.x }}", "d": {"x": "{{ item * 2 }}"}})
    wrong: list[Any] = []

    def work(number: int) -> None:
        for step in range(60):
            text = trust(f"{step % 20} {{{{ name }}}}")
            variables = Scope([{"item": number}, layer], templar)
            result = templar.render(text, variables)
            if result != f"{step % 20} {number}-{number * 2}":
                wrong.append(result)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_own_filters_tests_lookups_and_globals_win() -> None:
    templar = Templar(
        filters={"upper": lambda value: f"<{value}>"},
        tests={"odd": lambda value: value == "strange"},
        lookups={"env": lambda call: [f"env {call.terms[0]}"]},
        globals={"site": "here"},
    )
    # A full name still means the built-in one.
    assert templar.render(trust("{{ 'a' | ansible.builtin.upper }}"), Scope([], templar)) == "A"
    text = "{{ 'a' | upper }} {{ 'strange' is odd }} {{ lookup('env', 'X') }} {{ site }}"
    assert templar.render(trust(text), Scope([], templar)) == "<a> True env X here"
