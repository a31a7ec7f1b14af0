"""Mistakes that a run may pass by: errors for ``fleet check``, told beforehand by ``fleet apply`` and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Fleet

START = "- hosts: h\n  gather_facts: no\n"
MISSING = (
    START
    + "  tasks:\n    - command: 'true'\n      changed_when: {changes}\n      notify: nobody\n    - debug: {{msg: after}}\n"
)
UNDONE = (
    "The requested handler 'nobody' was not found in either the main handlers list nor in the listening handlers list"
)


@pytest.fixture
def apply(fleet: Fleet, tmp_path: Path):
    """``apply(PLAYS, words...)``: what ``fleet apply`` says, and the codes of it and of ``fleet check``."""

    def run(text: str, *words: str, verb: str = "apply", **files: str):
        for name, content in files.items():
            (tmp_path / f"{name}.yml").write_text(content)
        (tmp_path / "play.yml").write_text(text)
        where = ("-i", f"h,{words[0] if words else ''}", str(tmp_path / "play.yml"))
        if verb == "check":
            return fleet("check", *where)
        return fleet(verb, *where, "-e", "ansible_connection=local", "--format", "plain")

    return run


def test_a_missing_handler_stops_the_run_when_it_is_notified(apply, tmp_path: Path) -> None:
    text = MISSING.format(changes="true")
    ran = apply(text)
    assert ran.code == 1 and "after" not in ran.out and "changed: [h]" in ran.out
    assert ran.out.splitlines()[-2].startswith("h  ")
    assert f"[WARNING]: {tmp_path}/play.yml:6:15: no handler answers to 'nobody'" in ran.err
    assert ran.err.endswith(f"[ERROR]: {tmp_path}/play.yml:6:7: {UNDONE}\n")
    checked = apply(text, verb="check")
    assert checked.code == 4 and "play.yml:6:15: no handler answers to 'nobody'" in checked.err


def test_a_missing_handler_nobody_notifies_stops_nothing(apply) -> None:
    ran = apply(MISSING.format(changes="false"))
    assert ran.code == 0 and '"msg": "after"' in ran.out


def test_a_missing_handler_may_be_let_pass(apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_ERROR_ON_MISSING_HANDLER", "false")
    ran = apply(MISSING.format(changes="true"))
    assert ran.code == 0 and '"msg": "after"' in ran.out and f"[WARNING]: {UNDONE}" in ran.err
    assert apply(MISSING.format(changes="true"), verb="check").code == 0


def test_what_ends_the_run_ends_it_for_all_hosts_and_plays(apply) -> None:
    text = MISSING.format(changes="inventory_hostname == 'h'").replace("hosts: h", "hosts: all")
    ran = apply(text + START + "  tasks: [{debug: {msg: second}}]\n", "g")
    assert ran.code == 1 and "second" not in ran.out and UNDONE in ran.err


LATE = [
    START + "  tasks: [{ping: {}}]\n  handlers: [{name: n, copy: {scr: a, dest: /b}}]\n",
    START + "  tasks: [{meta: end_play}, {copy: {scr: a, dest: /b}}]\n",
    START + "  tasks: [{ping: {}}]\n- hosts: nobody_yet\n  tasks: [{copy: {scr: a, dest: /b}}]\n",
    START + "  tasks: [{ping: {}}]\n- hosts: nobody_yet\n  tasks: [{acme.tools.frob: {scr: a}}]\n",
    START + "  tasks: [{ping: {}}]\n- hosts: nobody_yet\n  tasks: [{include_tasks: nosuch.yml}]\n",
]


@pytest.mark.parametrize("text", LATE)
def test_a_mistake_nobody_comes_to_is_told_and_stops_nothing(apply, text: str) -> None:
    ran = apply(text)
    assert ran.code == 0, ran.err
    assert "[WARNING]: " in ran.err and "play.yml:" in ran.err
    assert apply(text, verb="check").code == 4


def test_a_certain_mistake_stops_the_run_before_its_first_task(apply) -> None:
    ran = apply(START + "  tasks: [{debug: {msg: before}}, {copy: {scr: a, dest: /b}}]\n")
    assert ran.code == 4 and "before" not in ran.out and "'copy' has no argument 'scr'" in ran.err


def test_a_mistake_in_a_file_that_is_included_ends_the_run(apply) -> None:
    text = (
        START
        + "  tasks: [{block: [{include_tasks: '{{ inventory_hostname }}.yml'}], rescue: [{debug: {msg: saved}}]}]\n"
    )
    ran = apply(text, h="- {nosuch: 1, ping: }\n")
    assert ran.code == 4 and "saved" not in ran.out and "/h.yml:1:4: 'nosuch' is not a valid attribute" in ran.err


def test_an_import_that_is_missing_in_an_included_file_is_the_hosts_failure(apply, tmp_path: Path) -> None:
    ran = apply(START + "  tasks: [{include_tasks: inner.yml}]\n", inner="- import_tasks: gone.yml\n")
    assert ran.code == 2
    assert "/inner.yml:1:17: Could not find or access the task file gone.yml" in ran.err
    assert f"[ERROR]: Could not find or access '{tmp_path}/gone.yml' on the Ansible Controller." in ran.err
    assert 'fatal: [h]: FAILED! => {"changed": false, "include": "gone.yml", "reason": "Could not' in ran.out


def test_an_imported_playbooks_name_may_come_of_the_imports_own_variables(apply) -> None:
    text = "- import_playbook: '{{ which }}'\n  vars: {which: second.yml}\n"
    ran = apply(text, second=START + "  tasks: [{debug: {msg: '{{ which }}'}}]\n")
    assert ran.code == 0 and '"msg": "second.yml"' in ran.out
    ran = apply("- import_playbook: '{{ nowhere }}'\n")
    assert ran.code == 2 and "'nowhere' is undefined" in ran.err


def test_old_style_roles_end_with_ansibles_exit_code(apply) -> None:
    ran = apply("- hosts: h\n  roles: ['a,b']\n")
    assert ran.code == 1 and "Invalid old style role requirement: a,b" in ran.err


def test_what_is_noted_is_told_with_debug(apply, monkeypatch: pytest.MonkeyPatch) -> None:
    text = START + "  tasks: [{command: 'true', notify: n}]\n  handlers: [{name: n, debug: }]\n"
    assert "META" not in apply(text).out
    monkeypatch.setenv("ANSIBLE_DEBUG", "1")
    assert apply(text).out.count("META: triggered running handlers for h\n") == 1


def test_an_action_under_another_name_runs(apply, tmp_path: Path) -> None:
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins" / "shout.py").write_text("from ansible.plugins.action.debug import ActionModule\n")
    ran = apply(START + "  tasks: [{shout: {msg: heard}}]\n")
    assert ran.code == 0 and "TASK [shout]" in ran.out and '"msg": "heard"' in ran.out
    checked = apply(START + "  tasks: [{shout: {mgs: heard}}]\n", verb="check")
    assert checked.code == 4 and "'shout' has no argument 'mgs'" in checked.err


@pytest.mark.parametrize(
    "text",
    ["{import_tasks: nosuch.yml}", "{import_role: {name: nosuch}}"],
)
def test_what_is_not_there_ends_with_ansibles_exit_code(apply, text: str) -> None:
    """1, as ansible-playbook; beside another mistake 4."""
    book = "- hosts: all\n  gather_facts: false\n  tasks:\n    - " + text + "\n"
    assert apply(book).code == 1 and apply(book, verb="check").code == 1
    assert apply(book + "    - debug: {msg: x}\n      nosuch: 1\n").code == 4


@pytest.mark.parametrize("text", ["- hosts: all\n  roles: [nosuch]\n", "- import_playbook: nosuch.yml\n"])
def test_a_play_that_is_not_there_ends_with_ansibles_exit_code(apply, text: str) -> None:
    assert apply(text).code == 1 and apply(text, verb="check").code == 1


def test_a_prompt_that_cannot_be_rendered_ends_with_ansibles_exit_code(apply) -> None:
    asked = START + "  vars_prompt: [{name: p, prompt: '{{ nobody }}'}]\n  tasks: [{debug: {msg: x}}]\n"
    ran = apply(asked)
    assert ran.code == 1 and "'nobody' is undefined" in ran.err


def test_groups_of_modules_without_a_collection_are_known(apply) -> None:
    text = START + "  module_defaults: {{group/{name}: {{x: 1}}}}\n  tasks: [{{debug: {{msg: x}}}}]\n"
    assert apply(text.format(name="aws")).code == 0
    assert apply(text.format(name="a.b.c")).code == 0
    ran = apply(text.format(name="asw"))
    assert ran.code == 4
    assert "play.yml:3:21: could not resolve the module_defaults group ansible.builtin.asw" in ran.err
