"""Loops over the first file found: where is looked, and what is passed over."""

from __future__ import annotations

import pytest

from fleet.events import ItemResult, TaskResult

FOLDERS = ("files", "vars", "templates")


@pytest.fixture
def found(play, tmp_path):
    """``found(TASK)``: the item that ``with_first_found`` gives a task, from the playbook's folder on."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "os.yml").write_text("a: 1\n")
    (tmp_path / "files" / "more.yml").write_text("")

    def run(text: str) -> list[str]:
        game = play(text)
        game.finish()
        return [str(event.label).removeprefix(f"{tmp_path}/") for event in game.events if isinstance(event, ItemResult)]

    return run


@pytest.mark.parametrize(
    ("module", "folder"),
    [
        ("command: 'x {{ item }}'", "files"),
        ("include_vars: '{{ item }}'", "vars"),
        ("ansible.builtin.template: {src: '{{ item }}', dest: /x}", "templates"),
    ],
)
def test_the_folder_follows_from_the_module(found, module: str, folder: str) -> None:
    assert found(f"- {module}\n  with_first_found: [nosuch.yml, os.yml]") == [f"{folder}/os.yml"]


@pytest.mark.parametrize(
    "terms",
    [
        "['{{ nosuch }}.yml', more.yml]",
        "[{files: ['{{ nosuch }}.yml', more.yml]}]",
        "[{files: '{{ listed }}'}]",
        "[{files: ['{{ nosuch }}']}, {}, more.yml]",
        '\'{{ [{"files": nosuch}] | zip([{"files": ["more.yml"]}]) }}\'',
        "'{{ [nosuch, \"more.yml\"] }}'",
    ],
)
def test_what_is_undefined_is_passed_over(found, terms: str) -> None:
    text = f"vars: {{listed: ['{{{{ nosuch }}}}', more.yml]}}\ntasks:\n  - command: 'x {{{{ item }}}}'\n    with_first_found: {terms}"
    assert found(text) == ["files/more.yml"]


def test_other_errors_are_none_to_pass_over(play) -> None:
    game = play("- command: x\n  with_first_found: ['{{ 1 / 0 }}', more.yml]").finish()
    assert game.ended == "failed" and "division by zero" in game.results[0].result["msg"]


def test_a_text_of_the_playbook_keeps_its_mark_in_a_fact(play) -> None:
    game = play("""
        - set_fact: {a: plain, b: "{{ 'made' }}", c: 1}
        - command: "{{ a is ansible._protomatter.tagged_with('TrustedAsTemplate') }} {{ a }}"
        - command: "{{ b is ansible._protomatter.tagged_with('TrustedAsTemplate') }} {{ b }} {{ c + 1 }}"
    """).finish()
    assert game.ran == ["True plain", "False made 2"]


@pytest.mark.parametrize(
    "text",
    [
        "- assert: {that: '{{ item }}'}\n  loop: [1 == 1]",
        "- assert: {that: '{{ item }}'}\n  with_items: ['{{ 1 == 1 }}', 2 == 2]",
        "- assert: '{{ item }}'\n  loop: [{that: [1 == 1]}]",
        "- set_fact: {kept: [1 == 1]}\n- assert: {that: '{{ kept[0] }}'}",
    ],
)
def test_conditions_in_items_and_facts_are_trusted(play, text: str) -> None:
    game = play(text)
    game.finish()
    results = [event.result for event in game.events if isinstance(event, ItemResult | TaskResult)]
    assert results and not any(result.get("failed") for result in results), results


@pytest.mark.parametrize("that", ["", "null", "[null]", "''"])
def test_nothing_is_no_condition(play, that: str) -> None:
    game = play(f"- assert: {{that: {that}}}\n  ignore_errors: true")
    game.finish()
    result = next(event.result for event in game.events if isinstance(event, TaskResult))
    assert result["msg"] == "Task failed: Empty conditional expressions are not allowed."
