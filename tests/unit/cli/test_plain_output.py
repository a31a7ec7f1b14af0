"""``fleet apply`` where its output is no terminal: whole runs on localhost, printed line for line as Ansible does."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from .conftest import Fleet, Ran


@pytest.fixture
def play(fleet: Fleet, tmp_path: Path):
    """Run tasks on localhost: ``play(tasks, *options)``; ``head`` are more lines of the play."""

    def run(tasks: str, *options: str, head: str = "") -> Ran:
        book = tmp_path / "site.yml"
        body = textwrap.indent(textwrap.dedent(tasks).strip("\n"), "  ")
        more = textwrap.indent(textwrap.dedent(head).strip("\n"), "  ")
        book.write_text(f"- hosts: all\n  gather_facts: false\n{more}\n  tasks:\n{body}\n", encoding="utf-8")
        return fleet("apply", "-i", "localhost,", "-c", "local", "--format", "plain", str(book), *options)

    return run


def banner(text: str) -> str:
    return f"{text} {'*' * (79 - len(text))}"


def test_a_role_that_is_not_there_fails_the_include_that_comes_to_it(play, tmp_path):
    ran = play(
        """
        - debug: {msg: before}
        - include_role:
            name: nosuch
          ignore_errors: true
        - debug: {msg: never}
        """
    )
    where = f"the role 'nosuch' was not found in {tmp_path}/roles:"
    assert f"\n{banner('TASK [include_role : nosuch]')}\n" in ran.out
    assert f'fatal: [localhost]: FAILED! => {{"changed": false, "reason": "{where}' in ran.out
    assert f"[ERROR]: {where}" in ran.err and f"Origin: {tmp_path}/site.yml:7:13\n" in ran.err
    assert ran.code == 2 and "before" in ran.out and "never" not in ran.out and "NO MORE" not in ran.out


def test_a_role_that_is_not_there_can_be_rescued_and_is_found_by_check(play, fleet, tmp_path):
    ran = play(
        """
        - block:
          - include_role: {name: nosuch}
          rescue:
          - debug: {msg: rescued}
        - include_tasks: "{{ inventory_hostname }}.yml"
        """
    )
    assert '"msg": "rescued"' in ran.out and "rescued=1" in ran.out
    assert 'FAILED! => {"changed": false, "include": "localhost.yml", "reason": "Could not find or access' in ran.out
    assert "[ERROR]: Could not find or access" in ran.err
    (tmp_path / "roles.yml").write_text("- hosts: all\n  tasks:\n  - include_role: {name: nosuch}\n")
    assert fleet("check", "-i", "localhost,", str(tmp_path / "roles.yml")).code == 1


@pytest.mark.parametrize(("head", "said"), [("max_fail_percentage: 20", True), ("any_errors_fatal: true", False)])
def test_no_more_hosts_is_said_where_too_many_failed(play, head, said):
    ran = play("- fail:\n- debug:", head=head)
    assert (f"\n{banner('NO MORE HOSTS LEFT')}\n" in ran.out) is said and ran.code == 2


def test_delimiters_around_conditions_are_told_once_a_place(play, tmp_path, monkeypatch):
    tasks = """
        - debug: {msg: x}
          when: "{{ item == 1 }}"
          loop: [1, 2]
        """
    ran = play(tasks)
    start = "[DEPRECATION WARNING]: Conditionals should not be surrounded by templating delimiters: "
    assert ran.err.count(start) == 1 and f"Origin: {tmp_path}/site.yml:6:11\n" in ran.err
    assert "ok: [localhost] => (item=1)" in ran.out and "skipping: [localhost] => (item=2)" in ran.out
    monkeypatch.setenv("ANSIBLE_DEPRECATION_WARNINGS", "false")
    assert "DEPRECATION" not in play(tasks).err


def test_the_log_may_tell_more_than_the_screen(play, tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_LOG_PATH", str(tmp_path / "log"))
    monkeypatch.setenv("ANSIBLE_LOG_VERBOSITY", "3")
    ran = play("- ping:\n- debug: {msg: x}\n  when: '{{ true }}'")
    log = (tmp_path / "log").read_text()
    assert "INFO| <localhost> EXEC /bin/sh -c " in log or "INFO| <localhost> EXEC for p in " in log
    assert "INFO| [DEPRECATION WARNING]: Conditionals" in log and "INFO| task path: " in log
    assert "EXEC" not in ran.out and "task path" not in ran.out


def test_data_that_looks_like_a_template_can_be_found(play, tmp_path, monkeypatch):
    tasks = """
        - command: "echo {% raw %}{{ 1 }}{% endraw %}"
          register: made
        - debug: {msg: "{{ made.stdout }}"}
        """
    assert "untrusted" not in play(tasks).err
    monkeypatch.setenv("_ANSIBLE_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR", "warning")
    ran = play(tasks)
    assert '"msg": "{{ 1 }}"' in ran.out
    assert "[WARNING]: Encountered untrusted template: data that looks like one is kept as it is.\n" in ran.err
    assert f"Origin: {tmp_path}/site.yml:7:19\n" in ran.err


def test_items_of_an_include_that_are_skipped_are_told_beside_those_that_are_not(play, tmp_path):
    (tmp_path / "inner.yml").write_text("- debug: {msg: 'in {{ item }}'}\n")
    ran = play("- include_tasks: inner.yml\n  loop: [x, y]\n  when: item == 'x'")
    told = f"skipping: [localhost] => (item=y) \nincluded: {tmp_path}/inner.yml for localhost => (item=x)\n"
    assert f"\n{banner('TASK [include_tasks]')}\n{told}" in ran.out and "in x" in ran.out and "skipped=0" in ran.out


def test_who_was_ended_is_no_more_of_the_play(play):
    tasks = """
        - meta: end_host
          when: inventory_hostname == 'two'
        - debug: {msg: "{{ ansible_play_hosts }}"}
          run_once: true
        """
    ran = play(tasks, "-i", "two,")
    assert '"msg": [\n        "localhost"\n    ]\n' in ran.out and ran.code == 0
